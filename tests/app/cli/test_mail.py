"""`duly mail take`: what a relay pipes in, and when it has to try again."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from app.cli.mail import LARGEST
from app.store.engines import Database
from tests.app.cli.conftest import Duly
from tests.factories import add_creditor, add_customer

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
STOP = b"From: Dana <dana@people.example>\r\nTo: billing@carmel.example\r\n\r\nSTOP\r\n"


def _piped(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


@SQLITE
def test_a_piped_mail_is_taken_once(
    with_database: Duly, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(migrated_url)
    add_customer(database, add_creditor(database), "C1", email="dana@people.example")
    for said in ("Taken.\n", "It was taken before.\n"):
        _piped(monkeypatch, STOP)
        ended = with_database("mail", "take", "--to", "answers@carmel.example")
        assert (ended.code, ended.out, ended.err) == (0, "", said)
    with database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT reason FROM suppression").all()
    assert [tuple(row) for row in rows] == [("opted_out",)]
    database.dispose()


def test_the_relay_tries_again_when_the_database_is_away(
    duly: Duly, monkeypatch: pytest.MonkeyPatch
) -> None:
    _piped(monkeypatch, STOP)

    ended = duly("mail", "take")

    assert ended.code == 75
    assert "duly db upgrade" in ended.err


def test_a_mail_that_is_too_large_is_refused_for_good(
    duly: Duly, monkeypatch: pytest.MonkeyPatch
) -> None:
    _piped(monkeypatch, b"x" * (LARGEST + 1))

    assert duly("mail", "take").code == 69
