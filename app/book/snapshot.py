"""What the book knows of some cases, as the facts that decisions see. Set-based: a fixed number of
queries for any number of cases. Walk and gate load through here and so see the same things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Table, select
from sqlmodel import Session

from app.book import snapshot_parts as parts
from app.book.cases import STATE_COLUMNS, state_of
from app.book.snapshot_channels import channels
from app.book.snapshot_subjects import Scope, Subjects
from app.store.bulk import survivors
from app.store.given import GIVEN, rows_by_id, rows_given, table_of, tuples_given
from app.store.rows import (
    Campaign,
    Case,
    CaseSignal,
    Creditor,
    Customer,
    Event,
    MediumPrior,
    Message,
)
from campaigns.calendar import local_date
from campaigns.case import CaseState
from campaigns.facts import Facts, InvoiceFact, MessageFact, MessageStage, SignalFact
from campaigns.value import value
from campaigns.vocabulary import CustomerKind, Medium, SenderRole, Signal, SubjectKind

_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)
_CUSTOMER, _CREDITOR = table_of(Customer), table_of(Creditor)
_SIGNAL, _MESSAGE, _PRIOR = table_of(CaseSignal), table_of(Message), table_of(MediumPrior)
_EVENT = table_of(Event)

_STAGES = {
    "waiting": MessageStage.PENDING,
    "sending": MessageStage.PENDING,
    "unclear": MessageStage.PENDING,
    "accepted": MessageStage.ACCEPTED,
    "assumed_sent": MessageStage.ACCEPTED,
    "refused": MessageStage.REFUSED,
    "stopped": MessageStage.STOPPED,
    "expired": MessageStage.EXPIRED,
}
_KINDS = {kind.value: kind for kind in CustomerKind}
_ROLES = {role.value: role for role in SenderRole}
COMING = timedelta(days=6)
_FAILED_DELIVERY = frozenset({"failed", "bounced"})


@value
class Snapshot:
    """One case as it stands: its row, its state, its facts, and whose rules it is under."""

    row: Mapping[str, Any]
    case: CaseState
    facts: Facts
    journey: str
    zone: ZoneInfo


class Broken:
    """A case whose rows cannot be read as facts. It never stops the others."""

    def __init__(self, case_id: int, revision: int, problem: Exception) -> None:
        self.case_id = case_id
        self.revision = revision
        self.problem = problem


def load(session: Session, case_ids: Iterable[int], now: datetime) -> list[Snapshot | Broken]:
    """The snapshots of these cases at `now`, in the order of `case_ids`."""

    def together(ids: Sequence[int]) -> list[Snapshot | Broken]:
        found = (dict(zip(_NAMES, row, strict=True)) for row in tuples_given(session, _CASES, ids))
        rows = {row["id"]: row for row in found}
        known = _Known.of(session, list(rows.values()), now)
        return [_snapshot(rows[case_id], known, now) for case_id in ids if case_id in rows]

    def broken(case_id: int, problem: Exception) -> Broken:
        query = select(_CASE.c.revision).where(_CASE.c.id == case_id)
        return Broken(case_id, session.connection().execute(query).scalar_one(), problem)

    return survivors(list(case_ids), together, broken)


_CASE_COLUMNS = (
    "id", "campaign_id", "creditor_id", "customer_id", "person_id", "subject_id",
    "anchor", "anchor_invoice_id", "journey_hash", "revision", *STATE_COLUMNS,
)  # fmt: skip
_CUSTOMER_COLUMNS = (
    "kind", "locale", "country", "region", "zone", "hours", "preferred_medium", "custom", "postal",
)  # fmt: skip
_CASES = (
    select(
        *(_CASE.c[name] for name in _CASE_COLUMNS),
        *(_CUSTOMER.c[name].label(f"customer_{name}") for name in _CUSTOMER_COLUMNS),
    )
    .select_from(_CASE)
    .join(_CUSTOMER, _CUSTOMER.c.id == _CASE.c.customer_id)
    .where(_CASE.c.id.in_(GIVEN))
)


_NAMES = tuple(column.name for column in _CASES.selected_columns)


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that the batch's customers, persons and cases have, grouped by owner."""

    campaigns: Mapping[int, Row[Any]]
    creditors: Mapping[int, Row[Any]]
    invoices: Mapping[int, list[parts.OpenInvoice]]
    channels: Mapping[int, list[Any]]
    contacts: Mapping[int, list[Any]]
    holds: Mapping[int, list[Any]]
    notices: Mapping[int, list[Any]]
    arrangements: Mapping[int, parts.Arrangements]
    signals: Mapping[int, list[SignalFact]]
    messages: Mapping[str, Row[Any]]
    priors: Mapping[int, Mapping[Medium, float]]
    subjects: Subjects

    @classmethod
    def of(cls, session: Session, rows: Sequence[Mapping[str, Any]], now: datetime) -> _Known:
        owed_by = {row["customer_id"]: row["creditor_id"] for row in rows}
        customers = sorted(owed_by)
        persons = sorted({row["person_id"] for row in rows})
        keys = [row["message_key"] for row in rows if row["message_key"]]
        campaigns = rows_by_id(session, Campaign, {row["campaign_id"] for row in rows})
        return cls(
            campaigns=campaigns,
            creditors=rows_by_id(session, Creditor, set(owed_by.values())),
            invoices=parts.open_invoices(session, customers),
            channels=channels(session, owed_by, now),
            contacts=parts.contacts(session, persons, now),
            holds=parts.holds(session, persons, now),
            notices=parts.notices(session, customers),
            arrangements=parts.arrangements(session, customers),
            signals=_signals(session, [row["id"] for row in rows]),
            messages=_messages(session, keys),
            priors=_priors(session, {row["creditor_id"] for row in rows}),
            subjects=Subjects.of(session, rows, campaigns, now),
        )


