"""The character that costs money is told apart from the letters that a language is written with."""

from __future__ import annotations

import pytest

from app.wording.costs import costs_of


@pytest.mark.parametrize(
    ("text", "locale", "dear"),
    [
        ("Total 5 ₪", "en", "₪"),
        ("Hi – and “so” ₪", "en", "–“”₪"),
        ("plain text, 5 €", "en", ""),
        ("Grüße", "de", ""),
        ("Cyrіllic", "en", "і"),
        ("Sąskaita – „Tiltas“", "lt", ""),
        ("Saskaita – 5", "lt", "–"),
        ("שלום – 5", "he", ""),
        ("مرحبا", "ar", ""),
    ],
)
def test_only_what_can_be_spared_is_dear(text: str, locale: str, dear: str) -> None:
    assert "".join(one.char for one in costs_of(text, locale).dear) == dear


def test_a_languages_own_letters_are_no_fault() -> None:
    assert costs_of("Sąskaita", "lt").spelt
    assert costs_of("חשבונית", "he").spelt
    assert not costs_of("Total ₪", "en").spelt


@pytest.mark.parametrize(("length", "left"), [(0, 160), (150, 10), (160, 0), (161, 145)])
def test_what_still_fits_is_counted(length: int, left: int) -> None:
    assert costs_of("a" * length, "en").left == left


def test_what_takes_the_room_of_two_is_told_where_it_does() -> None:
    assert costs_of("5 €", "en").doubled == ("€",)
    assert costs_of("5 € ₪", "en").doubled == ()


def test_what_the_text_would_cost_in_plain_characters_is_told() -> None:
    found = costs_of("a" * 130 + "₪", "en")
    assert (found.size.segments, found.plain) == (2, 1)
