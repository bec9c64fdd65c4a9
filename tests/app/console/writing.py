"""A customer of the team's creditor who writes, and is to be called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.console.notices import PATH
from app.intake.tasks import Team as Owners
from app.intake.tasks import give_task
from app.store.engines import Database
from tests.app.console.team import Team
from tests.app.intake.make import MAILBOX, PHONE, Scene, add_case, add_message
from tests.factories import NOON, add_customer, add_invoice

HOME = f"{PATH}/inbox"


def scene_of(team: Team, **customer: Any) -> Scene:
    """One customer with a number, a mailbox, two invoices, a case and a message that went out."""
    told = {"phone": PHONE, "email": MAILBOX, "person": "person-1", **customer}
    customer_id = add_customer(team.database, team.creditor_id, **told)
    made = Scene(
        team.database,
        team.creditor_id,
        customer_id,
        add_invoice(team.database, customer_id, "INV-1"),
        add_invoice(team.database, customer_id, "INV-2", amount=100_000),
        add_case(team.database, team.creditor_id, customer_id),
    )
    add_message(made)
    return made


def to_call(scene: Scene, *, kind: str = "call", customer_id: int | None = None) -> int:
    """A call to make; answers its number."""
    owner = customer_id or scene.customer_id
    call_wanted(scene.database, owner, kind=kind)
    return int(scene.rows("task", f"key = '{kind}:{owner}'")[0]["id"])


def call_wanted(database: Database, customer_id: int, *, kind: str = "call") -> None:
    """A journey, or the customer, asks for a call."""
    with database.write() as session:
        give_task(
            session,
            key=f"{kind}:{customer_id}",
            team=Owners.COLLECTIONS,
            kind=kind,
            title="Call the customer before the hand-over",
            now=NOON,
            due_in=timedelta(hours=1),
            customer_id=customer_id,
        )
