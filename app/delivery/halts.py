"""The stop button: while a halt is in force nothing of its creditor and medium is sent.

The gate asks in its own transaction, and a gate older than two seconds is void: so two seconds
after a stop is committed no worker sends any more. What waits keeps waiting, and is asked about
again like any other message when the halt is lifted, at its sender's rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, exists, or_, select, update
from sqlmodel import Session

from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import Creditor, Halt, Sender
from campaigns.vocabulary import Medium
from campaigns.worded import Worded, as_written, worded

ONLY_MEDIUM: Final = "only_medium"
ONLY_CREDITOR: Final = "only_creditor"
_HALT, _CREDITOR, _SENDER = table_of(Halt), table_of(Creditor), table_of(Sender)

_HALTS = select(
    _HALT,
    _CREDITOR.c.external_id.label("creditor"),
    _CREDITOR.c.name.label("creditor_name"),
).outerjoin(_CREDITOR, _CREDITOR.c.id == _HALT.c.creditor_id)
_IN_FORCE = _HALTS.where(_HALT.c.lifted_at.is_(None)).order_by(_HALT.c.id)

HALTED: ColumnElement[bool] = exists().where(
    _HALT.c.lifted_at.is_(None),
    or_(_HALT.c.creditor_id.is_(None), _HALT.c.creditor_id == _SENDER.c.creditor_id),
    or_(_HALT.c.medium.is_(None), _HALT.c.medium == _SENDER.c.medium),
)
"""Of a sender: whether a halt stops it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to stop: of one creditor or of all, on one medium or on all."""

    creditor_id: int | None = None
    medium: Medium | None = None


def halts_in_force(session: Session) -> Sequence[Row[Any]]:
    """Every halt that nobody has lifted, with the creditor's own name, the oldest first."""
    return session.connection().execute(_IN_FORCE).all()


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that stands: what it stops (None: all), since when, by whom and why."""

    id: int
    creditor: str | None
    creditor_name: str | None
    medium: Medium | None
    since: datetime
    by: str
    why: str


def standing_stops(session: Session) -> tuple[Stop, ...]:
    """What is stopped now, the oldest first; of a partial index that is nearly always empty, so
    that every page may ask."""
    return tuple(
        Stop(
            row.id,
            row.creditor,
            row.creditor_name,
            Medium(row.medium) if row.medium else None,
            row.placed_at,
            row.placed_by,
            row.note,
        )
        for row in halts_in_force(session)
    )


def lifted_stops(session: Session, *, most: int = 20) -> Sequence[Row[Any]]:
    """The stops that were lifted, the newest first, with who lifted them and when."""
    lifted = _HALTS.where(_HALT.c.lifted_at.is_not(None)).order_by(_HALT.c.id.desc())
    return session.connection().execute(lifted.limit(most)).all()


def halt_of(halts: Sequence[Row[Any]], creditor_id: int, medium: str) -> Row[Any] | None:
    """The first of the halts that stops this creditor's messages on this medium."""
    for halt in halts:
        if halt.creditor_id in (None, creditor_id) and halt.medium in (None, medium):
            return halt
    return None


def words_of(halt: Row[Any]) -> Worded:
    """What it stops, as staff say it: everything, sms, creditor carmel, sms of creditor carmel."""
    return _scope_words(halt.medium, halt.creditor)


def params_of(halt: Row[Any]) -> Mapping[str, str]:
    """What a message that it holds keeps: the words in English, and the facts that they are of."""
    facts = {ONLY_MEDIUM: halt.medium, ONLY_CREDITOR: halt.creditor}
    told = {name: value for name, value in facts.items() if value}
    return {"what": words_of(halt), "by": halt.placed_by, **told}


def words_in(params: Mapping[str, object]) -> Worded:
    """What `words_of` said, of what a message has kept."""
    medium, creditor = (params.get(name) for name in (ONLY_MEDIUM, ONLY_CREDITOR))
    if not medium and not creditor:
        return as_written(str(params.get("what", "")))
    return _scope_words(str(medium or ""), str(creditor or ""))


def _scope_words(medium: str | None, creditor: str | None) -> Worded:
    if medium and creditor:
        return worded(
            "%(medium)s of creditor %(creditor)s", medium=as_written(medium), creditor=creditor
        )
    if creditor:
        return worded("creditor %(creditor)s", creditor=creditor)
    return as_written(medium) if medium else worded("everything")


def place_halt(session: Session, scope: Scope, *, by: str, note: str, now: datetime) -> bool:
    """Stops what the scope names. Answers whether that is new; twice is fine."""
    if any(_same(halt, scope) for halt in halts_in_force(session)):
        return False
    row = {
        "creditor_id": scope.creditor_id,
        "medium": scope.medium.value if scope.medium else None,
        "placed_at": now,
        "placed_by": by,
        "note": note,
    }
    insert_rows(session, Halt, [row])
    return True


def lift_halt(session: Session, scope: Scope, *, by: str, now: datetime) -> bool:
    """Lifts the halt of exactly this scope. A wider or a narrower one stays in force."""
    ids = [halt.id for halt in halts_in_force(session) if _same(halt, scope)]
    session.connection().execute(
        update(_HALT).where(_HALT.c.id.in_(ids)).values(lifted_at=now, lifted_by=by)
    )
    return bool(ids)


def lift_all(session: Session, *, by: str, now: datetime) -> int:
    """Lifts every halt there is, and answers how many."""
    lifted = update(_HALT).where(_HALT.c.lifted_at.is_(None)).values(lifted_at=now, lifted_by=by)
    return session.connection().execute(lifted).rowcount


def _same(halt: Row[Any], scope: Scope) -> bool:
    medium = scope.medium.value if scope.medium else None
    return (halt.creditor_id, halt.medium) == (scope.creditor_id, medium)
