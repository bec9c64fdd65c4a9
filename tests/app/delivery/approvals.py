"""A journey whose first word somebody has to approve, and whoever does."""

from __future__ import annotations

from typing import Any

from app.delivery.approving import Approver, Asked
from app.engine.catalogue import Catalogue
from app.store.publishing import publish
from tests.app.delivery.cast import DUE, intend, owing
from tests.factories import add_campaign, add_creditor
from tests.world import World

BY = "dana@example.com"
JOURNEY = """\
journey: asks_first
title: Asks somebody first
subject: customer
steps:
  - {id: first, day: 0, send: reminder_first, approval: accounting, valid_for: 3d}
  - {id: second, day: 20, send: reminder_second}
  - {id: over, day: 60, end: exhausted}
"""


def creditor(world: World) -> int:
    """A creditor whose first word waits for somebody."""
    with world.database.write() as session:
        publish(session, "journey", "asks_first", JOURNEY, now=world.now)
    creditor_id = add_creditor(world.database, external_id="asking")
    add_campaign(world.database, creditor_id, journey="asks_first", name="asks")
    return creditor_id


def waiting(world: World, **columns: Any) -> int:
    """The customer of a message that waits for somebody's word."""
    columns.setdefault("due_on", DUE)
    customer_id = owing(world, creditor(world), **columns)
    intend(world)
    world.loops.settle(world.now)
    return customer_id


def approver(world: World) -> Approver:
    return Approver(Catalogue(), world.addresses.base_url)


def asked(world: World, message_id: int = 1) -> Asked:
    with world.database.read() as session:
        return approver(world).asked(session, message_id, world.now)


def approve(world: World, message_id: int = 1, *, seen: str | None = None, by: str = BY) -> None:
    told = seen or asked(world, message_id).seen
    with world.database.write() as session:
        approver(world).approve(session, message_id, seen=told, by=by, now=world.now)


def refuse(world: World, message_id: int = 1, *, note: str = "Too early.") -> None:
    with world.database.write() as session:
        approver(world).refuse(session, message_id, note=note, by=BY, now=world.now)
