"""Takes calls in: verified, stored raw, interpreted; and what is left is handled by a tick.

    call → forged: refused and counted, nothing stored
         → stored raw, committed → urgent: interpreted before the answer → handled
                                 → the rest: by the tick                 → handled
                                 → premature: again by later ticks, for `PATIENCE`
                                 → a problem: kept for a person, never stops the others

A call is known by the hash of its body: a provider that repeats itself changes nothing. An inbound
row is locked before any guard; nothing else locks one. What a call says is read outside of any
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)
from sqlmodel import Session

from app.delivery.withdrawal import withdraw
from app.intake.errors import Forged, IntakeError, Premature
from app.intake.gateway_events import take_gateway_event
from app.intake.inbound import (
    Taken,
    lock_open,
    mark_handled,
    note_problem,
    row_of,
    store_all,
    stored,
    wait_or_give_up,
)
from app.intake.mail_notes import take_note
from app.intake.mails import MailNote
from app.intake.receipts import take_receipts
from app.intake.replies import Written, receive_reply
from app.intake.sources import Heard, Source, is_urgent
from app.store.engines import Database
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Inbound
from channels.delivery import Receipt

PAGE: Final = 200
"""Receipts in one transaction of the tick."""
PAGE_OF_ONE_WRITER: Final = 50
"""The same where nobody else writes meanwhile: a few milliseconds of the one lock."""

_INBOUND = table_of(Inbound)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a genuine call says, or why that cannot be read. It is read once: a mail of 30 MB takes
    its time."""

    heard: Sequence[Heard] = field(repr=False)
    problem: Exception | None = None

    @property
    def is_calm(self) -> bool:
        """Whether it can wait for the tick: it holds neither money nor a stop, and can be read."""
        return self.problem is None and not any(map(is_urgent, self.heard))


def receive(
    database: Database,
    source: Source,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: datetime,
) -> Taken:
    """Takes one call in; answer it with 2xx once this has returned.

    Money and stops have taken effect by then. Raises `Forged`: answer 403. An error of the database
    is raised, too: answer 500, and the provider's repeat is taken like a first call.
    """
    verified = verify(database, source, body, headers, now=now)
    row = row_of(source.name, body, headers, now)
    with database.write() as session:
        (taken,) = store_all(session, [row])
    if not verified.is_calm:
        handle(database, source, taken.inbound_id, verified, now=now)
    return taken


def verify(
    database: Database,
    source: Source,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: datetime,
) -> Verified:
    """Raises `Forged`, which is counted."""
    try:
        return Verified(source.hear(body, headers, now))
    except Forged:
        _count_forged(database, source.name, now)
        raise
    except IntakeError as problem:
        return Verified((), problem)


def handle(
    database: Database, source: Source, inbound_id: int, verified: Verified, *, now: datetime
) -> bool:
    """Interprets one stored call in a transaction of its own. Answers whether it is handled now.

    What it cannot do is noted on the row: it never raises for the call's own fault.
    """
    try:
        with database.write() as session:
            is_handled = _take(session, source, inbound_id, verified, now)
            withdraw(session, now=now)
            return is_handled
    except Exception as problem:
        if _is_trouble(problem):
            raise
        with database.write() as session:
            _set_aside(session, inbound_id, problem, now)
    return False


def handle_within(
    session: Session, source: Source, inbound_id: int, verified: Verified, *, now: datetime
) -> bool:
    """The same within a transaction that does more, and that withdraws what waits in the end. What
    it cannot do is undone alone."""
    try:
        with session.begin_nested():
            return _take(session, source, inbound_id, verified, now)
    except Exception as problem:
        if _is_trouble(problem):
            raise
        _set_aside(session, inbound_id, problem, now)
    return False


def _take(
    session: Session, source: Source, inbound_id: int, verified: Verified, now: datetime
) -> bool:
    if not lock_open(session, [inbound_id]):
        return True  # handled by somebody else
    if verified.problem is not None:
        raise verified.problem
    return _interpret(session, source, inbound_id, verified.heard, now)


def _is_trouble(problem: Exception) -> bool:
    """Whether it is the database's trouble and not the call's: then it stays open and is tried
    again. A value that no column takes, such as a list for an id, is the call's: asking again
    changes nothing."""
    if not isinstance(problem, DBAPIError):
        return False
    is_of_value = isinstance(problem, DataError | InterfaceError | ProgrammingError)
    return problem.connection_invalidated or not is_of_value


def _set_aside(session: Session, inbound_id: int, problem: Exception, now: datetime) -> None:
    """Notes why a call could not be taken; one poisoned call must not stop the others."""
    match problem:
        case Premature():
            wait_or_give_up(session, inbound_id, str(problem), now)
        case IntakeError():
            note_problem(session, inbound_id, f"{type(problem).__name__}: {problem}", now)
        case _:
            # Only the name: the sentence of an error that is not ours may quote a customer.
            note_problem(session, inbound_id, type(problem).__name__, now)


