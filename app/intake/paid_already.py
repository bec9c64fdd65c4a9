"""A customer says that it is paid: finance looks for the money, and nobody asks meanwhile."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from app.intake.concerned import Concerned
from app.intake.holds import place_hold
from app.intake.tasks import Team, give_task
from campaigns.vocabulary import HoldKind

LOOK_FOR_PAYMENT: Final = timedelta(days=7)
"""How long a bank and a book may take to show it."""

LOOKED_FOR: Final = "already_paid"
"""The kind of the task; its key is that, and the number of the reply or of the call."""


def look_for_payment(
    session: Session,
    concerned: Concerned,
    reply_id: int | None,
    *,
    now: datetime,
    paid_on: date | None = None,
    method: str | None = None,
    proof_id: int | None = None,
    call_id: int | None = None,
) -> None:
    """Holds the person and gives finance the task. The words stay on the reply's row; of what they
    say the task has the day, the method where that is a code, and the number of the proof. What was
    said on the telephone has the number of the call in place of a reply. The guard is held."""
    until = now + LOOK_FOR_PAYMENT
    place_hold(session, concerned, HoldKind.REPLY, until=until, why="already_paid", now=now)
    told: dict[str, Any] = (
        {"reply_id": reply_id} if reply_id is not None else {"phone_call": call_id}
    )
    source = str(reply_id) if reply_id is not None else f"call:{call_id}"
    if paid_on is not None:
        told["paid_on"] = paid_on.isoformat()
    if method is not None and method.isidentifier():
        told["method"] = method
    if proof_id is not None:
        told["proof_id"] = proof_id
    give_task(
        session,
        key=f"{LOOKED_FOR}:{source}",
        team=Team.FINANCE,
        kind=LOOKED_FOR,
        title="A customer says that it is paid: look for the payment",
        now=now,
        due_in=LOOK_FOR_PAYMENT,
        customer_id=concerned.customer_id,
        detail=told,
    )
