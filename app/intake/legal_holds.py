"""Holds that a law knows: how long each lasts and what it freezes stands in the packs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.engine.catalogue import Catalogue
from app.intake.bound import bound_facts
from app.intake.concerned import Concerned, stop_customer
from app.intake.holds import place_hold
from app.intake.tasks import Team, give_task
from app.store.given import table_of
from app.store.rows import Creditor, Customer, Hold
from campaigns.calendar import at_local, local_date
from campaigns.duties import Hold as HoldRule
from campaigns.duties import HoldSignal, Term
from campaigns.facts import ChannelFact
from campaigns.vocabulary import Category, HoldKind, Medium

_FAR = datetime.max.replace(tzinfo=UTC)
REVIEW_WITHIN = timedelta(days=30)

_HOLD, _CUSTOMER, _CREDITOR = table_of(Hold), table_of(Customer), table_of(Creditor)
_SIGNALS = {
    HoldKind.BREATHING_SPACE: HoldSignal.BREATHING_SPACE,
    HoldKind.MENTAL_HEALTH_CRISIS: HoldSignal.MENTAL_HEALTH_CRISIS,
    HoldKind.DEBT_ADVICE: HoldSignal.DEBT_ADVICE,
    HoldKind.ATTORNEY: HoldSignal.ATTORNEY,
    HoldKind.CEASE: HoldSignal.CEASE,
    HoldKind.OBJECTION: HoldSignal.OBJECTION,
}


class HoldRefused(ValueError):
    """No such hold can be placed or ended; it says why."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold and its last day; without one it lasts until somebody says that its cause is over."""

    hold_id: int
    rule: str
    until: datetime | None
    ends_on: date | None


def place_legal_hold(
    session: Session, catalogue: Catalogue, customer_id: int, kind: HoldKind, start: date,
    now: datetime,
) -> Placed:  # fmt: skip
    """Holds the person from the start of that day, as the strictest rule says that binds.

    A hold that is on and whose rule allows an extension is lengthened by it, once. Raises
    `HoldRefused`.
    """
    concerned = stop_customer(session, customer_id)
    rule, zone = _rule(session, catalogue, customer_id, kind, now)
    standing = _standing(session, concerned, kind)
    until = _until(rule, standing, start, zone)
    hold_id = place_hold(session, concerned, kind, until=until, why=str(kind), now=now)
    # From its own day on nothing grows; what the customer did meanwhile it stops all the same.
    began_at = min(now, standing.placed_at if standing else at_local(start, time(), zone))
    frozen = {
        "rule": rule.id,
        "freezes": sorted(map(str, rule.freezes)),
        "placed_at": began_at,
    }
    session.connection().execute(update(_HOLD).where(_HOLD.c.id == hold_id).values(frozen))
    _ask_for_review(session, hold_id, customer_id, kind, until, now)
    return _placed(hold_id, rule.id, until, zone)


def end_legal_hold(
    session: Session, catalogue: Catalogue, customer_id: int, kind: HoldKind, over: date,
    now: datetime,
) -> Placed:  # fmt: skip
    """The cause of a hold without an end was over on that day: it lasts for its rule's extension
    from then on. Raises `HoldRefused`."""
    concerned = stop_customer(session, customer_id)
    rule, zone = _rule(session, catalogue, customer_id, kind, now)
    standing = _standing(session, concerned, kind)
    if standing is None or standing.until is not None:
        raise HoldRefused(f"No hold of kind {kind} is on that has no end; nothing was changed.")
    until = _end_of(rule.extension, over, zone) if rule.extension else at_local(over, time(), zone)
    session.connection().execute(update(_HOLD).where(_HOLD.c.id == standing.id).values(until=until))
    return _placed(standing.id, rule.id, until, zone)


def _until(
    rule: HoldRule, standing: Row[tuple[object, ...]] | None, start: date, zone: ZoneInfo
) -> datetime | None:
    if rule.lasts is None:
        return None
    if standing is None or standing.until is None:
        return _end_of(rule.lasts, start, zone)
    if rule.extension is None:
        return _end_of(rule.lasts, start, zone)
    before = _end_of(rule.lasts, local_date(standing.placed_at, zone), zone)
    if standing.until > before:
        raise HoldRefused(f"This hold was extended once, which is all that {rule.id} allows.")
    return _end_of(rule.extension, local_date(standing.until, zone), zone)


def _end_of(term: Term, start: date, zone: ZoneInfo) -> datetime:
    """The start of the day after the last one, on the wall clock."""
    over = term.after(datetime.combine(start, time()))
    return at_local(over.date(), time(), zone)


def _rule(
    session: Session, catalogue: Catalogue, customer_id: int, kind: HoldKind, now: datetime
) -> tuple[HoldRule, ZoneInfo]:
    """The strictest rule that binds this customer: that with no end, else the longest."""
    customer, creditor = _parties(session, customer_id)
    facts = bound_facts(customer, creditor)
    rules = catalogue.policy(creditor.id).rules
    channel = ChannelFact(0, 0, Medium.EMAIL, None, provider="")
    duties = rules.timeline(facts, channel, Category.NOTICE).at(now).duties
    signal = _SIGNALS.get(kind)
    known = [duty for duty in duties if isinstance(duty, HoldRule) and duty.signal is signal]
    if not known:
        raise HoldRefused(
            f"No rule that binds this customer knows a hold of kind {kind}; complete the"
            " customer's country, or look at `duly policy list`."
        )
    strictest = max(known, key=lambda rule: rule.lasts.after(now) if rule.lasts else _FAR)
    return strictest, ZoneInfo(customer.zone or creditor.zone)


def _parties(session: Session, customer_id: int) -> tuple[Row[tuple[object, ...]], ...]:
    customer = (
        session.connection().execute(select(_CUSTOMER).where(_CUSTOMER.c.id == customer_id)).one()
    )
    query = select(_CREDITOR).where(_CREDITOR.c.id == customer.creditor_id)
    return customer, session.connection().execute(query).one()


def _standing(
    session: Session, concerned: Concerned, kind: HoldKind
) -> Row[tuple[object, ...]] | None:
    query = select(_HOLD).where(
        _HOLD.c.person_id == concerned.person_id,
        _HOLD.c.customer_id == concerned.customer_id,
        _HOLD.c.kind == kind,
        _HOLD.c.released_at.is_(None),
    )
    return session.connection().execute(query.order_by(_HOLD.c.id)).first()


def _ask_for_review(
    session: Session, hold_id: int, customer_id: int, kind: HoldKind, until: datetime | None,
    now: datetime,
) -> None:  # fmt: skip
    said = str(kind).replace("_", " ")
    ask = "what comes after it" if until else "whether its cause is over"
    give_task(
        session,
        key=f"hold:{hold_id}",
        team=Team.COLLECTIONS,
        kind="hold",
        title=f"A hold ({said}): look at {ask}",
        now=now,
        due_in=until - now if until else REVIEW_WITHIN,
        customer_id=customer_id,
        detail={"hold_id": hold_id},
    )


def _placed(hold_id: int, rule: str, until: datetime | None, zone: ZoneInfo) -> Placed:
    last = local_date(until, zone) - timedelta(days=1) if until else None
    return Placed(hold_id, rule, until, last)
