"""A world with one creditor, and the hands of everybody in it: customers, banks, workers that die."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import Session, SQLModel

from app.book.ledger import (
    PaymentIn,
    PaymentPosted,
    ReversalIn,
    ReversalKind,
    post_payment,
    post_reversal,
)
from app.delivery.claim import Claimed
from app.delivery.deliver import Pace
from app.delivery.dispatch import Tried
from app.delivery.gate_records import Passed
from app.delivery.prepare import Draft, Unwritten
from app.intake.concerned import stop_customer
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.holds import place_hold
from app.intake.opt_outs import OptOutSource, opt_out
from app.intake.promises import MadeBy, make_promise
from app.intake.receipts import take_receipts
from app.loops.assembly import Loops, assemble
from app.store.bulk import table_of, update_rows
from app.store.engines import Database
from app.store.rows import Address, Attempt, Case, Customer, Invoice, Message
from campaigns.money import Money
from campaigns.vocabulary import HoldKind, Medium
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Acceptance, Ledger
from tests.factories import NOON, add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

Row = dict[str, Any]
Act = Callable[[], object]

PHASES = ("claim", "prepare", "gate", "dispatch", "settle")
DUE = date(2026, 6, 1)  # a Monday, the day of NOON
QUICK = 1e6  # messages a second: no test waits for a sender's rate


class Stage(World):
    """One creditor in Haifa and its gentle campaign; customers come by `owe`."""

    def __init__(
        self,
        url: str,
        *,
        faults: Faults | None = None,
        start: datetime = NOON,
        creditor: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(url, faults=faults, start=start)
        self.url = url
        self.creditor = add_creditor(self.database, **(creditor or {}))
        self.campaign = add_campaign(self.database, self.creditor)
        self._others: list[Database] = []

    # People

    def owe(
        self,
        name: str,
        *,
        media: str = "sms",
        due_on: date = DUE,
        amount: int = 24050,
        creditor: int | None = None,
        **columns: Any,
    ) -> int:
        """A customer with one invoice. `media` is "sms", "email", or both."""
        number = 1000 + self.database_count(Customer)
        customer = add_customer(
            self.database,
            creditor or self.creditor,
            name,
            phone=f"+9725200{number:05}" if "sms" in media else None,
            email=f"{name.lower()}@people.example" if "email" in media else None,
            **columns,
        )
        if "whatsapp" not in media:
            self.run(f"UPDATE contact_point SET active = false WHERE medium = 'whatsapp'")
        add_invoice(self.database, customer, f"{name}-1", amount=amount, due_on=due_on)
        return customer
