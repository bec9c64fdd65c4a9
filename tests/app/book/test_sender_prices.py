"""What a message cost: the price of the day on which it was sent."""

from __future__ import annotations

from datetime import date, timedelta

from app.book.sender_prices import prices_of
from app.book.senders import add_sender, change_sender
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.databases import on_both_stores
from tests.factories import NOON, add_creditor

TODAY, DAY = NOON.date(), timedelta(days=1)
FACTS = {"provider": "sandbox", "address": "+972500000000", "display_name": "C"}


def _told(database: Database, sender_id: int, *days: date) -> list[str]:
    with database.read() as session:
        prices = prices_of(session, [sender_id])
    return [str(prices.on(sender_id, day)) for day in days]


def _sender(database: Database, **facts: str) -> int:
    creditor_id = add_creditor(database)
    with database.write() as session:
        return add_sender(session, creditor_id, Medium.SMS, {**FACTS, **facts})


@on_both_stores
def test_a_new_price_counts_from_today_and_none_ends_it(database: Database) -> None:
    sender = _sender(database, price="0.04 EUR")
    for price, at in (("0.05 EUR", NOON), ("0.06 EUR", NOON), (None, NOON + 3 * DAY)):
        with database.write() as session:
            change_sender(session, sender, {"price": price}, at)

    days = (date(2020, 1, 1), TODAY - DAY, TODAY, TODAY + 2 * DAY, TODAY + 3 * DAY)
    assert _told(database, sender, *days) == [
        "0.04 EUR", "0.04 EUR", "0.06 EUR", "0.06 EUR", "None",
    ]  # fmt: skip


def test_the_first_price_that_is_told_has_been_in_force_ever_since(database: Database) -> None:
    sender = _sender(database)
    with database.write() as session:
        change_sender(session, sender, {"price": "0.04 EUR"}, NOON)

    assert _told(database, sender, TODAY - 400 * DAY, TODAY) == ["0.04 EUR", "0.04 EUR"]
