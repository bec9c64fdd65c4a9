"""For whose book a call is: the creditor of the key, or the one that a key of the house names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.api.keys import Caller
from app.api.problems import Fault, invalid, not_found
from app.store.given import table_of
from app.store.rows import Creditor

_CREDITOR = table_of(Creditor)


def creditor_of(session: Session, caller: Caller, external_id: str | None) -> Row[Any]:
    """The creditor's row. Raises `Problem`, the same for one of somebody else and for none."""
    if external_id is None and caller.creditor_id is None:
        fault = Fault(pointer="/body/creditor", reason="is needed: the key is for all creditors")
        raise invalid([fault])
    query = select(_CREDITOR)
    if external_id is not None:
        query = query.where(_CREDITOR.c.external_id == external_id)
    if caller.creditor_id is not None:
        query = query.where(_CREDITOR.c.id == caller.creditor_id)
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise not_found()
    return found
