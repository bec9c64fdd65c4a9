"""The walk as a good loop over the ORM does it: rows are objects, and each case commits alone.

It joins and loads what a page of cases needs at once, nothing expires on commit, and `decide` is
the engine's. It reads what it could find in a book like the bench's, and writes the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, select

from app.book.addresses import area_of
from app.book.cases import state_of
from app.book.disputes import CARVED_OUT
from app.book.snapshot import Snapshot
from app.book.snapshot_channels import word_of
from app.book.snapshot_parts import CONTACT_MEMORY
from app.engine.catalogue import Catalogue
from app.engine.looks import Look
from app.engine.walk import BATCH
from app.store.engines import Database
from app.store.rows import (
    Address,
    Attempt,
    Campaign,
    Case,
    CaseSignal,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Event,
    Hold,
    Invoice,
    Message,
    Notice,
    Plan,
    Promise,
    Sender,
    Suppression,
)
from campaigns.advance import advance
from campaigns.calendar import local_date
from campaigns.facts import ChannelFact, Facts, InvoiceFact
from campaigns.money import Money
from campaigns.vocabulary import CustomerKind, DebtClass, Medium, SenderRole

_Due = tuple[Case, Customer, Creditor, Campaign]


class Unforeseen(LookupError):
    """The book holds what this loop does not read; give it that, or leave it out of the crowd."""


def run_loop(database: Database, cases: int, now: datetime) -> int:
    """Walks so many cases that are due. Answers how many those were."""
    catalogue, done = Catalogue(), 0
    with Session(database.engine, expire_on_commit=False) as session:
        catalogue.refresh(session)
        while done < cases and (page := _page(session, now, min(BATCH, cases - done))):
            known = _Known.of(session, page, now)
            session.commit()
            for due in page:
                _walk(session, due, known, catalogue, now)
                session.commit()
            done += len(page)
            session.expunge_all()
    return done


def _page(session: Session, now: datetime, limit: int) -> Sequence[_Due]:
    return session.exec(
        select(Case, Customer, Creditor, Campaign)
        .join(Customer, col(Customer.id) == Case.customer_id)
        .join(Creditor, col(Creditor.id) == Case.creditor_id)
        .join(Campaign, col(Campaign.id) == Case.campaign_id)
        .where(Case.phase != "closed", col(Case.look_at) <= now)
        .order_by(col(Case.look_at), col(Case.id))
        .limit(limit)
    ).all()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the customers of a page have, by customer."""

    invoices: Mapping[int, list[Invoice]]
    points: Mapping[int, list[tuple[ContactPoint, Address]]]
    consents: Mapping[tuple[int, str], Consent]
    senders: Mapping[tuple[int, str], Sender]

    @classmethod
    def of(cls, session: Session, page: Sequence[_Due], now: datetime) -> _Known:
        customers = [case.customer_id for case, *_ in page]
        invoices: dict[int, list[Invoice]] = defaultdict(list)
        points: dict[int, list[tuple[ContactPoint, Address]]] = defaultdict(list)
        theirs = col(Invoice.customer_id).in_(customers)
        for invoice in session.exec(select(Invoice).where(theirs, Invoice.open_minor > 0)):
            invoices[invoice.customer_id].append(invoice)
        for point, address in session.exec(
            select(ContactPoint, Address)
            .join(Address, col(Address.id) == ContactPoint.address_id)
            .where(col(ContactPoint.customer_id).in_(customers), ContactPoint.active)
        ):
            points[point.customer_id].append((point, address))
        consents = session.exec(
            select(Consent)
            .where(col(Consent.customer_id).in_(customers))
            .order_by(col(Consent.at), col(Consent.id))
        )
        creditors = {case.creditor_id for case, *_ in page}
        senders = session.exec(select(Sender).where(col(Sender.creditor_id).in_(creditors)))
        _expect_nothing_else(session, page, points, now)
        return cls(
            invoices,
            points,
            {(one.customer_id, one.medium): one for one in consents},
            {(one.creditor_id, one.medium): one for one in senders},
        )


