"""A call that a customer wants, at a time of their choice: arranged, moved, cancelled, made.

There is one at a time. Until it is over no reminder goes out. A number that was typed for it is
kept for this call alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, select, update
from sqlmodel import Session

from app.intake.concerned import Concerned, stop_customer
from app.intake.confirming import confirm, confirming_at
from app.intake.holds import place_hold, release, said_before, standing_holds
from app.intake.places import told_of
from app.intake.tasks import Team, finish_task, give_task
from app.store.bulk import insert_returning_ids
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Address, CallWish, Customer, Task
from campaigns.vocabulary import HoldKind, Signal
from campaigns.windows import Opening

QUIET_AFTER: Final = timedelta(days=1)
"""How long after the call nobody writes: whoever called decides what follows."""

NUMBER_FOR: Final = timedelta(days=7)
"""How long a number that was typed is kept after the call, where nobody says that it was made."""

_WHY: Final = "call_me"
_ADDRESS, _CALL, _CUSTOMER = table_of(Address), table_of(CallWish), table_of(Customer)
_TASK = table_of(Task)


class NoSuchCall(LookupError):
    """No open call has this number; the words say what to do instead."""


@dataclass(frozen=True, slots=True)
class Called:
    """The number to call: one on record, or (never both) one that was typed for this call."""

    address_id: int | None = None
    number: str | None = field(default=None, repr=False)


def arrange_call(
    session: Session,
    user: Concerned,
    slot: Opening,
    called: Called,
    *,
    message_id: int | None,
    now: datetime,
) -> int:
    """Notes the wish in place of an earlier one, and answers its id: a task that is due when the
    time begins, and silence until it is over. The guard is held by the caller."""
    _end(session, user.customer_id, now)
    begins, ends = slot
    row = {
        "customer_id": user.customer_id,
        "address_id": called.address_id,
        "number": called.number,
        "starts_at": begins,
        "ends_at": ends,
        "asked_at": now,
        "task_key": f"call:{user.customer_id}:{_wished_so_far(session, user) + 1}",
    }
    (wish_id,) = insert_returning_ids(session, CallWish, [row])
    until = ends + QUIET_AFTER
    place_hold(session, user, HoldKind.REPLY, until=until, why=_WHY, now=now)
    give_task(
        session,
        key=str(row["task_key"]),
        team=Team.COLLECTIONS,
        kind="call_me",
        title="A customer chose a time for a call (`duly call list`): call them then",
        now=now,
        due_in=begins - now,
        customer_id=user.customer_id,
        detail={"call": wish_id, "begins": begins.isoformat(), "ends": ends.isoformat()},
    )
    place = confirming_at(session, user, message_id, now=now)
    arranged = Happened(
        Signal.CALL_ARRANGED,
        at=now,
        customer_id=user.customer_id,
        own_act=True,
        payload={"call": wish_id, **told_of(place)},
    )
    record(session, [arranged], now=now)
    return wish_id


def cancel_call(
    session: Session, user: Concerned, *, message_id: int | None, now: datetime
) -> bool:
    """Takes the wish back, with its task and its silence. Answers whether there was one. The guard
    is held by the caller."""
    if not _end(session, user.customer_id, now):
        return False
    end_silence(session, user.customer_id, now)
    confirm(session, user, message_id, Signal.CALL_CANCELLED, now=now)
    return True


def open_call(session: Session, customer_id: int) -> Row[Any] | None:
    """The wish that is open, if there is one."""
    query = _OPEN.where(_CALL.c.customer_id == customer_id)
    return session.connection().execute(query.order_by(_CALL.c.id.desc())).first()


def open_calls(session: Session) -> Sequence[Row[Any]]:
    """All wishes that are open, the soonest first, with whom and which number to call."""
    return session.connection().execute(_OPEN.order_by(_CALL.c.starts_at, _CALL.c.id)).all()


def call_was_made(session: Session, call_id: int, *, by: str, now: datetime) -> None:
    """Somebody has spoken with them: the task is done, the typed number goes, and the silence ends.

    Raises `NoSuchCall`.
    """
    found = session.connection().execute(_OPEN.where(_CALL.c.id == call_id)).one_or_none()
    if found is None:
        raise NoSuchCall(f"no call {call_id} is open; `duly call list` has those that are")
    stop_customer(session, found.customer_id)
    finish_task(session, found.task_key, now)
    session.connection().execute(_forgetting(_CALL.c.id == call_id))
    made = Happened(
        "call_made", at=now, customer_id=found.customer_id, payload={"call": call_id, "by": by}
    )
    record(session, [made], now=now)
    end_silence(session, found.customer_id, now)


def forget_numbers(session: Session, now: datetime) -> int:
    """Empties the typed numbers of calls that are long over. Answers how many."""
    old = (_CALL.c.number.is_not(None), _CALL.c.ends_at < now - NUMBER_FOR)
    return session.connection().execute(_forgetting(*old)).rowcount


def forgettable_numbers(now: datetime) -> Any:
    """Finds one of those."""
    return select(_CALL.c.id).where(_CALL.c.number.is_not(None), _CALL.c.ends_at < now - NUMBER_FOR)


def _wished_so_far(session: Session, user: Concerned) -> int:
    query = select(func.count()).where(_CALL.c.customer_id == user.customer_id)
    return int(session.connection().execute(query).scalar_one())


def _forgetting(*which: Any) -> Any:
    return update(_CALL).where(*which).values(number=None)


def _end(session: Session, customer_id: int, now: datetime) -> bool:
    found = open_call(session, customer_id)
    if found is None:
        return False
    finish_task(session, found.task_key, now)
    session.connection().execute(
        update(_CALL).where(_CALL.c.id == found.id).values(cancelled_at=now, number=None)
    )
    return True


def end_silence(session: Session, customer_id: int, now: datetime) -> None:
    """Ends the silence, where it was for the call alone. The guard is held by the caller."""
    ours = [
        hold.id
        for hold in standing_holds(session, customer_id)
        if (hold.customer_id, hold.why) == (customer_id, _WHY)
        and said_before(session, hold) is None
    ]
    release(session, ours, now)


_OPEN = (
    select(
        _CALL,
        _CUSTOMER.c.external_id.label("customer"),
        _CUSTOMER.c.creditor_id,
        func.coalesce(_CALL.c.number, _ADDRESS.c.value).label("called"),
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _CALL.c.customer_id)
    .join(_TASK, _TASK.c.key == _CALL.c.task_key)
    .outerjoin(_ADDRESS, _ADDRESS.c.id == _CALL.c.address_id)
    .where(_CALL.c.cancelled_at.is_(None), _TASK.c.state == word("open"))
)
