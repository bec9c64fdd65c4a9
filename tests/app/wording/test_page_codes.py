"""Short codes: easy to type, hopeless to guess, masked for staff, kept as a keyed hash alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wording.links import mask
from app.wording.page_codes import (
    ALPHABET,
    LENGTH,
    SAMPLE,
    code,
    code_hash,
    placeholder,
    with_code,
    without_code,
)
from app.wording.samples import sample_context, shipped
from channels.sms import measure

SECRET = bytes(range(32))
IDS = st.integers(0, 10**12)


def test_a_code_is_two_groups_that_nobody_misreads() -> None:
    made = code(SECRET, 12)
    assert made == "842JJ-PTTMM"
    assert len(made) == LENGTH + 1 == len(SAMPLE)
    assert not set("01ILOAEU") & set(ALPHABET)


def test_guessing_is_hopeless() -> None:
    """A network that types as fast as the door lets it, once a minute, while a million pages are
    open, meets one code in five hundred years. Then it needs the answer to the check as well, and
    is not told which of the two was wrong."""
    assert len(ALPHABET) ** LENGTH / 1_000_000 > 500 * 365 * 24 * 60


@given(one=IDS, other=IDS)
def test_a_code_belongs_to_one_link_and_one_secret(one: int, other: int) -> None:
    assert (code(SECRET, one) == code(SECRET, other)) == (one == other)
    assert code(SECRET, one) != code(bytes(32), one)


@pytest.mark.parametrize(
    "typed",
    ["842jj-pttmm", "842JJ PTTMM", " 842jjpttmm ", "842JJ–PTTMM", "\u2066842JJ-PTTMM\u2069"],
)
def test_it_is_known_however_it_is_typed(typed: str) -> None:
    assert code_hash(SECRET, typed) == code_hash(SECRET, code(SECRET, 12))


@pytest.mark.parametrize("typed", ["", "842JJ-PTTM", "842JJ-PTTMMD", "842JJ-PTTM0", "א" * 10])
def test_what_is_no_code_has_no_hash(typed: str) -> None:
    assert code_hash(SECRET, typed) is None


def test_the_hash_cannot_be_made_without_the_secret() -> None:
    assert code_hash(bytes(32), code(SECRET, 12)) != code_hash(SECRET, code(SECRET, 12))


def test_frozen_text_holds_no_code_and_staff_see_none() -> None:
    frozen = f"Your code: {placeholder(12)}."
    assert with_code(frozen, SECRET) == "Your code: 842JJ-PTTMM."
    assert mask(frozen) == "Your code: [code 12]."
    assert without_code(frozen, SAMPLE) == "Your code: XXXXX-XXXXX."


@pytest.mark.parametrize("locale", ["en", "he", "ar", "lt", "de"])
def test_where_links_are_forbidden_the_code_stands_and_is_priced(locale: str) -> None:
    context = replace(sample_context("one_invoice", locale), without_link=True)
    message = shipped().render("reminder_first", "sms", locale, context)
    assert placeholder(11) in message.text
    assert not message.has_link
    assert "page_code" in message.carried
    assert message.size == measure(without_code(message.text, SAMPLE))
    assert message.segments <= (2 if locale in ("en", "de") else 4)
    assert (
        placeholder(11)
        not in shipped()
        .render("reminder_first", "sms", locale, replace(context, page_code=None))
        .text
    )


def test_a_name_cannot_pose_as_a_code() -> None:
    context = replace(
        sample_context("one_invoice", "en"), customer="{{code:7}}", vocative="{{code:7}}"
    )
    text = shipped().render("reminder_first", "sms", "en", context).text
    assert with_code(text, SECRET) == text
