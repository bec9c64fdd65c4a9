"""The scratch database on which a journey is tried, and the loops that run on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlmodel import Session

from app.book.days import day_of, start_of
from app.book.envelope import PlanEnvelope
from app.clock import VirtualClock
from app.delivery.approving import Approver
from app.delivery.dispatch import Addresses
from app.engine.catalogue import Catalogue
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.loops.assembly import Loops, assemble
from app.loops.tryout.asked import NotTried, Trial
from app.loops.tryout.people import bring_sample
from app.loops.tryout.standing import (
    bring,
    campaign_of,
    creditor_of,
    first_due,
    stands_somewhere,
)
from app.loops.tryout.stops import Note, bring_halts, notes_of
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.publishing import contents, current, publish_all
from app.store.rows import (
    Campaign,
    Creditor,
    Customer,
    Invoice,
    MediumPrior,
    Offer,
    Plan,
    Publication,
    Revision,
    Sender,
    Subscription,
)
from app.store.scratch import bare_database
from campaigns.journey import Day, Journey
from campaigns.money import Money
from campaigns.vocabulary import AnchorKind, Medium, SubjectKind
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from channels.seam import Channel

_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
_INVOICE, _PLAN = table_of(Invoice), table_of(Plan)
_SUBSCRIPTION = table_of(Subscription)
PLAN_PARTS = 3
_KINDS = ("journey", "pack", "template")
_YEAR = timedelta(days=365)
_LETTING: Mapping[Medium, type[SandboxSms | SandboxEmail | SandboxWhatsapp]] = {
    Medium.SMS: SandboxSms,
    Medium.EMAIL: SandboxEmail,
    Medium.WHATSAPP: SandboxWhatsapp,
}
"""What a creditor is to a trial: with the sandbox for a provider; never late with its book, and no
sender of it paused or full, unless it is so when a customer is tried where they stand."""
_BOOK_FRESH = {"ledger_as_of": None, "ledger_max_age_s": None}
_SENDER_SANDBOXED: Mapping[str, Any] = {
    "provider": "sandbox", "per_second": 1_000_000.0, "free_at": None, "probe_until": None,
}  # fmt: skip
_SENDER_FRESH: Mapping[str, Any] = {
    "errors_in_row": 0, "paused_until": None, "pause_reason": None, "full_until": None,
    "sent_by_hour": {}, "sent": 0, "complaints": [],
}  # fmt: skip


@dataclass
class Stage:
    """One trial under way: its database, its clock, and who it is about."""

    database: Database
    clock: VirtualClock
    ledger: Ledger
    channels: dict[tuple[str, str], Channel]
    loops: Loops
    catalogue: Catalogue
    customer_id: int
    about: SubjectKind
    zone: str
    starts_on: date
    approver: Approver
    stands: bool  # the customer, where they stand in the book
    notes: tuple[Note, ...]
    approves: bool = True  # somebody gives their word on what waits for it, after a while

    def close(self) -> None:
        self.ledger.close()
        self.database.dispose()

    def break_down(self, medium: Medium) -> None:
        """From here on what is sent on this medium comes back."""
        failing = Faults(seed="tried", refuse=1.0, refuse_kinds=("address_invalid",))
        self.channels[str(medium), "sandbox"] = _LETTING[medium](self.ledger, faults=failing)


def set_up(source: Database, trial: Trial, journey: Journey, folder: Path, secret: bytes) -> Stage:
    """A stage in that empty folder, before anything has happened. Raises `NotTried`."""
    with source.read() as known:
        begin = _begins(known, trial, journey)
        starts_at = begin.at
        database = bare_database(folder / "tried.sqlite3")
        with database.write() as session:
            _dress(known, session, trial, journey, begin)
            _cast(known, session, trial, journey, begin)
            customer_id = _settle_subject(session, journey, begin)
    clock, ledger = VirtualClock(starts_at), Ledger(folder / "ledger.sqlite3")
    channels: dict[tuple[str, str], Channel] = {
        (str(medium), "sandbox"): made(ledger) for medium, made in _LETTING.items()
    }
    addresses = Addresses("https://trial.invalid", secret)
    loops = assemble(database, channels, addresses, clock.now)
    return Stage(
        database,
        clock,
        ledger,
        channels,
        loops,
        Catalogue(),
        customer_id,
        journey.subject,
        begin.creditor["zone"],
        begin.on,
        Approver(Catalogue(), addresses.base_url),
        begin.stands,
        begin.notes,
    )


def first_offset(journey: Journey) -> int:
    """The day of the first step, where it is before the anchor; else 0."""
    first = journey.steps[0].anchor if journey.steps else Day(0)
    return min(0, first.offset) if isinstance(first, Day) else 0


@dataclass(frozen=True, slots=True)
class _Begin:
    """The creditor, the first day and the instant in it, the campaign; and whether the customer
    stands there where they stand in the book, or begins anew."""

    creditor: Mapping[str, Any]
    on: date
    at: datetime
    stands: bool
    campaign: Mapping[str, Any] | None
    notes: tuple[Note, ...]


def ensure_tryable(known: Session, trial: Trial, journey: Journey) -> None:
    """Raises `NotTried` for what cannot begin."""
    _begins(known, trial, journey)


def _begins(known: Session, trial: Trial, journey: Journey) -> _Begin:
    creditor_id = trial.creditor_id
    if trial.customer_id is not None:
        creditor_id = creditor_of(known, trial.customer_id)
    query = select(_CREDITOR).where(_CREDITOR.c.id == creditor_id)
    row = known.connection().execute(query).mappings().first()
    if row is None:
        raise NotTried("no_creditor")
    creditor = {str(name): value for name, value in row.items()}
    today = day_of(trial.now, creditor["zone"])
    starts_on = trial.starts_on or _first_day(known, trial, journey, today)
    stands = trial.customer_id is not None and starts_on >= today
    morning = start_of(starts_on, creditor["zone"])
    campaign = campaign_of(known, creditor_id, trial.name, trial.customer_id)
    begins_at = max(morning, trial.now) if stands else morning
    notes = notes_of(
        known, creditor_id, trial.customer_id, campaign["id"] if campaign else None,
        stands_at=trial.now if stands else None,
    )  # fmt: skip
    return _Begin(creditor, starts_on, begins_at, stands, campaign, tuple(notes))


def _first_day(known: Session, trial: Trial, journey: Journey, today: date) -> date:
    """Today, where the customer stands; else such that the whole journey is seen."""
    if trial.customer_id is None:
        raise NotTried("no_day")
    due_on = first_due(known, trial.customer_id)
    if stands_somewhere(known, trial.customer_id, trial.name):
        return today
    return due_on + timedelta(days=first_offset(journey))


def _dress(known: Session, session: Session, trial: Trial, journey: Journey, begin: _Begin) -> None:
    """What is published, with the drafts under trial in its place; the campaign; the senders."""
    starts_at, creditor = begin.at, begin.creditor
    for kind in _KINDS:
        hashes = current(known, kind)
        texts = contents(known, hashes.values())
        of = {"kind": kind, "published_at": starts_at}
        named = {digest: {**of, "name": name, "hash": digest} for name, digest in hashes.items()}
        texted = [{**row, "content": texts[digest]} for digest, row in named.items()]
        insert_rows(session, Revision, texted)
        current_ones = [{**of, "name": n, "hash": d, "sequence": 1} for n, d in hashes.items()]
        insert_rows(session, Publication, current_ones)
    drafts = [("template", name, text) for name, text in trial.words.items()]
    publish_all(session, [("journey", trial.name, trial.text), *drafts], now=starts_at)
    book = {} if Note.STALE in begin.notes else _BOOK_FRESH
    insert_rows(session, Creditor, [{**creditor, **book, "ledger_revision": 0}])
    own = creditor["id"]
    if begin.stands:
        bring_halts(known, session, own)
    sender = _SENDER_SANDBOXED if begin.stands else {**_SENDER_SANDBOXED, **_SENDER_FRESH}
    for model, fresh in ((Sender, sender), (MediumPrior, {}), (Offer, {})):
        table = table_of(model)
        found = known.connection().execute(select(table).where(table.c.creditor_id == own))
        insert_rows(session, model, [{**row, **fresh} for row in found.mappings()])
    insert_rows(session, Campaign, [_campaign(begin, trial.name, journey)])


def _campaign(begin: _Begin, name: str, journey: Journey) -> dict[str, Any]:
    """The creditor's own with this journey, if there is one: what is drawn for a customer is drawn
    by its name. Whoever is tried belongs to its audience."""
    of = {"creditor_id": begin.creditor["id"], "name": name, "journey": name}
    told = {name: begin.campaign[name] for name in ("id", "name")} if begin.campaign else {}
    return {**of, **told, "subject": str(journey.subject)}


def _cast(known: Session, session: Session, trial: Trial, journey: Journey, begin: _Begin) -> None:
    if trial.customer_id is not None:
        campaign_id = begin.campaign["id"] if begin.campaign else None
        bring(
            known, session, trial.customer_id, begin.at,
            stands=begin.stands, campaign_id=campaign_id,
        )  # fmt: skip
    else:
        due_on = begin.on - timedelta(days=first_offset(journey))
        bring_sample(session, trial.sample, begin.creditor, due_on, begin.at)
    if trial.locale is not None:
        session.connection().execute(_CUSTOMER.update().values(locale=trial.locale))


def _settle_subject(session: Session, journey: Journey, begin: _Begin) -> int:
    """Gives the customer what the journey is about, where that is more than an invoice and they
    have none: a year that is over, a plan, a charge that failed. Answers who it is."""
    customer_id: int = session.connection().scalars(select(_CUSTOMER.c.id)).one()
    if journey.anchor is AnchorKind.ANNIVERSARY and not begin.stands:
        year_ago = {"created_at": begin.at - _YEAR}
        session.connection().execute(_CUSTOMER.update().values(year_ago))
    if journey.subject is SubjectKind.PLAN and not _has(session, _PLAN.c.state == "running"):
        agree(session, customer_id, begin.on, begin.at)
    charged = _SUBSCRIPTION.c.open_invoice_id.is_not(None)
    if journey.subject is SubjectKind.SUBSCRIPTION and not _has(session, charged):
        _decline(session, customer_id, begin.on, begin.at)
    return customer_id


def _has(session: Session, which: ColumnElement[bool]) -> bool:
    return bool(session.connection().scalar(select(exists().where(which))))


def agree(session: Session, customer_id: int, today: date, now: datetime) -> None:
    """A plan in three monthly parts for all that is open in the currency of the oldest invoice."""
    query = select(_INVOICE).where(_INVOICE.c.open_minor > 0).order_by(_INVOICE.c.due_on)
    owed = session.connection().execute(query).all()
    currency = owed[0].currency
    total = sum(row.open_minor for row in owed if row.currency == currency)
    shares = [total // PLAN_PARTS] * (PLAN_PARTS - 1)
    shares.append(total - sum(shares))
    parts = [
        Part(Money(share, currency), today + timedelta(days=30 * number))
        for number, share in enumerate(shares, 1)
    ]
    agree_plan(
        session, customer_id=customer_id, parts=parts, agreed_by=MadeBy.STAFF, now=now,
        bounds=_wide(),
    )  # fmt: skip


def _wide() -> PlanEnvelope:
    return replace(PlanEnvelope(), most_parts=PLAN_PARTS)


def _decline(session: Session, customer_id: int, starts_on: date, starts_at: datetime) -> None:
    query = select(_INVOICE).order_by(_INVOICE.c.due_on, _INVOICE.c.id).limit(1)
    owed = session.connection().execute(query).one()
    row = {
        "creditor_id": owed.creditor_id, "customer_id": customer_id, "external_id": "tried",
        "name": owed.number, "currency": owed.currency, "amount_minor": owed.open_minor,
        "card_state": "declined", "declined_on": starts_on, "open_invoice_id": owed.id,
        "changed_at": starts_at,
    }  # fmt: skip
    insert_rows(session, Subscription, [row])
