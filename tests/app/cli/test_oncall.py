"""`duly oncall` and `duly alarm`, and what the doctor says while nobody is called."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from app.hearing.intents import Intent
from app.intake.replies import Written, receive_reply
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor
from tests.app.intake.reader import Understands
from tests.factories import add_customer
from tests.world import World

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PHONE, WORDS = "+972521234567", "what was written at night"


@pytest.fixture
def danger(migrated_url: str) -> None:
    """A creditor on a real provider, whose customer may be in danger."""
    with closing(World(migrated_url)) as world:
        carmel = creditor(world)
        add_customer(world.database, carmel, "C1", phone=PHONE)
        world.run("UPDATE sender SET provider = 'smtp' WHERE medium = 'email'")
        reply = Written("sandbox:1", Medium.SMS, PHONE, "+972520000000", WORDS, world.now)
        with world.database.write() as session:
            receive_reply(session, reply, now=world.now, reader=Understands(Intent.SELF_HARM))


@SQLITE
@pytest.mark.usefixtures("danger")
def test_somebody_confirms_who_listens_where_that_is_not_verified(
    with_database: Duly, migrated_url: str
) -> None:
    assert "ok   crisis lines: " in with_database("doctor").out
    database = Database(migrated_url)
    with database.write() as session:
        session.connection().execute(text("UPDATE customer SET country = 'IT'"))
    database.dispose()
    assert "FAIL crisis lines: NOBODY HAS CONFIRMED" in with_database("doctor").out
    assert "IT: Telefono Amico 02 2327 2327 (10-24)" in with_database("crisis", "list").out
    for wrong in (("carmel", "IT", "--by", " "), ("nobody", "IT", "--by", "Dana")):
        assert with_database("crisis", "confirm", *wrong, "--note", "called").code == 2

    done = with_database("crisis", "confirm", "carmel", "it", "--by", "Dana", "--note", "called")
    assert done.err.strip() == "Confirmed: IT."
    assert "ok   crisis lines: " in with_database("doctor").out
    assert "NOT VERIFIED, confirmed by Dana" in with_database("crisis", "list", "carmel").out
    assert with_database("crisis", "withdraw", "carmel", "IT", "--by", "Dana").code == 0
    assert with_database("crisis", "withdraw", "carmel", "IT", "--by", "Dana").code == 2


@SQLITE
@pytest.mark.usefixtures("danger")
def test_a_house_puts_people_on_call_and_they_take_what_calls(with_database: Duly) -> None:
    assert "FAIL on call: NOBODY IS CALLED when a customer of carmel" in with_database("doctor").out
    assert "Nobody is on call" in with_database("oncall", "list").err
    assert with_database("oncall", "add", "Noa", "nothing").code == 2
    assert with_database("oncall", "add", "Noa", "noa@x.example", "--creditor", "nobody").code == 2
    assert with_database("oncall", "waive", "carmel", "--by", " ", "--note", "x").code == 2

    assert with_database("oncall", "waive", "carmel", "--by", "Dana", "--note", "a desk").code == 0
    assert "ok   on call: 0 on call; waived for 1" in with_database("doctor").out
    assert with_database("oncall", "require", "carmel").code == 0
    assert with_database("oncall", "require", "carmel").code == 2

    assert with_database("oncall", "add", "Noa", "+972 50 855 0100").code == 0
    assert with_database("oncall", "add", "Omer", "o@x.example", "--creditor", "carmel").code == 0
    listed = with_database("oncall", "list").out
    assert "1  the house  Noa  sms +972508550100" in listed
    assert "2  carmel  Omer  email o@x.example" in listed
    assert "ok   on call: 2 on call" in with_database("doctor").out
    assert with_database("oncall", "remove", "2").code == 0
    assert with_database("oncall", "remove", "2").code == 2

    assert with_database("alarm", "list").out.startswith("task 1, since 2026-06-01")
    taken = with_database("alarm", "take", "1", "--by", "Noa")
    assert taken.err.strip() == "Yours. Read it now: duly reply note 1"
    assert with_database("alarm", "take", "1").code == 2
    assert "Nothing calls." in with_database("alarm", "list").err
    (told,) = with_database("alarm", "list", "--all", "--json").json["alarms"]
    assert (told["taken_by"], told["calls"]) == ("Noa", [])
