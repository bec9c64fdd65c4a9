"""The drill would see it: money that is lost, doubled or invented is planted, and found."""

import pytest

from app.lab.drill_money import Booked, Taken, booked_twice, never_paid, not_booked, paid_twice
from campaigns.money import Money

EUR = Money(12_345, "EUR")
PAID = Taken("pi_1", "payer-1", EUR)
BOOKED = Booked("pi_1", EUR)


def test_what_was_paid_and_booked_once_is_fine() -> None:
    assert paid_twice([PAID, Taken("pi_2", "payer-2", EUR)]) == []
    assert booked_twice([BOOKED, Booked("pi_2", EUR)]) == []
    assert not_booked([PAID], [BOOKED]) == []
    assert never_paid([PAID], [BOOKED]) == []


def test_money_that_is_booked_twice_is_found() -> None:
    assert len(booked_twice([BOOKED, BOOKED])) == 1


@pytest.mark.parametrize(
    "rows", [[], [Booked("pi_1", Money(12_344, "EUR"))], [Booked("pi_1", Money(12_345, "USD"))]]
)
def test_money_that_is_not_booked_as_it_was_paid_is_found(rows: list[Booked]) -> None:
    assert len(not_booked([PAID], rows)) == 1


def test_money_that_nobody_paid_is_found() -> None:
    assert len(never_paid([], [BOOKED])) == 1


def test_a_payer_who_paid_in_two_pages_is_found() -> None:
    assert len(paid_twice([PAID, Taken("pi_2", PAID.payer, EUR)])) == 1
