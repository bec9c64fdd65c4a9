"""Words are found although they were typed wrongly, but never by too much."""

from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.hearing.lexicon import VOWELS, Lexicon
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

KNOWN = ("garbage", "payment", "invoice", "charged", "problem", "hospital")
FAR = {True: "pk", False: "zw"}
"""Consonants of the keyboard's other side, by whether the letter is on the left."""


@cache
def forgiving(known: str) -> Lexicon:
    words = WORDS.replace("unemployed", known)
    return Lexicon(read_words(words, locale="en", file="en.yaml"))


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


@given(st.sampled_from(KNOWN), st.data())
def test_a_vowel_left_out_a_letter_doubled_and_two_changed_about_are_slips(
    known: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(known) - 2))
    letter = known[at]
    slips = [
        known[:at] + letter + known[at:],
        known[:at] + known[at + 1] + letter + known[at + 2 :],
    ]
    if letter in VOWELS:
        slips.append(known[:at] + known[at + 1 :])

    for slip in slips:
        assert forgiving(known).find(tokens(slip)), slip


@given(st.sampled_from(KNOWN), st.data())
def test_a_consonant_more_less_or_far_off_is_another_word(known: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(known) - 1))
    assume(known[at] not in VOWELS and known[at] not in (known[at - 1], known[at + 1 : at + 2]))
    far = data.draw(st.sampled_from(FAR[known[at] in "qwertasdfgzxcvb"]))

    for other in (known[:at] + known[at + 1 :], known[:at] + far + known[at + 1 :]):
        assert forgiving(known).find(tokens(other)) == [], other


def test_a_garage_is_no_garbage() -> None:
    assert forgiving("garbage").find(tokens("the garage")) == []
