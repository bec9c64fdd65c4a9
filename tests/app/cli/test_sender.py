"""`duly sender list|add|set`."""

from __future__ import annotations

import json

import pytest

from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor
from tests.world import World

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
FACTS = ("provider=sandbox", "address=+972520000009", "display_name=Carmel")


@pytest.fixture
def carmel(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor(world)
    world.close()


@SQLITE
@pytest.mark.usefixtures("carmel")
def test_a_sender_is_made_changed_and_listed(with_database: Duly) -> None:
    made = with_database("sender", "add", "carmel", "sms", *FACTS, "two_way=no", "per_day=1000")
    assert (made.code, made.err.split(" is made")[0]) == (0, "Sender 4")

    changed = with_database(
        "sender", "set", "4", "ramp_first=50", "ramp_started_on=2026-06-01", "answers_keywords=yes"
    )
    assert (changed.code, changed.err.strip()) == (0, "Noted.")

    listed = with_database("sender", "list")
    (line,) = [line for line in listed.out.splitlines() if line.startswith("4 ")]
    assert line == (
        "4 carmel sms by sandbox: +972520000009 (10 a second, 1000 a day, warms up from 50 since"
        " 2026-06-01, one-way, its provider answers STOP and HELP)"
    )
    rows = json.loads(with_database("sender", "list", "--json").out)["senders"]
    assert [row["per_day"] for row in rows if row["id"] == 4] == [1000]
    assert "Test mode: everything is shown and nothing leaves" in listed.err

    with_database("sender", "set", "4", "cleared=AE: TDRA 4711; twilio: BN12")
    assert "registered for ae, twilio" in with_database("sender", "list").out
    with_database("sender", "set", "4", "per_day=", "active=no")
    assert "not active" in with_database("sender", "list").out


@SQLITE
@pytest.mark.usefixtures("carmel")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "nobody", "sms", *FACTS), "there is no creditor nobody"),
        (("add", "carmel", "sms", "address=+972520000009"), "needs provider, display_name"),
        (("set", "1", "colour=blue"), "colour is no fact of a sender; known are address"),
        (("set", "1", "per_second=fast"), "per_second cannot be 'fast'"),
        (("set", "1", "per_day=0"), "at least 1"),
        (("set", "1", "active=maybe"), "say yes or no"),
        (("set", "1", "cleared=ae"), "write `pack: what is on record`"),
        (("set", "9", "active=no"), "There is no sender 9"),
        (("set", "1", "active"), "active is no FACT=VALUE"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_remedy(
    with_database: Duly, words: tuple[str, ...], said: str
) -> None:
    ended = with_database("sender", *words)
    assert ended.code == 2
    assert said in ended.err
