"""A little reader: a text is what the test says that it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.hearing.intents import Asked, Confidence, Details, Intent, Meaning


class Understands:
    """Reads every text as these intents, the gravest first, with the details of the first."""

    def __init__(
        self,
        *intents: Intent,
        confidence: Confidence = Confidence.CERTAIN,
        rule: str = "test",
        **details: Any,
    ) -> None:
        first, *others = intents
        self.asked: list[Asked] = []
        self._meanings = [
            Meaning(first, confidence, rule, Details(**details)),
            *(Meaning(intent, confidence, rule) for intent in others),
        ]

    def understand(self, text: str, asked: Asked) -> Sequence[Meaning]:
        self.asked.append(asked)
        return self._meanings
