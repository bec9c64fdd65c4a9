"""The loop that does errands, one lane of them: a batch at a time, as long as it holds the lease.

What is on its way stays in this process between two ticks, so that a tick is short however long the
errand is. Killed at any place, the errand is taken up by whoever ticks next once the lease is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from sqlalchemy.exc import DBAPIError

from app.book.errors import BookError, MappingError
from app.engine.catalogue import NotPublished
from app.errands.audiences import audience_steps
from app.errands.bulk import bulk_steps
from app.errands.doing import Doing, Means, Outcome, Steps
from app.errands.exporting import export_steps
from app.errands.forgetting import forget_files, needed
from app.errands.imports import import_steps
from app.errands.kinds import ErrandFailed, Kind, Lane, State
from app.errands.taking import AGAIN_IN, Cancelled, Lost, Taken, beat, end, give_back, is_due, take
from app.loops.tryout.errand import trial_steps
from app.store.engines import Ending
from campaigns.expressions import ConditionError
from campaigns.worded import Worded, as_written, worded

EVERY_SECONDS: Final = 1.0
FORGET_SECONDS: Final = 3600.0
PATIENCE: Final = timedelta(seconds=5)
"""So long a tick goes on from batch to batch before it says that more is due."""

_WORK: Final[Mapping[Kind, Callable[[Doing], Steps]]] = {
    Kind.TRY_IMPORT: import_steps,
    Kind.IMPORT: import_steps,
    Kind.EXPORT: export_steps,
    Kind.TRY_JOURNEY: trial_steps,
    Kind.AUDIENCE: audience_steps,
    Kind.HOLD: bulk_steps,
    Kind.RELEASE: bulk_steps,
    Kind.ASSIGN: bulk_steps,
}
_SENTENCES: Final = (BookError, ConditionError, ErrandFailed, NotPublished)
"""Refusals whose words are meant for whoever asked."""

log = logging.getLogger(__name__)


def _said(refusal: Exception) -> Worded:
    return refusal.told if isinstance(refusal, MappingError) else as_written(str(refusal))


def _defect(kind: str) -> Worded:
    return worded(
        "It failed by a defect of ours; the log of that time says more (%(kind)s). What was done"
        " stays.",
        kind=kind,
    )


@dataclass(frozen=True, slots=True)
class _Running:
    taken: Taken
    steps: Steps


class Errands:
    """One lane. `clock` is the database's own unless told; leases go by it."""

    def __init__(
        self,
        means: Means,
        lane: Lane,
        *,
        clock: Callable[[], datetime] | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._means = means
        self._lane = lane
        self._clock = clock or means.database.now
        self._patience = patience.total_seconds()
        self._running: _Running | None = None

    def tick(self, _now: datetime) -> bool:
        """Goes on with an errand, or takes the next. Answers whether more is due."""
        until = monotonic() + self._patience
        while True:
            try:
                self._means.database.ensure_going()
            except Ending:
                self._give_back(None)
                raise
            running = self._running or self._take()
            if running is None:
                return False
            self._step(running)
            if monotonic() >= until:
                return True

    def _take(self) -> _Running | None:
        with self._means.database.read() as session:
            if not is_due(session, self._lane, self._clock()):
                return None
        with self._means.database.write() as session:
            taken = take(session, self._lane, self._clock())
        if taken is None:
            return None
        doing = Doing(self._means, taken, self._clock)
        self._running = _Running(taken, _WORK[taken.kind](doing))
        return self._running

    def _step(self, running: _Running) -> None:
        """One batch. What ends the errand is told on its row; a database that went away is raised,
        and the errand is tried again."""
        try:
            with self._means.database.write() as session:
                beat(session, running.taken, self._clock())
            next(running.steps)
        except StopIteration as over:
            outcome: Outcome = over.value
            self._end(State.DONE, outcome=outcome)
        except Cancelled:
            self._end(State.CANCELLED)
        except Lost:
            self._let_go()
        except Ending:
            self._give_back(None)
            raise
        except _SENTENCES as refusal:
            self._end(State.FAILED, error=_said(refusal))
        except (DBAPIError, OSError):
            self._give_back(self._clock() + AGAIN_IN)
            raise
        except Exception as problem:  # noqa: BLE001  # a loop must live, and its words may quote
            kind = type(problem).__name__
            log.error("errand %d (%s) failed: %s", running.taken.id, running.taken.kind, kind)
            self._end(State.FAILED, error=_defect(kind))

    def _end(
        self, state: State, *, outcome: Outcome | None = None, error: Worded | None = None
    ) -> None:
        running, told = self._let_go(), outcome or Outcome()
        with self._means.database.write() as session:
            ours = end(
                session,
                running.taken,
                state,
                self._clock(),
                error=error,
                result=told.result,
                result_file=told.file,
            )
        if not ours and told.file is not None:
            self._means.files.drop([told.file])

    def _give_back(self, until: datetime | None) -> None:
        if self._running is not None:
            running = self._let_go()
            with self._means.database.write() as session:
                give_back(session, running.taken, until)

    def _let_go(self) -> _Running:
        running, self._running = self._running, None
        assert running is not None  # whoever steps has one
        running.steps.close()
        return running


class ErrandFiles:
    """Lets go of the files of errands that ended before `kept_for`."""

    def __init__(self, means: Means, *, kept_for: timedelta) -> None:
        self._means = means
        self._kept_for = kept_for

    def tick(self, now: datetime) -> bool:
        """A batch of them. Answers whether more may be due."""
        with self._means.database.write() as session:
            count, references = forget_files(session, now - self._kept_for, now)
        self._means.files.drop(references)
        if not count:
            self._drop_the_lost(now - self._kept_for)
        return count > 0

    def _drop_the_lost(self, before: datetime) -> None:
        """What a process kept and then died, before any errand had it."""
        old = self._means.files.older_than(before)
        if old:
            with self._means.database.read() as session:
                kept = needed(session, old)
            self._means.files.drop([each for each in old if each not in kept])
