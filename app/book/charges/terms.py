"""Whether a creditor claims statutory charges: the entry `charges` of its envelope.

No entry claims nothing. The law is that of the contracts, which need not be the creditor's country.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from app.book.errors import ChargesError
from app.store.bulk import table_of
from app.store.rows import Creditor
from campaigns.statutes import Order, order_under

_CREDITOR = table_of(Creditor)
_KEYS = frozenset({"law", "kinds", "order"})


class ChargeKind(StrEnum):
    """What is charged; a debt's own order of settling by § 367 BGB."""

    COST = "cost"
    INTEREST = "interest"


@dataclass(frozen=True, slots=True)
class ChargeTerms:
    """What a creditor claims; `order` is how its payments settle what is open."""

    law: str
    kinds: frozenset[ChargeKind]
    order: Order


def terms_of(session: Session, creditor_id: int) -> ChargeTerms:
    """The creditor's terms; no kinds where it claims nothing. Raises `ChargesError`."""
    columns = (_CREDITOR.c.external_id, _CREDITOR.c.country, _CREDITOR.c.envelope)
    query = select(*columns).where(_CREDITOR.c.id == creditor_id)
    row = session.connection().execute(query).one()
    return read_terms(row.envelope, row.country, row.external_id)


def read_terms(envelope: Mapping[str, Any], country: str, creditor: str) -> ChargeTerms:
    """The terms that an envelope holds. Raises `ChargesError` for what it does not know."""
    entry = envelope.get("charges", {})
    try:
        if set(entry) - _KEYS:
            raise ValueError
        law = str(entry.get("law", country))
        kinds = frozenset(map(ChargeKind, entry.get("kinds", ())))
        return ChargeTerms(law, kinds, Order(entry.get("order", order_under(law))))
    except (TypeError, ValueError, AttributeError):
        raise ChargesError(
            f"envelope of creditor {creditor}: `charges` holds `law` (a country), `kinds`"
            f" ({', '.join(ChargeKind)}) and `order` ({', '.join(Order)})"
        ) from None


def set_terms(
    session: Session,
    creditor_id: int,
    *,
    law: str,
    kinds: Collection[ChargeKind],
    order: Order | None = None,
) -> None:
    """Says what the creditor claims from now on; no kinds, and it claims nothing more. Without an
    `order` the law's holds."""
    query = select(_CREDITOR.c.envelope).where(_CREDITOR.c.id == creditor_id)
    envelope = session.connection().execute(query).scalar_one()
    entry = {"law": law.upper(), "kinds": sorted(kinds)}
    if order is not None:
        entry["order"] = str(order)
    session.connection().execute(
        update(_CREDITOR)
        .where(_CREDITOR.c.id == creditor_id)
        .values(envelope={**envelope, "charges": entry})
    )
