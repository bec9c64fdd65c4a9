"""Who owes whom in the tests of the promises, and the phases of a delivery one by one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any, TypeVar

from app.book.on_call import waive
from app.book.packs import published_packs
from app.book.signoffs import packs_of, sign
from app.delivery.dispatch import Tried
from app.delivery.gate_records import Passed
from app.loops.assembly import Loops
from app.store.given import rows_by_id
from app.store.rows import Creditor
from tests.factories import add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

T = TypeVar("T")

DUE = date(2026, 6, 1)  # the day on which a world begins: the first step is due at once
REMINDED = date(2026, 5, 29)  # due so that the first reminder is, which may wait for days


def creditor(world: World, name: str = "carmel", **columns: Any) -> int:
    """A creditor with the shipped campaign for what is overdue."""
    creditor_id = add_creditor(world.database, external_id=name, **columns)
    add_campaign(world.database, creditor_id)
    return creditor_id


def owing(
    world: World, creditor_id: int, name: str = "C1", *, due_on: date = DUE, **columns: Any
) -> int:
    """A customer with one invoice and a mailbox."""
    columns.setdefault("email", f"{name.lower()}-{creditor_id}@people.example")
    customer_id = add_customer(world.database, creditor_id, name, **columns)
    add_invoice(world.database, customer_id, f"INV-{name}", due_on=due_on)
    return customer_id


def sign_all(world: World, creditor_id: int, *, but: str = "") -> None:
    """Somebody answers for the rules, and for nobody being on call: a real provider may carry."""
    with world.database.write() as session:
        row = rows_by_id(session, Creditor, [creditor_id])[creditor_id]
        packs = [p for p in packs_of(session, row, published_packs(session)) if p.name != but]
        sign(session, creditor_id, packs, by="Dana", note="", now=world.now)
        waive(session, creditor_id, by="Dana", note="tests", now=world.now)


def intend(world: World, loops: Loops | None = None) -> None:
    """Everything up to the messages that wait to be sent."""
    loops = loops or world.loops
    loops.enrolment.tick(world.now)
    while loops.walk.tick(world.now).looked:
        continue


def gate(world: World, loops: Loops | None = None) -> list[Passed]:
    """Claims, prepares and gates what waits."""
    delivery = (loops or world.loops).delivery
    return delivery.gate(delivery.prepare(delivery.claim(world.now), world.now))


def send(world: World, loops: Loops | None = None) -> list[Tried]:
    """As far as the provider's answer, which is not written down."""
    return (loops or world.loops).delivery.dispatch(gate(world, loops))


def together(*works: Callable[[], T]) -> list[T]:
    """Runs each in a thread of its own, all from the same instant on."""
    start = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
