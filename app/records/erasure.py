"""Erases what was kept to write to people; what they owe stays, and what must keep them unwritten.

The ledger is kept while a claim needs it (GDPR Art. 17(3)(b), (e)). Addresses leave a keyed hash
behind, so that one that is brought again is closed again. Nothing is ever sent to the erased.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session

from app.book.cases import columns_of, event_row, state_of
from app.book.days import day_of
from app.book.returning import BY_TIME, ERASED
from app.book.withheld import Withheld, withhold
from app.engine.catalogue import Catalogue
from app.records.callbacks import erase_callbacks
from app.records.claims import let_go_of_claims
from app.records.erased_rows import (
    CLOSINGS,
    CLOSINGS_BARE,
    ERASED_LINES,
    FORGET,
    LIVING,
    OPEN_CASES,
    OWN_ADDRESSES,
    SENT,
    SIGNALS_DONE,
    STOPPED,
    TEXTS_GONE,
    UNSALT,
    WAITING,
)
from app.records.keeping import keepings
from app.records.trail import link_persons
from app.store.bulk import insert_rows, lock_rows, update_rows
from app.store.columns import NOTHING
from app.store.given import chunks, rows_given, table_of
from app.store.guard import lock_persons, raise_revisions
from app.store.journal import Happened, record
from app.store.rows import Address, Case, Customer, Event, Hold, Invoice, Message
from campaigns.case import fold
from campaigns.events import CaseClosed
from campaigns.vocabulary import HoldKind, Outcome

_CUSTOMER, _HOLD = table_of(Customer), table_of(Hold)
_INVOICE = table_of(Invoice)


class ErasureReason(StrEnum):
    """Why somebody is erased. `retention`: their time is over; they did not ask for it."""

    REQUEST = "request"
    OBJECTION = "objection"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL = "unlawful"
    RETENTION = BY_TIME


class ErasureRefused(ValueError):
    """Something forbids to erase now. Says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of one customer. `open_invoices` is why the ledger is needed still; `files` are
    references of documents that no invoice names any more: drop them when this is committed."""

    customer_id: int
    was_erased: bool
    open_invoices: int = 0
    messages: int = 0
    addresses_withheld: int = 0
    cases_closed: int = 0
    files: tuple[str, ...] = ()


def erase(
    session: Session,
    customer_id: int,
    *,
    reason: ErasureReason,
    secret: bytes,
    now: datetime,
) -> Erasure:
    """Erases one customer, once. Raises `ErasureRefused` while a legal hold is on the person, or a
    rule of the law keeps the records."""
    person = session.connection().scalar(
        select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id == customer_id)
    )
    if person is None:
        raise ErasureRefused(f"There is no customer {customer_id}; name one that is in the book.")
    lock_persons(session, [person])
    refuse_if_held(session, person)
    refuse_if_kept(session, customer_id, now)
    found = erase_customers(session, [customer_id], reason=reason, secret=secret, now=now)
    if not found:
        return Erasure(customer_id, was_erased=True, open_invoices=_open(session, customer_id))
    return found[0]


def refuse_if_held(session: Session, person_id: int) -> None:
    held = session.connection().scalar(
        select(_HOLD.c.id).where(
            _HOLD.c.person_id == person_id,
            _HOLD.c.kind == HoldKind.LEGAL,
            _HOLD.c.released_at.is_(None),
        )
    )
    if held is not None:
        raise ErasureRefused(
            f"Hold {held} is a legal hold on this person: what is on record may be needed in a"
            " proceeding. Release the hold when that is over, then erase."
        )


def refuse_if_kept(session: Session, customer_id: int, now: datetime) -> None:
    catalogue = Catalogue()
    catalogue.refresh(session)
    kept = keepings(session, catalogue, [customer_id], now).get(customer_id)
    if kept is not None and kept.until is not None and kept.until > now:
        raise ErasureRefused(
            f"{kept.kept_for} wants the records of customer {customer_id} kept until"
            f" {kept.until.date()} at the earliest, and longer while something is open. Keep the"
            " customer from being written to (a hold, an opt-out), and erase then."
        )


def erase_customers(
    session: Session,
    customer_ids: Sequence[int],
    *,
    reason: ErasureReason,
    secret: bytes,
    now: datetime,
) -> list[Erasure]:
    """Erases those that are not erased yet. Takes the guards. Whether it may, is asked before.

    Lock order: persons, cases, messages, the heads of their chains.
    """
    persons = {row.id: row.person_id for row in rows_given(session, LIVING, sorted(customer_ids))}
    lock_persons(session, persons.values())
    ids = sorted(row.id for row in rows_given(session, LIVING, sorted(persons)))
    if not ids:
        return []
    raise_revisions(session, [persons[id_] for id_ in ids])
    closed = _close_cases(session, ids, now)
    _stop_messages(session, ids, now)
    link_persons(session, [persons[id_] for id_ in ids])
    lines = _forget_salts(session, ids)
    messages = _erase_texts(session, ids, now)
    for statement in FORGET:
        session.connection().execute(statement, {"erased": ids, "now": now})
    # Last: an address is theirs alone when nobody uses it who was not erased.
    withheld = _erase_addresses(session, ids, reason, secret, now)
    files = {id_: let_go_of_claims(session, [id_]) for id_ in ids}
    happened = [_fact(id_, reason, lines[id_], now) for id_ in ids]
    record(session, happened, now=now)
    return [
        Erasure(
            id_,
            was_erased=False,
            open_invoices=_open(session, id_),
            messages=messages[id_],
            addresses_withheld=withheld[id_],
            cases_closed=closed[id_],
            files=files[id_],
        )
        for id_ in ids
    ]


def _fact(customer_id: int, reason: ErasureReason, lines: Sequence[int], now: datetime) -> Happened:
    return Happened(
        ERASED,
        at=now,
        customer_id=customer_id,
        payload={"reason": str(reason), "lines": list(lines)},
    )


def _open(session: Session, customer_id: int) -> int:
    owed = select(func.count()).where(
        _INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > NOTHING
    )
    return session.connection().execute(owed).scalar_one()


def _close_cases(session: Session, ids: Sequence[int], now: datetime) -> Mapping[int, int]:
    """By the event that closes any case, so that a case stays the fold of its events."""
    rows = rows_given(session, OPEN_CASES, ids)
    lock_rows(session, Case, [row.id for row in rows])
    rows = rows_given(session, OPEN_CASES, ids)
    ends = CaseClosed(Outcome.WITHDRAWN)
    insert_rows(
        session,
        Event,
        [event_row(ends, case_id=row.id, customer_id=row.customer_id, at=now) for row in rows],
    )
    update_rows(session, Case, [_closed(row, ends, now) for row in rows])
    session.connection().execute(SIGNALS_DONE, {"given": [row.id for row in rows], "now": now})
    counts: dict[int, int] = defaultdict(int)
    for row in rows:
        counts[row.customer_id] += 1
    return counts


def _closed(row: Row[Any], ends: CaseClosed, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        **columns_of(fold(state_of(dict(row._mapping)), ends, now)),
        "look_at": None,
        "reason": "erased",
        "reason_params": {},
        "revision": row.revision + 1,
        "closed_at": now,
        "closed_on": day_of(now, row.zone),
    }


def _stop_messages(session: Session, ids: Sequence[int], now: datetime) -> None:
    waiting = [row.id for row in rows_given(session, WAITING, ids)]
    lock_rows(session, Message, waiting)
    session.connection().execute(STOPPED, {"given": waiting, "now": now})


def _forget_salts(session: Session, ids: Sequence[int]) -> Mapping[int, list[int]]:
    """Of the lines whose content goes. Answers their numbers."""
    lines: dict[int, list[int]] = defaultdict(list)
    salts: list[int] = []
    for query in ERASED_LINES:
        for row in rows_given(session, query, ids):
            lines[row.customer_id].append(row.number)
            salts.append(row.id)
    for part in chunks(salts):
        session.connection().execute(UNSALT, {"given": part})
    return defaultdict(list, {id_: sorted(numbers) for id_, numbers in lines.items()})


def _erase_texts(session: Session, ids: Sequence[int], now: datetime) -> Mapping[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for row in rows_given(session, SENT, ids):
        counts[row.customer_id] = row.attempts
    session.connection().execute(TEXTS_GONE, {"given": ids, "now": now})
    return counts


def _erase_addresses(
    session: Session, ids: Sequence[int], reason: ErasureReason, secret: bytes, now: datetime
) -> Mapping[int, int]:
    """Those that nobody else uses. One that others use stays theirs, and is no longer of these."""
    rows = rows_given(session, OWN_ADDRESSES, ids)
    closings = defaultdict(list)
    for row in rows_given(session, CLOSINGS, sorted({row.id for row in rows})):
        closings[row.address_id].append(row)
    told = [
        Withheld((row.kind, row.value), each.medium, each.creditor_id, each.reason)
        for row in rows
        for each in closings[row.id]
    ]
    if reason is not ErasureReason.RETENTION:
        told += [Withheld((row.kind, row.value), None, None, "erased") for row in rows]
        erase_callbacks(session, ids, {row.value for row in rows})
    withhold(session, secret, told, now)
    gone = [
        {"id": id_, "value": f"erased:{id_}", "valid": False, "invalid_reason": "erased"}
        for id_ in sorted({row.id for row in rows})
    ]
    update_rows(session, Address, [{**row, "zone": None} for row in gone])
    for part in chunks([row["id"] for row in gone]):
        session.connection().execute(CLOSINGS_BARE, {"given": part})
    counts: dict[int, int] = defaultdict(int)
    for customer_id, _ in {(row.customer_id, row.id) for row in rows}:
        counts[customer_id] += 1
    return counts
