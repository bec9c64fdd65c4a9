"""Runs a trial: day after day, from one instant at which anything is due to the next."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from app.book.days import start_of
from app.intake.due_notices import give_due_notices
from app.intake.tidy import break_promises, end_holds, miss_instalments
from app.loops.assumed import approve_assumed, next_assumed
from app.loops.instants import next_instant
from app.loops.sandbox import hand_receipts
from app.loops.tryout.acts import happen
from app.loops.tryout.asked import MOST_DAYS, Happening, NotTried, Trial
from app.loops.tryout.stage import Stage, set_up
from app.loops.tryout.stops import Note
from app.loops.tryout.telling import Kind, Line, Reader, TriedDay
from app.payments.stale import expire_stale, signal_abandoned
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Case
from campaigns.calendar import at_local
from campaigns.case import Phase
from campaigns.journey import Journey
from campaigns.vocabulary import SubjectKind

SECRET: Final = b"nobody is ever given a link of a trial"
_CASE = table_of(Case)
_NOON = clock_time(12)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tried:
    """The days on which anything happened. `until` is the last day that was lived. `over` says
    that nothing can follow: no case is open. `notes` hold for all of it."""

    starts_on: date
    until: date
    days: tuple[TriedDay, ...]
    over: bool
    notes: tuple[Note, ...] = ()


def trying(source: Database, trial: Trial, journey: Journey) -> Generator[int | Tried, None, None]:
    """Lives the days of a trial: answers how many were lived, after each, and at the end what
    happened. Raises `NotTried`."""
    if not 1 <= trial.days <= MOST_DAYS:
        raise NotTried("too_many_days")
    with (
        TemporaryDirectory(prefix="duly-tried-") as folder,
        closing(set_up(source, trial, journey, Path(folder), SECRET)) as stage,
    ):
        yield from _living(stage, trial)


def try_out(source: Database, trial: Trial, journey: Journey) -> Tried:
    """All of it at once."""
    *_, tried = trying(source, trial, journey)
    assert isinstance(tried, Tried)
    return tried


def _living(stage: Stage, trial: Trial) -> Iterator[int | Tried]:
    days, quiet_until = [], stage.clock.now()
    with stage.database.read() as session:
        reader = Reader(session)
    day, over = stage.starts_on, False
    for number in range(trial.days):
        day = stage.starts_on + timedelta(days=number)
        today = [each for each in trial.happenings if each.day == number]
        if not today and quiet_until >= start_of(day + timedelta(days=1), stage.zone):
            lines = _pass_by(stage, day, reader)
        else:
            lines = _live(stage, day, today, reader)
            quiet_until = _quiet_until(stage)
        if lines:
            days.append(_day(stage, reader, day, number, lines))
        later = any(each.day > number for each in trial.happenings)
        over = not later and _is_over(stage)
        if over:
            break
        yield number + 1
    yield Tried(stage.starts_on, day, tuple(days), over, stage.notes)


def _quiet_until(stage: Stage) -> datetime:
    """Until when nothing can happen by itself. While no case is open each day may open one; so may
    it where each invoice has a case of its own."""
    now = stage.clock.now()
    if stage.about is SubjectKind.INVOICE or not _phases(stage) - {Phase.CLOSED}:
        return now
    with stage.database.read() as session:
        found = _next(stage, session, now)
    return min((at for at in found if at is not None), default=_NEVER)


def _pass_by(stage: Stage, day: date, reader: Reader) -> list[Line]:
    """A day on which nothing is due but what the law asks of the team."""
    stage.clock.move_to(max(stage.clock.now(), start_of(day, stage.zone)))
    return _read(stage, reader) if _give_notices(stage) else []


def _day(stage: Stage, reader: Reader, day: date, number: int, lines: Sequence[Line]) -> TriedDay:
    with stage.database.read() as session:
        anchor = reader.anchor(session)
    late = (day - anchor).days if anchor is not None else None
    return TriedDay(day, number, late, tuple(lines))


def _live(stage: Stage, day: date, today: Sequence[Happening], reader: Reader) -> list[Line]:
    """One day, with what happens at its noon."""
    begins, ends = (start_of(day + timedelta(days=n), stage.zone) for n in (0, 1))
    lines: list[Line] = []
    if begins > stage.clock.now():
        stage.clock.move_to(begins)
    _settle(stage, reader)
    _give_notices(stage)
    if today:
        noon = max(at_local(day, _NOON, ZoneInfo(stage.zone)), stage.clock.now())
        _go_on(stage, noon, reader)
        stage.clock.move_to(noon)
        _settle(stage, reader)
        lines += _read(stage, reader)
        for happening in today:
            done = happen(stage, happening)
            kind = Kind.DONE if done else Kind.NOT_DONE
            lines.append(Line(stage.clock.now(), kind, happening=happening))
        _settle(stage, reader)
    _go_on(stage, ends, reader)
    return [*lines, *_read(stage, reader)]


def _go_on(stage: Stage, until: datetime, reader: Reader) -> None:
    """From instant to instant, up to but without `until`: that is the next day's."""
    for at in _instants(stage, until):
        stage.clock.move_to(at)
        _settle(stage, reader)


def _instants(stage: Stage, until: datetime) -> Iterator[datetime]:
    while True:
        now = stage.clock.now()
        with stage.database.read() as session:
            found = _next(stage, session, now)
        later = [at for at in found if at is not None and now < at < until]
        if not later:
            return
        yield min(later)


def _next(stage: Stage, session: Session, now: datetime) -> list[datetime | None]:
    approved = next_assumed(session, now) if stage.approves else None
    return [next_instant(session, now), stage.ledger.next_due_at(), approved]


def _settle(stage: Stage, reader: Reader) -> None:
    """Does everything that is due now, and notes what waits for its sender."""
    now = stage.clock.now()
    while hand_receipts(stage.database, stage.ledger, now):
        continue
    with stage.database.write() as session:
        for change in (break_promises, miss_instalments, end_holds):
            change(session, now)
        if stage.stands:
            signal_abandoned(session, now)
            expire_stale(session, now)
    if stage.approves:
        approve_assumed(stage.database, stage.approver, now)
    stage.loops.settle(now)
    with stage.database.read() as session:
        reader.watch(session, now)


def _give_notices(stage: Stage) -> int:
    """Once a day: the tasks that the law asks for. Answers how many are new."""
    with stage.database.write() as session:
        stage.catalogue.refresh(session)
        return give_due_notices(session, stage.catalogue, stage.clock.now())


def _read(stage: Stage, reader: Reader) -> list[Line]:
    with stage.database.read() as session:
        return reader.read(session, stage.clock.now())


def _is_over(stage: Stage) -> bool:
    """Whether a case was opened, and none is open any more."""
    return _phases(stage) == {Phase.CLOSED}


def _phases(stage: Stage) -> set[str]:
    with stage.database.read() as session:
        return set(session.connection().execute(select(_CASE.c.phase)).scalars())
