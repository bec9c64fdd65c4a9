"""The delivery vocabulary: status only moves forward, in whatever order receipts come."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.delivery import DeliveryStatus, advance

ACCEPTED, SENT, FAILED, DELIVERED, BOUNCED, READ, UNSUBSCRIBED, COMPLAINED = DeliveryStatus
statuses = st.sampled_from(DeliveryStatus)


def final(received: list[DeliveryStatus]) -> DeliveryStatus:
    return reduce(advance, received, ACCEPTED)


@given(st.lists(statuses).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_any_order_of_the_same_receipts_ends_the_same(
    orders: tuple[list[DeliveryStatus], list[DeliveryStatus]],
) -> None:
    received, shuffled = orders

    assert final(received) == final(shuffled)


@given(st.lists(statuses))
def test_receipts_told_twice_change_nothing(received: list[DeliveryStatus]) -> None:
    assert final(received + received) == final(received)


@given(statuses, statuses)
def test_status_never_moves_back(old: DeliveryStatus, new: DeliveryStatus) -> None:
    assert advance(old, new).rank >= old.rank
    assert advance(old, new) in (old, new)


def test_no_two_statuses_share_a_rank() -> None:
    assert sorted(status.rank for status in DeliveryStatus) == list(range(len(DeliveryStatus)))


@pytest.mark.parametrize("status", DeliveryStatus)
def test_every_status_can_be_reached(status: DeliveryStatus) -> None:
    assert advance(ACCEPTED, status) is status


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ([DELIVERED, SENT], DELIVERED),
        ([SENT, FAILED], FAILED),
        ([FAILED, SENT], FAILED),
        ([FAILED, DELIVERED], DELIVERED),
        ([DELIVERED, FAILED], DELIVERED),
        ([DELIVERED, BOUNCED], BOUNCED),
        ([BOUNCED, READ], READ),
        ([DELIVERED, COMPLAINED, READ], COMPLAINED),
    ],
)
def test_contradictions_end_on_the_side_that_sends_nothing_twice(
    received: list[DeliveryStatus], expected: DeliveryStatus
) -> None:
    assert final(received) is expected


def test_ends_failures_and_arrivals_are_told_apart() -> None:
    assert {status for status in DeliveryStatus if status.is_end} == {
        FAILED,
        BOUNCED,
        COMPLAINED,
        UNSUBSCRIBED,
    }
    assert {status for status in DeliveryStatus if status.is_failure} == {FAILED, BOUNCED}
    assert {status for status in DeliveryStatus if status.is_arrival} == {
        DELIVERED,
        READ,
        COMPLAINED,
        UNSUBSCRIBED,
    }
