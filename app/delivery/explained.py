"""Whether one customer could be written to at an instant, and why: the question of staff.

Reads only. The facts are those of an open case, as the book knows them now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from app.book.lookup import NumberUnclear, customer_by_number
from app.book.snapshot import Snapshot, load
from app.delivery.preview import NotShown, Why
from app.delivery.words import PublishedWords
from app.engine.catalogue import Catalogue
from app.store.given import table_of
from app.store.rows import Case
from app.wording.links import TOKEN_LENGTH
from campaigns.calendar import at_local, zone_of
from campaigns.explain import Explanation, explain
from campaigns.facts import ChannelFact, Facts
from campaigns.policy import stops
from campaigns.proposal import Proposal, Refusal
from campaigns.vocabulary import Category, Medium, SubjectKind

_CASE = table_of(Case)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. An `at` without a zone is the customer's own wall time."""

    customer: str
    creditor: str | None
    medium: Medium
    category: Category
    at: datetime
    has_link: bool = True


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer at one instant. `stopped` is what the case itself waits for, before any rule;
    `is_ahead` says that the book is taken to be renewed by then."""

    at: datetime
    zone: ZoneInfo
    read_in_zone: bool
    is_ahead: bool
    facts: Facts
    stopped: Refusal | None
    policy: Explanation


def explained(session: Session, asked: Question, now: datetime) -> Explained:
    """Raises `NotShown` where there is no such customer, case or address."""
    catalogue = Catalogue()
    catalogue.refresh(session)
    is_wall_time = asked.at.tzinfo is None
    snapshot = _snapshot(session, asked, asked.at.replace(tzinfo=UTC))
    channel = _channel(snapshot, asked.medium)
    zone = _zone(snapshot, channel)
    at = _instant(asked.at, zone)
    snapshot = _snapshot(session, asked, at)
    is_ahead = at > now
    facts = replace(snapshot.facts, ledger_max_age=None) if is_ahead else snapshot.facts
    subject = SubjectKind(snapshot.row["subject"])
    proposal = Proposal(channel, asked.category, "explain", template_has_link=asked.has_link)
    rules = catalogue.policy(facts.creditor_id).rules
    return Explained(
        at=at,
        zone=zone,
        read_in_zone=is_wall_time,
        is_ahead=is_ahead,
        facts=facts,
        stopped=stops(facts, at, category=asked.category, subject=subject, acted_at=None),
        policy=explain(proposal, facts, rules, at),
    )


def category_of(session: Session, template: str) -> Category:
    """What a published template is to the law. Raises `WordingError` for one that is not there."""
    return Category(PublishedWords(TOKEN_LENGTH).current(session).category_of(template))


def _snapshot(session: Session, asked: Question, at: datetime) -> Snapshot:
    try:
        customer_id = customer_by_number(session, asked.customer, asked.creditor)
    except NumberUnclear as problem:
        raise NotShown(Why.NUMBER, str(problem)) from None
    query = select(_CASE.c.id).where(_CASE.c.customer_id == customer_id)
    order = (_CASE.c.phase == "closed", _CASE.c.id)  # the open ones first
    ids = session.connection().execute(query.order_by(*order).limit(1)).scalars().all()
    read = [found for found in load(session, ids, at) if isinstance(found, Snapshot)]
    if not read:
        raise NotShown(
            Why.CASE,
            "This customer has no case that can be read: nothing was due that a campaign speaks"
            " of, or the cases are not opened yet (duly walk opens them).",
        )
    return read[0]


def _channel(snapshot: Snapshot, medium: Medium) -> ChannelFact:
    """The first valid address of the medium."""
    found = [channel for channel in snapshot.facts.channels if channel.medium is medium]
    if not found:
        raise NotShown(Why.ADDRESS, f"This customer has no address for {medium}.")
    return min(found, key=lambda channel: not channel.valid)


def _zone(snapshot: Snapshot, channel: ChannelFact) -> ZoneInfo:
    """The customer's first known clock, else the creditor's."""
    names = (*snapshot.facts.zones, *channel.zones)
    return next((zone for name in names if (zone := zone_of(name))), snapshot.zone)


def _instant(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at_local(at.date(), at.time(), zone)
