"""English on the customer's pages is for a reader of grade six."""

import re
from collections.abc import Sequence

import pytest

from app.web.catalogues import catalogue

_FACT = re.compile(r"%\(\w+\)s")
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_ENDS = re.compile(r"(?<=[.?!])\s+")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"[^aeiouy]e$|[^aeioudt]ed$|[^aeiouycgszxh]es$")
_SOUNDED = re.compile(r"[^aeiouylr]le$")
_LONGEST = 25


def syllables(word: str) -> int:
    """How many are heard, by the usual rule: groups of vowels without an e that is silent."""
    letters = word.lower().replace("’", "'").removesuffix("'s").replace("'", "")
    silent = bool(_SILENT.search(letters)) and not _SOUNDED.search(letters)
    return max(len(_VOWELS.findall(letters)) - silent, 1)


def words_of(sentence: str) -> list[str]:
    """Its words; a fact that is put in, such as an amount or a day, counts as one."""
    return _WORD.findall(_FACT.sub("number", sentence))


def grade(sentences: Sequence[str]) -> float:
    """The grade of Flesch and Kincaid (1975): years of school that a reader needs."""
    words = [word for sentence in sentences for word in words_of(sentence)]
    length = len(words) / len(sentences)
    weight = sum(map(syllables, words)) / len(words)
    return 0.39 * length + 11.8 * weight - 15.59


def said() -> list[str]:
    """Every whole sentence that a page may say: a label is none."""
    texts = [
        text
        for message in catalogue("en")
        if message.id
        for text in ([message.string] if isinstance(message.string, str) else message.string or ())
    ]
    return [
        sentence
        for text in texts
        for sentence in _ENDS.split(text)
        if sentence.endswith((".", "?", "!")) and len(words_of(sentence)) > 3
    ]


@pytest.mark.parametrize(
    ("word", "heard"),
    [("pay", 1), ("made", 1), ("table", 2), ("asked", 1), ("wanted", 2), ("choose", 1),
     ("invoice", 2), ("messages", 3), ("times", 1), ("reminders", 3), ("provider’s", 3)],
)  # fmt: skip
def test_syllables_are_counted_as_they_are_heard(word: str, heard: int) -> None:
    assert syllables(word) == heard


def test_a_letter_from_an_office_is_above_grade_twelve() -> None:
    office = "In consideration of the aforementioned circumstances, remittance is obligatory."

    assert grade([office]) > 12


def test_all_sentences_together_are_below_grade_six() -> None:
    sentences = said()

    assert len(sentences) > 200
    assert grade(sentences) < 6


def test_no_sentence_is_above_grade_nine_or_long() -> None:
    hard = {s: round(grade([s]), 1) for s in said() if grade([s]) > 9}
    long = {s: len(words_of(s)) for s in said() if len(words_of(s)) > _LONGEST}

    assert (hard, long) == ({}, {})


def test_english_says_what_stands_in_the_code() -> None:
    for message in catalogue("en"):
        if message.id:
            assert message.string == message.id
