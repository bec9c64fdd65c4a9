"""Writes figures over what is kept of them: what is the same stays, what is gone goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete
from sqlmodel import Session, SQLModel

from app.store.bulk import insert_rows, update_rows
from app.store.given import GIVEN, change_given, table_of

Told = tuple[int, int]
"""How many, and how much in minor units."""


def keep(
    session: Session,
    model: type[SQLModel],
    kept: Select[Any],
    names: Sequence[str],
    found: Mapping[tuple[Any, ...], Told],
    **fixed: Any,
) -> int:
    """Brings the rows of `kept` to what was `found`, by the columns `names` that tell them apart,
    and answers how many rows that changed. `fixed` are the columns that all of them share."""
    rows = session.connection().execute(kept).all()
    known = {tuple(getattr(row, name) for name in names): row for row in rows}
    new = [
        {**fixed, **dict(zip(names, key, strict=True)), "number": told[0], "amount_minor": told[1]}
        for key, told in found.items()
        if key not in known
    ]
    moved = [
        {"id": row.id, "number": found[key][0], "amount_minor": found[key][1]}
        for key, row in known.items()
        if key in found and found[key] != (row.number, row.amount_minor)
    ]
    gone = [row.id for key, row in known.items() if key not in found]
    table = table_of(model)
    change_given(session, delete(table).where(table.c.id.in_(GIVEN)), gone)
    update_rows(session, model, moved)
    insert_rows(session, model, new)
    return len(new) + len(moved) + len(gone)
