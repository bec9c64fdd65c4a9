"""The files of words are read strictly."""

import pytest

from app.hearing.word_files import (
    LOCALES,
    HeardError,
    Section,
    read_words,
    shipped_entries,
)

GOOD = """\
locale: en
words:
  pay: pay|settle
intents:
  promise:
    phrases: |
      will <pay>

      going to pay
  dispute/amount:
    whole: wrong amount
"""


def problems(text: str) -> list[str]:
    with pytest.raises(HeardError) as raised:
        read_words(text, locale="en", file="en.yaml")
    return str(raised.value).splitlines()


def test_each_line_is_a_phrase_with_its_place() -> None:
    entries = read_words(GOOD, locale="en", file="en.yaml")

    assert [(e.key, e.kind, e.line) for e in entries] == [
        ("promise", "", 7),
        ("promise", "", 9),
        ("dispute", "amount", 11),
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("promise:", "promises:", "en.yaml:5:3: unknown key `promises`. Did you mean `promise`?"),
        ("will <pay>", "will <buy>", "en.yaml:7:1: `<buy>` names words that are not there"),
        ("phrases: |", "frases: |", "en.yaml:6:5: unknown key `frases`"),
        ("locale: en", "locale: he", "en.yaml:1:9: `locale` is not the file's"),
        ("dispute/amount", "dispute/colour", "en.yaml:10:3: unknown key `dispute/colour`"),
        ("whole: wrong amount", "whole: [wrong]", "en.yaml:11:12: a list stands where a text"),
        ("wrong amount", "wrong # amount", "en.yaml:11:12: `#` begins a comment here"),
        ("words:", "word:", "en.yaml:2:1: unknown key `word`"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(was: str, becomes: str, told: str) -> None:
    assert any(problem.startswith(told) for problem in problems(GOOD.replace(was, becomes)))


def test_a_file_that_is_no_table_is_told() -> None:
    assert problems("- one") == ["en.yaml:1:1: the file is no table of keys. Begin with `locale:`."]


def test_every_language_that_ships_says_everything() -> None:
    said = {(entry.locale, entry.key) for entry in shipped_entries()}
    intents = {e.key for e in shipped_entries() if e.section is Section.INTENT} - {"opt_in"}

    assert len(intents) == 25
    assert {(locale, key) for locale in LOCALES for key in intents} - said == set()
