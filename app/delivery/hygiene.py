"""Looks a number up before the first text goes there: a landline is closed for SMS, one that is
nobody's or somebody else's is not used at all.

Each number is asked about once. Whatever was not answered is no reason not to write: the provider
itself will say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.delivery.calls import Run
from app.delivery.claim import Claimed
from app.intake.concerned import stop_persons, users_of
from app.intake.opt_outs import StopSaid, close_address
from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Address
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium
from channels.lookup import Line, Looked, LookUp

_ADDRESS = table_of(Address)
_UNASKED = select(_ADDRESS.c.id, _ADDRESS.c.value).where(
    _ADDRESS.c.id.in_(GIVEN), _ADDRESS.c.looked_up_at.is_(None)
)


class Hygiene:
    """Asks about the numbers of a batch that nobody has asked about yet."""

    def __init__(self, database: Database, look_up: LookUp, *, run: Run) -> None:
        self._database = database
        self._look_up = look_up
        self._run = run

    def look(self, claimed: Sequence[Claimed], now: datetime) -> int:
        """Before the batch is gated. Answers how many numbers it asked about."""
        sms = sorted({c.row["address_id"] for c in claimed if c.row["medium"] == Medium.SMS})
        if not sms:
            return 0
        with self._database.read() as session:
            unasked = {row.id: row.value for row in rows_given(session, _UNASKED, sms)}
        if not unasked:
            return 0
        answers = self._run(_all(self._look_up, unasked))
        with self._database.write() as session:
            _keep(session, answers, now)
        return len(answers)


async def _all(look_up: LookUp, numbers: Mapping[int, str]) -> dict[int, Looked]:
    answers = await asyncio.gather(*(look_up(number) for number in numbers.values()))
    return dict(zip(numbers, answers, strict=True))


def _keep(session: Session, answers: Mapping[int, Looked], now: datetime) -> None:
    """Closing is a stop like any other: the guards of those who use the number come first."""
    closed = [id_ for id_, looked in answers.items() if looked.line is Line.LANDLINE]
    dead = [id_ for id_, looked in answers.items() if _is_dead(looked)]
    stop_persons(session, (user.person_id for user in users_of(session, [*closed, *dead])))
    rows: list[dict[str, Any]] = [
        {"id": id_, "line": looked.line.value, "looked_up_at": now}
        for id_, looked in sorted(answers.items())
    ]
    update_rows(session, Address, rows)
    update_rows(
        session,
        Address,
        [{"id": id_, "valid": False, "invalid_reason": _why(answers[id_])} for id_ in sorted(dead)],
    )
    for id_ in sorted(closed):
        close_address(session, id_, StopSaid(StopAct.BOUNCE, Medium.SMS, "lookup:landline"), now)


def _is_dead(looked: Looked) -> bool:
    return looked.line is Line.INVALID or looked.reassigned is True


def _why(looked: Looked) -> str:
    return "reassigned" if looked.reassigned else "lookup_invalid"
