"""`duly hold place|end`, `duly notice record` and `duly creditor set|allow`."""

from __future__ import annotations

from typing import Any

import pytest

from app.store.engines import Database
from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor, owing
from tests.world import World

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
BREATHING = ("hold", "place", "C1", "--kind", "breathing_space", "--from", "2026-06-01")


@pytest.fixture
def british(migrated_url: str) -> int:
    world = World(migrated_url)
    place: dict[str, Any] = {"country": "GB", "zone": "Europe/London"}
    customer_id = owing(world, creditor(world, **place), **place)
    world.close()
    return customer_id


def _column(url: str, query: str) -> list[object]:
    database = Database(url)
    with database.read() as session:
        found = [row[0] for row in session.connection().exec_driver_sql(query)]
    database.dispose()
    return found


@SQLITE
@pytest.mark.usefixtures("british")
def test_a_hold_of_the_law_says_how_long_it_lasts(with_database: Duly, migrated_url: str) -> None:
    ended = with_database(*BREATHING)
    assert (ended.code, ended.out) == (0, "")
    assert "to the end of 2026-07-30, by UK-BREATHE" in ended.err
    assert _column(migrated_url, "SELECT kind FROM hold") == ["breathing_space"]

    nobody = with_database("hold", "place", "C9", "--kind", "debt_advice", "--from", "2026-06-01")
    unknown = with_database("hold", "place", "C1", "--kind", "staff", "--from", "2026-06-01")
    assert (nobody.code, unknown.code) == (2, 2)
    assert "There is no customer of this number" in nobody.err
    assert "No rule that binds this customer" in unknown.err


@SQLITE
@pytest.mark.usefixtures("british")
def test_a_hold_without_an_end_is_ended_by_a_day(with_database: Duly) -> None:
    with_database("hold", "place", "C1", "--kind", "mental_health_crisis", "--from", "2026-06-01")
    ended = with_database(
        "hold", "end", "C1", "--kind", "mental_health_crisis", "--on", "2026-07-01"
    )
    assert "to the end of 2026-07-30, by UK-BREATHE-CRISIS" in ended.err


@SQLITE
@pytest.mark.usefixtures("british")
def test_a_notice_given_on_paper_is_put_on_record_once(
    with_database: Duly, migrated_url: str
) -> None:
    paper = ("notice", "record", "C1", "--kind", "pre_transfer_notice", "--on", "2026-06-01")
    first, again = with_database(*paper), with_database(*paper)
    assert (first.err, again.err) == ("On record.\n", "It was on record already.\n")
    assert _column(migrated_url, "SELECT act FROM notice") == ["pre_transfer_notice"]

    wrong = with_database("notice", "record", "C1", "--kind", "letter", "--on", "2026-06-01")
    assert wrong.code == 2
    assert "There is no notice letter" in wrong.err


@SQLITE
@pytest.mark.usefixtures("british")
def test_staff_tell_what_messages_say_of_a_creditor(with_database: Duly, migrated_url: str) -> None:
    told = with_database("creditor", "set", "carmel", "postal_address=1 Sample Street", "phone=")
    able = with_database("creditor", "allow", "carmel", "legal_action")
    assert (told.code, able.code) == (0, 0)
    query = "SELECT brand, capabilities FROM creditor"
    brand = str(_column(migrated_url, query)[0])
    assert "1 Sample Street" in brand
    assert "phone" not in brand
    assert "legal_action" in str(_column(migrated_url, "SELECT capabilities FROM creditor")[0])

    wrong = [
        with_database("creditor", "set", "carmel", "adress=x"),
        with_database("creditor", "set", "nobody", "phone=1"),
        with_database("creditor", "allow", "carmel", "anything"),
    ]
    assert [ended.code for ended in wrong] == [2, 2, 2]


@SQLITE
@pytest.mark.usefixtures("british")
def test_hours_that_a_customer_asked_for_are_noted_and_taken_back(
    with_database: Duly, migrated_url: str
) -> None:
    told = with_database("hours", "C1", "Mon-Fri 17:00-20:00")
    assert (told.code, told.err.strip()) == (0, "Noted.")
    assert _column(migrated_url, "SELECT hours FROM customer") == ["mon-fri 17:00-20:00"]

    wrong = with_database("hours", "C1", "evenings")
    assert wrong.code == 2
    assert "are no hours" in wrong.err
    both = with_database("prefer", "C1", "--language", "ar", "--channel", "email", "--by", "Noa")
    assert both.code == 0
    columns = "SELECT locale || ' ' || preferred_medium FROM customer"
    assert _column(migrated_url, columns) == ["ar email"]
    assert "Noa" in str(_column(migrated_url, "SELECT chosen FROM customer"))
    assert with_database("prefer", "C1", "--fed", "hours").code == 0
    assert "hours" not in str(_column(migrated_url, "SELECT chosen FROM customer"))
    for strange in ((), ("--language", "xx"), ("--fed", "name")):
        assert with_database("prefer", "C1", *strange).code == 2
    with_database("hours", "C1", "")
    assert _column(migrated_url, "SELECT hours FROM customer") == [None]


@SQLITE
@pytest.mark.usefixtures("british")
def test_an_attorney_holds_until_somebody_lifts_it(with_database: Duly) -> None:
    placed = with_database("hold", "place", "C1", "--kind", "attorney", "--from", "2026-06-01")
    assert placed.code == 0
    assert "until its cause is over, by HOUSE-ATTORNEY" in placed.err
