"""Writes what happened: events, once each, and the signals that wake the cases they concern.

Call it inside the transaction that makes the fact true, after `guard.lock_persons`. An event whose
key is known already is not written again and wakes nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from app.store.bulk import insert_returning_ids, insert_rows, lock_rows
from app.store.columns import word
from app.store.given import GIVEN, change_given, rows_given, table_of
from app.store.rows import Case, CaseSignal, Event
from campaigns.vocabulary import Signal

_CASE = table_of(Case)
_EVENT = table_of(Event)


@dataclass(frozen=True, slots=True)
class Happened:
    """One fact. `kind` is a `Signal` or another past-tense word; `payload` holds ids and codes.

    A signal wakes the open cases of `customer_id`, or only `case_id` if that is given. `own_act`
    says that the customer did it. `key` makes a fact that may be told twice land once.
    """

    kind: str
    at: datetime
    customer_id: int | None = None
    case_id: int | None = None
    message_id: int | None = None
    key: str | None = None
    own_act: bool = False
    payload: Mapping[str, Any] = field(default_factory=dict)


def record(session: Session, happened: Sequence[Happened], *, now: datetime) -> list[int]:
    """Writes the facts that are new, wakes their cases, and answers the new events' ids."""
    told = _write_events(session, happened)
    signals = [(event_id, fact) for event_id, fact in told if fact.kind in _SIGNALS]
    _signal_cases(session, signals, now)
    return [event_id for event_id, _ in told]


_SIGNALS = frozenset(Signal)


def _write_events(session: Session, happened: Sequence[Happened]) -> list[tuple[int, Happened]]:
    keyed = {fact.key: fact for fact in happened if fact.key is not None}
    known: set[str] = {key for (key,) in rows_given(session, _KNOWN, list(keyed))}
    fresh = [fact for key, fact in keyed.items() if key not in known]
    fresh += [fact for fact in happened if fact.key is None]
    ids = insert_returning_ids(session, Event, [_row(fact) for fact in fresh])
    return list(zip(ids, fresh, strict=True))


def _row(fact: Happened) -> dict[str, Any]:
    return {
        "key": fact.key,
        "kind": str(fact.kind),
        "at": fact.at,
        "customer_id": fact.customer_id,
        "case_id": fact.case_id,
        "message_id": fact.message_id,
        "payload": dict(fact.payload),
    }


def _signal_cases(session: Session, signals: Sequence[tuple[int, Happened]], now: datetime) -> None:
    concerned = _open_cases(session, [fact for _, fact in signals])
    rows = [
        {
            "case_id": case_id,
            "event_id": event_id,
            "signal": str(fact.kind),
            "at": fact.at,
            "own_act": fact.own_act,
        }
        for event_id, fact in signals
        for case_id in concerned.get(_owner(fact), ())
    ]
    insert_rows(session, CaseSignal, rows)
    wake(session, [case_id for ids in concerned.values() for case_id in ids], now=now)


_Owner = tuple[str, int]


def _owner(fact: Happened) -> _Owner:
    """Whose cases it concerns: the column, and its value (0 is nobody's)."""
    if fact.case_id is not None:
        return "id", fact.case_id
    return "customer_id", fact.customer_id or 0


def _open_cases(session: Session, facts: Sequence[Happened]) -> Mapping[_Owner, Sequence[int]]:
    """The open cases that each of these facts concerns, by id, and locked.

    PostgreSQL asks again whether they are open once it has their lock: a case that a walk was
    closing meanwhile hears nothing any more, and one that hears of it is not closed before it has
    answered.
    """
    owners = sorted({_owner(fact) for fact in facts})
    found: dict[_Owner, list[int]] = defaultdict(list)
    for column, query in _OPEN_CASES.items():
        given = [owner for name, owner in owners if name == column]
        for row in rows_given(session, query, given):
            found[column, row.owner].append(row.id)
    return found


def wake(session: Session, case_ids: Sequence[int], *, now: datetime) -> None:
    """Has open cases looked at now. Raises their revision, so that a running walk decides again."""
    ids = sorted(set(case_ids))
    lock_rows(session, Case, ids)
    change_given(session, _WAKE, ids, now=now)


_KNOWN = select(_EVENT.c.key).where(_EVENT.c.key.in_(GIVEN))
_OPEN_CASES = {
    column: select(_CASE.c[column].label("owner"), _CASE.c.id)
    .where(_CASE.c[column].in_(GIVEN), _CASE.c.phase != word("closed"))
    .order_by(_CASE.c.id)
    .with_for_update(key_share=True)
    for column in ("id", "customer_id")
}
_WAKE = (
    update(_CASE)
    .where(_CASE.c.id.in_(GIVEN), _CASE.c.phase != word("closed"))
    .values(look_at=bindparam("now"), revision=_CASE.c.revision + 1)
)
