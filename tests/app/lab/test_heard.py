"""How well the labelled replies are read."""

import pytest

from app.hearing.intents import Intent
from app.hearing.understanding import Understanding
from app.lab.heard import Heard, hear
from app.lab.labelled.entries import LOCALES, Half


@pytest.fixture(scope="module")
def heard() -> Heard:
    return hear(Understanding(), Half.RULES)


def test_what_the_phrases_were_written_by_is_read_as_labelled(heard: Heard) -> None:
    """Beside danger to oneself, what only silences does no harm."""
    wrong = [
        (miss.entry.locale, miss.entry.line)
        for miss in heard.misses
        if miss.entry.says is not Intent.SELF_HARM or Intent.SELF_HARM in miss.lacking
    ]

    assert wrong == []


def test_every_language_has_thirty_replies_and_every_meaning(heard: Heard) -> None:
    assert {locale for locale, score in heard.by_locale.items() if score.right >= 30} == set(
        LOCALES
    )
    assert [intent for intent, score in heard.by_intent.items() if not score.right] == []


def test_on_the_half_written_apart_no_more_is_missed_than_was() -> None:
    apart = hear(Understanding(), Half.TEST)

    assert (apart.total.recall or 0) >= 0.82
    assert (apart.total.precision or 0) >= 0.74
    assert apart.opt_outs_silenced == apart.opt_outs
    assert (apart.by_intent[Intent.SELF_HARM].recall or 0) >= 0.79
