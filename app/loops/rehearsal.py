"""Replays a book day by day and says what would have been said: to whom, on what, and why not.

Runs the real loops on a scratch database of its own with channels that accept everything. What is
dated later than the virtual day is not yet known there. The source is only read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.replay import Replay
from app.clock import VirtualClock
from app.delivery.dispatch import Addresses
from app.engine.outfit import outfit
from app.loops.assembly import Loops, assemble, publish_shipped
from app.store import migrate
from app.store.bulk import table_of
from app.store.engines import Database
from app.store.rows import Attempt, Case, Customer, Event, Message, Refused
from campaigns.reasons import sentence
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_ledger import Ledger

LOOKS = tuple(time(hour, 0) for hour in range(0, 24, 2))  # UTC; every zone's day gets its hours

_CASE, _CUSTOMER, _EVENT = table_of(Case), table_of(Customer), table_of(Event)
_MESSAGE, _ATTEMPT, _REFUSED = table_of(Message), table_of(Attempt), table_of(Refused)


@dataclass(frozen=True, slots=True)
class Written:
    """A message that would have gone out."""

    customer: str
    template: str
    medium: str
    locale: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A step that would not have been said, with its reason in a code and a sentence."""

    customer: str
    step: str | None
    medium: str | None
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RehearsedDay:
    """One virtual day."""

    day: date
    written: tuple[Written, ...]
    not_written: tuple[NotWritten, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "written": [
                {
                    "customer": one.customer,
                    "template": one.template,
                    "medium": one.medium,
                    "locale": one.locale,
                    "at": one.at.isoformat(),
                }
                for one in self.written
            ],
            "not_written": [
                {
                    "customer": one.customer,
                    "step": one.step,
                    "medium": one.medium,
                    "reason": one.reason,
                    "sentence": one.sentence,
                }
                for one in self.not_written
            ],
        }


def rehearse(source: Database, scratch: Path, since: date, until: date) -> Iterator[RehearsedDay]:
    """The days from `since` to `until`, both included. `scratch` is an empty folder to work in."""
    url = f"sqlite:///{scratch / 'rehearsal.sqlite3'}"
    migrate.upgrade(url)
    database = Database(url)
    clock = VirtualClock(datetime.combine(since, time(0), UTC))
    publish_shipped(database, clock.now())
    loops, replay = _loops(database, clock), Replay(source, database)
    try:
        for offset in range((until - since).days + 1):
            day = since + timedelta(days=offset)
            replay.advance(day, now=datetime.combine(day, time(0), UTC))
            with database.write() as session:
                outfit(session)
            yield _walk_through(database, loops, clock, day)
    finally:
        database.dispose()


def _loops(database: Database, clock: VirtualClock) -> Loops:
    ledger = Ledger()
    channels = {
        (str(channel.medium), channel.provider): channel
        for channel in (SandboxSms(ledger), SandboxEmail(ledger), SandboxWhatsapp(ledger))
    }
    addresses = Addresses("https://rehearsal.invalid", b"nobody ever gets a link of a rehearsal")
    return assemble(database, channels, addresses, clock.now)


def _walk_through(database: Database, loops: Loops, clock: VirtualClock, day: date) -> RehearsedDay:
    begins = datetime.combine(day, time(0), UTC)
    for look in LOOKS:
        clock.move_to(datetime.combine(day, look, UTC))
        loops.settle(clock.now())
    with database.read() as session:
        names = _names(session)
        return RehearsedDay(
            day,
            tuple(_written(session, begins, names)),
            tuple(_not_written(session, begins, names)),
        )


def _names(session: Session) -> Mapping[int, str]:
    query = select(_CUSTOMER.c.id, _CUSTOMER.c.external_id)
    return {row.id: row.external_id for row in session.connection().execute(query)}


def _written(session: Session, since: datetime, names: Mapping[int, str]) -> Iterator[Written]:
    query = (
        select(_MESSAGE.c.customer_id, _MESSAGE.c.template, _ATTEMPT.c.medium,
               _ATTEMPT.c.locale, _ATTEMPT.c.gated_at)
        .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .where(_ATTEMPT.c.gated_at >= since, _ATTEMPT.c.state == "accepted")
        .order_by(_ATTEMPT.c.id)
    )  # fmt: skip
    for row in session.connection().execute(query):
        yield Written(names[row.customer_id], row.template, row.medium, row.locale, row.gated_at)


def _not_written(
    session: Session, since: datetime, names: Mapping[int, str]
) -> Iterator[NotWritten]:
    """Each step that was passed unsaid, and each medium that was refused, once a day."""
    told: dict[tuple[object, ...], NotWritten] = {}
    for customer, step, medium, reason, params in (
        *_passed(session, since),
        *_refused(session, since),
    ):
        said = sentence(reason, {**params, "step": step or "", "medium": medium or ""})
        key = (customer, step, medium, reason)
        told.setdefault(key, NotWritten(names[customer], step, medium, reason, said))
    yield from told.values()


_Untold = tuple[int, str | None, str | None, str, Mapping[str, str]]


def _passed(session: Session, since: datetime) -> Iterator[_Untold]:
    query = (
        select(_EVENT.c.customer_id, _EVENT.c.payload)
        .where(_EVENT.c.kind == "StepPassed", _EVENT.c.at >= since)
        .order_by(_EVENT.c.id)
    )
    for row in session.connection().execute(query):
        yield row.customer_id, row.payload["step"], None, row.payload["reason"], {}


def _refused(session: Session, since: datetime) -> Iterator[_Untold]:
    query = (
        select(_CASE.c.customer_id, *_REFUSED.c)
        .join(_CASE, _CASE.c.id == _REFUSED.c.case_id)
        .where(_REFUSED.c.at >= since)
        .order_by(_REFUSED.c.id)
    )
    row: Row[Any]
    for row in session.connection().execute(query):
        yield row.customer_id, row.step, row.medium, row.reason, row.params