def _expect_nothing_else(
    session: Session,
    page: Sequence[_Due],
    points: Mapping[int, Sequence[tuple[ContactPoint, Address]]],
    now: datetime,
) -> None:
    """Looks for all else that a decision asks about."""
    cases = [case.id for case, *_ in page]
    customers = [case.customer_id for case, *_ in page]
    persons = [case.person_id for case, *_ in page]
    addresses = [address.id for found in points.values() for _, address in found]
    lately = col(Attempt.gated_at) > now - CONTACT_MEMORY
    asked: Sequence[tuple[type[SQLModel], Sequence[ColumnElement[bool]]]] = (
        (Attempt, (col(Attempt.person_id).in_(persons), lately, col(Attempt.state) != "void")),
        (Hold, (col(Hold.person_id).in_(persons), col(Hold.released_at).is_(None))),
        (Promise, (col(Promise.customer_id).in_(customers),)),
        (Plan, (col(Plan.customer_id).in_(customers), col(Plan.state) == "running")),
        (Dispute, (col(Dispute.customer_id).in_(customers), col(Dispute.state).in_(CARVED_OUT))),
        (Notice, (col(Notice.customer_id).in_(customers),)),
        (
            Suppression,
            (col(Suppression.address_id).in_(addresses), col(Suppression.lifted_at).is_(None)),
        ),
        (CaseSignal, (col(CaseSignal.case_id).in_(cases), col(CaseSignal.handled_at).is_(None))),
    )
    for model, where in asked:
        if session.exec(select(model).where(*where)).first() is not None:
            raise Unforeseen(f"the bench's loop does not read {model.__name__}; teach it to")


def _walk(session: Session, due: _Due, known: _Known, catalogue: Catalogue, now: datetime) -> None:
    case, _, creditor, campaign = due
    row = {**case.model_dump(), "subject": campaign.subject}
    zone = ZoneInfo(creditor.zone)
    digest, journey = catalogue.journey(campaign.journey)
    facts = _facts(due, known, now)
    state = state_of(row)
    advanced = advance(state, facts, journey, catalogue.policy(case.creditor_id), now)
    look = Look.of(Snapshot(row, state, facts, campaign.journey, zone), digest, advanced, now)
    session.add_all(Message(**message) for message in look.messages)
    session.add_all(Event(**event) for event in look.events)
    for name, value in look.case.items():
        if getattr(case, name) != value:
            setattr(case, name, value)


def _facts(due: _Due, known: _Known, now: datetime) -> Facts:
    case, customer, creditor, _ = due
    today = local_date(now, ZoneInfo(creditor.zone))
    invoices = tuple(
        InvoiceFact(
            id=one.id or 0,
            number=one.number,
            open=Money(one.open_minor, one.currency),
            due_on=one.due_on,
            debt_class=DebtClass(one.debt_class),
            limitation_on=one.limitation_on,
        )
        for one in known.invoices[case.customer_id]
        if one.due_on <= today
    )
    return Facts(
        creditor_id=case.creditor_id,
        customer_id=case.customer_id,
        person_id=case.person_id,
        locale=customer.locale or creditor.locale,
        country=customer.country or customer.postal.get("country"),
        region=customer.region or customer.postal.get("region"),
        city=customer.postal.get("city"),
        postcode=customer.postal.get("postcode"),
        hours=customer.hours,
        zones=(customer.zone,) if customer.zone else (),
        kind=CustomerKind(customer.kind),
        role=SenderRole(creditor.role),
        sector=creditor.sector,
        invoices=invoices,
        anchor_open=any(one.id == case.anchor_invoice_id for one in invoices),
        channels=tuple(
            _channel(case, point, address, known)
            for point, address in known.points[customer.id or 0]
        ),
        ledger_as_of=creditor.ledger_as_of,
        custom=customer.custom,
    )


def _channel(case: Case, point: ContactPoint, address: Address, known: _Known) -> ChannelFact:
    sender = known.senders[case.creditor_id, point.medium]
    consent = known.consents[case.customer_id, point.medium]
    word = word_of(given=consent.given, at=consent.at, method=consent.method)
    return ChannelFact(
        contact_point_id=point.id or 0,
        address_id=point.address_id,
        medium=Medium(point.medium),
        sender_id=sender.id,
        provider=sender.provider,
        stands_for=sender.provider,
        two_way=sender.two_way,
        valid=address.valid,
        consent=word.state,
        consent_at=word.at,
        consent_written=word.is_written,
        zones=(address.zone,) if address.zone else (),
        asked=point.asked,
        answered=point.answered,
        area=area_of(address.value),
    )
