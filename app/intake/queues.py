"""The open work of the teams as lists: by queue, team, owner, creditor, and what is late.

A list goes by deadline, then by id, and continues behind the last row that was shown: the partial
indexes of open tasks answer it. What has no deadline comes last. Counts stop at
`COUNTED`, so that a badge costs the same however much is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, union_all
from sqlmodel import Session

from app.intake.paid_already import LOOKED_FOR
from app.intake.tasks import APPROVAL, Team
from app.store.columns import Filtered, word
from app.store.given import table_of
from app.store.rows import Case, Creditor, Customer, Task

COUNTED: Final = 99
"""More than so many are "99+"."""

PAGE: Final = 50

_CASE, _CREDITOR = table_of(Case), table_of(Creditor)
_CUSTOMER, _TASK = table_of(Customer), table_of(Task)


class Queue(StrEnum):
    """Work that is alike. What waits for a reader of replies or a caller has rooms of its own."""

    PLANS = "plans"
    DISPUTES = "disputes"
    HARDSHIP = "hardship"
    COMPLAINTS = "complaints"
    APPROVALS = "approvals"
    PAID = "paid"  # payments that customers say they made
    REJECTS = "rejects"  # rows of imports
    QUESTIONS = "questions"  # of one team to another
    MONEY = "money"  # surplus, excess, chargebacks: what the books cannot settle alone
    OTHER = "other"


KINDS: Final[Mapping[Queue, tuple[str, ...]]] = {
    Queue.PLANS: ("plan_wished",),
    Queue.DISPUTES: ("dispute", "credit_note"),
    Queue.HARDSHIP: ("hardship",),
    Queue.COMPLAINTS: ("complaint", "data_request"),
    Queue.APPROVALS: (APPROVAL, "sign_off", "approved_text"),
    Queue.PAID: (LOOKED_FOR,),
    Queue.REJECTS: ("import_rejects",),
    Queue.QUESTIONS: ("question",),
    Queue.MONEY: (
        *("surplus", "excess", "payment_contested", "amount_differs", "rate_missing"),
        *("debit_refused", "debit_unclear"),
    ),
}
BANK: Final = ("bank_match", "bank_return")
"""Of entries of bank statements, which have a list of their own."""

_NAMED: Final = tuple(kind for kinds in KINDS.values() for kind in kinds) + BANK


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which row a list continues; `due_at` None: among those without a deadline."""

    due_at: datetime | None
    id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows. `owner` "" is nobody's; None is anybody's. `kind` narrows the queue."""

    queue: Queue | None = None
    kind: str | None = None
    team: Team | None = None
    owner: str | None = None
    creditor_id: int | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of tasks, each with its customer and creditor; `next` None on the last."""

    rows: Sequence[Row[Any]]
    next: Place | None


def listed(
    session: Session, wanted: Wanted, *, now: datetime, after: Place | None = None, most: int = PAGE
) -> Listed:
    """One page, the most urgent first."""
    ids = _page_of_ids(session, wanted, now, after, most + 1)
    rows = {row.id: row for row in session.connection().execute(_SHOWN.where(_TASK.c.id.in_(ids)))}
    shown = [rows[one] for one in ids[:most]]
    more = len(ids) > most
    return Listed(shown, Place(shown[-1].due_at, shown[-1].id) if more else None)


def chosen(
    session: Session, wanted: Wanted, *, now: datetime, after: int, most: int
) -> Sequence[int]:
    """All of the list by their ids, upward, behind `after`: for an act on many."""
    query = _list(wanted, _kinds(wanted), now, None, most, None)
    behind = query.where(_TASK.c.id > after).order_by(_TASK.c.id)
    return [row.id for row in session.connection().execute(behind)]


def counted(session: Session, wanted: Wanted, *, now: datetime) -> int:
    """How many there are, `COUNTED` + 1 at most."""
    parts = _lists(wanted, now, None, COUNTED + 1, dated=None)
    some = [select(part.subquery().c.id) for part in parts]
    query = select(func.count()).select_from(union_all(*some).subquery())
    return min(int(session.connection().execute(query).scalar_one()), COUNTED + 1)


def shown_task(session: Session, task_id: int) -> Row[Any] | None:
    """One task, open or done, as a list shows it."""
    return session.connection().execute(_SHOWN.where(_TASK.c.id == task_id)).one_or_none()


def owners_of(session: Session, team: Team | None = None, *, most: int = COUNTED) -> list[str]:
    """Who has open tasks, by name: to choose from."""
    owner = _TASK.c.owner
    query = select(owner).where(_OPEN, owner.is_not(None))
    if team is not None:
        query = query.where(Filtered(_TASK.c.team) == str(team))
    return list(
        session.connection().execute(query.distinct().order_by(owner).limit(most)).scalars()
    )


