"""What the list of cases can be narrowed by, for the page and for acts on all that it finds.

A filter is a condition on a case and its customer. What stands in rows of its own, or takes a count
to find, is a set: a column of cases, and the values that it may have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, false, func, select
from sqlmodel import Session

from app.console.lists import Asked, Filter
from app.drafting.standing import Position, positions, stands_at
from app.engine.catalogue import Catalogue, NotPublished
from app.figures.open_items import AHEAD, hour_named
from app.store.columns import Filtered, word
from app.store.given import table_of
from app.store.rows import (
    Campaign,
    Case,
    Customer,
    Dispute,
    Hardship,
    Hold,
    Plan,
    Promise,
)
from campaigns.events import Arm
from campaigns.vocabulary import HoldKind, Medium

PHASES: Final = ("ready", "pending", "waiting", "closed")
STANDING: Final = ("promise", "plan", "dispute", "hardship")
ANY: Final = "any"
INDEXED: Final = frozenset({"creditor", "over", "under"})
_MOST_DAYS: Final = 36_500
_HOUR: Final = timedelta(hours=1)

_CAMPAIGN, _CASE, _WHO = table_of(Campaign), table_of(Case), table_of(Customer).alias("who")
_DISPUTE, _HARDSHIP, _HOLD = table_of(Dispute), table_of(Hardship), table_of(Hold)
_PLAN, _PROMISE = table_of(Plan), table_of(Promise)

Set = tuple[str, Select[Any]]


@dataclass(frozen=True, slots=True)
class By:
    """What filters go by: the reader's day, the instant, and what cases have in common that stand
    at the step of the journey that is asked for."""

    today: date
    now: datetime
    there: ColumnElement[bool] | None = None


def is_closed(asked: Asked) -> bool:
    """Whether closed cases are asked for; all other lists are of open ones."""
    return asked.get("phase") == "closed"


def sets(asked: Asked, by: By) -> list[Set]:
    """What a filter is about that stands in rows of its own: a column of cases, and its values."""
    found: list[Set] = []
    due = _due(asked.get("looks", ""), by.now)
    if due is not None:
        found.append(("id", due))
    if asked.get("step") and by.there is not None:
        found.append(("id", select(_CASE.c.id).where(_OPEN, by.there)))
    if asked.get("open") in _STANDING:
        found.append(("customer_id", _STANDING[asked["open"]]))
    kind = asked.get("held", "")
    if kind == ANY or kind in set(HoldKind):
        found.append(("person_id", _held_by(kind)))
    stopped = _STOPPED.get(asked.get("why", ""))
    return [*found, stopped] if stopped is not None else found


def _held_by(kind: str) -> Select[Any]:
    holds = select(_HOLD.c.person_id).where(_HOLD.c.released_at.is_(None))
    return holds if kind == ANY else holds.where(_HOLD.c.kind == kind)


def _due(hour: str, now: datetime) -> Select[Any] | None:
    """Cases that are decided in that hour, as the figure of the next 24 hours counts them: what is
    due already counts for the hour that runs, and those that nobody contacts are left out."""
    start = hour_named(hour)
    if start is None:
        return None
    at = _CASE.c.look_at
    query = select(_CASE.c.id).where(
        _OPEN, at < start + _HOUR, at <= now + AHEAD, _CASE.c.arm != str(Arm.CONTROL)
    )
    return query if start <= now else query.where(at >= start)


def is_among(narrowing: Set) -> ColumnElement[bool]:
    """Whether a case is of that set, asked for each case anew."""
    column, values = narrowing
    own = values.subquery()
    return select(own).where(own.c[0] == _CASE.c[column]).exists()


def are_few(session: Session, query: Select[Any], few: int) -> bool:
    first = query.limit(few + 1).subquery()
    count = select(func.count()).select_from(first)
    return session.connection().execute(count).scalar_one() <= few


def filters(today: date) -> dict[str, Filter]:
    """By name. What `sets` narrows by is among them, so that the URL keeps it."""
    return {
        **_NAMED,
        "journey": _of_journey,
        "creditor": lambda told: _CASE.c.creditor_id == int(told) if _is_number(told) else None,
        "over": lambda told: _days(told, today, least=True),
        "under": lambda told: _days(told, today, least=False),
        "phase": lambda told: Filtered(_CASE.c.phase) == told if told in PHASES else None,
        "why": lambda told: _CASE.c.reason == told,
        "language": lambda told: _whose(_WHO.c.locale.startswith(told[:2], autoescape=True)),
        "medium": lambda told: (
            _whose(_WHO.c.preferred_medium == told) if told in set(Medium) else None
        ),
    }


def _whose(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Cases whose customer is so."""
    return exists().where(_WHO.c.id == _CASE.c.customer_id, condition)


