"""Keeps the logo of a creditor in the database, so that every web process has it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlmodel import Session

from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import Creditor, Logo

if TYPE_CHECKING:  # Pillow is loaded by whoever draws
    from app.book.logo_drawing import Drawn

_CREDITOR, _LOGO = table_of(Creditor), table_of(Logo)


def keep_logo(session: Session, external_id: str, logo: Drawn | None, *, now: datetime) -> bool:
    """Shows this logo on the creditor's pages from now on, or none. Answers whether there is such a
    creditor."""
    query = (
        select(_CREDITOR.c.id, _CREDITOR.c.brand)
        .where(_CREDITOR.c.external_id == external_id)
        .with_for_update(key_share=True)
    )
    row = session.connection().execute(query).one_or_none()
    if row is None:
        return False
    brand = {name: value for name, value in row.brand.items() if name != "logo"}
    session.connection().execute(delete(_LOGO).where(_LOGO.c.creditor_id == row.id))
    if logo is not None:
        brand["logo"] = {"digest": logo.digest, "width": logo.width, "height": logo.height}
        kept = {"creditor_id": row.id, "digest": logo.digest, "content": logo.content}
        insert_rows(session, Logo, [{**kept, "kept_at": now}])
    session.connection().execute(
        update(_CREDITOR).where(_CREDITOR.c.id == row.id).values(brand=brand)
    )
    return True


def logo_of(session: Session, creditor_id: int, digest: str) -> bytes | None:
    """The PNG, if it is still this one."""
    query = select(_LOGO.c.content).where(
        _LOGO.c.creditor_id == creditor_id, _LOGO.c.digest == digest
    )
    return session.connection().execute(query).scalar_one_or_none()
