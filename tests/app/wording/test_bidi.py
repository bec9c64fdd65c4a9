"""Names from outside cannot turn a line around, and isolates are always closed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wording.bidi import NAME_LIMIT, balanced, cleaned, runs_against

CONTROLS = [chr(c) for c in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from([*CONTROLS, "{", "}", "\n"]))))
def test_a_cleaned_name_is_one_harmless_line(value: str) -> None:
    name = cleaned(value)
    assert len(name) <= NAME_LIMIT
    assert name == name.strip()
    assert not set(name) & {*CONTROLS, "{", "}", "\n", "\r", "\t", "\x00", "\u2028", "\u2029"}
    assert all(unicodedata.category(c) not in {"Cc", "Cs"} for c in name)
    assert balanced(name)


@pytest.mark.parametrize("name", ["Dana Miller", "דנה לוי", "Ąžuolas & sūnūs", "O'Neil", "李小龍"])
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert cleaned(name) == name


def test_a_very_long_name_is_cut() -> None:
    assert cleaned("x" * 500) == "x" * (NAME_LIMIT - 1) + "…"


def test_a_name_loses_the_scheme_of_an_address() -> None:
    assert "://" not in cleaned("Dana https://evil.example")


@pytest.mark.parametrize(
    ("value", "rtl", "against"),
    [("Dana", True, True), ("דנה", True, False), ("דנה 3", True, True), ("דנה", False, True),
     ("Dana 3", False, False)],
)  # fmt: skip
def test_only_what_runs_against_the_text_needs_an_isolate(
    value: str, rtl: bool, against: bool
) -> None:
    assert runs_against(value, rtl=rtl) is against


@pytest.mark.parametrize("text", ["\u2066a", "a\u2069", "\u2067a\n\u2069", "\u2069\u2066"])
def test_an_open_isolate_is_noticed(text: str) -> None:
    assert not balanced(text)
