"""The hours that a customer asked for, as a row of rules like any other, wherever they are.

What a customer finds inconvenient is law in places (12 CFR 1006.6(b)(1), CONC 7.9); it is kept
for everybody, and sets nothing aside.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from campaigns.packhours import own_week
from campaigns.rulehead import Head, Level, Status
from campaigns.rules import Window

_HEAD = Head(
    id="CUSTOMER-HOURS",
    pack="customer",
    level=Level.LAW,
    source="What the customer asked for",
    status=Status.HOUSE,
    checked=date(2026, 11, 28),
)


@lru_cache(maxsize=4096)
def own_hours(text: str) -> Window:
    """The row. Raises `ValueError` for what are no hours."""
    return Window(_HEAD, own_week(text))
