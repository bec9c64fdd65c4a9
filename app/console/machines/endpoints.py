"""Endpoints and what they were told, to read. Their log is a list by key, never counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select
from sqlmodel import Session

from app.console.lists import Listing, Sort
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Creditor, Endpoint, EndpointCall, Event

_ENDPOINT, _CREDITOR = table_of(Endpoint), table_of(Creditor)
_CALL, _EVENT = table_of(EndpointCall), table_of(Event)
_WITH_CREDITOR: Final = select(_ENDPOINT, _CREDITOR.c.name.label("creditor")).outerjoin(
    _CREDITOR, _CREDITOR.c.id == _ENDPOINT.c.creditor_id
)
_CALLS: Final = select(_CALL, _EVENT.c.kind).join(_EVENT, _EVENT.c.id == _CALL.c.event_id)
_NEWEST: Final = Sort((_CALL.c.event_id,), descending=True)


def all_endpoints(session: Session) -> Sequence[Row[Any]]:
    """Every endpoint there ever was, those that live first."""
    ordered = _WITH_CREDITOR.order_by(_ENDPOINT.c.state == "ended", _ENDPOINT.c.id)
    return session.connection().execute(ordered).all()


def endpoint_of(session: Session, endpoint_id: int) -> Row[Any] | None:
    chosen = _WITH_CREDITOR.where(_ENDPOINT.c.id == endpoint_id)
    return session.connection().execute(chosen).first()


def log_of(endpoint_id: int) -> Listing:
    """What an endpoint was told, the newest event first."""
    return Listing(
        _CALLS.where(_CALL.c.endpoint_id == endpoint_id),
        {"newest": _NEWEST},
        {"state": _has_state},
    )


def _has_state(told: str) -> ColumnElement[bool] | None:
    return _CALL.c.state == word(told) if told in {"waiting", "told"} else None
