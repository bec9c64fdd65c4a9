"""Writes what a creditor leaves to its customers: the entries of its envelope, checked whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import Session

from app.book.envelope import Envelope, PlanEnvelope, TeamEnvelope, house_in, team_hours
from app.store.given import table_of
from app.store.rows import Creditor

_CREDITOR = table_of(Creditor)
ENTRIES: Final[Mapping[str, type[Any]]] = {
    "promise": Envelope,
    "plan": PlanEnvelope,
    "team": TeamEnvelope,
}


def limits_of(envelope: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Every limit by its entry, with what counts where none is set."""
    return {
        entry: {
            one.name: envelope.get(entry, {}).get(one.name, one.default) for one in fields(kind)
        }
        for entry, kind in ENTRIES.items()
    }


def set_limits(session: Session, creditor_id: int, told: Mapping[str, Mapping[str, str]]) -> None:
    """Sets the limits of these entries; an empty text takes one back to what is usual.

    Raises `EnvelopeError`, and changes nothing then.
    """
    query = select(_CREDITOR).where(_CREDITOR.c.id == creditor_id)
    row = session.connection().execute(query.with_for_update(key_share=True)).one()
    envelope = dict(row.envelope)
    for entry, values in told.items():
        kept = {**envelope.get(entry, {}), **values}
        envelope[entry] = {name: value for name, value in kept.items() if str(value).strip()}
    statement = update(_CREDITOR).where(_CREDITOR.c.id == creditor_id)
    session.connection().execute(statement.values(envelope=envelope))
    changed = session.connection().execute(query).one()
    house_in(changed)
    team_hours(changed)