def _of_journey(told: str) -> ColumnElement[bool]:
    campaigns = select(_CAMPAIGN.c.id).where(_CAMPAIGN.c.journey == told[:80])
    return _CASE.c.campaign_id.in_(campaigns)


def _days(told: str, today: date, *, least: bool) -> ColumnElement[bool] | None:
    """Cases that are at least, or at most, so many days past due; −3 is before."""
    if not _is_number(told.removeprefix("-")) or abs(int(told)) > _MOST_DAYS:
        return None
    day = today - timedelta(days=int(told))
    return _CASE.c.anchor_on <= day if least else _CASE.c.anchor_on >= day


def _is_number(told: str) -> bool:
    return told.isascii() and told.isdecimal() and len(told) < 10


def standing_there(
    session: Session, catalogue: Catalogue, asked: Asked, found: Sequence[Position] | None = None
) -> ColumnElement[bool] | None:
    """What cases have in common that stand at the step that is asked for, as the journey's own page
    counts them; `found` is where they stand, if that is known. None: no step is asked for. Nobody
    stands at a step that the journey does not have."""
    name, step = asked.get("journey", ""), asked.get("step", "")
    if not name or not step:
        return None
    catalogue.refresh(session)
    try:
        _, journey = catalogue.journey(name)
    except NotPublished:
        return false()
    return stands_at(positions(session, name) if found is None else found, journey, step)


def conditions(asked: Asked, by: By) -> list[ColumnElement[bool]]:
    """What the cases of the list have in common, all of its filters together."""
    wanted = filters(by.today)
    told = [wanted[name](asked[name]) for name in wanted if asked.get(name)]
    of_sets = map(is_among, sets(asked, by))
    phase = _CLOSED if is_closed(asked) else _OPEN
    return [phase, *of_sets, *(each for each in told if each is not None)]


_OPEN: Final = _CASE.c.phase != word("closed")
_CLOSED: Final = _CASE.c.phase == "closed"
_NAMED: Final[Mapping[str, Filter]] = dict.fromkeys(
    ("open", "held", "step", "looks"), lambda _: None
)
_STANDING: Final[Mapping[str, Select[Any]]] = {
    "promise": select(_PROMISE.c.customer_id).where(_PROMISE.c.state == word("open")),
    "plan": select(_PLAN.c.customer_id).where(_PLAN.c.state == word("running")),
    "dispute": select(_DISPUTE.c.customer_id).where(_DISPUTE.c.state == word("open")),
    "hardship": select(_HARDSHIP.c.customer_id).where(_HARDSHIP.c.ended_at.is_(None)),
}
_STOPPED: Final[Mapping[str, tuple[str, Select[Any]]]] = {
    "promise_open": ("customer_id", _STANDING["promise"]),
    "plan_running": ("customer_id", _STANDING["plan"]),
    "dispute_open": ("customer_id", _STANDING["dispute"]),
    "hold": ("person_id", _held_by(ANY)),
    "reply_unread": ("person_id", _held_by(HoldKind.REPLY)),
    "payment_arriving": ("person_id", _held_by(HoldKind.PAYMENT)),
}
"""Reasons for which a case stands still that stand in rows of their own: few have those."""
