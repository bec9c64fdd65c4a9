"""The field that the drill is fought on: a creditor, one short journey, and people in waves.

Everything is due at once, and there are no packs of rules: what is tested is the way of a message,
not when it may go. Each person has one number, so that any stop of theirs stops all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never

from sqlalchemy import select
from sqlmodel import Session

from app.book.ledger import InvoiceIn, PaymentIn, post_payment, upsert_invoices
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.promises import MadeBy, make_promise
from app.store.bulk import insert_returning_ids, insert_rows, table_of
from app.store.publishing import publish
from app.store.rows import (
    Address,
    Campaign,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Person,
    Sender,
)
from campaigns.keys import derive
from campaigns.money import Money
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium

SECRET: Final = b"the drill's links lead nowhere at all"
BASE_URL: Final = "https://drill.invalid"
CURRENCY: Final = "EUR"
OWED: Final = Money(12_345, CURRENCY)
JOURNEY: Final = """\
journey: drill
title: Four messages, one after the other
subject: customer

steps:
  - {id: first, day: 0, send: reminder_first}
  - {id: second, after: 0d, send: reminder_second}
  - {id: third, after: 0d, send: reminder_third}
  - {id: fourth, after: 0d, send: offer_help}
  - {id: last, after: 0d, end: exhausted}
"""
_PERSON = table_of(Person)


class StopKind(StrEnum):
    PAYMENT = "payment"
    OPT_OUT = "opt_out"
    DISPUTE = "dispute"
    HOLD = "hold"
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class Fighter:
    """One person who owes one invoice."""

    person_id: int
    customer_id: int
    address_id: int
    invoice_id: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that is committed. `revision` is the person's guard as this stop left it: a gate that
    saw this number, or a higher one, came after it."""

    kind: StopKind
    person_id: int
    revision: int


def lay_out(session: Session, now: datetime, *, provider: str = "sandbox") -> int:
    """Publishes the journey of the drill and makes its creditor, whose id it answers. The words are
    those that Duly ships."""
    publish(session, "journey", "drill", JOURNEY, now=now)
    creditor = {
        "external_id": "drill",
        "name": "Drill",
        "brand": {"person": "Noa Levi", "phone": "+972 4 000 0100"},
        "country": "IL",
        "zone": "Asia/Jerusalem",
        "locale": "en",
        "currency": CURRENCY,
        "ledger_max_age_s": None,
        "created_at": now,
    }
    (creditor_id,) = insert_returning_ids(session, Creditor, [creditor])
    sender = {"medium": "sms", "provider": provider, "address": "+972550099999"}
    rows = [{**sender, "creditor_id": creditor_id, "display_name": "Drill", "per_second": 100.0}]
    insert_rows(session, Sender, rows)
    campaign = {"name": "drill", "subject": "customer", "journey": "drill"}
    insert_rows(session, Campaign, [{**campaign, "creditor_id": creditor_id}])
    return creditor_id


def call_up(
    session: Session, creditor_id: int, numbers: range, *, today: date, now: datetime
) -> list[Fighter]:
    """A wave of people; each owes an invoice that was due yesterday."""
    names = [f"D{number}" for number in numbers]
    persons = insert_returning_ids(session, Person, [{"key": name} for name in names])
    customers = insert_returning_ids(
        session,
        Customer,
        [
            _customer(creditor_id, name, person_id, now)
            for name, person_id in zip(names, persons, strict=True)
        ],
    )
    addresses = insert_returning_ids(
        session, Address, [{"kind": "phone", "value": f"+9725500{n:05}"} for n in numbers]
    )
    uses = [
        {"customer_id": customer_id, "address_id": address_id, "medium": "sms"}
        for customer_id, address_id in zip(customers, addresses, strict=True)
    ]
    insert_rows(session, ContactPoint, uses)
    given = {"given": True, "at": now, "source": "contract", "method": "written"}
    insert_rows(session, Consent, [{**given, **use} for use in uses])
    due_on = today - timedelta(days=1)
    upserted = upsert_invoices(
        session,
        creditor_id,
        [InvoiceIn(c, name, OWED, due_on) for c, name in zip(customers, names, strict=True)],
        now=now,
    )
    invoices = [invoice_id for invoice_id in upserted.ids if invoice_id is not None]
    return [Fighter(*ids) for ids in zip(persons, customers, addresses, invoices, strict=True)]


def stop(session: Session, kind: StopKind, of: Fighter, *, today: date, now: datetime) -> Stop:
    """Says stop in one of the ways that customers have, by the functions that production uses."""
    match kind:
        case StopKind.PAYMENT:
            key = derive("drill", of.customer_id)
            payment = PaymentIn(key, of.customer_id, OWED, paid_on=today, received_at=now)
            post_payment(session, payment, now=now)
        case StopKind.OPT_OUT:
            said = StopSaid(StopAct.REPLY, Medium.SMS, "drill")
            opt_out(session, said, address_id=of.address_id, now=now)
        case StopKind.DISPUTE:
            dispute_invoice(
                session, customer_id=of.customer_id, invoice_id=of.invoice_id,
                kind=DisputeKind.OTHER, words=None, now=now,
            )  # fmt: skip
        case StopKind.HOLD:
            report_hardship(
                session, customer_id=of.customer_id, kind="hardship", words=None, now=now
            )
        case StopKind.PROMISE:
            make_promise(
                session, customer_id=of.customer_id, amount=OWED,
                due_on=today + timedelta(days=9), made_by=MadeBy.PAGE, now=now,
            )  # fmt: skip
        case _:
            assert_never(kind)
    query = select(_PERSON.c.revision).where(_PERSON.c.id == of.person_id)
    return Stop(kind, of.person_id, session.connection().execute(query).scalar_one())


def _customer(creditor_id: int, name: str, person_id: int, now: datetime) -> dict[str, Any]:
    return {
        "creditor_id": creditor_id,
        "person_id": person_id,
        "external_id": name,
        "name": f"Person {name}",
        "locale": "en",
        "country": "IL",
        "zone": "Asia/Jerusalem",
        "created_at": now,
    }
