"""The field that the drill is fought on: a creditor for each way out, one short journey, and people
in waves.

Everything is due at once, and there are no packs of rules: what is tested is the way of a message,
not when it may go. Each person has one address, so that any stop of theirs stops all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from app.book.ledger import InvoiceIn, upsert_invoices
from app.book.on_call import waive
from app.book.signoffs import sign
from app.store.bulk import insert_returning_ids, insert_rows
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
from app.wording.crisis import crisis_row
from campaigns.money import Money
from campaigns.vocabulary import Medium

SECRET: Final = b"the drill's links lead nowhere at all"
BASE_URL: Final = "https://drill.invalid"
CURRENCY: Final = "EUR"
OWED: Final = Money(12_345, CURRENCY)
LOCALE: Final = "en"
COUNTRY: Final = "IL"
TEMPLATES: Final = ("reminder_first", "reminder_second", "reminder_third", "offer_help")
JOURNEY: Final = """\
journey: drill
title: Four messages, one after the other; the third wants a word
subject: customer

steps:
  - {id: first, day: 0, send: reminder_first}
  - {id: second, after: 0d, send: reminder_second}
  - {id: third, after: 0d, send: reminder_third, approval: finance, valid_for: 1d}
  - {id: fourth, after: 0d, send: offer_help}
  - {id: last, after: 0d, end: exhausted}
"""


@dataclass(frozen=True, slots=True)
class Route:
    """One way out: a medium by a provider. Each has a creditor of its own."""

    medium: Medium
    provider: str

    @property
    def name(self) -> str:
        return f"{self.medium}_{self.provider}"

    @property
    def sender(self) -> str:
        return "noa@drill.example" if self.medium is Medium.EMAIL else "+972550099999"

    @property
    def replies_to(self) -> str | None:
        """Who reads what is answered to a mail."""
        return f"answers@{self.provider}.drill.example" if self.medium is Medium.EMAIL else None

    def address(self, number: int) -> dict[str, str]:
        if self.medium is Medium.EMAIL:
            return {"kind": "email", "value": f"d{number}@people.example"}
        return {"kind": "phone", "value": f"+9725500{number:05}"}


SANDBOX: Final = Route(Medium.SMS, "sandbox")


@dataclass(frozen=True, slots=True)
class Ground:
    """A route and its creditor."""

    route: Route
    creditor_id: int


@dataclass(frozen=True, slots=True)
class Fighter:
    """One person who owes one invoice, and by which route they are written to."""

    route: Route
    person_id: int
    customer_id: int
    address_id: int
    invoice_id: int
    address: str


def lay_out(session: Session, routes: Sequence[Route], now: datetime) -> list[Ground]:
    """Publishes the journey of the drill and makes a creditor for each route. The words are those
    that Duly ships."""
    publish(session, "journey", "drill", JOURNEY, now=now)
    creditors = insert_returning_ids(session, Creditor, [_creditor(r, now) for r in routes])
    grounds = [Ground(*pair) for pair in zip(routes, creditors, strict=True)]
    insert_rows(session, Sender, [_sender(ground) for ground in grounds])
    for creditor_id in creditors:
        waive(session, creditor_id, by="drill", note="nobody is reached", now=now)
        sign(session, creditor_id, [crisis_row(COUNTRY)], by="drill", note="unread", now=now)
    campaign = {"name": "drill", "subject": "customer", "journey": "drill"}
    insert_rows(session, Campaign, [{**campaign, "creditor_id": id_} for id_ in creditors])
    return grounds


def call_up(
    session: Session, ground: Ground, numbers: range, *, today: date, now: datetime
) -> list[Fighter]:
    """A wave of people; each owes an invoice that was due yesterday."""
    route, creditor_id = ground.route, ground.creditor_id
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
    reached = [route.address(number) for number in numbers]
    addresses = insert_returning_ids(session, Address, reached)
    uses = [
        {"customer_id": customer_id, "address_id": address_id, "medium": str(route.medium)}
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
    places = [place["value"] for place in reached]
    return [
        Fighter(route, *ids)
        for ids in zip(persons, customers, addresses, invoices, places, strict=True)
    ]


def _creditor(route: Route, now: datetime) -> dict[str, Any]:
    return {
        "external_id": route.name,
        "name": "Drill",
        "brand": {"person": "Noa Levi", "phone": "+972 4 000 0100"},
        "country": COUNTRY,
        "zone": "Asia/Jerusalem",
        "locale": LOCALE,
        "currency": CURRENCY,
        "ledger_max_age_s": None,
        "created_at": now,
    }


def _sender(ground: Ground) -> dict[str, Any]:
    return {
        "creditor_id": ground.creditor_id,
        "medium": str(ground.route.medium),
        "provider": ground.route.provider,
        "address": ground.route.sender,
        "replies_to": ground.route.replies_to,
        "display_name": "Drill",
        "per_second": 100.0,
    }


def _customer(creditor_id: int, name: str, person_id: int, now: datetime) -> dict[str, Any]:
    return {
        "creditor_id": creditor_id,
        "person_id": person_id,
        "external_id": name,
        "name": f"Person {name}",
        "locale": LOCALE,
        "country": COUNTRY,
        "zone": "Asia/Jerusalem",
        "created_at": now,
    }
