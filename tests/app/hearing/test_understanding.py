"""What people write becomes what they mean."""

from datetime import date

import pytest

from app.hearing.intents import Asked, Confidence, Intent
from app.hearing.understanding import understand

SUNDAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("STOP", Intent.OPT_OUT, Confidence.CERTAIN),
        ("הסר בבקשה", Intent.OPT_OUT, Confidence.CERTAIN),
        ("please remove me from this", Intent.OPT_OUT, Confidence.POSSIBLE),
        ("start", Intent.OPT_IN, Confidence.CERTAIN),
        ("מידע", Intent.HELP, Confidence.CERTAIN),
        ("", Intent.UNCLEAR, Confidence.POSSIBLE),
        ("qwerty", Intent.UNCLEAR, Confidence.POSSIBLE),
    ],
)
def test_the_words_of_every_language_come_first(
    text: str, intent: Intent, confidence: Confidence
) -> None:
    first = understand(text, Asked(SUNDAY, ("lt",)))[0]

    assert (first.intent, first.confidence) == (intent, confidence)
