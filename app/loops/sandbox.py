"""The providers' side of the sandbox: what it reports and calls back comes to our own intake.

A real provider calls by itself, over the network; the sandbox only keeps what it would say.
"""

from __future__ import annotations

from datetime import datetime

from app.intake.inbox import receive
from app.intake.receipts import take_receipts
from app.intake.sources import GatewaySource
from app.payments.sandbox_gateway import SandboxGateway
from app.store.engines import Database
from channels.sandbox_ledger import Ledger

PAGE = 1000


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


def hand_callbacks(database: Database, gateway: SandboxGateway, now: datetime) -> int:
    """Takes in what the gateway was not yet acknowledged for, and answers how much that was.

    The payer's page does so at once; this is for what a crash swallowed.
    """
    waiting = gateway.undelivered(now)
    source = GatewaySource(gateway)
    for callback in waiting:
        receive(database, source, callback.body, callback.headers, now=now)
        gateway.acknowledge(callback.event_id)
    return len(waiting)
