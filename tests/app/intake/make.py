"""A customer with a number, a mailbox, two invoices, an open case and a message that went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text
from sqlmodel import select

from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import (
    Address,
    Attempt,
    Case,
    ContactPoint,
    Customer,
    Message,
    Sender,
)
from channels.delivery import DeliveryStatus, Receipt
from tests.factories import (
    NOON,
    add,
    add_address,
    add_campaign,
    add_creditor,
    add_customer,
    add_invoice,
)

PHONE, MAILBOX, OUR_NUMBER = "+972500000100", "dana@example.com", "+972520000000"
_numbers = count(1)


@dataclass(frozen=True)
class Scene:
    """One customer; `small` owes 24050 agorot, `large` 100000."""

    database: Database
    creditor_id: int
    customer_id: int
    small: int
    large: int
    case_id: int

    @classmethod
    def of(cls, database: Database, **creditor: Any) -> Scene:
        creditor_id = add_creditor(database, **creditor)
        customer_id = add_customer(
            database, creditor_id, phone=PHONE, email=MAILBOX, person="person-1"
        )
        return cls(
            database,
            creditor_id,
            customer_id,
            add_invoice(database, customer_id, "INV-1"),
            add_invoice(database, customer_id, "INV-2", amount=100_000),
            add_case(database, creditor_id, customer_id),
        )

    def rows(self, table: str, where: str = "1=1") -> list[dict[str, Any]]:
        with self.database.read() as session:
            found = session.connection().execute(
                text(f"SELECT * FROM {table} WHERE {where} ORDER BY id")
            )
            return [dict(row._mapping) for row in found]

    def run(self, statement: str) -> None:
        with self.database.write() as session:
            session.connection().execute(text(statement))

    def signals(self) -> list[str]:
        """What the case has been told, in order."""
        return [row["signal"] for row in self.rows("case_signal", f"case_id = {self.case_id}")]

    def tasks(self) -> list[str]:
        return [row["kind"] for row in self.rows("task", "state = 'open'")]

    def guard(self) -> int:
        """The revision of the person's guard."""
        return int(self.rows("person", "key = 'person-1'")[0]["revision"])

    def address(self, value: str = PHONE) -> int:
        return int(self.rows("address", f"value = '{value}'")[0]["id"])


def add_case(database: Database, creditor_id: int, customer_id: int) -> int:
    """An open case that would be looked at in a week."""
    number = next(_numbers)
    with database.read() as session:
        person_id = session.get_one(Customer, customer_id).person_id
    return add(
        database,
        Case,
        key=f"case-{number}",
        campaign_id=add_campaign(database, creditor_id, name=f"campaign-{number}"),
        creditor_id=creditor_id,
        customer_id=customer_id,
        person_id=person_id,
        subject_id=customer_id,
        episode=1,
        anchor_on=date(2026, 6, 1),
        journey_hash="hash",
        since=NOON,
        opened_at=NOON,
        look_at=NOON + timedelta(days=7),
    )


def add_message(
    scene: Scene, *, medium: str = "sms", state: str = "accepted", attempt_state: str = "accepted"
) -> str:
    """A message of the scene's case with one attempt; answers the attempt's key."""
    number, database = next(_numbers), scene.database
    with database.read() as session:
        point = table_of(ContactPoint).c
        found = session.connection().execute(
            select(point.id, point.address_id).where(
                point.customer_id == scene.customer_id, point.medium == medium
            )
        )
        point_id, address_id = found.one()
        sender = table_of(Sender).c
        sender_id = session.connection().scalar(
            select(sender.id).where(
                sender.creditor_id == scene.creditor_id, sender.medium == medium
            )
        )
        person_id = session.get_one(Customer, scene.customer_id).person_id
        recipient = session.get_one(Address, address_id).value
    shared = {
        "creditor_id": scene.creditor_id,
        "person_id": person_id,
        "category": "reminder",
        "slot": f"slot-{number}",
        "medium": medium,
        "address_id": address_id,
        "sender_id": sender_id,
        "valid_until": NOON + timedelta(days=1),
    }
    message_id = add(
        database,
        Message,
        key=f"message-{number}",
        case_id=scene.case_id,
        customer_id=scene.customer_id,
        template="reminder_first",
        origin="day-3/1",
        ordinal=0,
        contact_point_id=point_id,
        state=state,
        due_at=NOON,
        attempts=1,
        created_at=NOON,
        updated_at=NOON,
        accepted_at=NOON if state == "accepted" else None,
        **shared,
    )
    attempt = {"message_id": message_id, "recipient": recipient, "state": attempt_state, **shared}
    return add_attempt(database, 1, **attempt)


def add_attempt(database: Database, number: int, **columns: Any) -> str:
    key = f"attempt-{columns['message_id']}-{number}"
    is_known = columns["state"] == "accepted"
    add(
        database,
        Attempt,
        key=key,
        number=number,
        locale="en",
        template_hash="hash",
        text="Invoice INV-1 is due.",
        gated_at=NOON,
        provider_id=f"SB-{key}" if is_known else None,
        **columns,
    )
    return key


def receipt(key: str, status: str, *, at: datetime = NOON, **changes: Any) -> Receipt:
    told: dict[str, Any] = {
        "receipt_id": f"receipt-{key}-{status}",
        "provider": "sandbox",
        "provider_id": f"SB-{key}",
        "attempt_key": key,
        "status": DeliveryStatus(status),
        "at": at,
    }
    return Receipt(**(told | changes))


def add_namesake(scene: Scene, *, creditor: str = "other", value: str = PHONE) -> int:
    """Another creditor's customer who uses the same number; answers the customer."""
    creditor_id = add_creditor(scene.database, external_id=creditor)
    customer_id = add_customer(scene.database, creditor_id, f"namesake-{creditor}")
    add(
        scene.database,
        ContactPoint,
        customer_id=customer_id,
        address_id=scene.address(value),
        medium="sms",
    )
    add_case(scene.database, creditor_id, customer_id)
    return customer_id


__all__ = ["Scene", "add_address", "add_attempt", "add_case", "add_message", "receipt"]
