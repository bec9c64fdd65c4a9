"""`duly consent give|withdraw|show|reach`."""

from __future__ import annotations

import pytest

from app.store.engines import Database
from tests.app.cli.conftest import Duly
from tests.factories import add_creditor, add_customer

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
CALL = ("--evidence", "call of 3 June", "--by", "Noa")
FORM = ("--medium", "sms", "--basis", "consent", "--evidence", "form 12", "--by", "Noa")


@pytest.fixture
def known(with_database: Duly, migrated_url: str) -> Duly:
    database = Database(migrated_url)
    house = add_creditor(database)
    add_customer(database, house, "C1", phone="+972521110000", email="dana@people.example")
    database.dispose()
    return with_database


@SQLITE
def test_staff_withdraw_and_give_and_the_history_tells_who(known: Duly) -> None:
    stopped = known("consent", "withdraw", "C1", "--medium", "sms", *CALL)
    again = known("consent", "withdraw", "C1", "--medium", "sms", *CALL)
    assert (stopped.code, stopped.out, stopped.err) == (0, "", "Stopped, at once.\n")
    assert again.err == "It was stopped already.\n"
    assert known("consent", "show", "C1", "--json").json["today"] == {
        "sms": "withdrawn",
        "email": "given",
        "whatsapp": "withdrawn",
    }

    given = known("consent", "give", "C1", *FORM)
    assert (given.code, given.err) == (0, "On record.\n")
    told = known("consent", "show", "C1", "--json").json
    assert told["today"]["sms"] == "given"
    assert [row["recorded_by"] for row in told["closings"]] == ["Noa", "Noa"]
    assert [row["lift_evidence"] for row in told["closings"]] == ["form 12", None]
    plain = known("consent", "show", "C1").out
    assert "sms: consent withdrawn  staff, evidence call of 3 June, by Noa" in plain
    assert "sms: consent given  staff, basis consent, evidence form 12, by Noa" in plain
    assert "closed (opted_out)  staff" in plain
    assert "lifted" in plain
    assert "+972" not in plain


@SQLITE
def test_a_wrong_word_is_refused(known: Duly) -> None:
    blank = known("consent", "give", "C1", *FORM[:-4], "--evidence", " ")
    nobody = known("consent", "show", "C9")
    act = known("consent", "withdraw", "C1", "--act", "bounce", *CALL)

    assert [ended.code for ended in (blank, nobody, act)] == [2, 2, 2]
    assert "needs its evidence" in blank.err
    assert "written_reply, staff, cease" in act.err


def test_the_table_of_reach_is_printed_whole(duly: Duly) -> None:
    told = duly("consent", "reach", "--json").json["reach"]
    lines = duly("consent", "reach").out.splitlines()

    assert len(lines) == len(told)
    assert {
        "act": "reply",
        "said_on": "sms",
        "stops": ["sms", "whatsapp"],
        "for": "address",
        "creditors": "all",
        "messages": "as_answered",
        "lifted_by": ["evidence", "start"],
        "confirmed": True,
    } in told
    assert "wrong_person: stops all for the address, at this creditor, for ever" in lines
    assert "cease: stops all for the person, at all creditors, until lifted by evidence" in lines