def _signals(session: Session, case_ids: Sequence[int]) -> Mapping[int, list[SignalFact]]:
    found: dict[int, list[SignalFact]] = defaultdict(list)
    for row in rows_given(session, _SIGNALS, case_ids):
        found[row.case_id].append(_signal(row))
    return found


def _signal(row: Row[Any]) -> SignalFact:
    medium, address_id = row.payload.get("medium"), row.payload.get("address_id")
    return SignalFact(
        row.id,
        Signal(row.signal),
        row.at,
        row.own_act,
        medium=parts.MEDIA[medium] if medium else None,
        address_id=address_id,
    )


def _messages(session: Session, keys: Sequence[str]) -> Mapping[str, Row[Any]]:
    return {row.key: row for row in rows_given(session, _MESSAGES, keys)}


def _priors(session: Session, creditors: Iterable[int]) -> Mapping[int, Mapping[Medium, float]]:
    found: dict[int, dict[Medium, float]] = defaultdict(dict)
    for row in rows_given(session, _PRIORS, sorted(creditors)):
        found[row.creditor_id][parts.MEDIA[row.medium]] = row.answered / row.asked
    return found


def _columns(table: Table, *names: str) -> list[Any]:
    return [table.c[name] for name in names]


_SIGNALS = (
    select(*_columns(_SIGNAL, "id", "case_id", "signal", "at", "own_act"), _EVENT.c.payload)
    .join(_EVENT, _EVENT.c.id == _SIGNAL.c.event_id)
    .where(_SIGNAL.c.case_id.in_(GIVEN), _SIGNAL.c.handled_at.is_(None))
    .order_by(_SIGNAL.c.at, _SIGNAL.c.id)
)
_MESSAGES = select(
    *_columns(
        _MESSAGE, "key", "medium", "state", "updated_at", "accepted_at", "valid_until",
        "delivery", "delivered_at", "clicked_at",
    )
).where(_MESSAGE.c.key.in_(GIVEN))  # fmt: skip
_PRIORS = select(_PRIOR).where(_PRIOR.c.creditor_id.in_(GIVEN), _PRIOR.c.asked > 0)


