"""The error tree: complete, comparable, readable back, and free of personal data."""

import gc
from typing import assert_never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import errors
from channels.errors import (
    BY_KIND,
    KINDS,
    LEAVES,
    AddressError,
    AddressInvalid,
    Fault,
    NoAnswer,
    ProviderError,
    Remedy,
    SendError,
    from_record,
    provider_code,
)

leaves = pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)


def test_every_leaf_of_the_tree_is_listed_and_every_branch_is_not() -> None:
    gc.collect()  # a slotted dataclass leaves its unslotted twin behind

    assert {found for found in _below(SendError) if not found.__subclasses__()} == set(LEAVES)


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = errors.__doc__ or ""

    missing = [
        leaf.__name__ for leaf in (*LEAVES, *_below(SendError)) if leaf.__name__ not in drawn
    ]

    assert missing == []


@leaves
def test_the_drawing_tells_the_same_permanence_as_the_class(leaf: type[SendError]) -> None:
    row = next(
        line for line in (errors.__doc__ or "").splitlines() if f"── {leaf.__name__} " in line
    )

    assert ("yes" in row.split()) == leaf.permanent


@leaves
def test_every_error_says_what_happens_next_in_a_sentence(leaf: type[SendError]) -> None:
    error = leaf("twilio", "21211")

    assert error.sentence.endswith(".")
    assert error.remedy in Remedy
    assert error.fault in Fault


@leaves
def test_only_the_providers_own_errors_count_for_the_breaker(leaf: type[SendError]) -> None:
    assert leaf("twilio").counts_for_breaker == issubclass(leaf, ProviderError)


def test_every_fault_and_every_remedy_is_somebodys() -> None:
    assert {leaf.fault for leaf in LEAVES} == set(Fault)
    assert {leaf.remedy for leaf in LEAVES} == set(Remedy)


@leaves
def test_permanence_and_remedy_agree(leaf: type[SendError]) -> None:
    match leaf.remedy:
        case Remedy.TRY_LATER | Remedy.ASK_PROVIDER:
            assert not leaf.permanent
        case Remedy.FALL_BACK | Remedy.SUPPRESS_ADDRESS | Remedy.STOP_TEMPLATE:
            assert leaf.permanent
        case Remedy.DECIDE_AGAIN:
            assert leaf.permanent
        case Remedy.STOP_SENDER:
            assert leaf.alert
        case _:
            assert_never(leaf.remedy)


@leaves
def test_an_error_is_read_back_equal(leaf: type[SendError]) -> None:
    error = leaf("twilio", "30003")

    assert from_record(error.as_record()) == error


def test_an_error_without_a_code_is_read_back_equal() -> None:
    assert from_record(NoAnswer("sendgrid").as_record()) == NoAnswer("sendgrid")


def test_kinds_are_unique_and_stable() -> None:
    assert len(BY_KIND) == len(KINDS) == len(LEAVES)
    assert KINDS[AddressInvalid] == "address_invalid"
    assert KINDS[NoAnswer] == "no_answer"


def test_errors_of_different_kinds_are_never_equal() -> None:
    assert len({leaf("twilio", "1") for leaf in LEAVES}) == len(LEAVES)


def test_a_record_of_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown error kind 'lost_in_space': known are account"):
        from_record({"error": "lost_in_space", "provider": "twilio", "code": ""})


@pytest.mark.parametrize("branch", [SendError, AddressError, ProviderError])
def test_a_branch_is_no_error_by_itself(branch: type[SendError]) -> None:
    with pytest.raises(TypeError, match="use one of its leaves"):
        branch("twilio", "1")


@pytest.mark.parametrize("code", ["+972501234567", "972501234567", "dana@example.com", "no such"])
def test_a_code_that_could_be_personal_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not a provider's code"):
        AddressInvalid("twilio", code)


@pytest.mark.parametrize("code", [21211, "5.1.1", "smtp:550", " 30003 ", "63016"])
def test_a_providers_code_is_kept(code: object) -> None:
    assert provider_code(code) == str(code).strip()


@given(st.one_of(st.text(), st.integers(), st.none(), st.binary()))
def test_whatever_a_provider_calls_a_code_becomes_one(raw: object) -> None:
    AddressInvalid("twilio", provider_code(raw))


def _below(branch: type[SendError]) -> list[type[SendError]]:
    direct = branch.__subclasses__()
    return direct + [deeper for each in direct for deeper in _below(each)]
