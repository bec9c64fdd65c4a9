"""Rates that charges follow: a missing one is a task, an added one never changes."""

from datetime import date

import pytest
from sqlmodel import Session, select

from app.book.charges.rates import add_rate, known_rates
from app.book.errors import ChargesError
from app.book.ledger import balance
from app.store.engines import Database
from app.store.publishing import publish
from app.store.rows import Task
from campaigns.duties import Reference
from campaigns.rulehead import Status
from tests.app.book.charges.business import NOW, PACK, a_business, amounts
from tests.databases import on_both_stores


@on_both_stores
def test_a_missing_rate_is_a_task_and_nothing_is_claimed(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        publish(session, "pack", "xx", PACK.replace("ecb_mro", "boe_base"), now=NOW)

        refused = [business.claim(session).refused for _ in range(2)]

        assert "boe_base from 2026-01-01 is missing" in refused[0][0][1]
        assert balance(session, business.customer_id) == {"EUR": 1_000_000}
        assert [task.kind for task in session.exec(select(Task))] == ["rate_missing"]

        for starts_on, percent in ((date(2026, 1, 1), "2.15"), (date(2026, 7, 1), "2.40")):
            add(session, starts_on, percent)
        assert amounts(business.claim(session)) == [("cost", 4000), ("interest", 26007)]


def add(session: Session, starts_on: date, percent: str, source: str = "The bank") -> None:
    add_rate(
        session,
        reference=Reference.BOE_BASE,
        starts_on=starts_on,
        percent=percent,
        source=source,
        added_by="ada",
        now=NOW,
    )


@on_both_stores
def test_an_added_rate_says_who_added_it_and_never_changes(database: Database) -> None:
    with database.write() as session:
        add(session, date(2026, 7, 1), "4.00")

        (rate,) = (r for r in known_rates(session) if r.reference is Reference.BOE_BASE)
        assert (str(rate.percent), rate.status) == ("4.00", Status.PRIMARY)
        assert rate.source == "The bank (added by ada on 2026-09-07)"
        for starts_on, percent, source in (
            (date(2026, 7, 1), "4.25", "The bank"),
            (date(2026, 8, 1), "4.25", "The bank"),
            (date(2027, 1, 1), "about 4", "The bank"),
            (date(2027, 1, 1), "4.25", " "),
        ):
            with pytest.raises(ChargesError):
                add(session, starts_on, percent, source)
