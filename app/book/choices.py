"""What a customer chose themselves: language, medium, hours. No feed overwrites it.

Beside the value stands who said so and when. A feed that says otherwise is reported, and its word
is a fact once; staff may choose for the customer, and may let the feed decide again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Contact, Customer
from campaigns.keys import derive

_CONTACT, _CUSTOMER = table_of(Contact), table_of(Customer)


class Choosable(StrEnum):
    """The columns of a customer that are theirs to choose."""

    LOCALE = "locale"
    PREFERRED_MEDIUM = "preferred_medium"
    HOURS = "hours"


class ChosenBy(StrEnum):
    REPLY = "reply"
    PAGE = "page"
    STAFF = "staff"


def choose(
    session: Session,
    customer_id: int,
    values: Mapping[Choosable, str | None],
    *,
    by: ChosenBy,
    now: datetime,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Sets them as the customer's own. `told` says where it was said: ids, the name of staff. The
    guard is held by the caller, who wakes what waits."""
    chosen = _chosen(session, customer_id)
    source = {"by": str(by), "at": now.isoformat(), **(told or {})}
    chosen |= {str(name): source for name in values}
    session.connection().execute(
        update(_CUSTOMER)
        .where(_CUSTOMER.c.id == customer_id)
        .values(chosen=chosen, **{str(name): value for name, value in values.items()})
    )
    payload = {"chosen": sorted(map(str, values)), "by": str(by), **(told or {})}
    record(session, [Happened("choice_made", now, customer_id, payload=payload)], now=now)


def choose_language_of_contact(
    session: Session, contact_id: int, locale: str, now: datetime
) -> None:
    """The same for a human of a business: the language in which they are written to."""
    whose = update(_CONTACT).where(_CONTACT.c.id == contact_id)
    session.connection().execute(whose.values(locale=locale, locale_chosen_at=now))


def let_feed_decide(
    session: Session, customer_id: int, name: Choosable, *, by: str, now: datetime
) -> bool:
    """From the next feed on its word counts again. Answers whether there was a choice."""
    chosen = _chosen(session, customer_id)
    if chosen.pop(str(name), None) is None:
        return False
    session.connection().execute(
        update(_CUSTOMER).where(_CUSTOMER.c.id == customer_id).values(chosen=chosen)
    )
    payload = {"choice": str(name), "by": by}
    record(session, [Happened("choice_lifted", now, customer_id, payload=payload)], now=now)
    return True


def contradicted(row: Row[Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What a feed says of a customer against their own choice."""
    now = row._mapping
    return {n: told[n] for n in row.chosen or () if n in told and told[n] != now[n]}


def note_contradictions(
    session: Session, found: Sequence[tuple[int, Mapping[str, Any]]], now: datetime
) -> None:
    """Puts on record what a feed said against a choice: each word of it once, however often it is
    brought."""
    facts = [
        Happened(
            "choice_contradicted",
            now,
            customer_id,
            key=f"choice_contradicted:{customer_id}:{name}:{derive('fed', str(value))[:16]}",
            payload={"choice": name, "feed": value},
        )
        for customer_id, values in found
        for name, value in values.items()
    ]
    if facts:
        record(session, facts, now=now)


def _chosen(session: Session, customer_id: int) -> dict[str, Any]:
    query = select(_CUSTOMER.c.chosen).where(_CUSTOMER.c.id == customer_id)
    return dict(session.connection().execute(query).scalar_one() or {})
