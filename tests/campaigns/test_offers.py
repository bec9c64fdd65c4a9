"""Until when an invoice has a discount, how much it is, and which payment earns it."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns.offers import OfferKind, OfferTerms, Reduced, earned

EARLY = OfferTerms(1, OfferKind.EARLY_PAYMENT, Decimal(2), ends_on=date(2026, 12, 31))
THANKS = OfferTerms(2, OfferKind.THANK_YOU, Decimal("2.5"), ends_on=date(2026, 12, 15))
INVOICED, DUE = date(2026, 11, 20), date(2026, 12, 20)


@pytest.mark.parametrize(
    ("on", "within", "until"),
    [
        (date(2026, 11, 25), None, DUE),
        (date(2026, 11, 25), 10, date(2026, 11, 30)),
        (date(2026, 11, 30), 10, date(2026, 11, 30)),
        (date(2026, 12, 1), 10, None),
        (DUE, None, DUE),
        (date(2026, 12, 21), None, None),
    ],
)
def test_an_early_payment_ends_with_the_first_of_its_days(
    on: date, within: int | None, until: date | None
) -> None:
    terms = OfferTerms(1, OfferKind.EARLY_PAYMENT, Decimal(2), EARLY.ends_on, within)

    assert terms.until(invoiced_on=INVOICED, due_on=DUE, on=on) == until


def test_a_thank_you_is_for_what_is_past_due_and_never_for_the_rest() -> None:
    past = date(2026, 11, 28)

    assert THANKS.until(invoiced_on=INVOICED, due_on=past, on=date(2026, 12, 1)) == THANKS.ends_on
    assert THANKS.until(invoiced_on=INVOICED, due_on=past, on=past) is None
    assert THANKS.until(invoiced_on=INVOICED, due_on=past, on=date(2026, 12, 16)) is None


def test_a_discount_is_rounded_up_in_the_customers_favour() -> None:
    assert [EARLY.discount(minor) for minor in (10_000, 10_001, 1)] == [200, 201, 1]
    assert THANKS.discount(1_240_50) == 3102  # 3101.25


TWO = (Reduced(1, 5000, 100), Reduced(2, 5000, 100))


@pytest.mark.parametrize(
    ("paid", "given"),
    [
        (9800, ((1, 100), (2, 100))),  # all of it, less both
        (9799, ((1, 100),)),  # the second is not reached
        (9850, ((1, 100), (2, 50))),  # only what is short
        (10000, ()),  # all of it: nothing is owed back
        (12000, ()),
        (4900, ((1, 100),)),
        (6000, ((1, 100),)),
        (4899, ()),
        (1, ()),
    ],
)
def test_each_invoice_that_is_paid_in_full_has_its_discount_and_no_surplus_comes_of_it(
    paid: int, given: tuple[tuple[int, int], ...]
) -> None:
    assert earned(TWO, paid) == given


def test_what_stands_before_it_without_a_discount_takes_the_money_first() -> None:
    plain = (Reduced(3, 2000), *TWO)

    assert earned(plain, 6900) == ((1, 100),)
    assert earned(plain, 6899) == ()
