"""What there is that designers may refer to, and what holds on to what they write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import Session

from app.store.given import table_of
from app.store.publishing import current
from app.store.rows import Campaign, Creditor
from campaigns.fact_table import FactType


@dataclass(frozen=True, slots=True)
class Known:
    """The templates that exist, the custom attributes by name, and what the campaigns of each
    journey are about."""

    templates: frozenset[str]
    custom: Mapping[str, FactType] = field(default_factory=dict)
    followed: Mapping[str, str] = field(default_factory=dict)


def known_in(session: Session) -> Known:
    """What is published here, what the creditors' books tell of their customers, and who follows
    which journey."""
    query = select(table_of(Creditor).c.custom_types)
    told = session.connection().execute(query).scalars().all()
    custom = {name: FactType(kind) for types in told for name, kind in types.items()}
    followed = session.connection().execute(_FOLLOWED)
    return Known(
        frozenset(current(session, "template")),
        custom,
        {row.journey: row.subject for row in followed},
    )


_FOLLOWED = select(table_of(Campaign).c.journey, table_of(Campaign).c.subject).distinct()
