"""The providers' side of the sandbox: what it reports and calls back comes to our own intake.

A real provider calls by itself, over the network; the sandbox only keeps what it would say.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from app.intake.inbox import receive
from app.intake.receipts import take_receipts
from app.intake.sources import GatewaySource
from app.payments.sandbox_gateway import SandboxGateway
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Attempt, Message
from channels.sandbox_ledger import Ledger

PAGE = 1000
_KEYS = (
    select(table_of(Attempt).c.key)
    .join(table_of(Message), table_of(Message).c.id == table_of(Attempt).c.message_id)
    .where(table_of(Message).c.customer_id == bindparam("customer"))
)


def hand_receipts(database: Database, ledger: Ledger, now: datetime) -> int:
    """Takes in at most a page of the receipts that are due, and answers how many that were.

    They are marked once they are in: whoever dies in between is given them again, and each lands
    once.
    """
    due = ledger.receipts(until=now, limit=PAGE)
    if not due:
        return 0
    with database.write() as session:
        take_receipts(session, [each.receipt for each in due], now=now)
    return ledger.mark_handed((each.sequence for each in due), at=now)


def forget_customer(database: Database, ledger: Ledger, customer_id: int) -> None:
    """Takes off what the sandbox keeps of one who was erased. Real providers keep logs of their
    own, which they are asked to erase."""
    with database.read() as session:
        keys = session.connection().execute(_KEYS, {"customer": customer_id}).scalars().all()
    ledger.forget(keys)


def hand_callbacks(database: Database, gateway: SandboxGateway, now: datetime) -> int:
    """Takes in what the gateway was not yet acknowledged for, and answers how much that was.

    The payer's page does so at once; this is for what a crash swallowed.
    """
    waiting = gateway.undelivered(now)
    source = GatewaySource(gateway)
    for callback in waiting:
        database.ensure_going()
        receive(database, source, callback.body, callback.headers, now=now)
        gateway.acknowledge(callback.event_id)
    return len(waiting)
