"""JSON as Python's own module would write and read it, only sooner."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.json_text import text_of, value_of
from campaigns.vocabulary import Medium

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


@given(VALUES)
def test_it_reads_what_python_would_of_what_either_wrote(value: Any) -> None:
    expected = json.loads(json.dumps(value))

    assert value_of(text_of(value)) == expected
    assert value_of(json.dumps(value)) == expected
    assert json.loads(text_of(value)) == expected


@pytest.mark.parametrize("number", [10**18, 10**19, -(10**25), 2**63, 2**64])
def test_a_long_number_stays_exact(number: int) -> None:
    assert value_of(text_of({"minor": number})) == {"minor": number}
    assert value_of(json.dumps([number]).encode()) == [number]


@pytest.mark.parametrize("value", [datetime(2026, 1, 1, tzinfo=UTC), Decimal(1), {1}, b"x"])
def test_a_value_without_a_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        text_of({"at": value})


def test_words_are_written_as_words() -> None:
    assert text_of([Medium.SMS, {"medium": Medium.EMAIL}]) == '["sms",{"medium":"email"}]'


def test_what_gives_a_form_may_refuse_with_its_own_error() -> None:
    def refuse(_value: Any) -> Any:
        raise ValueError("an instant without a zone")

    with pytest.raises(ValueError, match="without a zone"):
        text_of([datetime(2026, 1, 1)], refuse)  # noqa: DTZ001


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting property name"):
        value_of("{")
