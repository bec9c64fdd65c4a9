"""The creditors of a database as the worlds that templates are checked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.living import living_of
from app.delivery.parties import brand_of
from app.engine.catalogue import Catalogue
from app.store.given import table_of
from app.store.rows import Creditor, Sender
from app.wording.worlds import Line, World
from campaigns.vocabulary import CustomerKind, Medium, SenderRole

_CREDITOR, _SENDER = table_of(Creditor), table_of(Sender)


def worlds_of(session: Session, only: str | None = None) -> list[World]:
    """One for each creditor, country and kind of its customers; `only` that creditor's."""
    catalogue = Catalogue()
    catalogue.refresh(session)
    query = select(_CREDITOR).order_by(_CREDITOR.c.id)
    if only is not None:
        query = query.where(_CREDITOR.c.external_id == only)
    rows = session.connection().execute(query).all()
    return [world for row in rows for world in _worlds(session, catalogue, row)]


def _worlds(session: Session, catalogue: Catalogue, creditor: Row[Any]) -> list[World]:
    found = {
        (each.country or creditor.country, each.kind) for each in living_of(session, creditor.id)
    } or {(creditor.country, str(CustomerKind.CONSUMER))}
    lines = _lines(session, creditor.id)
    return [
        World(
            name=f"{creditor.external_id} in {country}",
            rules=catalogue.policy(creditor.id).rules,
            country=country,
            role=SenderRole(creditor.role),
            sector=creditor.sector,
            kind=CustomerKind(kind),
            lines=lines,
            brand=brand_of(creditor),
            capabilities=frozenset(creditor.capabilities),
        )
        for country, kind in sorted(found)
    ]


def _lines(session: Session, creditor_id: int) -> tuple[Line, ...]:
    query = (
        select(_SENDER.c.medium, _SENDER.c.provider, _SENDER.c.two_way)
        .where(_SENDER.c.creditor_id == creditor_id, _SENDER.c.active)
        .distinct()
    )
    rows = sorted(session.connection().execute(query))
    return tuple(Line(Medium(medium), provider, two_way) for medium, provider, two_way in rows)
