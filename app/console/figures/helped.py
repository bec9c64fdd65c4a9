"""The list behind the help that was given: each talk, pause, plan, answer and referral. Only reads.

The same rows as the figure counts, each along the index of its instant.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, literal, select, union_all

from app.console.figures.behind import KEPT, Days, equal, number
from app.console.lists import Listing, Sort
from app.figures.happenings import COUNTS_AS_HELP, HELD_CUSTOMERS, HELPED_AS, PAUSES
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Customer, Event, Hold, PlanWish, StaffAnswer

_CUSTOMER, _EVENT, _HOLD = table_of(Customer), table_of(Event), table_of(Hold)
_ANSWER, _WISH = table_of(StaffAnswer), table_of(PlanWish)
_CUSTOMER_ID: Final = _CUSTOMER.c.id.label("customer_id")


def helped(days: Days) -> Listing:
    """What was done for whom, the latest first."""
    given: Any = union_all(*_given(days)).subquery("given")
    query = select(given, _CUSTOMER.c.name, _CUSTOMER.c.external_id.label("number")).join(
        _CUSTOMER, _CUSTOMER.c.id == given.c.customer_id
    )
    latest = Sort((given.c.at, given.c.about, given.c.id, given.c.customer_id), descending=True)
    filters = {
        **KEPT,
        "creditor": number(_CUSTOMER.c.creditor_id),
        "about": equal(given.c.about),
    }
    return Listing(query, {"latest": latest}, filters)


def _given(days: Days) -> tuple[Select[Any], ...]:
    answers, wished, held, told = (
        _ANSWER.c.written_at, _WISH.c.decided_at, _HOLD.c.placed_at, _EVENT.c.at
    )  # fmt: skip
    return (
        select(
            answers.label("at"),
            _ANSWER.c.id,
            _ANSWER.c.customer_id,
            literal("answer").label("about"),
        ).where(days.hold(answers)),
        select(wished, _WISH.c.id, _WISH.c.customer_id, literal("plan")).where(
            _WISH.c.state == word("agreed"), days.hold(wished)
        ),
        select(held, _HOLD.c.id, _CUSTOMER_ID, literal("pause"))
        .join(_CUSTOMER, HELD_CUSTOMERS)
        .where(_HOLD.c.kind.in_(PAUSES), days.hold(held)),
        select(told, _EVENT.c.id, _CUSTOMER_ID, HELPED_AS)
        .join(_CUSTOMER, _CUSTOMER.c.id == _EVENT.c.customer_id)
        .where(COUNTS_AS_HELP, days.hold(told)),
    )
