"""Names are compared without what people leave out, or write otherwise."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.book.finding.folding import LONGEST, MOST, fold, name_words, words, words_of

HEBREW = st.text(st.sampled_from("אבגדהוזחטיכלמנסעפצקרשתםןףץך"), min_size=1, max_size=12)
ARABIC = st.text(st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهوي"), min_size=1, max_size=12)
LATIN = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=12)
LITHUANIAN = st.text(st.sampled_from("ąčęėįšųūžabdgiklmnoprstuv"), min_size=1, max_size=12)
ANY = st.one_of(HEBREW, ARABIC, LATIN, LITHUANIAN)
MARKS = {
    "he": st.sampled_from("\u05b0\u05b4\u05b7\u05b8\u05bc\u05c1\u05c2"),  # niqqud, dots of shin
    "ar": st.sampled_from("\u064b\u064e\u064f\u0650\u0651\u0652\u0670\u0640"),  # tashkil, tatweel
}
UNSEEN = st.sampled_from("\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u200d\u00ad\ufeff")


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("שָׁלוֹם כֹּהֵן", "שלום כהן"),
        ("צה״ל", 'צה"ל'),
        ("ג׳ורג׳", "ג'ורג'"),
        ("בן־גוריון", "בן-גוריון"),
        ("בן־גוריון", "בן גוריון"),
        ("חיים", "חיימ"),
        ("أَحْمَد", "احمد"),
        ("إبراهيم", "ابراهيم"),
        ("آمال", "امال"),
        ("فاطمة", "فاطمه"),
        ("مصطفى", "مصطفي"),
        ("محـــمد", "محمد"),
        ("مؤمن", "مومن"),
        ("علی", "علي"),
        ("Žemaitytė", "zemaityte"),
        ("ŠIMKŪNAS", "simkunas"),
        ("Łukasz Østergård", "lukasz ostergard"),
        ("Straße", "STRASSE"),
        ("O’Brien", "o'brien"),
        ("Jean-Luc", "jean luc"),
        ("K\u200e-1042\u200f", "k-1042"),
        ("١٢٣٤", "1234"),
        ("Алёна", "алена"),
        ("ﻣﺤﻤﺪ", "محمد"),
    ],
)
def test_what_is_typed_folds_to_what_is_stored(stored: str, typed: str) -> None:
    assert set(words(typed)) <= name_words(stored)


def test_what_hyphens_join_is_found_by_its_parts_and_as_one() -> None:
    assert name_words("Ben-Gurion") == {"ben", "gurion", "bengurion"}
    assert name_words("K-1042") == {"k", "1042", "k1042"}


@given(HEBREW, st.data())
def test_niqqud_and_unseen_marks_change_nothing_in_hebrew(name: str, data: st.DataObject) -> None:
    marks = st.one_of(MARKS["he"], UNSEEN)
    assert fold("".join(letter + data.draw(marks) for letter in name)) == fold(name)


@given(ARABIC, st.data())
def test_tashkil_and_unseen_marks_change_nothing_in_arabic(name: str, data: st.DataObject) -> None:
    marks = st.one_of(MARKS["ar"], UNSEEN)
    assert fold("".join(letter + data.draw(marks) for letter in name)) == fold(name)


@given(LITHUANIAN)
def test_lithuanian_letters_fold_to_plain_ones_however_they_are_composed(name: str) -> None:
    assert fold(unicodedata.normalize("NFD", name.upper())) == fold(name)
    assert fold(name).isascii()


@given(ANY)
def test_case_and_order_of_composition_do_not_matter(name: str) -> None:
    assert fold(name.upper()) == fold(name) == fold(unicodedata.normalize("NFD", name))


@given(st.text(max_size=80))
def test_folding_again_changes_nothing_and_words_are_bounded(text: str) -> None:
    found = name_words(text)
    assert {fold(word) for word in found} == found
    assert all(0 < len(word) <= LONGEST for word in found)


def test_a_customer_of_a_hundred_names_keeps_the_longest_words() -> None:
    found = words_of([f"{'x' * (n % 30)}{n}" for n in range(100)])

    assert len(found) == MOST
    assert min(map(len, found)) > 20
