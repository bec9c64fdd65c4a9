"""Whether a kept card may be debited for an instalment now, and if not, why.

Read twice: by the look that locks nothing, and under the person's guard, where it counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session

from app.book.debits import announcements, debits_of
from app.book.envelope import house_of
from app.book.instalments import missing_of
from app.book.mandates import LIVE
from app.book.snapshot import Snapshot, load
from app.delivery.halts import halts_in_force
from app.payments.charge import Wish
from app.payments.choice import Gateways, serving
from app.payments.gateway import Charging, GatewayRefused
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Campaign, Case, Event, Instalment, Mandate, Plan
from campaigns.calendar import zone_of
from campaigns.debits import DebitState
from campaigns.money import Money
from campaigns.stops import moot, past_limitation, stops
from campaigns.vocabulary import Signal, SubjectKind

HOURS = "outside_hours"
EARLIEST, LATEST = time(9), time(17)
"""Of the customer's day: whoever is debited is awake, and so is who could be asked about it."""

_PLAN, _INSTALMENT, _MANDATE = table_of(Plan), table_of(Instalment), table_of(Mandate)
_CASE, _CAMPAIGN, _EVENT = table_of(Case), table_of(Campaign), table_of(Event)
_A_DAY = timedelta(days=1)
_TRYING = (DebitState.ANNOUNCED, DebitState.RETRY)


@dataclass(frozen=True, slots=True)
class Due:
    """An instalment whose day has come, and the case that speaks of it, if there is one."""

    instalment_id: int
    plan_id: int
    customer_id: int
    mandate_id: int
    gateway: str
    due_on: date
    today: date
    case_id: int | None

    @classmethod
    def of(cls, session: Session, charge: Row[Any], now: datetime) -> Due | None:
        """What a charge is for, while its mandate is in force and the instalment unpaid."""
        query = _LIVE.where(
            _INSTALMENT.c.id == charge.instalment_id, _MANDATE.c.id == charge.mandate_id
        )
        row = session.connection().execute(query, {"latest": date.max}).one_or_none()
        if row is None:
            return None
        return _due(session, row, house_of(session, row.creditor_id).today(now))


def instalments_due(session: Session, now: datetime) -> Iterator[Due]:
    """Every instalment that a live mandate covers and whose try is due, on the creditor's day."""
    for row in session.connection().execute(_LIVE, {"latest": now.date() + _A_DAY}).all():
        due = due_now(session, row.instalment_id, row.plan_id, now)
        if due is not None:
            yield due


def due_now(session: Session, instalment_id: int, plan_id: int, now: datetime) -> Due | None:
    """The instalment, if a try of its debit is due by what this transaction reads."""
    query = _LIVE.where(_INSTALMENT.c.id == instalment_id)
    row = session.connection().execute(query, {"latest": date.max}).one_or_none()
    if row is None:
        return None
    instalments = select(_INSTALMENT).where(_INSTALMENT.c.plan_id == plan_id)
    rows = session.connection().execute(instalments).all()
    debit = debits_of(session, {plan_id: rows}, now).get(instalment_id)
    today = house_of(session, row.creditor_id).today(now)
    if debit is None or debit.state not in _TRYING or debit.on is None or debit.on > today:
        return None
    return _due(session, row, today)


def refusal(session: Session, gateways: Gateways, due: Due, now: datetime) -> str | None:
    """Why it is not debited now: a short code for staff; None if it may be."""
    snapshot = _snapshot(session, due, now)
    if snapshot is None:
        return "no_notice"
    facts = snapshot.facts
    stop = stops(facts, now, subject=SubjectKind.PLAN)
    return (
        (stop.reason if stop else None)
        or moot(facts, due.today)
        or ("dispute_open" if any(one.disputed for one in facts.invoices) else None)
        or ("limitation_passed" if past_limitation(facts, due.today) else None)
        or ("ledger_stale" if _is_stale(snapshot, now) else None)
        or ("halted" if _is_halted(session, snapshot) else None)
        or _without_gateway(session, gateways, due)
        or _outdated(session, due)
        or (HOURS if not _is_decent(snapshot, now) else None)
        or ("nothing_missing" if _missing(session, due, snapshot) is None else None)
    )


