"""What a text means: the stop words of every language first, then the rest.

Reading is total and pure. It only says what was written; what follows from it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from app.hearing.intents import Asked, Confidence, Intent, Meaning
from app.hearing.reading import Reading, Verdict, read


def understand(text: str, asked: Asked) -> Sequence[Meaning]:  # noqa: ARG001  # the days come next
    """All that `text` means, the gravest first, each intent once; never empty.

    `OPT_OUT` is `CERTAIN` for the words of the contact rules' section 7 and `POSSIBLE` for what is
    probably one: that holds until a person has read it.
    """
    return [_said(read(text))]


class Understanding:
    """The `Reader` that ships: deterministic, the same answer for the same text and day."""

    def understand(self, text: str, asked: Asked) -> Sequence[Meaning]:
        return understand(text, asked)


def _said(reading: Reading) -> Meaning:
    match reading.verdict:
        case Verdict.OPT_OUT:
            return Meaning(Intent.OPT_OUT, Confidence.CERTAIN, reading.rule)
        case Verdict.SUSPECTED:
            return Meaning(Intent.OPT_OUT, Confidence.POSSIBLE, reading.rule)
        case Verdict.OPT_IN:
            return Meaning(Intent.OPT_IN, Confidence.CERTAIN, reading.rule)
        case Verdict.HELP:
            return Meaning(Intent.HELP, Confidence.CERTAIN, reading.rule)
        case Verdict.UNREAD:
            return UNCLEAR
    assert_never(reading.verdict)


UNCLEAR: Final = Meaning(Intent.UNCLEAR, Confidence.POSSIBLE, "none")
