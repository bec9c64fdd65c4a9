"""A customer who owes, and a gateway that lets a test look inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.payments.checkout import Checkout, start_checkout
from app.payments.gateway import (
    CheckoutRequest,
    GatewayEvent,
    GatewaySession,
    GatewayUnavailable,
)
from app.payments.sandbox_gateway import SandboxGateway
from app.store.engines import Database
from campaigns.money import Money
from tests.factories import NOON, add_creditor, add_customer, add_invoice

SECRET = "a secret of the tests"
BACK = "https://pay.example.com/p/token"


class WatchedGateway:
    """The sandbox, with a word of the test put in before each call."""

    name = "sandbox"

    def __init__(self) -> None:
        self.sandbox = SandboxGateway(secret=SECRET)
        self.calls: list[tuple[str, str]] = []
        self.before_open: Callable[[], None] | None = None
        self.is_down = False

    def open(self, request: CheckoutRequest) -> GatewaySession:
        self._called("open", request.key)
        if self.before_open is not None:
            act, self.before_open = self.before_open, None
            act()
        return self.sandbox.open(request)

    def expire(self, session_id: str) -> None:
        self._called("expire", session_id)
        self.sandbox.expire(session_id)

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        return self.sandbox.verify(body, headers, now)

    def _called(self, what: str, argument: str) -> None:
        self.calls.append((what, argument))
        if self.is_down:
            raise GatewayUnavailable("the line is dead")


@dataclass(frozen=True)
class Debtor:
    """One customer of one creditor, with two invoices: 24050 and 100000 agorot."""

    database: Database
    gateway: WatchedGateway
    creditor_id: int
    customer_id: int
    small: int
    large: int

    @classmethod
    def of(cls, database: Database) -> Debtor:
        creditor_id = add_creditor(database)
        customer_id = add_customer(database, creditor_id, phone="+972500000100")
        small = add_invoice(database, customer_id, "INV-1")
        large = add_invoice(database, customer_id, "INV-2", amount=100_000)
        return cls(database, WatchedGateway(), creditor_id, customer_id, small, large)

    def start(self, minor: int = 124_050, *, nonce: str = "form-1", **changes: Any) -> Checkout:
        told: dict[str, Any] = {
            "customer_id": self.customer_id,
            "case_id": None,
            "amount": Money(minor, "ILS"),
            "invoice_ids": (),
            "nonce": nonce,
            "now": NOON,
            "return_url": BACK,
        }
        return start_checkout(self.database, self.gateway, **(told | changes))

    def checkouts(self) -> list[dict[str, Any]]:
        return rows(self.database, "checkout")

    def states(self) -> list[str]:
        return [checkout["state"] for checkout in self.checkouts()]

    def run(self, statement: str) -> None:
        with self.database.write() as session:
            session.connection().execute(text(statement))


def rows(database: Database, table: str, where: str = "1=1") -> list[dict[str, Any]]:
    """All rows of a table, in order."""
    with database.read() as session:
        found = session.connection().execute(
            text(f"SELECT * FROM {table} WHERE {where} ORDER BY id")
        )
        return [dict(row._mapping) for row in found]
