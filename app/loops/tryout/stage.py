"""The scratch database on which a journey is tried, and the loops that run on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from app.book.days import start_of
from app.book.envelope import PlanEnvelope
from app.clock import VirtualClock
from app.delivery.approving import Approver
from app.delivery.dispatch import Addresses
from app.engine.catalogue import Catalogue
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.loops.assembly import Loops, assemble
from app.loops.tryout import people
from app.loops.tryout.asked import NotTried, Trial
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.publishing import contents, current, publish
from app.store.rows import (
    Campaign,
    Creditor,
    Customer,
    Invoice,
    MediumPrior,
    Publication,
    Revision,
    Sender,
    Subscription,
)
from campaigns.journey import Day, Journey
from campaigns.money import Money
from campaigns.vocabulary import AnchorKind, Medium, SubjectKind
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from channels.seam import Channel

_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
_INVOICE, _CAMPAIGN = table_of(Invoice), table_of(Campaign)
PLAN_PARTS = 3
_KINDS = ("journey", "pack", "template")
_YEAR = timedelta(days=365)
_LETTING: Mapping[Medium, type[SandboxSms | SandboxEmail | SandboxWhatsapp]] = {
    Medium.SMS: SandboxSms,
    Medium.EMAIL: SandboxEmail,
    Medium.WHATSAPP: SandboxWhatsapp,
}
"""What a creditor is to a trial: never late with its book, and with the sandbox for a provider."""
_CREDITOR_FRESH = {"ledger_as_of": None, "ledger_max_age_s": None, "ledger_revision": 0}
_SENDER_FRESH = {
    "provider": "sandbox", "per_second": 1_000_000.0, "free_at": None, "errors_in_row": 0,
    "paused_until": None, "pause_reason": None, "probe_until": None, "full_until": None,
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
        creditor, starts_on = _begins(known, trial, journey)
        starts_at = start_of(starts_on, creditor["zone"])
        database = _tables(folder / "tried.sqlite3")
        with database.write() as session:
            _dress(known, session, trial, journey, creditor, starts_at)
            _cast(known, session, trial, journey, creditor, starts_on)
            customer_id = _settle_subject(session, journey, starts_on, starts_at)
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
        creditor["zone"],
        starts_on,
        Approver(Catalogue(), addresses.base_url),
    )


def first_offset(journey: Journey) -> int:
    """The day of the first step, where it is before the anchor; else 0."""
    first = journey.steps[0].anchor if journey.steps else Day(0)
    return min(0, first.offset) if isinstance(first, Day) else 0


def _tables(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    SQLModel.metadata.create_all(database.engine)
    return database


def _begins(known: Session, trial: Trial, journey: Journey) -> tuple[Mapping[str, Any], date]:
    """The creditor, and the first day: as it was asked, or such that the whole journey is seen."""
    creditor_id = trial.creditor_id
    if trial.customer_id is not None:
        query = select(_CUSTOMER.c.creditor_id).where(_CUSTOMER.c.id == trial.customer_id)
        creditor_id = known.connection().scalar(query) or 0
    query = select(_CREDITOR).where(_CREDITOR.c.id == creditor_id)
    row = known.connection().execute(query).mappings().first()
    if row is None:
        raise NotTried("no_creditor")
    creditor = {str(name): value for name, value in row.items()}
    if trial.starts_on is not None:
        return creditor, trial.starts_on
    due_on = people.first_due(known, trial.customer_id) if trial.customer_id is not None else None
    if due_on is None:
        raise NotTried("owes_nothing" if trial.customer_id is not None else "no_day")
    return creditor, due_on + timedelta(days=first_offset(journey))


def _dress(
    known: Session,
    session: Session,
    trial: Trial,
    journey: Journey,
    creditor: Mapping[str, Any],
    starts_at: datetime,
) -> None:
    """What is published, with the journey under trial in its place; its campaign; the senders."""
    for kind in _KINDS:
        hashes = current(known, kind)
        texts = contents(known, hashes.values())
        of = {"kind": kind, "published_at": starts_at}
        named = {digest: {**of, "name": name, "hash": digest} for name, digest in hashes.items()}
        texted = [{**row, "content": texts[digest]} for digest, row in named.items()]
        insert_rows(session, Revision, texted)
        current_ones = [{**of, "name": n, "hash": d, "sequence": 1} for n, d in hashes.items()]
        insert_rows(session, Publication, current_ones)
    publish(session, "journey", trial.name, trial.text, now=starts_at)
    insert_rows(session, Creditor, [{**creditor, **_CREDITOR_FRESH}])
    own = creditor["id"]
    for model, fresh in ((Sender, _SENDER_FRESH), (MediumPrior, {})):
        table = table_of(model)
        found = known.connection().execute(select(table).where(table.c.creditor_id == own))
        insert_rows(session, model, [{**row, **fresh} for row in found.mappings()])
    insert_rows(session, Campaign, [_campaign(known, trial.name, journey, own)])


def _campaign(known: Session, name: str, journey: Journey, creditor_id: int) -> dict[str, Any]:
    """Under the name of the creditor's own campaign with this journey, if there is one: what is
    drawn for a customer is drawn by it. Whoever is tried belongs to its audience."""
    query = select(_CAMPAIGN.c.name).where(
        _CAMPAIGN.c.creditor_id == creditor_id, _CAMPAIGN.c.journey == name
    )
    called = known.connection().scalar(query.order_by(_CAMPAIGN.c.id).limit(1)) or name
    of = {"creditor_id": creditor_id, "name": called, "journey": name}
    return {**of, "subject": str(journey.subject)}


def _cast(
    known: Session,
    session: Session,
    trial: Trial,
    journey: Journey,
    creditor: Mapping[str, Any],
    starts_on: date,
) -> None:
    starts_at = start_of(starts_on, creditor["zone"])
    if trial.customer_id is not None:
        people.bring(known, session, trial.customer_id, starts_at)
    else:
        due_on = starts_on - timedelta(days=first_offset(journey))
        people.bring_sample(session, trial.sample, creditor, due_on, starts_at)
    if trial.locale is not None:
        session.connection().execute(_CUSTOMER.update().values(locale=trial.locale))


def _settle_subject(
    session: Session, journey: Journey, starts_on: date, starts_at: datetime
) -> int:
    """Gives the customer what the journey is about, where that is more than an invoice: a year
    that is over, a plan, a charge that failed. Answers who it is."""
    customer_id: int = session.connection().scalars(select(_CUSTOMER.c.id)).one()
    if journey.anchor is AnchorKind.ANNIVERSARY:
        year_ago = {"created_at": starts_at - _YEAR}
        session.connection().execute(_CUSTOMER.update().values(year_ago))
    if journey.subject is SubjectKind.PLAN:
        agree(session, customer_id, starts_on, starts_at)
    if journey.subject is SubjectKind.SUBSCRIPTION:
        _decline(session, customer_id, starts_on, starts_at)
    return customer_id


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
