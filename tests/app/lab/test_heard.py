"""How well the labelled replies are read."""

import pytest

from app.hearing.intents import Asked, Confidence, Intent
from app.hearing.understanding import Understanding
from app.lab.heard import WRITTEN_ON, Heard, hear
from app.lab.labelled.entries import LOCALES, Half, labelled


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
    assert (apart.total.precision or 0) >= 0.75
    assert (apart.by_intent[Intent.SELF_HARM].recall or 0) >= 0.79


@pytest.mark.parametrize("half", [Half.DANGER_RULES, Half.DANGER_TEST])
def test_danger_said_aslant_is_heard_and_idioms_offer_nobody_a_crisis_line(half: Half) -> None:
    sure: dict[bool, list[int]] = {True: [], False: []}
    for entry in (each for locale in LOCALES for each in labelled(locale, half)):
        meanings = Understanding().understand(entry.text, Asked(WRITTEN_ON, (entry.locale,)))
        found = [each.confidence for each in meanings if each.intent is Intent.SELF_HARM]
        sure[entry.says is Intent.SELF_HARM].append(max(found, default=0))

    assert sum(map(bool, sure[True])) >= 0.95 * len(sure[True])
    assert sum(each >= Confidence.LIKELY for each in sure[True]) >= 0.85 * len(sure[True])
    assert sum(map(bool, sure[False])) <= 0.14 * len(sure[False])
    assert sum(each >= Confidence.LIKELY for each in sure[False]) <= 0.04 * len(sure[False])


@pytest.mark.parametrize("half", [Half.TEST, Half.LATER])
def test_every_opt_out_written_apart_ends_as_an_opt_out_or_a_hold(half: Half) -> None:
    apart = hear(Understanding(), half)

    assert apart.opt_outs_silenced == apart.opt_outs
