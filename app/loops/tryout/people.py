"""Who a journey is tried on: a customer of the book as a scratch database may know them, or a
sample who owes one invoice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, SQLModel

from app.loops.tryout.asked import NotTried
from app.store.bulk import insert_rows
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import (
    Address,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    Invoice,
    Person,
    Suppression,
)

_CUSTOMER, _INVOICE, _POINT = table_of(Customer), table_of(Invoice), table_of(ContactPoint)
_PERSON, _ADDRESS, _CONTACT = table_of(Person), table_of(Address), table_of(Contact)
_CONSENT, _SUPPRESSION = table_of(Consent), table_of(Suppression)

SAMPLE_ID = 1
_AMOUNT = 24_000
_MAIL = "customer@sample.example"


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    country: str
    zone: str
    phone: str
    email: str


SAMPLES: Mapping[str, _Sample] = MappingProxyType(
    {
        "en": _Sample("Dana Reed", "GB", "Europe/London", "+447400000001", _MAIL),
        "he": _Sample("דנה לוי", "IL", "Asia/Jerusalem", "+972520000001", _MAIL),
        "ar": _Sample("لينا حداد", "IL", "Asia/Jerusalem", "+972520000002", _MAIL),
        "lt": _Sample("Rūta Kazienė", "LT", "Europe/Vilnius", "+37060000001", _MAIL),
    }
)
"""One for each language of the console, by it: consents to all media, owes one invoice."""


def bring(known: Session, session: Session, customer_id: int, starts_at: datetime) -> None:
    """Puts a customer of the book into the scratch database, under their own ids: who they are,
    how they may be reached, and what they owe. Nothing of it is newer there than `starts_at`.

    What they arranged (promises, plans, disputes, holds) is left out: it may be tried. Raises
    `NotTried`.
    """
    customer = _first(known, Customer, _CUSTOMER.c.id == customer_id)
    if customer is None or customer["erased_at"] is not None:
        raise NotTried("no_customer")
    points = list(_rows(known, ContactPoint, _POINT.c.customer_id == customer_id))
    addresses = {point["address_id"] for point in points}
    theirs: Mapping[type[SQLModel], ColumnElement[bool]] = {
        Person: _PERSON.c.id == customer["person_id"],
        Customer: _CUSTOMER.c.id == customer_id,
        Contact: _CONTACT.c.customer_id == customer_id,
        Address: _ADDRESS.c.id.in_(addresses),
        ContactPoint: _POINT.c.customer_id == customer_id,
        Consent: _CONSENT.c.customer_id == customer_id,
        Suppression: _SUPPRESSION.c.address_id.in_(addresses) & _SUPPRESSION.c.lifted_at.is_(None),
        Invoice: (_INVOICE.c.customer_id == customer_id) & (_INVOICE.c.open_minor > NOTHING),
    }
    for model, where in theirs.items():
        rows = [_as_of(row, starts_at) for row in _rows(known, model, where)]
        if model is Invoice and not rows:
            raise NotTried("owes_nothing")
        insert_rows(session, model, rows)


def bring_sample(
    session: Session, language: str, creditor: Mapping[str, Any], due_on: date, starts_at: datetime
) -> None:
    """Puts the sample of a language there, with an invoice that falls due on `due_on`."""
    sample = SAMPLES[language]
    own = {"id": SAMPLE_ID, "creditor_id": creditor["id"], "person_id": SAMPLE_ID}
    words = {"external_id": "SAMPLE", "name": sample.name, "locale": language}
    place = {"country": sample.country, "zone": sample.zone, "created_at": starts_at}
    insert_rows(session, Person, [{"id": SAMPLE_ID, "key": "sample"}])
    insert_rows(session, Customer, [{**own, **words, **place}])
    addresses = (("phone", sample.phone), ("email", sample.email))
    numbered = [
        {"id": number, "kind": kind, "value": value}
        for number, (kind, value) in enumerate(addresses, 1)
    ]
    insert_rows(session, Address, numbered)
    for medium, address_id in (("sms", 1), ("whatsapp", 1), ("email", 2)):
        reach = {"customer_id": SAMPLE_ID, "medium": medium, "address_id": address_id}
        insert_rows(session, ContactPoint, [reach])
        told = {"given": True, "at": starts_at, "source": "contract", "method": "written"}
        insert_rows(session, Consent, [{"customer_id": SAMPLE_ID, "medium": medium, **told}])
    owed = {"currency": creditor["currency"], "amount_minor": _AMOUNT, "open_minor": _AMOUNT}
    named = {"external_id": "1001", "number": "1001", "due_on": due_on, "known_at": starts_at}
    of = {"id": 1, "creditor_id": creditor["id"], "customer_id": SAMPLE_ID}
    insert_rows(session, Invoice, [{**of, **named, **owed, "issued_on": due_on - timedelta(30)}])


def first_due(session: Session, customer_id: int) -> date | None:
    """When the oldest invoice that a customer owes fell due."""
    query = select(_INVOICE.c.due_on).where(
        _INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > NOTHING
    )
    return session.connection().scalar(query.order_by(_INVOICE.c.due_on).limit(1))


_UNKNOWN: Mapping[type[SQLModel], Mapping[str, Any]] = MappingProxyType(
    {
        Person: {"revision": 0},
        Customer: {"ledger_revision": 0, "ledger_changed_at": None},
        ContactPoint: {"asked": 0, "answered": 0},
    }
)
_DATED = ("at", "created_at", "known_at", "recorded_at", "looked_up_at")


def _as_of(row: dict[str, Any], starts_at: datetime) -> dict[str, Any]:
    """A row that nobody learns of later than at the beginning."""
    dated = {name: min(row[name], starts_at) for name in _DATED if row.get(name) is not None}
    owed = {"amount_minor": row["open_minor"]} if "open_minor" in row else {}
    return {**row, **dated, **owed}


def _rows(
    session: Session, model: type[SQLModel], where: ColumnElement[bool]
) -> Iterator[dict[str, Any]]:
    table = table_of(model)
    query = select(table).where(where).order_by(table.c.id)
    for row in session.connection().execute(query).mappings():
        yield {**row, **_UNKNOWN.get(model, {})}


def _first(
    session: Session, model: type[SQLModel], where: ColumnElement[bool]
) -> Mapping[str, Any] | None:
    return next(_rows(session, model, where), None)
