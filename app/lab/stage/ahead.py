"""Tomorrow, seen in a copy of her world by the same loops; and how things stood before a press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from app.lab.stage import acts
from app.lab.stage.line import Line
from app.lab.stage.timeline import lines
from app.lab.stage.voice import Voice
from app.lab.stage.world import World
from app.records.history import History, read_history
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import Attempt, Case, Event, Invoice, Refused, Task

LOOKS_AHEAD: Final = timedelta(days=30)
_GONE: Final = ("accepted", "unclear")
_ATTEMPT, _CASE, _INVOICE = table_of(Attempt), table_of(Case), table_of(Invoice)
_SOURCES = (table_of(Refused), table_of(Event), table_of(Task))  # as lines are ordered: 1, 2, 3

Marks = tuple[int, ...]
"""The newest row of each source of lines."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that has not been said yet, and would be."""

    at: datetime
    attempt: Mapping[str, Any]
    message: Mapping[str, Any]
    journey: str


@dataclass(frozen=True, slots=True)
class Tomorrow:
    """What the next day would bring if nobody did anything, and the next message after that."""

    day: date
    lines: tuple[Line, ...]
    letter: Letter | None


class Ahead:
    """The copy. It is made the same as `world` before each look."""

    def __init__(self, world: World, folder: Path, customer_id: int) -> None:
        world.keep(folder)
        self._of, self._customer_id = world, customer_id
        self._world = World(folder, world.now, world.zone, world.settings)

    def close(self) -> None:
        self._world.close()

    def start_loops(self) -> None:
        self._world.start_loops()

    def keep(self) -> None:
        """Remembers how things stand."""
        self._world.become(self._of.standing)

    def give_back(self) -> None:
        """Puts things back as they stood when they were kept."""
        self._of.become(self._world.standing)

    def look(self, voice: Voice) -> Tomorrow:
        """Goes on in the copy: a day, and then to the next message if there is one in sight."""
        self.keep()
        ahead, before, said = self._world, marks(self._world), self._newest()
        ends = ahead.now + LOOKS_AHEAD
        acts.next_day(ahead)
        day, found = ahead.today, lines(history_of(ahead, self._customer_id), voice)
        # A provider that stays down takes nothing for weeks: only tries would be seen.
        if self._newest() == said and not ahead.down and is_open(ahead):
            for _ in ahead.instants(ends):
                ahead.settle()
                if self._newest() != said:
                    break
        told = tuple(line for line in reversed(found) if is_later(line, before))
        return Tomorrow(day, told, self._letter_after(said))

    def _newest(self) -> int:
        query = select(func.max(_ATTEMPT.c.id)).where(_ATTEMPT.c.state.in_(_GONE))
        with self._world.database.read() as session:
            return session.connection().execute(query).scalar_one() or 0

    def _letter_after(self, said: int) -> Letter | None:
        history = history_of(self._world, self._customer_id)
        for id_, attempt in history.attempts.items():
            if id_ > said and attempt["state"] in _GONE:
                message = history.messages[attempt["message_id"]]
                journey = history.cases[message["case_id"]]["journey"]
                return Letter(attempt["gated_at"], attempt, message, journey)
        return None


def is_open(world: World) -> bool:
    """Whether anything can still be said by itself."""
    queries = (
        select(_CASE.c.id).where(_CASE.c.phase != "closed").limit(1),
        select(_INVOICE.c.id).where(_INVOICE.c.open_minor > NOTHING).limit(1),
    )
    with world.database.read() as session:
        return any(session.connection().execute(query).first() for query in queries)


def history_of(world: World, customer_id: int) -> History:
    with world.database.read() as session:
        found = read_history(session, customer_id)
    assert found is not None
    return found


def marks(world: World) -> Marks:
    with world.database.read() as session:
        return tuple(
            session.connection().execute(select(func.max(table.c.id))).scalar_one() or 0
            for table in _SOURCES
        )


def is_later(line: Line, before: Marks) -> bool:
    """Whether a line's row came after those marks were taken."""
    source, id_ = line.order
    return id_ > before[source - 1]
