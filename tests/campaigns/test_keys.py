"""Keys are derived: the same parts give the same key, and different parts another."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.keys import _as_share, attempt_key, case_key, derive, draw, message_key

PARTS = st.lists(st.text() | st.integers(), max_size=4)


@given(PARTS)
def test_a_key_is_stable_and_short(parts: list[object]) -> None:
    key = derive(*parts)
    assert key == derive(*parts)
    assert len(key) == 24
    assert set(key) <= set("0123456789abcdef")


@given(PARTS, PARTS)
def test_different_parts_give_different_keys(one: list[object], other: list[object]) -> None:
    same = [str(part) for part in one] == [str(part) for part in other]
    assert (derive(*one) == derive(*other)) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab", "c"), ("a", "bc")), (("a", ""), ("a",)), (("a", "b"), ("b", "a")), ((), ("",))],
)
def test_parts_are_joined_unambiguously(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert derive(*one) != derive(*other)


def test_the_kinds_of_keys_never_meet() -> None:
    keys = {
        case_key("c", "x", "1", 1),
        message_key("c", "x", 1),
        attempt_key("c", 1),
        derive("c", "x", "1", 1),
    }
    assert len(keys) == 4


def test_a_key_is_the_same_in_every_version_and_on_every_machine() -> None:
    assert message_key("case", "step:first:1", 0) == "64ca1cc633baef3c4f0f9351"


def test_a_key_carries_nothing_of_the_customer() -> None:
    assert "4711" not in case_key("ACME", "gentle", "4711", 1)


def test_draws_are_fixed_and_even_over_the_unit_interval() -> None:
    draws = sorted(draw("case", number) for number in range(20_000))
    assert draw("case", 1) == draw("case", 1)
    assert draws[0] >= 0
    assert draws[-1] < 1
    assert max(b - a for a, b in pairwise(draws)) < 0.002
    for tenth in range(10):
        share = sum(tenth / 10 <= value < (tenth + 1) / 10 for value in draws) / len(draws)
        assert share == pytest.approx(0.1, abs=0.01)


def test_a_draw_is_never_one() -> None:
    assert _as_share(b"\xff" * 8) < 1
