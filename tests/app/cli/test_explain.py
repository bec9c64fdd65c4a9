"""`duly policy explain`."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.store.given import table_of
from app.store.rows import Creditor
from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor, intend, owing
from tests.world import World

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def asked(migrated_url: str, with_database: Duly) -> Duly:
    """A customer in Lithuania with a case."""
    world = World(migrated_url)
    carmel = creditor(world)
    owing(world, carmel, "C1", country="LT", zone="Europe/Vilnius")
    owing(world, carmel, "C2")
    intend(world)
    world.close()
    return with_database


def ask(duly: Duly, at: str, *more: str) -> list[str]:
    ended = duly("policy", "explain", "--customer", "C1", "--medium", "email", "--at", at, *more)
    assert ended.code == 0, ended.err
    return ended.out.splitlines()


@SQLITE
def test_it_answers_in_a_sentence_with_the_rule_its_source_and_the_next_time(asked: Duly) -> None:
    lines = ask(asked, "2026-06-07T09:30")
    assert lines[0].startswith(
        "No: a reminder by email at 2026-06-07 09:30 Europe/Vilnius may not go."
    )
    assert lines[1] == "The time was read on the customer's clock, Europe/Vilnius."
    assert lines[2].startswith("Decided by ")
    assert "status" in lines[2]
    assert lines[3] == "Next allowed: 2026-06-08 08:00 Europe/Vilnius."
    assert "Clocks: Europe/Vilnius 09:30." in lines
    assert any(line.startswith("  refuses ") for line in lines)
    assert any(line.startswith("  allows  HOUSE-CAP-7D (House policy; status P)") for line in lines)


@SQLITE
def test_the_same_is_told_to_machines_and_a_zone_is_taken_as_it_stands(asked: Duly) -> None:
    question = ("policy", "explain", "--customer", "C1", "--medium", "email", "--json", "--at")
    told = asked(*question, "2026-06-02T07:30:00+00:00").json
    assert told["allowed"] is True
    assert told["read_on_the_clock_of"] is None
    assert told["sentence"].startswith("Yes: a reminder by email at 2026-06-02 10:30")
    assert all(rule["allows"] for rule in told["rules"])
    night = asked(*question, "2026-06-02T23:30").json
    assert (night["allowed"], night["read_on_the_clock_of"]) == (False, "Europe/Vilnius")
    assert night["next_allowed_at"] == "2026-06-03T05:00:00+00:00"
    assert night["source"]


@SQLITE
def test_a_time_ahead_takes_the_book_to_be_renewed_by_then(asked: Duly, migrated_url: str) -> None:
    old = World(migrated_url)
    with old.database.write() as session:
        stale = {"ledger_max_age_s": 3600, "ledger_as_of": old.now}
        session.connection().execute(update(table_of(Creditor)).values(stale))
    old.close()
    question = ("policy", "explain", "--customer", "C1", "--medium", "email", "--json", "--at")

    behind = asked(*question, "2026-06-02T10:30").json
    assert (behind["reason"], behind["book_taken_as_renewed"]) == ("ledger_stale", False)
    ahead = asked(*question, "2099-06-02T10:30").json
    assert (ahead["allowed"], ahead["book_taken_as_renewed"]) == (True, True)


@SQLITE
def test_what_cannot_be_asked_is_refused_with_a_remedy(asked: Duly) -> None:
    no_number = asked("policy", "explain", "--customer", "C1", "--medium", "sms")
    no_time = asked("policy", "explain", "--customer", "C1", "--medium", "email", "--at", "noon")
    nobody = asked("policy", "explain", "--customer", "X", "--medium", "email")
    assert (no_number.code, no_time.code, nobody.code) == (2, 2, 2)
    assert "no address for sms" in no_number.err
    assert "noon is no time" in no_time.err
    assert "no customer of this number" in nobody.err
