"""`duly whatsapp submit|status`, and what `duly doctor` says of Twilio, against a local one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from tests.app.cli.conftest import Duly
from tests.factories import NOON


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalTwilio]:
    made = LocalTwilio(lambda: NOON)
    with served(made.app()) as url:
        monkeypatch.setenv("DULY_TWILIO_ACCOUNT", ACCOUNT)
        monkeypatch.setenv("DULY_TWILIO_TOKEN", TOKEN)
        monkeypatch.setenv("DULY_TWILIO_BASE_URL", url)
        yield made


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_texts_are_shown_then_submitted_once_and_read_back(
    with_database: Duly, local: LocalTwilio
) -> None:
    with_database("db", "upgrade")
    submit = ("whatsapp", "submit", "due_soon", "--locale", "he")

    shown = with_database(*submit, "--dry-run")
    submitted, again = with_database(*submit), with_database(*submit)
    for content in local.contents.values():
        content.status = "approved"
    told = with_database("whatsapp", "status", "--json").json["texts"]

    assert "{{1}}" in shown.out
    assert shown.out.count("(utility)") == len(local.contents) == len(told) > 1
    assert submitted.code == 0
    assert again.err.startswith(f"{len(told)} texts, {len(told)} of them submitted before")
    assert {text["status"] for text in told} == {"approved"}
    assert {text["category"] for text in told} == {"utility"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_template_that_is_not_there_and_an_account_that_is_not_are_told(
    with_database: Duly,
) -> None:
    with_database("db", "upgrade")

    unknown = with_database("whatsapp", "submit", "nothing", "--locale", "he", "--dry-run")
    nobody = with_database("whatsapp", "submit", "due_soon", "--locale", "he")

    assert (unknown.code, nobody.code) == (2, 2)
    assert "no template 'nothing'" in unknown.err
    assert "set DULY_TWILIO_ACCOUNT" in nobody.err


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_doctor_asks_twilio_for_the_account_and_our_numbers(
    with_database: Duly, local: LocalTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_database("db", "upgrade")

    well = _twilio(with_database)
    monkeypatch.setenv("DULY_TWILIO_TOKEN", "another")
    ill = _twilio(with_database)

    assert well == (True, "0 senders; 0 of 0 texts for WhatsApp are approved")
    assert ill[0] is False
    assert "does not know this account and token" in ill[1]


def _twilio(duly: Duly) -> tuple[bool, str]:
    told = duly("doctor", "--json").json["findings"]
    return next((one["well"], one["words"]) for one in told if one["name"] == "twilio")
