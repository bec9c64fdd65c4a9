"""`duly reply` and `duly hold list|release`: what customers wrote, read by a person."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from app.hearing.intents import Intent
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.replies import Written, receive_reply
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.app.cli.conftest import Duly
from tests.app.intake.reader import Understands
from tests.factories import NOON
from tests.promises.stage import staging

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
WORDS = "hmm, well, you know how it is"


@pytest.fixture
def written(migrated_url: str) -> None:
    """A customer who wrote something unclear, and something personal."""
    with staging(migrated_url) as stage:
        stage.owe("C1")
        (phone,) = stage.rows("address")
        (ours,) = stage.rows("sender", "medium = 'sms'")
        for number, intent in enumerate((Intent.UNCLEAR, Intent.ILLNESS)):
            reply = Written(
                f"sandbox:{number}",
                Medium.SMS,
                phone["value"],
                ours["address"],
                WORDS,
                stage.now,
            )
            with stage.database.write() as session:
                receive_reply(session, reply, now=stage.now, reader=Understands(intent))


@SQLITE
@pytest.mark.usefixtures("written")
def test_a_person_reads_a_reply_and_classes_it(with_database: Duly) -> None:
    listed = with_database("reply", "list")
    assert listed.code == 0
    assert listed.out.count("\n") == 1
    assert WORDS not in listed.out
    assert WORDS in with_database("reply", "show", "1").out

    holds = with_database("hold", "list", "C1").out
    assert ["reply" in holds, "hardship" in holds] == [True, True]
    assert with_database("reply", "class", "1", "thanks", "--by", "Noa").code == 0
    assert "1  reply" not in with_database("hold", "list", "C1").out
    assert "No reply waits" in with_database("reply", "list").err
    told = json.loads(with_database("reply", "list", "--all", "--json").out)
    assert [row["classed_by"] for row in told["replies"]] == ["Noa", "duly"]

    nothing = with_database("reply", "class", "1", "unclear")
    nobody = with_database("reply", "show", "99")
    assert (nothing.code, nobody.code) == (2, 2)
    assert "nothing to class a reply by" in nothing.err


@SQLITE
@pytest.mark.usefixtures("written")
def test_what_is_personal_is_read_by_name_alone(with_database: Duly) -> None:
    shown = with_database("reply", "show", "2")
    assert WORDS not in shown.out
    assert "duly reply note" in shown.err
    assert WORDS in with_database("reply", "note", "1", "--by", "Noa").out
    assert with_database("reply", "note", "9", "--by", "Noa").code == 2


@SQLITE
@pytest.mark.usefixtures("written")
def test_a_hold_is_released_by_its_number(with_database: Duly) -> None:
    listed = with_database("hold", "list", "C1").out.splitlines()
    assert listed[0].endswith("test  not classed yet: duly reply show 1")
    assert "illness" not in listed[1], "what is told in confidence is no reason to show"
    waiting = with_database("hold", "release", "1")
    assert waiting.err.strip() == "Released: reply  test  not classed yet: duly reply show 1."
    assert with_database("hold", "release", "2").err.strip() == "Released: hardship."
    assert "hardship" not in with_database("hold", "list", "C1").out
    again = with_database("hold", "release", "2")
    assert again.code == 2
    assert "No hold 2 is on" in again.err


@SQLITE
@pytest.mark.usefixtures("written")
def test_a_dispute_is_found_by_the_number_that_the_customer_was_told(
    with_database: Duly, migrated_url: str
) -> None:
    assert "Nothing is contested." in with_database("dispute", "list").err
    database = Database(migrated_url)
    with database.write() as session:
        (invoice_id,) = session.connection().execute(text("SELECT id FROM invoice")).one()
        dispute_invoice(
            session, customer_id=1, invoice_id=invoice_id, kind=DisputeKind.OTHER, words=WORDS,
            now=NOON,
        )  # fmt: skip
    database.dispose()

    listed, shown = with_database("dispute", "list").out, with_database("dispute", "show", "d-1")
    assert listed.startswith("D-1  2026-06-01")
    assert (WORDS in listed, WORDS in shown.out) == (False, True)
    assert with_database("dispute", "show", "D-1", "--json").json["words"] == WORDS
    assert with_database("dispute", "show", "D-9").code == 2