def _snapshot(row: dict[str, Any], known: _Known, now: datetime) -> Snapshot | Broken:
    try:
        zone, today = _day(known.creditors[row["creditor_id"]].zone, now)
        row["subject"] = known.campaigns[row["campaign_id"]].subject
        facts = _facts(row, known, today)
        journey: str = known.campaigns[row["campaign_id"]].journey
        return Snapshot(row, state_of(row), facts, journey, zone)
    except (ValueError, KeyError, TypeError) as problem:
        return Broken(row["id"], row["revision"], problem)


@lru_cache(maxsize=256)  # of whole batches
def _day(zone: str, now: datetime) -> tuple[ZoneInfo, date]:
    return ZoneInfo(zone), local_date(now, ZoneInfo(zone))


def _facts(row: Mapping[str, Any], known: _Known, today: date) -> Facts:
    customer, person = row["customer_id"], row["person_id"]
    creditor = known.creditors[row["creditor_id"]]
    arranged = known.arrangements.get(customer, parts.NOTHING_ARRANGED)
    scope = known.subjects.scope(row, known.invoices.get(customer, []), today)
    age, postal = creditor.ledger_max_age_s, row["customer_postal"]
    preferred = row["customer_preferred_medium"]
    return Facts(
        creditor_id=row["creditor_id"],
        customer_id=customer,
        person_id=person,
        locale=row["customer_locale"] or creditor.locale,
        country=row["customer_country"] or postal.get("country"),
        region=row["customer_region"] or postal.get("region"),
        city=postal.get("city"),
        postcode=postal.get("postcode"),
        hours=row["customer_hours"],
        zones=(row["customer_zone"],) if row["customer_zone"] else (),
        kind=_KINDS[row["customer_kind"]],
        role=_ROLES[creditor.role],
        sector=creditor.sector,
        preferred=parts.MEDIA[preferred] if preferred else None,
        priors=known.priors.get(row["creditor_id"], {}),
        invoices=scope.invoices,
        coming=_coming(row, known.invoices.get(customer, []), scope, today),
        anchor_open=scope.anchor_open,
        is_claim=scope.is_claim,
        is_over=scope.is_over,
        instalment=scope.instalment,
        subscription=scope.subscription,
        channels=tuple(known.channels.get(customer, ())),
        contacts=tuple(known.contacts.get(person, ())),
        holds=tuple(known.holds.get(person, ())),
        notices=tuple(known.notices.get(customer, ())),
        promise=arranged.promise,
        plan=arranged.plan,
        signals=tuple(known.signals.get(row["id"], ())),
        message=_message(known.messages.get(row["message_key"] or "")),
        promises_kept=arranged.kept,
        promises_broken=arranged.broken,
        ledger_as_of=creditor.ledger_as_of,
        ledger_max_age=timedelta(seconds=age) if age is not None else None,
        custom=row["customer_custom"],
    )


def _coming(
    row: Mapping[str, Any],
    invoices: Sequence[parts.OpenInvoice],
    scope: Scope,
    today: date,
) -> tuple[InvoiceFact, ...]:
    """What else falls due within days, so that one message can say it all."""
    if row["subject"] not in (SubjectKind.CUSTOMER, SubjectKind.INVOICE) or not scope.is_claim:
        return ()
    return tuple(
        i.fact
        for i in invoices
        if i.creditor_id == row["creditor_id"]
        and today < i.fact.due_on <= today + COMING
        and not i.fact.disputed
        and i.fact not in scope.invoices
    )


def _message(row: Row[Any] | None) -> MessageFact | None:
    if row is None:
        return None
    stage = _STAGES[row.state]
    if stage is MessageStage.ACCEPTED and row.delivery in _FAILED_DELIVERY:
        stage = MessageStage.REFUSED
    return MessageFact(
        key=row.key,
        medium=parts.MEDIA[row.medium],
        stage=stage,
        at=row.updated_at,
        valid_until=row.valid_until,
        delivered=row.delivered_at is not None,
        clicked=row.clicked_at is not None,
    )