def _page_of_ids(
    session: Session, wanted: Wanted, now: datetime, after: Place | None, most: int
) -> list[int]:
    """Those with a deadline first; then, to fill the page, those without."""
    found: list[int] = []
    if after is None or after.due_at is not None:
        found = _ids(session, _lists(wanted, now, after, most, dated=True), most)
        after = None
    if len(found) < most and not wanted.overdue:
        rest = _lists(wanted, now, after, most - len(found), dated=False)
        found += _ids(session, rest, most - len(found))
    return found


def _ids(session: Session, parts: Sequence[Select[Any]], most: int) -> list[int]:
    """Of lists that are each in order, the first of all."""
    one = parts[0] if len(parts) == 1 else None
    if one is None:
        both = union_all(*(select(part.subquery()) for part in parts)).subquery()
        one = select(both).order_by(both.c.due_at, both.c.id).limit(most)
    return [row.id for row in session.connection().execute(one)]


def _lists(
    wanted: Wanted, now: datetime, after: Place | None, most: int, *, dated: bool | None
) -> list[Select[Any]]:
    """One list for each kind, so that an index of kinds answers each in order; else one in all."""
    kinds = _kinds(wanted)
    if kinds is None or wanted.owner is not None:
        return [_list(wanted, kinds, now, after, most, dated)]
    return [_list(wanted, (kind,), now, after, most, dated) for kind in kinds]


def _kinds(wanted: Wanted) -> tuple[str, ...] | None:
    if wanted.kind is not None:
        return (wanted.kind,)
    return KINDS.get(wanted.queue) if wanted.queue is not None else None


def _list(
    wanted: Wanted,
    kinds: tuple[str, ...] | None,
    now: datetime,
    after: Place | None,
    most: int,
    dated: bool | None,
) -> Select[Any]:
    query = select(_TASK.c.id, _TASK.c.due_at).where(_OPEN, *_found_by(wanted, kinds))
    if dated is not None:
        query = query.where(_dated(after) if dated else _undated(after))
        query = query.order_by(_TASK.c.due_at, _TASK.c.id)
    if wanted.overdue:
        query = query.where(_TASK.c.due_at < now)
    if wanted.queue is Queue.OTHER:
        query = query.where(Filtered(_TASK.c.kind).not_in(_NAMED))
    if wanted.creditor_id is not None:
        query = query.join(_CUSTOMER, _CUSTOMER.c.id == _TASK.c.customer_id)
        query = query.where(Filtered(_CUSTOMER.c.creditor_id) == wanted.creditor_id)
    return query.limit(most)


def _found_by(wanted: Wanted, kinds: tuple[str, ...] | None) -> list[ColumnElement[bool]]:
    """The first of owner, kind and team finds by its index; the others only filter."""
    asked: list[tuple[Any, Any]] = []
    if wanted.owner is not None:
        asked.append((_TASK.c.owner, wanted.owner or None))
    if kinds is not None:
        asked.append((_TASK.c.kind, kinds))
    if wanted.team is not None:
        asked.append((_TASK.c.team, str(wanted.team)))
    return [
        _is(column if not place else Filtered(column), value)
        for place, (column, value) in enumerate(asked)
    ]


def _is(column: Any, value: Any) -> ColumnElement[bool]:
    if isinstance(value, tuple):
        one_of: ColumnElement[bool] = column == value[0] if len(value) == 1 else column.in_(value)
        return one_of
    equal: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return equal


def _dated(after: Place | None) -> ColumnElement[bool]:
    if after is None or after.due_at is None:
        return _TASK.c.due_at.is_not(None)
    same_day = and_(_TASK.c.due_at == after.due_at, _TASK.c.id > after.id)
    return and_(_TASK.c.due_at >= after.due_at, or_(_TASK.c.due_at > after.due_at, same_day))


def _undated(after: Place | None) -> ColumnElement[bool]:
    none = _TASK.c.due_at.is_(None)
    return and_(none, _TASK.c.id > after.id) if after is not None else none


_OPEN: Final = _TASK.c.state == word("open")
_OWNING: Final = _CUSTOMER.c.id == func.coalesce(_TASK.c.customer_id, _CASE.c.customer_id)
_SHOWN: Final = (
    select(
        _TASK,
        _CUSTOMER.c.id.label("whose"),
        _CUSTOMER.c.external_id.label("number"),
        _CUSTOMER.c.name,
        _CUSTOMER.c.erased_at,
        _CREDITOR.c.id.label("creditor_id"),
        _CREDITOR.c.external_id.label("creditor"),
        _CREDITOR.c.name.label("creditor_name"),
        _CREDITOR.c.country.label("creditor_country"),
    )
    .outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id)
    .outerjoin(_CUSTOMER, _OWNING)
    .outerjoin(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
)
