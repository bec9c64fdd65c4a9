"""The thousand, looked through: what happened on which day, what was held and why, and who.

Reads the walked book alone, also while it is being walked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Case, Creditor, Customer, Event, Invoice, Message, Refused
from campaigns.vocabulary import Signal

PAGE: Final = 40
SENT: Final = ("accepted", "assumed_sent", "unclear")
UNSAID: Final = ("stopped", "expired", "refused")
ROWS: Final = ("email", "sms", "whatsapp", "waited", "unsaid", "answered")
OUTCOMES: Final = ("open", "settled", "handed_over", "exhausted", "control")
_ANSWERS: Final = tuple(sorted(set(Signal) - {Signal.HOLD_RELEASED, Signal.DISPUTE_RESOLVED}))
_CASE, _CUSTOMER, _CREDITOR = table_of(Case), table_of(Customer), table_of(Creditor)
_ANY = _CASE.alias()  # apart from the case that a list shows
_EVENT, _INVOICE = table_of(Event), table_of(Invoice)
_MESSAGE, _REFUSED = table_of(Message), table_of(Refused)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to list; what is empty is any. `row` and `day` name a field of the map."""

    row: str = ""
    day: str = ""
    reason: str = ""
    outcome: str = ""
    name: str = ""
    after: int = 0

    @property
    def date(self) -> date | None:
        try:
            return date.fromisoformat(self.day) if self.day else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the map: how many, and how dark, from 0 to 6."""

    day: date
    count: int
    shade: int


@dataclass(frozen=True, slots=True)
class Held:
    """A reason, how often it kept a message from leaving, and how often it made one wait."""

    reason: str
    unsaid: int
    waited: int


@dataclass(frozen=True, slots=True)
class Met:
    """One customer of the list."""

    id: int
    number: str
    name: str
    locale: str
    creditor: str
    open_minor: int
    currency: str
    sent: int
    reason: str
    reason_params: Mapping[str, Any]
    outcome: str


def map_of(session: Session, days: Sequence[date]) -> dict[str, list[Field]]:
    """For each row of the map a field a day, shaded by the row's own busiest day."""
    counted = {
        **_by_medium(session),
        "waited": _by_day(session, _REFUSED.c.at, _MUTED),
        "unsaid": _by_day(session, _MESSAGE.c.updated_at, _MESSAGE.c.state.in_(UNSAID)),
        "answered": _by_day(session, _EVENT.c.at, _EVENT.c.kind.in_(_ANSWERS)),
    }
    return {row: _fields(counted.get(row, {}), days) for row in ROWS}


def _fields(counts: Mapping[date, int], days: Sequence[date]) -> list[Field]:
    most = max(counts.values(), default=0)
    return [Field(day, n := counts.get(day, 0), _shade(n, most)) for day in days]


def _shade(count: int, most: int) -> int:
    """By the root, so that one busy day does not make all others pale."""
    return ceil(6 * sqrt(count / most)) if most else 0


_MUTED = _REFUSED.c.reason.not_in(("not_preferred", "medium_tried"))


def _by_medium(session: Session) -> dict[str, dict[date, int]]:
    day = func.date(_MESSAGE.c.accepted_at)
    query = (
        select(_MESSAGE.c.medium, day, func.count())
        .where(_MESSAGE.c.state.in_(SENT), _MESSAGE.c.accepted_at.is_not(None))
        .group_by(_MESSAGE.c.medium, day)
    )
    found: dict[str, dict[date, int]] = {}
    for medium, at, count in session.connection().execute(query):
        found.setdefault(medium, {})[_day(at)] = count
    return found


def _by_day(
    session: Session, at: ColumnElement[Any], where: ColumnElement[bool]
) -> dict[date, int]:
    day = func.date(at)
    query = select(day, func.count()).where(where).group_by(day)
    return {_day(found): count for found, count in session.connection().execute(query)}


def _day(found: Any) -> date:
    return found if isinstance(found, date) else date.fromisoformat(found)


def held_of(session: Session) -> list[Held]:
    """Every reason, the commonest first."""
    unsaid = _counted(session, _MESSAGE.c.reason, _MESSAGE.c.state.in_(UNSAID))
    waited = _counted(session, _REFUSED.c.reason, _MUTED)
    control = session.connection().scalar(select(func.count()).where(_CASE.c.arm == "control"))
    if control:
        unsaid["control_arm"] = control
    found = [
        Held(reason, unsaid.get(reason, 0), waited.get(reason, 0)) for reason in {*unsaid, *waited}
    ]
    return sorted(found, key=lambda one: (-one.unsaid - one.waited, one.reason))


def _counted(
    session: Session, reason: ColumnElement[Any], where: ColumnElement[bool]
) -> dict[str, int]:
    query = select(reason, func.count()).where(where).group_by(reason)
    return {row[0]: int(row[1]) for row in session.connection().execute(query)}


