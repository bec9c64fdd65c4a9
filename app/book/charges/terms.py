"""Whether a creditor claims statutory charges: the entry `charges` of its envelope.

No entry claims nothing. The law is that of the contracts, which need not be the creditor's country.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from app.book.errors import ChargesError
from app.book.packs import published_packs
from app.store.given import table_of
from app.store.rows import Creditor
from campaigns.duties import Order
from campaigns.rules import Pack
from campaigns.statutes import order_under

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
    return read_terms(row.envelope, row.country, row.external_id, published_packs(session))


def read_terms(
    envelope: Mapping[str, Any], country: str, creditor: str, packs: Iterable[Pack]
) -> ChargeTerms:
    """The terms that an envelope holds; what it does not say of the order, the law does. Raises
    `ChargesError` for what it does not know."""
    entry = envelope.get("charges", {})
    try:
        if set(entry) - _KEYS:
            raise ValueError
        law = str(entry.get("law", country))
        kinds = frozenset(map(ChargeKind, entry.get("kinds", ())))
        return ChargeTerms(law, kinds, Order(entry.get("order") or order_under(law, packs)))
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
    `order` that which was given stays."""
    told = {"law": law.upper(), "kinds": sorted(kinds)}
    _change(session, creditor_id, told if order is None else {**told, "order": str(order)})


def set_order(session: Session, creditor_id: int, order: Order | None) -> None:
    """Says what payments settle first from now on; None: as the law of the contracts has it."""
    _change(session, creditor_id, {"order": str(order) if order else None})


def _change(session: Session, creditor_id: int, told: Mapping[str, Any]) -> None:
    query = (
        select(_CREDITOR.c.envelope)
        .where(_CREDITOR.c.id == creditor_id)
        .with_for_update(key_share=True)
    )
    envelope = session.connection().execute(query).scalar_one()
    entry = {**envelope.get("charges", {}), **told}
    session.connection().execute(
        update(_CREDITOR)
        .where(_CREDITOR.c.id == creditor_id)
        .values(envelope={**envelope, "charges": entry})
    )
