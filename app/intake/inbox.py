"""Takes calls in: verified, stored raw, interpreted; and what is left is handled by a tick.

    call → forged: refused and counted, nothing stored
         → stored raw, committed → urgent: interpreted before the answer → handled
                                 → the rest: by the tick                 → handled
                                 → premature: again by later ticks, for `PATIENCE`
                                 → a problem: kept for a person, never stops the others

A call is known by the hash of its body: a provider that repeats itself changes nothing. An inbound
row is locked before any guard; nothing else locks one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

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
    body_of,
    headers_of,
    lock_open,
    mark_handled,
    note_problem,
    store_raw,
    wait_or_give_up,
)
from app.intake.mail_notes import take_note
from app.intake.mails import MailNote
from app.intake.receipts import take_receipts
from app.intake.replies import Written, receive_reply
from app.intake.sources import Heard, Source, is_urgent
from app.store.bulk import table_of
from app.store.engines import Database
from app.store.journal import Happened, record
from app.store.rows import Inbound
from channels.delivery import Receipt

_INBOUND = table_of(Inbound)


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
    is_calm = is_calm_call(database, source, body, headers, now=now)
    with database.write() as session:
        taken = store_raw(session, source.name, body, headers, now=now)
    if not is_calm:
        handle(database, source, taken.inbound_id, now=now)
    return taken


def is_calm_call(
    database: Database,
    source: Source,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: datetime,
) -> bool:
    """Whether a genuine call can wait for the tick: it holds neither money nor a stop, and can be
    read. Raises `Forged`, which is counted."""
    try:
        return not any(is_urgent(each) for each in source.hear(body, headers, now))
    except Forged:
        _count_forged(database, source.name, now)
        raise
    except IntakeError:
        return False  # its problem is noted at once


def handle(database: Database, source: Source, inbound_id: int, *, now: datetime) -> bool:
    """Interprets one stored call in a transaction of its own. Answers whether it is handled now.

    What it cannot do is noted on the row: it never raises for the call's own fault.
    """
    try:
        with database.write() as session:
            for inbound in lock_open(session, [inbound_id]):
                is_handled = _interpret(session, source, inbound, now)
                withdraw(session, now=now)
                return is_handled
        return True  # by somebody else
    except (DataError, InterfaceError, ProgrammingError) as problem:
        # A value that no column takes, such as a list for an id: asking again changes nothing.
        if problem.connection_invalidated:
            raise
        with database.write() as session:
            note_problem(session, inbound_id, type(problem).__name__, now)
    except DBAPIError:
        raise  # the database's trouble, not the call's: it stays open and is tried again
    except Premature as early:
        with database.write() as session:
            wait_or_give_up(session, inbound_id, str(early), now)
    except IntakeError as problem:
        with database.write() as session:
            note_problem(session, inbound_id, f"{type(problem).__name__}: {problem}", now)
    except Exception as problem:  # noqa: BLE001 - one poisoned call must not stop the others
        with database.write() as session:
            # Only the name: the sentence of an error that is not ours may quote a customer.
            note_problem(session, inbound_id, type(problem).__name__, now)
    return False


def intake_tick(
    database: Database, sources: Mapping[str, Source], *, now: datetime, batch: int = 200
) -> int:
    """Handles the calls that are still open, oldest first, all of them. Answers how many it did.

    Receipts go a page at a time; when one of a page cannot be taken, that page goes one by one.
    """
    handled, last = 0, 0
    while page := _open_page(database, sources, last, batch):
        last = page[-1].id
        if _handle_together(database, sources, page, now):
            handled += len(page)
        else:
            handled += sum(_handle_alone(database, sources, inbound, now) for inbound in page)
    return handled


def _handle_together(
    database: Database, sources: Mapping[str, Source], page: Sequence[Row[Any, Any]], now: datetime
) -> bool:
    """All calls of a page in one transaction if all are receipts on record, or none of them."""
    try:
        with database.write() as session:
            locked = lock_open(session, [inbound.id for inbound in page])
            heard = [each for inbound in locked for each in _heard(sources, inbound)]
            receipts = [each for each in heard if isinstance(each, Receipt)]
            if len(receipts) < len(heard):
                return False
            if take_receipts(session, receipts, now=now).unmatched:
                raise Premature("one of the page is not on record: nothing of it is kept")
            mark_handled(session, [inbound.id for inbound in locked], now)
    except Exception:  # noqa: BLE001 - each call is tried alone next, and keeps its own problem
        return False
    return True


def _handle_alone(
    database: Database, sources: Mapping[str, Source], inbound: Row[Any, Any], now: datetime
) -> bool:
    try:
        return handle(database, sources[inbound.source], inbound.id, now=now)
    except DBAPIError as refusal:
        with database.write() as session:
            wait_or_give_up(session, inbound.id, type(refusal).__name__, now)
        return False


def _heard(sources: Mapping[str, Source], inbound: Row[Any]) -> Sequence[Heard]:
    # As of its receipt: the signature was fresh then, and the row has not changed since.
    source = sources[inbound.source]
    return source.hear(body_of(inbound), headers_of(inbound), inbound.received_at)


def _interpret(session: Session, source: Source, inbound: Row[Any], now: datetime) -> bool:
    """Takes in what the call says. Receipts that name no attempt yet leave it open."""
    heard = _heard({inbound.source: source}, inbound)
    receipts = [each for each in heard if isinstance(each, Receipt)]
    unmatched = take_receipts(session, receipts, now=now).unmatched if receipts else ()
    for each in heard:
        if isinstance(each, Written):
            receive_reply(session, each, now=now, inbound_id=inbound.id)
        elif isinstance(each, MailNote):
            take_note(session, each, now=now, inbound_id=inbound.id)
        elif not isinstance(each, Receipt):
            take_gateway_event(session, source.name, each, now=now)
    if unmatched:
        problem = f"{len(unmatched)} receipts name no attempt on record"
        wait_or_give_up(session, inbound.id, problem, now)
        return False
    mark_handled(session, [inbound.id], now)
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
