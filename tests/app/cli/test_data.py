"""`duly db upgrade`, `duly check`, `duly doctor`."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.store.engines import Database
from tests.app.cli.conftest import Duly
from tests.databases import on_both_stores


def _run(url: str, statement: str) -> None:
    database = Database(url)
    with database.write() as session:
        session.connection().execute(text(statement))
    database.dispose()


def _findings(duly: Duly) -> dict[str, tuple[bool, str]]:
    told = duly("doctor", "--json").json["findings"]
    return {finding["name"]: (finding["well"], finding["words"]) for finding in told}


def test_upgrade_makes_the_tables_and_publishes_what_ships(
    duly: Duly, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DULY_DATABASE_URL", database_url)

    ended = duly("db", "upgrade")

    assert (ended.code, ended.out) == (0, "")
    assert "published: journey consumer_gentle" in ended.err
    assert ended.err.endswith("The database is at the newest version.\n")
    assert duly("db", "upgrade").err == "The database is at the newest version.\n"


def test_check_asks_for_the_ten_promises_and_the_money(with_database: Duly) -> None:
    ended = with_database("check", "--json")

    assert (ended.code, ended.err) == (0, "")
    found = ended.json["promises"]
    assert [one["number"] for one in found] == list(range(1, 11))
    assert found[6]["violations"] is None
    assert ended.json["ledger"]["name"] == "Money adds up"
    assert ended.json["ledger"]["violations"] == 0


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_broken_promise_is_exit_code_1(with_book: Duly, migrated_url: str) -> None:
    with_book("walk")
    _run(migrated_url, "UPDATE dunning_case SET look_at = NULL")

    ended = with_book("check")

    assert ended.code == 1
    assert "case " in ended.out


@on_both_stores
def test_the_doctor_finds_a_ready_installation_well(with_book: Duly) -> None:
    ended = with_book("doctor")

    assert ended.code == 0, ended.out
    assert ended.err == ""
    assert [line.split(":")[0] for line in ended.out.splitlines()] == [
        f"ok   {name}"
        for name in (
            "settings", "database", "migrations", "clock", "published", "campaigns", "senders",
            "gateways", "twilio", "mail", "mail domains", "mail back", "sending", "signed",
            "on call", "crisis lines", "page checks", "books", "withheld", "users",
            "numbers", "statements as PDF",
        )
    ]  # fmt: skip


def test_the_doctor_names_the_first_remedy_without_a_database(duly: Duly, home: Path) -> None:
    ended = duly("doctor")

    assert ended.code == 1
    assert "FAIL database: there is no file duly.sqlite3. Run: duly db upgrade" in ended.out
    assert list(home.iterdir()) == []


def test_the_doctor_names_wrong_settings(duly: Duly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DULY_PROT", "80")

    ended = duly("doctor")

    assert ended.code == 1
    assert "DULY_PROT: there is no such setting. The nearest is DULY_PORT" in ended.out


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestTheDoctor:
    def test_misses_what_is_not_published(self, with_database: Duly) -> None:
        well, words = _findings(with_database)["published"]

        assert not well
        assert words.startswith("no journeys and no templates and no rule packs are published")

    def test_names_a_campaign_whose_journey_nobody_published(
        self, with_book: Duly, migrated_url: str
    ) -> None:
        _run(migrated_url, "UPDATE campaign SET journey = 'no_such' WHERE name = 'gentle'")

        well, words = _findings(with_book)["campaigns"]

        assert not well
        assert "journey no_such is not published" in words

    def test_names_a_sender_that_no_channel_carries_for(
        self, with_book: Duly, migrated_url: str
    ) -> None:
        _run(migrated_url, "UPDATE sender SET provider = 'pigeon' WHERE medium = 'sms'")

        well, words = _findings(with_book)["senders"]

        assert not well
        assert "no channel for sms by pigeon" in words

    def test_names_a_book_that_is_too_old_to_send_on(
        self, with_book: Duly, migrated_url: str
    ) -> None:
        _run(migrated_url, "UPDATE creditor SET ledger_as_of = '2020-01-01 00:00:00.000000'")

        well, words = _findings(with_book)["books"]

        assert not well
        assert "alder" in words
