"""What comes next for a customer, from the open cases and the published journeys. It only reads.

Nothing of it is for the customer's eyes as it is: pages put it into words of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlmodel import Session

from app.book.snapshot import Snapshot, load
from app.engine.catalogue import Catalogue, NotPublished
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Case
from campaigns.calendar import local_date, zone_of
from campaigns.events import Arm, CaseClosed
from campaigns.facts import Facts
from campaigns.outlook import Ahead, ahead
from campaigns.proposal import Refusal
from campaigns.stops import stops
from campaigns.vocabulary import Category, HoldKind, Outcome

_CASE = table_of(Case)
_OPEN = (
    select(_CASE.c.id)
    .where(_CASE.c.customer_id == bindparam("customer_id"), _CASE.c.phase != word("closed"))
    .order_by(_CASE.c.id)
)
FURTHEST = timedelta(days=100)
_NOT_NOW = frozenset({"outside_hours", "rest_day"})


class Kind(StrEnum):
    """What comes next: something happens, or why nothing does."""

    MESSAGE = "message"
    PERSON = "person"  # a person of the team looks at it
    HANDOVER = "handover"
    PROMISE = "promise"
    DISPUTE = "dispute"
    PLAN = "plan"
    HELP = "help"  # a person of the team will be in touch
    ARRIVING = "arriving"  # the bank confirms a payment
    READING = "reading"  # a person of the team reads what the customer said
    PAUSED = "paused"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes next. `on` is its day on the customer's clock: of a message, a person's look or a
    hand-over; or until when nothing happens, if that is known.

    `moved` says that hours or a day of rest put the message off.
    """

    kind: Kind
    on: date | None = None
    moved: bool = False


NOTHING = Outlook(Kind.NOTHING)
_HELD: Mapping[str, Kind] = {HoldKind.HARDSHIP: Kind.HELP, HoldKind.DISPUTE: Kind.DISPUTE}


def outlook(
    session: Session, catalogue: Catalogue, customer_id: int, now: datetime
) -> Outlook | None:
    """What comes next for this customer if nothing else happens. None when it cannot be told.

    Of several cases the first to do something counts; what stops one stops all.
    """
    catalogue.refresh(session)
    ids = session.connection().execute(_OPEN, {"customer_id": customer_id}).scalars().all()
    snapshots = [found for found in load(session, ids, now) if isinstance(found, Snapshot)]
    try:
        found = [_of_case(snapshot, catalogue, now) for snapshot in snapshots]
    except NotPublished:
        return None
    if len(snapshots) < len(ids):
        return None
    return min(found, key=_rank, default=NOTHING)


def _rank(found: Outlook) -> tuple[bool, bool, date]:
    """Messages and hand-overs by their day; then what stops them; then nothing at all."""
    acts = found.kind in (Kind.MESSAGE, Kind.PERSON, Kind.HANDOVER)
    return not acts, found.kind is Kind.NOTHING, found.on or date.max


def _of_case(snapshot: Snapshot, catalogue: Catalogue, now: datetime) -> Outlook:
    _, journey = catalogue.journey(snapshot.journey)
    policy = catalogue.policy(snapshot.facts.creditor_id)
    case, facts = snapshot.case, snapshot.facts
    if case.arm is Arm.CONTROL:
        return NOTHING
    zone = _clock(snapshot)
    stopped = stops(facts, now, subject=journey.subject)
    if stopped is not None:
        return _silent(stopped, facts, zone)
    coming = ahead(case, facts, journey, policy, now, until=now + FURTHEST)
    return _first(coming, zone)


def _first(coming: Iterator[Ahead], zone: ZoneInfo) -> Outlook:
    """The first message or hand-over; where neither comes, the first look of a person. A receipt
    answers what the customer did, and is no news."""
    person: Outlook | None = None
    moved = False
    for step in coming:
        on, event = local_date(step.at, zone), step.decision.event
        if step.says not in (None, Category.RECEIPT):
            return Outlook(Kind.MESSAGE, on, moved)
        if isinstance(event, CaseClosed) and event.outcome is Outcome.HANDED_OVER:
            return Outlook(Kind.HANDOVER, on)
        if person is None and step.decision.reason == "task_given":
            person = Outlook(Kind.PERSON, on)
        moved = step.decision.reason in _NOT_NOW
    return person or NOTHING


def _silent(stopped: Refusal, facts: Facts, zone: ZoneInfo) -> Outlook:
    if stopped.reason == "promise_open" and facts.promise is not None:
        return Outlook(Kind.PROMISE, facts.promise.due_on)
    if stopped.reason == "plan_running" and facts.plan is not None:
        return Outlook(Kind.PLAN, facts.plan.next_due_on)
    if stopped.reason == "reply_unread":
        return Outlook(Kind.READING, _ends_on(facts, HoldKind.REPLY, zone))
    if stopped.reason == "payment_arriving":
        return Outlook(Kind.ARRIVING)
    if stopped.reason == "dispute_open":
        return Outlook(Kind.DISPUTE)
    return Outlook(_HELD.get(stopped.params["kind"], Kind.PAUSED))


def _ends_on(facts: Facts, kind: HoldKind, zone: ZoneInfo) -> date | None:
    ends = [hold.until for hold in facts.holds if hold.kind is kind]
    known = [end for end in ends if end is not None]
    return local_date(max(known), zone) if known and len(known) == len(ends) else None


def _clock(snapshot: Snapshot) -> ZoneInfo:
    """The customer's own clock if it is known, else the creditor's."""
    known = [zone for name in snapshot.facts.zones if (zone := zone_of(name))]
    return known[0] if known else snapshot.zone
