"""Reasons as sentences, in the four languages of the console."""

from __future__ import annotations

import re

import pytest

from app.console.office import DOMAIN
from app.console.sentences import Sentences
from app.web.catalogues import translations
from campaigns.reasons import REASONS

LANGUAGES = ("en", "he", "ar", "lt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_sentence_in_every_language(language: str) -> None:
    words = translations(language, DOMAIN)
    said = Sentences(lambda text: str(words.ugettext(text)), language, "Asia/Jerusalem")
    for code, reason in REASONS.items():
        blanks = set(re.findall(r"\{(\w+)\}", reason.sentence))
        params = {name: "2026-11-29 06:00" if name == "until" else "x" for name in blanks}
        sentence = said.reason(code, params)
        assert sentence.strip(), code
        assert "{" not in sentence, (code, sentence)
        assert "«" not in sentence, (code, sentence)
        assert (words.ugettext(reason.sentence) == reason.sentence) == (language == "en"), code


def test_a_reason_is_said_on_the_clock_of_its_reader() -> None:
    said = Sentences(str, "en", "Asia/Jerusalem")

    assert said.reason("rest_day", {"place": "Israel", "day": "Saturday"}) == (
        "A rest day in \u2068Israel\u2069: Saturday."
    )
    assert said.reason("expired", {"until": "2026-11-29 06:00"}) == (
        "Too late to say: it was valid until \u2068Sunday 29 Nov 2026, 08:00\u2069."
    )
    assert said.reason("hold", {"kind": "staff", "until": "somebody lifts it"}) == (
        "On hold (by the team) until somebody lifts it."
    )
    assert said.reason("of a later version") == "of a later version"


def test_what_a_rule_names_is_said_in_the_readers_language() -> None:
    words = translations("he", DOMAIN)
    said = Sentences(lambda text: str(words.ugettext(text)), "he", "Asia/Jerusalem")

    assert "ישראל" in said.reason("outside_hours", {"place": "Israel"})
    assert "תאריך החוזה" in said.reason(
        "field_missing", {"field": "contract date", "medium": "sms"}
    )
    why = said.reason("medium_forbidden", {"medium": "whatsapp", "why": "below 5 % of ours"})
    assert "below 5 % of ours" in why


@pytest.mark.parametrize(
    ("language", "hours", "days"),
    [
        ("en", "20 hours", "7 days"),
        ("he", "20 שעות", "7 ימים"),
        ("ar", "20 ساعة", "7 أيام"),
        ("lt", "20 valandų", "7 dienos"),
    ],
)
def test_how_long_is_said_in_the_readers_words(language: str, hours: str, days: str) -> None:
    words = translations(language, DOMAIN)
    said = Sentences(lambda text: str(words.ugettext(text)), language, "Asia/Jerusalem")

    assert hours in said.reason("gap_not_over", {"gap": "20 h"})
    assert days in said.reason("cap_reached", {"n": "3", "per": "7 days"})
