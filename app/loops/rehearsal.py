"""Replays a book day by day and says what would have been said: to whom, on what, and why not.

Runs the real loops on a scratch database of its own, with the journeys, words, rules and campaigns
of the source and a sandbox that delivers everything. What is dated later than the virtual day is
not yet known there. The source is only read, and nothing leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, SQLModel

from app.book.days import start_of
from app.book.replay import Replay
from app.clock import VirtualClock
from app.delivery.approving import Approver
from app.delivery.dispatch import Addresses
from app.engine.catalogue import Catalogue
from app.engine.outfit import outfit
from app.loops.assembly import Loops, assemble, publish_shipped
from app.loops.assumed import approve_assumed, next_assumed
from app.loops.rehearsed import NotWritten, Reader, RehearsedDay, Written
from app.loops.sandbox import hand_receipts
from app.store.bulk import insert_rows
from app.store.columns import word
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Campaign, Case, Creditor, Message, Publication, Revision, Sender
from app.store.scratch import scratch_database
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_ledger import Ledger

__all__ = ["NotWritten", "RehearsedDay", "Written", "rehearse"]

STEP = timedelta(minutes=15)  # looks are not closer to each other
FAST = 1_000_000.0  # messages a second: a virtual clock stands still while a day's go out

_CREDITOR, _CASE, _MESSAGE = table_of(Creditor), table_of(Case), table_of(Message)
_SENDER, _PUBLICATION = table_of(Sender), table_of(Publication)

_DESIGN: tuple[tuple[type[SQLModel], Mapping[str, Any]], ...] = (
    (Revision, {}),
    (Publication, {}),
    (Campaign, {"enrolled_on": None, "enrolled_at": None}),
)
_ADDRESSES = Addresses("https://rehearsal.invalid", b"nobody ever gets a link of a rehearsal")
_TO_THE_SANDBOX = {"provider": "sandbox", "per_second": FAST, "free_at": None}


def rehearse(source: Database, scratch: Path, since: date, until: date) -> Iterator[RehearsedDay]:
    """The days from `since` to `until`, both included. `scratch` is an empty folder to work in.

    A day begins when it has begun for every creditor, so that none hears of what is still to come.
    """
    with ExitStack() as stack:
        database = scratch_database(scratch / "rehearsal.sqlite3")
        stack.callback(database.dispose)
        ledger = Ledger(scratch / "ledger.sqlite3")
        stack.callback(ledger.close)
        replay, zones = Replay(source, database), _zones(source)
        clock = VirtualClock(_begins(since, zones))
        _set_stage(source, database, clock.now())
        loops = _loops(database, ledger, clock)
        approver = Approver(Catalogue(), _ADDRESSES.base_url)
        with database.read() as session:
            reader = Reader(session)
        for offset in range((until - since).days + 1):
            day = since + timedelta(days=offset)
            clock.move_to(_begins(day, zones))
            replay.advance(day, now=clock.now())
            ends = _begins(day + timedelta(days=1), zones)
            _walk_through(database, ledger, loops, approver, clock, ends, zones)
            with database.read() as session:
                yield reader.read(session, day, _begins(day, zones))


def _zones(source: Database) -> Sequence[str]:
    with source.read() as session:
        query = select(_CREDITOR.c.zone).distinct().order_by(_CREDITOR.c.zone)
        return session.connection().execute(query).scalars().all() or ["UTC"]


def _begins(day: date, zones: Sequence[str]) -> datetime:
    return max(start_of(day, zone) for zone in zones)


def _set_stage(source: Database, database: Database, now: datetime) -> None:
    """Gives the scratch database what the source decides and speaks by; what ships, if nothing."""
    with source.read() as known, database.write() as session:
        for model, fresh in _DESIGN:
            _copy(known, session, model, fresh)
        is_bare = session.connection().scalar(select(func.count(_PUBLICATION.c.id))) == 0
    if is_bare:
        publish_shipped(database, now)
    with database.write() as session:
        outfit(session)
        session.connection().execute(update(_SENDER).values(_TO_THE_SANDBOX))


def _copy(
    known: Session, session: Session, model: type[SQLModel], fresh: Mapping[str, Any]
) -> None:
    rows = known.connection().execute(select(table_of(model))).mappings()
    while part := rows.fetchmany(2000):
        insert_rows(session, model, [{**row, **fresh} for row in part])


def _loops(database: Database, ledger: Ledger, clock: VirtualClock) -> Loops:
    channels = {
        (str(channel.medium), channel.provider): channel
        for channel in (SandboxSms(ledger), SandboxEmail(ledger), SandboxWhatsapp(ledger))
    }
    return assemble(database, channels, _ADDRESSES, clock.now)


def _walk_through(
    database: Database,
    ledger: Ledger,
    loops: Loops,
    approver: Approver,
    clock: VirtualClock,
    ends: datetime,
    zones: Sequence[str],
) -> None:
    """From one instant at which anything is due to the next, up to the end of the day."""
    midnights = _midnights(clock.now(), ends, zones)
    while clock.now() < ends:
        while hand_receipts(database, ledger, clock.now()):
            continue
        approve_assumed(database, approver, clock.now())
        loops.settle(clock.now())
        found = [*midnights, ledger.next_due_at(), *_dues(database, clock.now())]
        later = [at for at in found if at is not None and at > clock.now()]
        clock.move_to(min(ends, _rounded_up(min(later, default=ends))))


def _midnights(begins: datetime, ends: datetime, zones: Sequence[str]) -> list[datetime]:
    """When a creditor's calendar turns its page: its audience is read anew."""
    found = {start_of(begins.date() + timedelta(days=n), zone) for zone in zones for n in (0, 1, 2)}
    return sorted(at for at in found if begins < at < ends)


def _dues(database: Database, now: datetime) -> tuple[datetime | None, ...]:
    """The earliest instants after `now` at which a case or a message is due, or somebody's word is
    given."""
    looks = select(func.min(_CASE.c.look_at)).where(
        _CASE.c.phase != word("closed"), _CASE.c.look_at > now
    )
    starts = select(func.min(_MESSAGE.c.due_at)).where(
        _MESSAGE.c.state == word("waiting"), _MESSAGE.c.due_at > now
    )
    with database.read() as session:
        dues = [session.connection().scalar(query) for query in (looks, starts)]
        return (*dues, next_assumed(session, now))


def _rounded_up(at: datetime) -> datetime:
    whole = datetime.combine(at.date(), time(0), UTC)
    return whole - STEP * ((whole - at) // STEP)
