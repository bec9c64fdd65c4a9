"""What there is that designers may refer to: templates, and what books tell of customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import Session

from app.store.given import table_of
from app.store.publishing import current
from app.store.rows import Creditor
from campaigns.fact_table import FactType


@dataclass(frozen=True, slots=True)
class Known:
    """The templates that exist, and the custom attributes by name."""

    templates: frozenset[str]
    custom: Mapping[str, FactType] = field(default_factory=dict)


def known_in(session: Session) -> Known:
    """What is published here, and what the creditors' books tell of their customers."""
    query = select(table_of(Creditor).c.custom_types)
    told = session.connection().execute(query).scalars().all()
    custom = {name: FactType(kind) for types in told for name, kind in types.items()}
    return Known(frozenset(current(session, "template")), custom)