def wish_of(session: Session, due: Due, now: datetime) -> Wish:
    """What is taken: what is missing of the instalment, and no more than its invoices still are."""
    snapshot = _snapshot(session, due, now)
    assert snapshot is not None
    assert due.case_id is not None
    amount = _missing(session, due, snapshot)
    assert amount is not None
    return Wish(
        mandate_id=due.mandate_id,
        gateway=due.gateway,
        customer_id=due.customer_id,
        case_id=due.case_id,
        instalment_id=due.instalment_id,
        amount=amount,
        invoice_ids=tuple(sorted(one.id for one in snapshot.facts.claimable)),
    )


def _missing(session: Session, due: Due, snapshot: Snapshot) -> Money | None:
    missing = missing_of(session, due.plan_id, due.instalment_id)
    if missing is None:
        return None
    claimable = [one.open for one in snapshot.facts.claimable]
    left = sum(money.minor for money in claimable if money.currency == missing.currency)
    return Money(min(missing.minor, left), missing.currency) if left else None


def _due(session: Session, row: Any, today: date) -> Due:
    case = session.connection().execute(
        select(_CASE.c.id)
        .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
        .where(
            _CASE.c.customer_id == row.customer_id,
            _CASE.c.subject_id == row.plan_id,
            _CAMPAIGN.c.subject == SubjectKind.PLAN.value,
            _CASE.c.anchor_on == row.due_on,
            _CASE.c.phase != word("closed"),
        )
        .order_by(_CASE.c.id)
    )
    return Due(
        instalment_id=row.instalment_id,
        plan_id=row.plan_id,
        customer_id=row.customer_id,
        mandate_id=row.mandate_id,
        gateway=row.gateway,
        due_on=row.due_on,
        today=today,
        case_id=case.scalars().first(),
    )


def _snapshot(session: Session, due: Due, now: datetime) -> Snapshot | None:
    if due.case_id is None:
        return None
    (found,) = load(session, [due.case_id], now)
    return found if isinstance(found, Snapshot) else None


def _is_stale(snapshot: Snapshot, now: datetime) -> bool:
    as_of, age = snapshot.facts.ledger_as_of, snapshot.facts.ledger_max_age
    return age is not None and (as_of is None or as_of + age < now)


def _is_halted(session: Session, snapshot: Snapshot) -> bool:
    """A halt of one medium stops only what is said there; any wider one stops debits as well."""
    creditor_id = snapshot.facts.creditor_id
    return any(
        halt.medium is None and halt.creditor_id in (None, creditor_id)
        for halt in halts_in_force(session)
    )


def _without_gateway(session: Session, gateways: Gateways, due: Due) -> str | None:
    try:
        gateway = serving(session, gateways, due.customer_id).gateway
    except GatewayRefused:
        return "no_gateway"
    is_same = gateway.name == due.gateway and isinstance(gateway, Charging)
    return None if is_same else "other_gateway"


def _outdated(session: Session, due: Due) -> str | None:
    """What was announced is still true: since then no amount was changed, and nobody has asked to
    hear no more."""
    told_at = announcements(session, [due.plan_id]).get((due.plan_id, due.due_on))
    if told_at is None:
        return "no_notice"
    since = _SINCE.where(_EVENT.c.at > told_at)
    changed = session.connection().execute(since, {"customer": due.customer_id}).first()
    return "changed_since_notice" if changed is not None else None


def _is_decent(snapshot: Snapshot, now: datetime) -> bool:
    zones = [zone_of(name) for name in snapshot.facts.zones] or [snapshot.zone]
    return all(
        zone is not None and EARLIEST <= now.astimezone(zone).time() < LATEST for zone in zones
    )


_LIVE = (
    select(
        _INSTALMENT.c.id.label("instalment_id"),
        _INSTALMENT.c.due_on,
        _MANDATE.c.id.label("mandate_id"),
        _MANDATE.c.plan_id,
        _MANDATE.c.customer_id,
        _MANDATE.c.creditor_id,
        _MANDATE.c.gateway,
    )
    .select_from(_MANDATE)
    .join(_PLAN, _PLAN.c.id == _MANDATE.c.plan_id)
    .join(_INSTALMENT, _INSTALMENT.c.plan_id == _PLAN.c.id)
    .where(
        *LIVE,
        _PLAN.c.state == "running",
        _INSTALMENT.c.state.in_(("due", "missed")),
        _INSTALMENT.c.due_on <= bindparam("latest"),
    )
    .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.id)
)
_SINCE = select(_EVENT.c.id).where(
    _EVENT.c.customer_id == bindparam("customer"),
    _EVENT.c.kind.in_((Signal.OPTED_OUT.value, "instalment_spread")),
)
