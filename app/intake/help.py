"""What help a customer in hardship was given: a pause, a plan, the name of who advises on debts.

Each is a fact of its own, so that reports count it; a report of hardship ends when a person says
so, and with it the silence that it brought.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.intake.concerned import stop_customer
from app.intake.holds import place_hold, release, standing_holds
from app.store.columns import Filtered, word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Event, Hardship, Task
from campaigns.vocabulary import HoldKind

LONGEST_PAUSE: Final = timedelta(days=180)

GIVEN: Final = "help_given"

_EVENT, _HARDSHIP, _TASK = table_of(Event), table_of(Hardship), table_of(Task)


class Help(StrEnum):
    """What was done for them."""

    PAUSE = "pause"  # nobody writes for a while
    PLAN = "plan"  # a plan beyond the usual limits was talked over
    REFERRAL = "referral"  # they were told who advises on debts, free of charge
    WRITE_OFF = "write_off"  # the creditor was asked to let go of it, or of a part
    TALK = "talk"  # somebody listened


class UnknownHardship(LookupError):
    """There is no such report of hardship."""


class HardshipOver(Exception):
    """Somebody has ended it already."""


def give_help(
    session: Session,
    hardship_id: int,
    help_: Help,
    *,
    by: str,
    now: datetime,
    pause: timedelta | None = None,
) -> None:
    """Puts it on record; a pause also holds the person for so long from now.

    Raises `UnknownHardship`, `HardshipOver`, and `ValueError` for a pause of no length.
    """
    row = _open(session, hardship_id)
    told: dict[str, Any] = {"hardship_id": hardship_id, "help": str(help_), "by": by}
    if help_ is Help.PAUSE:
        if pause is None or not timedelta(0) < pause <= LONGEST_PAUSE:
            raise ValueError(f"a pause lasts from one to {LONGEST_PAUSE.days} days")
        until = now + pause
        concerned = stop_customer(session, row.customer_id)
        place_hold(session, concerned, HoldKind.HARDSHIP, until=until, why="hardship", now=now)
        told["until"] = until.isoformat()
    fact = Happened(GIVEN, at=now, customer_id=row.customer_id, payload=told)
    record(session, [fact], now=now)


def end_hardship(session: Session, hardship_id: int, *, by: str, now: datetime) -> None:
    """They can speak of the debt again: what halted for it goes on, and its tasks are done.

    Raises `UnknownHardship` and `HardshipOver`.
    """
    row = _open(session, hardship_id)
    session.connection().execute(
        update(_HARDSHIP)
        .where(_HARDSHIP.c.id == hardship_id, _HARDSHIP.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    _finish_talks(session, row, now)
    told = {"hardship_id": hardship_id, "by": by}
    fact = Happened("hardship_ended", at=now, customer_id=row.customer_id, payload=told)
    record(session, [fact], now=now)
    held = [
        hold.id
        for hold in standing_holds(session, row.customer_id)
        if (hold.customer_id, hold.kind) == (row.customer_id, HoldKind.HARDSHIP)
    ]
    release(session, held, now)


def _finish_talks(session: Session, row: Row[Any], now: datetime) -> None:
    """The tasks of getting in touch with this customer about it are done."""
    session.connection().execute(
        update(_TASK)
        .where(
            _TASK.c.customer_id == row.customer_id,
            Filtered(_TASK.c.kind) == "hardship",
            _TASK.c.state == word("open"),
        )
        .values(state="done", done_at=now)
    )


def hardship_of(session: Session, hardship_id: int) -> Row[Any]:
    """Raises `UnknownHardship`."""
    query = select(_HARDSHIP).where(_HARDSHIP.c.id == hardship_id)
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise UnknownHardship(f"there is no report of hardship {hardship_id}")
    return found


def helps_given(session: Session, customer_id: int) -> Sequence[Row[Any, Any]]:
    """What was done for this customer, the oldest first: each fact's `payload` tells it."""
    query = select(_EVENT.c.at, _EVENT.c.payload).where(
        _EVENT.c.customer_id == customer_id, _EVENT.c.kind == GIVEN
    )
    return session.connection().execute(query.order_by(_EVENT.c.id)).all()


def _open(session: Session, hardship_id: int) -> Row[Any]:
    found = hardship_of(session, hardship_id)
    stop_customer(session, found.customer_id)  # with its guard, nobody else ends it meanwhile
    row = hardship_of(session, hardship_id)
    if row.ended_at is not None:
        raise HardshipOver(f"report {hardship_id} was ended on {row.ended_at:%Y-%m-%d}")
    return row
