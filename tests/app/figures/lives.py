"""What may happen to a few customers: rows put in at given instants, as the product writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from app.store.bulk import insert_returning_ids, update_rows
from app.store.engines import Database
from app.store.rows import Attempt, Case, Message, Payment, Promise, Reply, Sender
from tests.factories import (
    NOON,
    add,
    add_campaign,
    add_creditor,
    add_customer,
    add_invoice,
)


@dataclass(slots=True)
class Lives:
    """A creditor in a zone, its customers, and what happened to them."""

    database: Database
    zone: str = "Asia/Jerusalem"
    name: str = "carmel"
    created_at: datetime = NOON
    creditor_id: int = 0
    customers: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    _case_ids: dict[int, int] = field(default_factory=dict)
    _sender_id: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        database = self.database
        self.creditor_id = add_creditor(
            database, external_id=self.name, zone=self.zone, created_at=self.created_at
        )
        campaign_id = add_campaign(database, self.creditor_id)
        for number, (locale, zone) in enumerate((("he", None), ("en", "Europe/London"))):
            name = f"{self.name}-{number}"
            customer_id = add_customer(
                database,
                self.creditor_id,
                name,
                phone=f"+97250{self.creditor_id:03}{number:04}",
                locale=locale,
                zone=zone,
            )
            self.customers.append(customer_id)
            self._case_ids[customer_id] = self._case(campaign_id, customer_id)
        self._sender_id = add(
            database,
            Sender,
            creditor_id=self.creditor_id,
            medium="sms",
            provider="sandbox",
            address="+97252",
            display_name=self.name,
        )

    def _case(self, campaign_id: int, customer_id: int) -> int:
        return add(
            self.database,
            Case,
            key=f"case-{customer_id}",
            campaign_id=campaign_id,
            creditor_id=self.creditor_id,
            customer_id=customer_id,
            person_id=customer_id,
            subject_id=customer_id,
            episode=1,
            anchor_on=date(2026, 6, 1),
            journey_hash="",
            since=NOON,
            opened_at=self.created_at,
        )

    def send(
        self, customer_id: int, at: datetime, *, medium: str = "sms", state: str = "accepted"
    ) -> int:
        """A message, and the attempt that took it."""
        number = next(self._numbers)
        said = state == "accepted"
        row = {
            "key": f"{self.name}-m{number}",
            "case_id": self._case_ids[customer_id],
            "creditor_id": self.creditor_id,
            "customer_id": customer_id,
            "person_id": customer_id,
            "template": "overdue",
            "category": "reminder",
            "origin": "step:1",
            "slot": f"s{number}",
            "ordinal": 0,
            "medium": medium,
            "contact_point_id": 1,
            "address_id": 1,
            "sender_id": self._sender_id,
            "state": state,
            "reason": None if said else "outside_hours",
            "due_at": at,
            "valid_until": at + timedelta(days=1),
            "attempts": 1,
            "created_at": at,
            "updated_at": at,
            "accepted_at": at if said else None,
            "delivery": "accepted" if said else None,
        }
        attempt = {
            "key": f"{self.name}-a{number}",
            "person_id": customer_id,
            "creditor_id": self.creditor_id,
            "number": 1,
            "state": state,
            "medium": medium,
            "category": "reminder",
            "slot": f"s{number}",
            "sender_id": self._sender_id,
            "address_id": 1,
            "recipient": "+9725",
            "locale": "he" if customer_id == self.customers[0] else "en",
            "template_hash": "",
            "text": "Hello",
            "segments": 2,
            "gated_at": at,
            "valid_until": at + timedelta(days=1),
        }
        with self.database.write() as session:
            message_id = insert_returning_ids(session, Message, [row])[0]
            insert_returning_ids(session, Attempt, [{**attempt, "message_id": message_id}])
        if said:
            self.messages.append(message_id)
        return message_id

    def change(self, message_id: int, **columns: object) -> None:
        with self.database.write() as session:
            update_rows(session, Message, [{"id": message_id, **columns}])

    def pay(self, customer_id: int, at: datetime, amount: int) -> int:
        return add(
            self.database,
            Payment,
            key=f"{self.name}-p{next(self._numbers)}",
            creditor_id=self.creditor_id,
            customer_id=customer_id,
            currency="ILS",
            amount_minor=amount,
            paid_on=at.date(),
            received_at=at,
        )

    def invoice(self, customer_id: int, amount: int) -> int:
        number = f"{self.name}-i{next(self._numbers)}"
        return add_invoice(self.database, customer_id, number, amount=amount)

    def reply(self, customer_id: int, at: datetime) -> int:
        return add(
            self.database,
            Reply,
            customer_id=customer_id,
            medium="sms",
            text="…",
            received_at=at,
            intent="question",
        )

    def promise(self, customer_id: int, at: datetime, amount: int, **columns: object) -> int:
        return add(
            self.database,
            Promise,
            customer_id=customer_id,
            currency="ILS",
            amount_minor=amount,
            due_on=at.date(),
            grace_until=at + timedelta(days=2),
            made_at=at,
            made_by="page",
            **columns,
        )
