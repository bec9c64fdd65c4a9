"""What somebody can pay a month: the lower of their own word and of half of what is left."""

from __future__ import annotations

import pytest

from campaigns.affordability import affordable
from campaigns.money import Money


def ils(amount: str | None) -> Money | None:
    return Money.of(amount, "ILS") if amount is not None else None


@pytest.mark.parametrize(
    ("income", "costs", "payable", "amount"),
    [
        ("8000", "7400", None, "300.00"),
        ("8000", "7400", "200", "200.00"),
        ("8000", "7400", "500", "300.00"),
        ("8000", "7999.99", None, "0.00"),
        ("7000", "7400", "500", "0.00"),
        (None, "7400", "500", "500.00"),
        (None, None, "0", "0.00"),
    ],
)
def test_it_says_an_amount_and_how_it_was_come_by(
    income: str | None, costs: str | None, payable: str | None, amount: str
) -> None:
    found = affordable(income=ils(income), costs=ils(costs), payable=ils(payable))

    assert found is not None
    assert str(found.amount) == f"{amount} ILS"
    assert found.working
    assert amount not in repr(found)


def test_too_little_was_told_to_say_an_amount() -> None:
    assert affordable(income=ils("8000"), costs=None, payable=None) is None
    assert affordable(income=None, costs=None, payable=None) is None
