"""The open work of the teams as lists: by queue, team, owner, creditor, and what is late.

A list goes by deadline, then by id, and continues behind the last row that was shown: the partial
indexes of open tasks answer it. What has no deadline comes last. Where no index finds what is
wanted, a page looks at `LOOKED_AT` tasks at most: it may hold few, or none, and not be the last.
The tasks of a creditor with few customers are found by those. Counts stop at `COUNTED`, so that a
badge costs the same however much is open.
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
from app.store.distinct import values_of
from app.store.given import table_of
from app.store.rows import Case, Creditor, Customer, Task

COUNTED: Final = 99
"""More than so many are "99+"."""

PAGE: Final = 50
LOOKED_AT: Final = 10_000
FEW: Final = 5000
"""A creditor with no more customers than these has few."""

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
    session: Session,
    wanted: Wanted,
    *,
    now: datetime,
    after: Place | None = None,
    most: int = PAGE,
    looked_at: int = LOOKED_AT,
    few: int = FEW,
) -> Listed:
    """One page, the most urgent first."""
    lists = _Lists(session, wanted, now, looked_at, few)
    places, end = lists.page(after, most + 1)
    ids = [place.id for place in places[:most]]
    rows = {row.id: row for row in session.connection().execute(_SHOWN.where(_TASK.c.id.in_(ids)))}
    following = places[most - 1] if len(places) > most else end
    return Listed([rows[one] for one in ids], following)


def chosen(
    session: Session, wanted: Wanted, *, now: datetime, after: int, most: int
) -> Sequence[int]:
    """All of the list by their ids, upward, behind `after`: for an act on many."""
    return _Lists(session, wanted, now).above(after, most)


def counted(session: Session, wanted: Wanted, *, now: datetime) -> int:
    """How many there are, `COUNTED` + 1 at most."""
    parts = _Lists(session, wanted, now).all(COUNTED + 1)
    if not parts:
        return 0
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


class _Lists:
    """The lists that make up what is wanted: one for each kind, so that an index of kinds answers
    each in order; else, where an owner or few customers find it, one in all."""

    def __init__(
        self,
        session: Session,
        wanted: Wanted,
        now: datetime,
        looked_at: int = LOOKED_AT,
        few: int = FEW,
    ) -> None:
        self._session = session
        self._wanted = wanted
        self._now = now
        self._looked_at = looked_at
        kinds, whose = _kinds(session, wanted), wanted.creditor_id
        self._own = None if whose is None else _of_few(session, whose, few)
        is_one = kinds is None or wanted.owner is not None or self._own is not None
        self._each = [kinds] if kinds is None or is_one else [(kind,) for kind in kinds]

    def page(self, after: Place | None, most: int) -> tuple[list[Place], Place | None]:
        """So many of those with a deadline; then, to fill the page, of those without. And up to
        where it looked, if that is not the end."""
        found: list[Place] = []
        if after is None or after.due_at is not None:
            found, end = self._read(_dated(after), most)
            if len(found) == most or end is not None:
                return found, end
            after = None
        if self._wanted.overdue:
            return found, None
        rest, end = self._read(_undated(after), most - len(found))
        return found + rest, end

    def all(self, most: int) -> list[Select[Any]]:
        """The lists in no order, with so many rows of each."""
        return [self._list(kinds).limit(most) for kinds in self._each]

    def above(self, id_: int, most: int) -> list[int]:
        """So many of the ids above this one, upward."""
        parts = [
            self._list(kinds).where(_TASK.c.id > id_).order_by(_TASK.c.id).limit(most)
            for kinds in self._each
        ]
        if not parts:
            return []
        some = union_all(*(select(part.subquery().c.id) for part in parts)).subquery()
        query = select(some.c.id).order_by(some.c.id).limit(most)
        return list(self._session.connection().execute(query).scalars())

    def _read(self, among: ColumnElement[bool], most: int) -> tuple[list[Place], Place | None]:
        end = self._end(among)
        if end is not None:
            among = and_(among, _up_to(end))
        parts = [_ordered(self._list(kinds).where(among)).limit(most) for kinds in self._each]
        return (_first(self._session, parts, most) if parts else []), end

    def _end(self, among: ColumnElement[bool]) -> Place | None:
        """Up to where is looked in lists that an index does not narrow to what is wanted, if there
        is anything behind it."""
        if not self._each or self._own is not None or not _is_narrowed(self._wanted):
            return None
        parts = [
            _ordered(self._open(*_found_by(self._wanted, kinds)[:1]).where(among))
            .offset(self._looked_at - 1)
            .limit(1)
            for kinds in self._each
        ]
        return next(iter(_first(self._session, parts, 1)), None)

    def _list(self, kinds: tuple[str, ...] | None) -> Select[Any]:
        query = self._open(*_found_by(self._wanted, kinds))
        if self._own is not None:
            own = self._own.subquery()
            return query.join(own, own.c.id == _TASK.c.id)
        if self._wanted.creditor_id is None:
            return query
        query = query.join(_CUSTOMER, _CUSTOMER.c.id == _TASK.c.customer_id)
        return query.where(Filtered(_CUSTOMER.c.creditor_id) == self._wanted.creditor_id)

    def _open(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        query = select(_TASK.c.id, _TASK.c.due_at).where(_OPEN, *conditions)
        return query.where(_TASK.c.due_at < self._now) if self._wanted.overdue else query


def _of_few(session: Session, creditor_id: int, few: int) -> Select[Any] | None:
    """The open tasks of a creditor's customers, if those are few."""
    of = _CUSTOMER.c.creditor_id == creditor_id
    some = select(_CUSTOMER.c.id).where(of).limit(few + 1).subquery()
    counted = select(func.count()).select_from(some)
    if session.connection().execute(counted).scalar_one() > few:
        return None
    query = select(_TASK.c.id).join(_CUSTOMER, _CUSTOMER.c.id == _TASK.c.customer_id)
    # The offset keeps the deadline out of it: both stores would else go through all open tasks.
    return query.where(of, Filtered(_TASK.c.state) == word("open")).offset(0)


