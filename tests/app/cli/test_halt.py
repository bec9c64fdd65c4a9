"""`duly stop` and `duly go`."""

from __future__ import annotations

import json

import pytest

from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor
from tests.world import World

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def carmel(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor(world)
    world.close()


@SQLITE
@pytest.mark.usefixtures("carmel")
def test_what_is_stopped_is_told_and_goes_on_by_the_same_words(with_database: Duly) -> None:
    scope = ("--creditor", "carmel", "--channel", "sms")
    stopped = with_database("stop", *scope, "--by", "Dana", "--note", "wrong amounts")
    assert (stopped.code, stopped.err.strip()) == (0, "Stopped.")
    assert stopped.out.startswith("stopped: sms of creditor carmel, since ")
    assert stopped.out.strip().endswith("by Dana: wrong amounts")
    assert "It was stopped already." in with_database("stop", *scope).err

    told = json.loads(with_database("stop", "--json").out)["stopped"]
    assert [(row["creditor"], row["medium"], row["by"]) for row in told] == [
        ("carmel", "sms", "Dana")
    ]
    doctor = with_database("doctor")
    assert doctor.code == 1
    assert "FAIL sending: stopped: sms of creditor carmel (by Dana)" in doctor.out

    assert "Nothing of just that scope" in with_database("go", "--creditor", "carmel").err
    went = with_database("go", *scope)
    assert (went.err.strip(), went.out.strip()) == ("It goes on.", "nothing is stopped")
    assert "ok   sending: nothing is stopped" in with_database("doctor").out


@SQLITE
@pytest.mark.usefixtures("carmel")
def test_a_scope_that_makes_no_sense_is_refused(with_database: Duly) -> None:
    unknown = with_database("stop", "--creditor", "nobody")
    both = with_database("stop", "--all", "--channel", "sms")
    neither = with_database("go")
    assert (unknown.code, both.code, neither.code) == (2, 2, 2)
    assert "there is no creditor nobody" in unknown.err
    assert "nothing is stopped" in with_database("stop").out


@SQLITE
@pytest.mark.usefixtures("carmel")
def test_all_lifts_every_stop(with_database: Duly) -> None:
    with_database("stop", "--all")
    with_database("stop", "--channel", "email")
    assert with_database("go", "--all").out.strip() == "nothing is stopped"
