"""Plain functions that put rows into a database. Each fills in what a test does not care about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import SQLModel

from app.store.bulk import insert_returning_ids
from app.store.engines import Database
from app.store.rows import (
    Address,
    Campaign,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Invoice,
    Person,
    Sender,
)

NOON = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)  # a Monday, 12:00 in Haifa and in Vilnius


def add(database: Database, model: type[SQLModel], **columns: Any) -> int:
    """One row; answers its id."""
    with database.write() as session:
        return insert_returning_ids(session, model, [columns])[0]


def add_creditor(database: Database, **columns: Any) -> int:
    """A creditor in Haifa with a two-way sender on each medium."""
    creditor_id = add(
        database,
        Creditor,
        **{
            "external_id": "carmel",
            "name": "Carmel Water",
            "brand": {"person": "Noa Levi", "phone": "+972 4 855 0100"},
            "country": "IL",
            "zone": "Asia/Jerusalem",
            "locale": "he",
            "currency": "ILS",
            "ledger_max_age_s": None,
            "created_at": NOON,
            **columns,
        },
    )
    for medium, address in (
        ("sms", "+972520000000"),
        ("email", "noa@carmel.example"),
        ("whatsapp", "+972520000000"),
    ):
        add(
            database,
            Sender,
            creditor_id=creditor_id,
            medium=medium,
            provider="sandbox",
            address=address,
            display_name="Carmel Water",
            per_second=1000.0,
        )
    return creditor_id


def add_campaign(database: Database, creditor_id: int, **columns: Any) -> int:
    return add(
        database,
        Campaign,
        **{
            "creditor_id": creditor_id,
            "name": "gentle",
            "subject": "customer",
            "journey": "consumer_gentle",
            **columns,
        },
    )


def add_customer(
    database: Database,
    creditor_id: int,
    name: str = "C1",
    *,
    email: str | None = None,
    phone: str | None = None,
    person: str | None = None,
    **columns: Any,
) -> int:
    """A customer with consent on every address given."""
    person_key = person or f"person-{name}"
    with database.read() as session:
        found = session.connection().exec_driver_sql("SELECT id, key FROM person").all()
    known = {row.key: row.id for row in found}
    person_id = known.get(person_key) or add(database, Person, key=person_key)
    customer_id = add(
        database,
        Customer,
        **{
            "creditor_id": creditor_id,
            "person_id": person_id,
            "external_id": name,
            "name": f"Customer {name}",
            "locale": "en",
            "country": "IL",
            "zone": "Asia/Jerusalem",
            "created_at": NOON,
            **columns,
        },
    )
    for kind, value, media in (
        ("email", email, ("email",)),
        ("phone", phone, ("sms", "whatsapp")),
    ):
        if value is not None:
            add_address(database, customer_id, kind, value, media)
    return customer_id


def add_address(
    database: Database, customer_id: int, kind: str, value: str, media: tuple[str, ...]
) -> int:
    address_id = add(database, Address, kind=kind, value=value)
    for medium in media:
        add(
            database,
            ContactPoint,
            customer_id=customer_id,
            address_id=address_id,
            medium=medium,
        )
        add(
            database,
            Consent,
            customer_id=customer_id,
            medium=medium,
            given=True,
            at=NOON,
            source="contract",
            method="written",
        )
    return address_id


def add_invoice(
    database: Database,
    customer_id: int,
    number: str = "INV-1",
    *,
    amount: int = 24050,
    due_on: date = date(2026, 6, 1),
    **columns: Any,
) -> int:
    """An open invoice; `amount` in minor units."""
    with database.read() as session:
        customer = session.get(Customer, customer_id)
        assert customer is not None
    return add(
        database,
        Invoice,
        **{
            "creditor_id": customer.creditor_id,
            "customer_id": customer_id,
            "external_id": number,
            "number": number,
            "currency": "ILS",
            "amount_minor": amount,
            "open_minor": amount,
            "due_on": due_on,
            "known_at": NOON,
            **columns,
        },
    )
