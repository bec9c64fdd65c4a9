"""The guard: a revision per person. Every gate and every stop fact locks it and raises it.

Two transactions that both hold a person's guard run one after the other, so a gate either sees
a committed stop or commits before it. Lock order everywhere: persons by id, then cases, then
messages.

Locks are FOR NO KEY UPDATE: a plain FOR UPDATE would make every insert that refers to the row
wait, and a walk that inserts a person's message would deadlock with the stop that wakes its case.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select, update
from sqlmodel import Session

from app.store.bulk import lock_rows
from app.store.given import GIVEN, change_given, rows_given, table_of
from app.store.rows import Person

_PERSON = table_of(Person)
_RAISED_HERE: Final = "persons whose guards were raised"


def lock_persons(session: Session, person_ids: Iterable[int]) -> None:
    """Locks the guards in id order. (SQLite's writer holds all.)"""
    lock_rows(session, Person, list(person_ids))


def lock_revisions(session: Session, person_ids: Iterable[int]) -> dict[int, int]:
    """The same, and answers the guards' revisions."""
    locked = rows_given(session, _LOCKED, sorted(set(person_ids)))
    return {row.id: row.revision for row in locked}


def raise_revisions(session: Session, person_ids: Iterable[int]) -> None:
    """Marks that something was sent to, or stopped for, these persons."""
    ids = sorted(set(person_ids))
    change_given(session, _RAISED, ids)
    session.info.setdefault(_RAISED_HERE, set()).update(ids)


def newly_raised(session: Session) -> frozenset[int]:
    """The persons whose guards this transaction has raised since this was asked last."""
    return frozenset(session.info.pop(_RAISED_HERE, ()))


_LOCKED = (
    select(_PERSON.c.id, _PERSON.c.revision)
    .where(_PERSON.c.id.in_(GIVEN))
    .order_by(_PERSON.c.id)
    .with_for_update(key_share=True)
)
_RAISED = update(_PERSON).where(_PERSON.c.id.in_(GIVEN)).values(revision=_PERSON.c.revision + 1)
