"""A text as the words and numbers that phrases are looked for in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hearing.tokens import LONGEST, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't, don't!", ["i", "cant", "dont"]),
        ("J'ai payé l'acompte", ["j", "ai", "paye", "l", "acompte"]),
        ("zły numer", ["zly", "numer"]),
        ("on the 5th", ["on", "the", "5", "th"]),
        ("ma3i 3andi floos", ["ma3i", "3andi", "floos"]),
        ("3days 5pm", ["3", "days", "5", "pm"]),
        ("ב-5 לחודש", ["ב", "5", "לחודש"]),
        ("e-mail", ["email"]),
        ("١٢٣٤٫٥", ["1234.5"]),
        ("1 240,50 €", ["1 240,50", "€"]),
        ("👍🏽", ["u1f44d"]),
        ("", []),
    ],
)
def test_words_are_compared_without_their_dress(text: str, words: list[str]) -> None:
    assert [token.word for token in tokens(text)] == words


def test_a_hebrew_abbreviation_is_not_the_word_that_is_written_alike() -> None:
    lawyer, more = tokens('עו"ד עוד')

    assert lawyer.word != more.word


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("והמשכורת", "משכורת"),
        ("والراتب", "راتب"),
        ("pleaaaase", "please"),
        ("ueberweisen", "uberweisen"),
    ],
)
def test_a_word_stands_for_other_forms_of_itself(text: str, form: str) -> None:
    assert form in tokens(text)[0].forms


@pytest.mark.parametrize("text", ["+972 52-123-4567", "052-1234567", "06 12 34 56 78"])
def test_a_telephone_is_one_token_and_no_number(text: str) -> None:
    (token,) = tokens(text)

    assert token.is_phone


def test_a_day_in_figures_ends_no_sentence() -> None:
    first, *_, last = tokens("am 20.2. bezahlt")

    assert first.sentence == last.sentence


@given(st.text())
def test_any_text_has_tokens(text: str) -> None:
    assert all(token.word for token in tokens(text))


def test_of_a_long_text_the_beginning_is_read() -> None:
    assert len(tokens("a " * LONGEST)) == LONGEST // 2
