"""A writer's own words, out of mails that quote ours in every language and program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.hearing.quoting import own_words
from tests.app.hearing.quoted import BELOW, QUOTINGS, WORDS, Quoting


@pytest.mark.parametrize("quoting", QUOTINGS, ids=str)
def test_what_is_quoted_is_cut_and_nothing_else(quoting: Quoting) -> None:
    own = f"{WORDS[quoting.language]}\n\nDana"

    assert own_words(quoting.answer()) == own
    assert own_words(quoting.answer().replace("\n", "\r\n")) == own


@pytest.mark.parametrize("line", BELOW)
def test_the_line_of_a_phone_is_cut(line: str) -> None:
    assert own_words(f"I paid\n\n{line}\n") == "I paid"


def test_words_below_and_between_marked_quotes_are_kept() -> None:
    mail = (
        "On 27 Nov 2026, at 10:15, Carmel Water <billing@carmel.example> wrote:\n\n"
        "> Invoice A-11 is due.\nNo, it was paid.\n> Reply STOP to hear no more.\nSTOP"
    )

    assert own_words(mail) == "No, it was paid.\nSTOP"


@pytest.mark.parametrize(
    "words",
    [
        "On Friday I will pay 100, as I wrote:\n- half now\n- half later",
        "From: my point of view this is wrong.\nTo: be clear, I paid.",
        "Best regards\nDana\nThanks, I paid",
        "- I paid\n- on Monday",
        "Sent from my heart: I cannot pay this, my mother is ill and I need some more time, please",
        "a correct -- no signature",
    ],
)
def test_words_that_only_look_like_a_quote_stay(words: str) -> None:
    assert own_words(words) == words


def test_nothing_but_quotes_is_nothing() -> None:
    assert own_words("> Reply STOP\n> please") == ""
    assert own_words("-----Original Message-----\nFrom: X\n\nReply STOP") == ""


def test_it_answers_as_the_recorded_cases_ask(vectors: Path) -> None:
    cases = json.loads((vectors / "email" / "reply_parser_expected.json").read_text("utf-8"))
    asked = 0
    for case in cases["cases"]:
        text = (vectors / "email" / case["file"]).read_bytes().decode()
        words, expected = own_words(text), case["expected"]
        for part in expected.get("reply_contains", []) + expected.get(
            "first_fragment_contains", []
        ):
            assert part in words, case["id"]
        for part in expected.get("reply_not_contains", []):
            assert part not in words, case["id"]
        if "reply_equals" in expected:
            assert words == expected["reply_equals"], case["id"]
        if expected.get("fragments") == 1:
            assert words.split() == text.split(), case["id"]
        asked += 1
    assert asked == 14
