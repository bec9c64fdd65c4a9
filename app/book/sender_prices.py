"""What a message of a sender cost: the price that was in force on the day on which it was sent.

A price is changed as of today, in the creditor's calendar; the first that is told has been in force
ever since, for there was no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.days import day_of
from app.store.bulk import insert_rows, update_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Creditor, Sender, SenderPrice
from campaigns.prices import Price

EVER: Final = date(1970, 1, 1)
_PRICE, _SENDER, _CREDITOR = table_of(SenderPrice), table_of(Sender), table_of(Creditor)


class Prices:
    """The prices of some senders through time."""

    def __init__(self, rows: Mapping[int, Sequence[tuple[date, str | None]]]) -> None:
        self._rows = rows

    def on(self, sender_id: int, day: date) -> Price | None:
        """What one message cost on that day; None where nothing is known of it."""
        in_force = [price for since_on, price in self._rows.get(sender_id, ()) if since_on <= day]
        return Price.of(in_force[-1]) if in_force and in_force[-1] is not None else None


def prices_of(session: Session, sender_ids: Sequence[int]) -> Prices:
    found: dict[int, list[tuple[date, str | None]]] = defaultdict(list)
    for row in rows_given(session, _PRICES, sender_ids):
        found[row.sender_id].append((row.since_on, row.price))
    return Prices(found)


def keep_price(session: Session, sender_id: int, price: str | None, now: datetime) -> None:
    """From today on. What was told of today before is corrected by it."""
    told = list(rows_given(session, _PRICES, [sender_id]))
    if (told[-1].price if told else None) == price:
        return
    since_on = day_of(now, _zone(session, sender_id)) if told else EVER
    if told and told[-1].since_on == since_on:
        update_rows(session, SenderPrice, [{"id": told[-1].id, "price": price}])
        return
    insert_rows(
        session, SenderPrice, [{"sender_id": sender_id, "price": price, "since_on": since_on}]
    )


def _zone(session: Session, sender_id: int) -> str:
    query = (
        select(_CREDITOR.c.zone)
        .join(_SENDER, _SENDER.c.creditor_id == _CREDITOR.c.id)
        .where(_SENDER.c.id == sender_id)
    )
    return str(session.connection().execute(query).scalar_one())


_PRICES: Final = (
    select(_PRICE).where(_PRICE.c.sender_id.in_(GIVEN)).order_by(_PRICE.c.since_on, _PRICE.c.id)
)
