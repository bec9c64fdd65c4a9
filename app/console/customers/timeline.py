"""A customer's timeline, page by page, the latest first: rows on record and nothing else.

Every source is asked for as many rows as a page holds, older than its place, and the latest of all
of them are told. It only reads.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, and_, exists, or_, select
from sqlmodel import Session

from app.console.customers.told import EVENTS, SILENT, Group
from app.store.given import table_of
from app.store.rows import (
    Case,
    Consent,
    Customer,
    CustomerNote,
    Event,
    Hold,
    Message,
    Refused,
    Task,
)

PAGE: Final = 40
_LONGEST: Final = 200

_CASE, _CONSENT, _CUSTOMER = table_of(Case), table_of(Consent), table_of(Customer)
_EVENT, _HOLD, _MESSAGE = table_of(Event), table_of(Hold), table_of(Message)
_NOTE, _REFUSED, _TASK = table_of(CustomerNote), table_of(Refused), table_of(Task)


@dataclass(frozen=True, slots=True)
class Item:
    """One row, with its place among all: later first, then by where it comes from and its id."""

    source: str
    row: Row[Any]
    place: tuple[datetime, int, int]


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    table: Table
    at: ColumnElement[datetime]
    whose: Callable[[int], ColumnElement[bool]]
    group: Group | None  # None: its rows are of several


def _of_customer(table: Table) -> Callable[[int], ColumnElement[bool]]:
    return lambda customer_id: table.c.customer_id == customer_id


def _refused(customer_id: int) -> ColumnElement[bool]:
    """Of any of the customer's cases; a medium that was passed over while another spoke is told
    with the message that went."""
    cases = select(_CASE.c.id).where(_CASE.c.customer_id == customer_id)
    spoke = exists().where(
        _MESSAGE.c.customer_id == customer_id,
        _MESSAGE.c.case_id == _REFUSED.c.case_id,
        _MESSAGE.c.created_at == _REFUSED.c.at,
    )
    return and_(
        _REFUSED.c.case_id.in_(cases),
        _REFUSED.c.reason.not_in(MUTE),
        or_(_REFUSED.c.asked_by != "decide", ~spoke),
    )


def _held(customer_id: int) -> ColumnElement[bool]:
    """Holds of the person, but for those that are of another of their customers."""
    person = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id == customer_id).scalar_subquery()
    own = or_(_HOLD.c.customer_id.is_(None), _HOLD.c.customer_id == customer_id)
    return and_(_HOLD.c.person_id == person, own)


MUTE: Final = ("not_preferred", "medium_tried")
"""The step's own order, which is no reason."""
SOURCES: Final = (
    _Source("refusal", _REFUSED, _REFUSED.c.at, _refused, Group.UNSENT),
    _Source("event", _EVENT, _EVENT.c.at, _of_customer(_EVENT), None),
    _Source("task", _TASK, _TASK.c.created_at, _of_customer(_TASK), Group.TASKS),
    _Source("note", _NOTE, _NOTE.c.at, _of_customer(_NOTE), Group.NOTES),
    _Source("hold", _HOLD, _HOLD.c.placed_at, _held, Group.HOLDS),
    _Source("consent", _CONSENT, _CONSENT.c.at, _of_customer(_CONSENT), Group.CONSENTS),
)
_KINDS: Final[Mapping[Group, tuple[str, ...]]] = {
    group: tuple(kind for kind, told in EVENTS.items() if told.group is group) for group in Group
}


def read_items(
    session: Session, customer_id: int, *, group: Group | None = None, after: str = ""
) -> tuple[list[Item], str]:
    """A page of what happened, the latest first, and the place behind it: empty on the last."""
    place = _place(after)
    found: list[Item] = []
    for rank, source in enumerate(SOURCES):
        if group is None or source.group in (None, group):
            found += _read(session, source, rank, customer_id, group, place)
    found.sort(key=lambda item: item.place, reverse=True)
    page = found[:PAGE]
    return page, _written(page[-1].place) if len(found) > PAGE else ""


def _read(
    session: Session,
    source: _Source,
    rank: int,
    customer_id: int,
    group: Group | None,
    place: tuple[datetime, int, int] | None,
) -> list[Item]:
    query = select(source.table).where(source.whose(customer_id))
    if source.group is None:
        kind = source.table.c.kind
        query = query.where(kind.in_(_KINDS[group]) if group else kind.not_in(SILENT))
        query = query.where(_is_told())
    if place is not None:
        query = query.where(_before(source, rank, place))
    ordered = query.order_by(source.at.desc(), source.table.c.id.desc()).limit(PAGE + 1)
    rows = session.connection().execute(ordered).all()
    name = source.at.name
    return [Item(source.name, row, (row._mapping[name], rank, row.id)) for row in rows]


def _is_told() -> ColumnElement[bool]:
    """A message that was settled is told by its outcome, unless it never left."""
    stage = _EVENT.c.payload["stage"].as_string()
    return or_(_EVENT.c.kind != "MessageSettled", stage.in_(("stopped", "expired")))


def _before(source: _Source, rank: int, place: tuple[datetime, int, int]) -> ColumnElement[bool]:
    at, place_rank, id_ = place
    if rank < place_rank:
        return source.at <= at
    if rank > place_rank:
        return source.at < at
    return or_(source.at < at, and_(source.at == at, source.table.c.id < id_))


def _written(place: tuple[datetime, int, int]) -> str:
    told = json.dumps([place[0].isoformat(), *place[1:]])
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _place(text: str) -> tuple[datetime, int, int] | None:
    """None for no place, or for what was not written by us."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        at, rank, id_ = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        read = datetime.fromisoformat(at)
        return (read, int(rank), int(id_)) if read.tzinfo and abs(int(id_)) < 2**63 else None
    except (ValueError, TypeError, Error):
        return None
