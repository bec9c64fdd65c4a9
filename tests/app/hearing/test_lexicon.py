"""Words are found although they were typed wrongly, but never by too much."""

import pytest

from app.hearing.lexicon import Lexicon
from app.hearing.tokens import tokens
from app.hearing.word_files import read_words

WORDS = """\
locale: en
intents:
  hardship:
    phrases: |
      unemployed
      lost my job
  opt_out:
    phrases: unsubscribe
"""
LEXICON = Lexicon(read_words(WORDS, locale="en", file="en.yaml"))


@pytest.mark.parametrize("text", ["unemployd", "unemplyoed", "unemploied", "unemployeed"])
def test_one_slip_in_a_long_word_is_forgiven(text: str) -> None:
    assert [hit.entry.key for hit in LEXICON.find(tokens(text))] == ["hardship"]


@pytest.mark.parametrize("text", ["uneployd", "employed", "lots my job", "lost my jab"])
def test_two_slips_or_a_short_word_are_not(text: str) -> None:
    assert LEXICON.find(tokens(text)) == []


def test_a_stop_word_is_never_taken_for_another() -> None:
    lexicon = Lexicon(read_words(WORDS.replace("unemployed", "cancels"), locale="en", file="x"))

    assert lexicon.find(tokens("cancel")) == []
    assert lexicon.find(tokens("cancelz")) != []


def test_a_phrase_tells_where_it_stands() -> None:
    (hit,) = LEXICON.find(tokens("sorry, I lost my job"))

    assert (hit.start, hit.end, hit.entry.line) == (2, 5, 6)
