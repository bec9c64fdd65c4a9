"""Notes when each loop last did its work, in the database: so one page can tell of all processes.

A tick that fails is no beat, and one that takes long beats when it is done.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, update

from app.loops.schedule import Job
from app.store.bulk import insert_new
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import LoopBeat

EVERY: Final = timedelta(seconds=15)

_BEAT = table_of(LoopBeat)
_LATER: Final = (
    update(_BEAT)
    .where(_BEAT.c.name == bindparam("of"), _BEAT.c.at < bindparam("done_at"))
    .values(at=bindparam("done_at"))
)


class Pulse:
    """The beats of the loops of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._done: dict[str, datetime] = {}

    def felt(self, job: Job) -> Job:
        """The same loop, whose beats are felt."""

        def tick(now: datetime) -> bool:
            more = job.tick(now)
            self._done[job.name] = now
            return more

        return replace(job, tick=tick)

    def tick(self, _now: datetime) -> bool:
        """Notes what beat since it was noted last. Answers that no more is due."""
        done, self._done = self._done, {}
        if done:
            with self._database.write() as session:
                rows = [{"name": name, "at": at} for name, at in sorted(done.items())]
                insert_new(session, LoopBeat, rows, unique="name")
                later = [{"of": row["name"], "done_at": row["at"]} for row in rows]
                session.connection().execute(_LATER, later)
        return False
