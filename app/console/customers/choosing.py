"""All customers whose cases a list shows, as acts on many choose them: an index of cases by
customer gives them in order, a page at a time. It only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlmodel import Session

from app.console.customers.case_filters import By, conditions, standing_there
from app.console.lists import LOOKED_AT
from app.engine.catalogue import Catalogue
from app.errands.lists import Chosen, Parameters, Selection
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Case, Customer, Hold, Task
from campaigns.vocabulary import HoldKind

_CASE, _CUSTOMER = table_of(Case), table_of(Customer)
_HOLD, _TASK = table_of(Hold), table_of(Task)


def told_of(asked: Mapping[str, str], today: date, now: datetime) -> dict[str, Any]:
    """The filters of a list as an errand keeps them: its day stays that of whoever asked."""
    return {**asked, "today": today.isoformat(), "now": now.isoformat()}


def _customers(session: Session, told: Parameters, after: int, limit: int) -> Chosen:
    """Filters: `ids`, or those of the list. The erased are nobody."""
    query = select(_CUSTOMER.c.id).where(_CUSTOMER.c.erased_at.is_(None), _CUSTOMER.c.id > after)
    if "ids" in told:
        ids = sorted(each for each in map(int, told["ids"]) if each > after)[:limit]
        known = session.connection().execute(query.where(_CUSTOMER.c.id.in_(ids))).scalars().all()
        return Chosen(known, ids[-1] if len(ids) == limit else None)
    end = session.connection().scalar(_FURTHEST.where(_CASE.c.customer_id > after))
    whose, alike = _CASE.c.customer_id, conditions(told, _by(session, told))
    query = (
        select(whose)
        .join(_CUSTOMER, _CUSTOMER.c.id == whose)
        .where(whose > after, _CUSTOMER.c.erased_at.is_(None), *alike)
        .distinct()
        .order_by(whose)
        .limit(limit)
    )
    if end is not None:
        query = query.where(whose <= end)
    found = session.connection().execute(query).scalars().all()
    return Chosen(found, found[-1] if len(found) == limit else end)


def _by(session: Session, told: Parameters) -> By:
    today, now = date.fromisoformat(told["today"]), datetime.fromisoformat(told["now"])
    return By(today, now, standing_there(session, Catalogue(), told))


def _staff_holds(session: Session, told: Parameters, after: int, limit: int) -> Chosen:
    """What the team holds of the persons that these customers are."""
    return _theirs(session, told, after, limit, _HOLDS_OF)


def _open_tasks(session: Session, told: Parameters, after: int, limit: int) -> Chosen:
    """What the team has to do for them."""
    return _theirs(session, told, after, limit, _TASKS_OF)


def _theirs(
    session: Session, told: Parameters, after: int, limit: int, query: Select[Any]
) -> Chosen:
    chosen = _customers(session, told, after, limit)
    ids: Sequence[int] = sorted({row.id for row in rows_given(session, query, chosen.ids)})
    return Chosen(ids, chosen.after)


_FURTHEST: Final = (
    select(_CASE.c.customer_id).order_by(_CASE.c.customer_id).offset(LOOKED_AT - 1).limit(1)
)
"""How far a page looks at most, however few it finds."""
_HOLDS_OF: Final = (
    select(_HOLD.c.id)
    .join(_CUSTOMER, _CUSTOMER.c.person_id == _HOLD.c.person_id)
    .where(
        _CUSTOMER.c.id.in_(GIVEN),
        _HOLD.c.released_at.is_(None),
        _HOLD.c.kind == word(str(HoldKind.STAFF)),
    )
)
_TASKS_OF: Final = select(_TASK.c.id).where(
    or_(
        _TASK.c.customer_id.in_(GIVEN),
        _TASK.c.case_id.in_(select(_CASE.c.id).where(_CASE.c.customer_id.in_(GIVEN))),
    ),
    _TASK.c.state == word("open"),
)

CUSTOMERS: Final = Selection("customers", _customers)
STAFF_HOLDS: Final = Selection("staff-holds", _staff_holds)
OPEN_TASKS: Final = Selection("open-tasks", _open_tasks)
