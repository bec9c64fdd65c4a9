"""Raw callbacks that quote somebody: found by what they hold, for no column says whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session

from app.records.erased_rows import CALLBACKS, CALLBACKS_GONE, CHECKOUTS
from app.store.given import chunks, rows_given, table_of
from app.store.rows import Inbound

_BODY = func.lower(table_of(Inbound).c.body)
_IN_ONE_LOOK = 50


def erase_callbacks(
    session: Session, customer_ids: Sequence[int], addresses: Iterable[str]
) -> None:
    """Empties those that were handled and that quote one of the addresses, or one of the
    customers' checkouts. The rows stay, so that the same callback still lands once."""
    sessions = {row.session_id for row in rows_given(session, CHECKOUTS, customer_ids)}
    quoted = sorted({*sessions, *(each for value in addresses for each in _spelled(value))})
    found: set[int] = set()
    for part in chunks(quoted, _IN_ONE_LOOK):
        holds = or_(*(_holds(each) for each in part))
        found |= set(session.connection().execute(CALLBACKS.where(holds)).scalars())
    for some in chunks(sorted(found)):
        session.connection().execute(CALLBACKS_GONE, {"given": some})


def _holds(text: str) -> ColumnElement[bool]:
    return _BODY.contains(text.lower(), autoescape=True)


def _spelled(value: str) -> Iterator[str]:
    """Providers write a number in ways of their own, but its digits are always there; a mailbox
    comes as it is, or as forms write it."""
    yield value.removeprefix("+")
    yield quote(value, safe="")