def _ordered(query: Select[Any]) -> Select[Any]:
    return query.order_by(_TASK.c.due_at, _TASK.c.id)


def _first(session: Session, parts: Sequence[Select[Any]], most: int) -> list[Place]:
    """Of lists that are each in order, the first of all."""
    one = parts[0]
    if len(parts) > 1:
        all_ = union_all(*(select(part.subquery()) for part in parts)).subquery()
        one = select(all_).order_by(all_.c.due_at, all_.c.id).limit(most)
    return [Place(row.due_at, row.id) for row in session.connection().execute(one)]


def _kinds(session: Session, wanted: Wanted) -> tuple[str, ...] | None:
    if wanted.kind is not None:
        return (wanted.kind,)
    if wanted.queue is Queue.OTHER:
        found = session.connection().execute(values_of(_TASK.c.kind, _OPEN)).scalars()
        return tuple(kind for kind in found if kind not in _NAMED)
    return KINDS.get(wanted.queue) if wanted.queue is not None else None


def _is_narrowed(wanted: Wanted) -> bool:
    """Whether more is asked for than an index finds."""
    by = (wanted.owner, wanted.kind or wanted.queue, wanted.team, wanted.creditor_id)
    return sum(each is not None for each in by) > 1 or wanted.creditor_id is not None


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


def _up_to(end: Place) -> ColumnElement[bool]:
    if end.due_at is None:
        return _TASK.c.id <= end.id
    same_day = and_(_TASK.c.due_at == end.due_at, _TASK.c.id <= end.id)
    return and_(_TASK.c.due_at <= end.due_at, or_(_TASK.c.due_at < end.due_at, same_day))


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