def intake_tick(
    database: Database, sources: Mapping[str, Source], *, now: datetime, batch: int | None = None
) -> int:
    """Handles the calls that are still open, oldest first, all of them. Answers how many it did.

    Receipts go a page at a time; when one of a page cannot be taken, that page goes one by one. A
    page is as large as `batch`, else as the store bears.
    """
    size = batch or (PAGE if database.skips_locked else PAGE_OF_ONE_WRITER)
    handled, last = 0, 0
    while page := _open_page(database, sources, last, size):
        last = page[-1].id
        if _handle_together(database, sources, page, now):
            handled += len(page)
        else:
            handled += sum(_handle_alone(database, sources, inbound, now) for inbound in page)
        database.ensure_going()
    return handled


def _handle_together(
    database: Database, sources: Mapping[str, Source], page: Sequence[Row[Any, Any]], now: datetime
) -> bool:
    """All calls of a page in one transaction if all are receipts on record, or none of them."""
    try:
        heard = _heard(database, sources, page)
        if not all(isinstance(each, Receipt) for said in heard.values() for each in said):
            return False
        with database.write() as session:
            still_open = lock_open(session, list(heard))
            told = [each for inbound_id in still_open for each in heard[inbound_id]]
            receipts = [each for each in told if isinstance(each, Receipt)]
            if take_receipts(session, receipts, now=now).unmatched:
                raise Premature("one of the page is not on record: nothing of it is kept")
            mark_handled(session, still_open, now)
    except Exception:  # noqa: BLE001 - each call is tried alone next, and keeps its own problem
        return False
    return True


def _handle_alone(
    database: Database, sources: Mapping[str, Source], inbound: Row[Any, Any], now: datetime
) -> bool:
    database.ensure_going()
    try:
        verified = _verified_again(database, sources, inbound)
        return handle(database, sources[inbound.source], inbound.id, verified, now=now)
    except DBAPIError as refusal:
        with database.write() as session:
            wait_or_give_up(session, inbound.id, type(refusal).__name__, now)
        return False


def _verified_again(
    database: Database, sources: Mapping[str, Source], inbound: Row[Any, Any]
) -> Verified:
    try:
        return Verified(_heard(database, sources, [inbound])[inbound.id])
    except DBAPIError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is noted on the call
        return Verified((), problem)


def _heard(
    database: Database, sources: Mapping[str, Source], page: Sequence[Row[Any, Any]]
) -> Mapping[int, Sequence[Heard]]:
    """What stored calls say. As of their receipt: the signature was fresh then, and the row has
    not changed since."""
    with database.read() as session:
        calls = stored(session, [inbound.id for inbound in page])
    return {
        id_: sources[each.source].hear(each.body, each.headers, each.at)
        for id_, each in calls.items()
    }


def _interpret(
    session: Session, source: Source, inbound_id: int, heard: Sequence[Heard], now: datetime
) -> bool:
    """Takes in what the call says. Receipts that name no attempt yet leave it open."""
    receipts = [each for each in heard if isinstance(each, Receipt)]
    unmatched = take_receipts(session, receipts, now=now).unmatched if receipts else ()
    for each in heard:
        if isinstance(each, Written):
            receive_reply(session, each, now=now, inbound_id=inbound_id)
        elif isinstance(each, MailNote):
            take_note(session, each, now=now, inbound_id=inbound_id)
        elif not isinstance(each, Receipt):
            take_gateway_event(session, source.name, each, now=now)
    if unmatched:
        problem = f"{len(unmatched)} receipts name no attempt on record"
        wait_or_give_up(session, inbound_id, problem, now)
        return False
    mark_handled(session, [inbound_id], now)
    return True


def _open_page(
    database: Database, sources: Mapping[str, Source], after: int, size: int
) -> Sequence[Row[Any, Any]]:
    with database.read() as session:
        query = (
            select(_INBOUND.c.id, _INBOUND.c.source)
            .where(
                _INBOUND.c.handled_at.is_(None),
                _INBOUND.c.problem.is_(None),
                _INBOUND.c.source.in_(list(sources)),
                _INBOUND.c.id > after,
            )
            .order_by(_INBOUND.c.id)
            .limit(size)
        )
        return session.connection().execute(query).all()


def _count_forged(database: Database, source: str, now: datetime) -> None:
    """At most one event a second and source: whoever floods us must not fill the database."""
    refused = Happened(
        "callback_refused",
        at=now,
        key=f"callback_refused:{source}:{int(now.timestamp())}",
        payload={"source": source},
    )
    with suppress(IntegrityError), database.write() as session:  # another one counted this second
        record(session, [refused], now=now)
