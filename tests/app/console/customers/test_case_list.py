"""The list of cases: what the URL asks for, page by page, and from an index."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlmodel import Session

from app.console.customers.case_filters import By
from app.console.customers.case_list import FEW, Line, read_cases
from app.console.lists import Listed
from app.intake.concerned import stop_customer
from app.intake.holds import place_hold
from app.lab.bench.plans import explained, taken_down
from app.store.bulk import insert_returning_ids
from app.store.engines import Database
from app.store.rows import Campaign, Case, Dispute, Promise
from campaigns.vocabulary import HoldKind
from tests.app.book.make import NOW, a_creditor, a_customer, an_invoice
from tests.databases import on_both_stores, opened

TODAY = date(2026, 9, 7)
NONE = -1
"""So few that no filter finds them."""


@pytest.fixture
def database(migrated_url: str) -> Database:
    return opened(migrated_url)


def a_campaign(session: Session, creditor_id: int) -> int:
    row = {"creditor_id": creditor_id, "name": "gentle", "subject": "customer", "journey": "x"}
    return insert_returning_ids(session, Campaign, [row])[0]


def a_case(
    session: Session, creditor_id: int, campaign_id: int, days: int, *, case: Any = None, **of: Any
) -> int:
    """A case so many days past due; answers its customer."""
    customer_id = a_customer(session, creditor_id, **of)
    person_id = stop_customer(session, customer_id).person_id
    row = {
        "key": f"case-{customer_id}",
        "campaign_id": campaign_id,
        "creditor_id": creditor_id,
        "customer_id": customer_id,
        "person_id": person_id,
        "subject_id": customer_id,
        "episode": 1,
        "anchor_on": TODAY - timedelta(days=days),
        "journey_hash": "x",
        "since": NOW,
        "opened_at": NOW,
        **(case or {}),
    }
    insert_returning_ids(session, Case, [row])
    return customer_id


def listed(
    database: Database, asked: dict[str, str], *, few: int = FEW
) -> tuple[Listed, list[Line]]:
    with database.read() as session:
        return read_cases(session, asked, By(TODAY, NOW), few=few)


def days(database: Database, **asked: str) -> list[int]:
    return [line.days for line in listed(database, asked)[1]]


@on_both_stores
def test_each_filter_of_the_url_narrows_to_what_it_says(database: Database) -> None:
    with database.write() as session:
        one, two = a_creditor(session), a_creditor(session, name="Other")
        first, second = a_campaign(session, one), a_campaign(session, two)
        held = a_case(session, one, first, 40, locale="he", name="Held")
        promised_by = a_case(
            session, one, first, 30, locale="he-IL", preferred_medium="sms",
            case={"reason": "promise_open"},
        )  # fmt: skip
        disputed = a_case(session, two, second, 20, case={"reason": "no_address"})
        a_case(session, two, second, 10, case={"phase": "closed", "outcome": "settled"})
        a_case(session, two, second, -3, locale="lt", case={"phase": "pending"})
        place_hold(
            session, stop_customer(session, held), HoldKind.STAFF, until=None, why="", now=NOW
        )
        invoice = an_invoice(session, disputed, 5000)
        insert_returning_ids(
            session, Dispute, [{"customer_id": disputed, "invoice_id": invoice, "opened_at": NOW}]
        )
        insert_returning_ids(session, Promise, [promised(promised_by, "ILS")])
    for asked, wanted in (
        ({}, [40, 30, 20, -3]),
        ({"sort": "latest"}, [-3, 20, 30, 40]),
        ({"creditor": str(two)}, [20, -3]),
        ({"creditor": "none of them"}, [40, 30, 20, -3]),
        ({"over": "25"}, [40, 30]),
        ({"over": "0", "under": "25"}, [20]),
        ({"under": "-1"}, [-3]),
        ({"phase": "pending"}, [-3]),
        ({"phase": "closed"}, [10]),
        ({"held": "any"}, [40]),
        ({"held": "hardship"}, []),
        ({"open": "promise"}, [30]),
        ({"open": "dispute"}, [20]),
        ({"open": "plan"}, []),
        ({"language": "he"}, [40, 30]),
        ({"medium": "sms"}, [30]),
        ({"why": "no_address"}, [20]),
        ({"why": "promise_open"}, [30]),
        ({"why": "hold"}, []),
        ({"open": "promise", "held": "any"}, []),
    ):
        assert days(database, **asked) == wanted, asked
    lines = listed(database, {})[1]
    assert (lines[0].name, lines[0].holds) == ("Held", ["staff"])
    assert [str(money) for money in lines[2].balances] == ["50.00 ILS"]


@pytest.fixture
def crowd(database: Database) -> Database:
    """130 cases in steps of a day; every other in Hebrew."""
    with database.write() as session:
        creditor = a_creditor(session)
        campaign = a_campaign(session, creditor)
        for at in range(130):
            a_case(session, creditor, campaign, at, locale="he" if at % 2 else "lt")
    return database


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("few", [NONE, FEW])
@pytest.mark.parametrize("asked", [{}, {"sort": "latest"}, {"language": "he"}])
def test_pages_follow_each_other_and_tell_each_case_once(
    crowd: Database, few: int, asked: dict[str, str]
) -> None:
    told, query = [], dict(asked)
    while True:
        page, lines = listed(crowd, query, few=few)
        told += [line.days for line in lines]
        if not page.older:
            break
        query = dict(parse_qsl(page.older.removeprefix("?")))

    wanted = [day for day in range(130) if day % 2 or "language" not in asked]
    assert told == (wanted if asked.get("sort") == "latest" else wanted[::-1])


@pytest.fixture
def mixed(database: Database) -> Database:
    """60 cases in steps of a day, in ways that do not fall together."""
    with database.write() as session:
        creditor = a_creditor(session)
        campaign = a_campaign(session, creditor)
        for at in range(60):
            phase = "closed" if at % 11 == 0 else "ready"
            customer = a_case(
                session, creditor, campaign, at, locale="he" if at % 2 else "lt",
                case={"phase": phase, "reason": "hold" if at % 5 == 0 else "not_yet"},
            )  # fmt: skip
            person = stop_customer(session, customer)
            for kind, every in ((HoldKind.STAFF, 3), (HoldKind.REPLY, 5), (HoldKind.REPLY, 10)):
                if at % every == 0:
                    place_hold(session, person, kind, until=None, why="", now=NOW)
            for currency in ("ILS", "EUR", "USD")[: at % 4]:
                insert_returning_ids(session, Promise, [promised(customer, currency)])
    return database


def promised(customer: int, currency: str) -> dict[str, Any]:
    day = {"due_on": TODAY, "grace_until": NOW, "made_at": NOW, "made_by": "staff"}
    return {"customer_id": customer, "currency": currency, "amount_minor": 1, **day}


@on_both_stores
@pytest.mark.parametrize("held", ["", "any", "staff", "reply"])
def test_few_are_the_same_cases_in_the_same_order_as_along_the_days(
    mixed: Database, held: str
) -> None:
    names = ("open", "language", "why", "sort", "over")
    many = product(("", "promise"), ("", "he"), ("", "hold"), ("", "latest"), ("", "30"))
    for values in many:
        asked = {"held": held, **dict(zip(names, values, strict=True))}
        few, along = listed(mixed, asked), listed(mixed, asked, few=NONE)
        assert few == along, asked
        wanted = [at for at in range(60) if is_wanted(at, asked)]
        told = [line.days for line in few[1]]
        assert told == (wanted if asked["sort"] else wanted[::-1])[:50], asked


def is_wanted(at: int, asked: dict[str, str]) -> bool:
    held = {"": True, "any": at % 3 == 0 or at % 5 == 0, "staff": at % 3 == 0, "reply": at % 5 == 0}
    return (
        at % 11 != 0
        and held[asked["held"]]
        and (not asked["open"] or at % 4 != 0)
        and (not asked["language"] or at % 2 != 0)
        and (not asked["why"] or at % 5 == 0)
        and (not asked["over"] or at >= 30)
    )


GROWN = ("dunning_case", "customer", "invoice", "hold", "promise", "dispute", "hardship", "plan")


@on_both_stores
@pytest.mark.parametrize("few", [NONE, FEW])
def test_every_page_goes_by_an_index(database: Database, few: int) -> None:
    asked = [
        {}, {"sort": "latest"}, {"creditor": "1"}, {"over": "3", "creditor": "1"},
        {"over": "3", "under": "9"}, {"language": "he"}, {"phase": "closed"}, {"phase": "ready"},
        {"held": "any"}, {"held": "staff"}, {"open": "promise"}, {"open": "plan"},
        {"open": "dispute"}, {"open": "hardship"}, {"why": "hold"},
    ]  # fmt: skip
    with database.write() as session:
        creditor = a_creditor(session)
        a_case(session, creditor, a_campaign(session, creditor), 5)
    for each in asked:
        with taken_down(database) as statements:
            listed(database, each, few=few)
        finds = each.keys() & {"held", "open"} or each.get("why") == "hold"
        for statement in statements:
            lines = explained(database, statement)
            # The closed ones go by their ids, backward, and a page has an end.
            by_id = each.get("phase") == "closed" and "dunning_case.id DESC" in statement[0]
            wrong = [line for line in lines if _is_whole(line) and not by_id]
            if "ORDER BY dunning_case" in statement[0] and not (few > NONE and finds):
                wrong += [line for line in lines if "TEMP B-TREE FOR ORDER BY" in line]
            assert wrong == [], (each, statement, lines)


def _is_whole(line: str) -> bool:
    """Reads a table that grows from end to end, by no index at all."""
    return any(line == f"SCAN {name}" or f"Seq Scan on {name}" in line for name in GROWN)