def outcomes_of(session: Session) -> dict[str, int]:
    """How many customers there are of each outcome that `met` can list."""
    return {
        outcome: session.connection().scalar(
            select(func.count()).select_from(_CUSTOMER).where(_outcome(outcome))
        )
        or 0
        for outcome in OUTCOMES
    }


def met(session: Session, wanted: Wanted) -> tuple[list[Met], int]:
    """A page of customers and how many there are of them in all."""
    wheres = _wheres(wanted)
    total = session.connection().scalar(select(func.count()).select_from(_CUSTOMER).where(*wheres))
    page = _listed().where(*wheres, _CUSTOMER.c.id > wanted.after).limit(PAGE)
    rows = session.connection().execute(page).mappings()
    return [Met(**row) for row in rows], total or 0


def _listed() -> Select[Any]:
    """Customers with the case that was opened last."""
    latest = select(func.max(_ANY.c.id)).where(_ANY.c.customer_id == _CUSTOMER.c.id)
    open_minor = select(func.coalesce(func.sum(_INVOICE.c.open_minor), 0)).where(
        _INVOICE.c.customer_id == _CUSTOMER.c.id
    )
    sent = select(func.count()).where(
        _MESSAGE.c.customer_id == _CUSTOMER.c.id, _MESSAGE.c.state.in_(SENT)
    )
    return (
        select(
            _CUSTOMER.c.id,
            _CUSTOMER.c.external_id.label("number"),
            _CUSTOMER.c.name,
            _CUSTOMER.c.locale,
            _CREDITOR.c.name.label("creditor"),
            open_minor.scalar_subquery().label("open_minor"),
            _CREDITOR.c.currency,
            sent.scalar_subquery().label("sent"),
            func.coalesce(_CASE.c.reason, "").label("reason"),
            _CASE.c.reason_params,
            func.coalesce(_CASE.c.outcome, "").label("outcome"),
        )
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .outerjoin(_CASE, _CASE.c.id == latest.scalar_subquery())
        .order_by(_CUSTOMER.c.id)
    )


def _wheres(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.outcome in OUTCOMES:
        found.append(_outcome(wanted.outcome))
    if wanted.name:
        found.append(
            or_(
                _CUSTOMER.c.name.contains(wanted.name, autoescape=True),
                _CUSTOMER.c.external_id.startswith(wanted.name, autoescape=True),
            )
        )
    if wanted.reason or (wanted.row in ROWS and wanted.date):
        found.append(_happened(wanted))
    return found


def _outcome(outcome: str) -> ColumnElement[bool]:
    mine = _ANY.c.customer_id == _CUSTOMER.c.id
    if outcome == "open":
        return exists().where(mine, _ANY.c.phase != "closed", _ANY.c.arm != "control")
    if outcome == "control":
        return exists().where(mine, _ANY.c.arm == "control")
    return exists().where(mine, _ANY.c.outcome == outcome)


def _happened(wanted: Wanted) -> ColumnElement[bool]:
    """Customers to whom it happened: a message, a refusal, an answer, of a day or for a reason."""
    said = _MESSAGE.c.customer_id == _CUSTOMER.c.id
    asked = and_(_REFUSED.c.case_id == _ANY.c.id, _ANY.c.customer_id == _CUSTOMER.c.id)
    if wanted.reason == "control_arm":
        return _outcome("control")
    if wanted.reason:
        unsaid = exists().where(
            said, _MESSAGE.c.state.in_(UNSAID), _MESSAGE.c.reason == wanted.reason
        )
        return or_(unsaid, exists().where(asked, _REFUSED.c.reason == wanted.reason))
    match wanted.row:
        case "waited":
            return exists().where(asked, _MUTED, _on(_REFUSED.c.at, wanted))
        case "unsaid":
            return exists().where(
                said, _MESSAGE.c.state.in_(UNSAID), _on(_MESSAGE.c.updated_at, wanted)
            )
        case "answered":
            mine = _EVENT.c.customer_id == _CUSTOMER.c.id
            return exists().where(mine, _EVENT.c.kind.in_(_ANSWERS), _on(_EVENT.c.at, wanted))
        case medium:
            taken = _on(_MESSAGE.c.accepted_at, wanted)
            return exists().where(
                said, _MESSAGE.c.state.in_(SENT), _MESSAGE.c.medium == medium, taken
            )


def _on(at: ColumnElement[Any], wanted: Wanted) -> ColumnElement[bool]:
    return func.date(at) == str(wanted.date)


def span(today: date, days: int) -> list[date]:
    """The days of a walk that ended in the first minute of `today`."""
    return [today - timedelta(days=days - n) for n in range(days)]
