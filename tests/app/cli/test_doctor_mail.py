"""What the doctor says of mail: the domains of real senders, and a relay that lets us in or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from app.examine.mail import domain_problems, inbound_problems, mail_problems
from app.intake.inbox import receive
from app.intake.mail_sources import PipedMail
from app.lab.local_sendgrid import KEY, LocalSendGrid
from app.lab.local_smtp import LocalSmtp
from app.settings import read_settings
from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.rows import Sender
from tests.databases import on_both_stores, opened
from tests.factories import NOON, add_creditor

MAIL = b"From: <a@x.example>\r\nTo: noa@carmel.example\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n"

ZONE = {
    "carmel.example": ["v=spf1 -all"],
    "_dmarc.carmel.example": ["v=DMARC1; p=none"],
    "s1._domainkey.carmel.example": ["p=MIGf"],
    "own._domainkey.carmel.example": ["p=MIGf"],
}


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    made = opened(migrated_url)
    add_creditor(made)
    yield made
    made.dispose()


def write_from(database: Database, provider: str, **facts: object) -> None:
    """Has every mailbox speak by this provider."""
    with database.write() as session:
        update_rows(
            session, Sender, [{"medium": "email", "provider": provider, **facts}], by="medium"
        )


def lookup(name: str) -> Sequence[str]:
    return ZONE.get(name, [])


def test_a_sandbox_needs_no_dns(database: Database) -> None:
    assert domain_problems(database, lookup) == ([], [])


@on_both_stores
def test_keys_stand_where_the_provider_puts_them_or_the_sender_says(database: Database) -> None:
    write_from(database, "sendgrid")
    assert domain_problems(database, lookup) == (["carmel.example"], [])

    write_from(database, "smtp", dkim_selectors=["own"])
    assert domain_problems(database, lookup) == (["carmel.example"], [])

    write_from(database, "smtp", dkim_selectors=None)
    assert "name its selector" in domain_problems(database, lookup)[1][0]


def test_a_relay_is_asked_whether_it_takes_our_senders(database: Database) -> None:
    write_from(database, "smtp")
    with LocalSmtp(lacks=frozenset({"noa@carmel.example"})) as server:
        settings = read_settings(
            {
                "DULY_SMTP_HOST": "127.0.0.1",
                "DULY_SMTP_PORT": str(server.port),
                "DULY_SMTP_SECURITY": "none",
            }
        )
        (problem,) = mail_problems(settings, database)

    assert problem.startswith("SMTP: the relay takes no mail of noa@carmel.example")


def test_sendgrid_is_asked_by_our_public_address(database: Database) -> None:
    write_from(database, "sendgrid")
    calls = {"enabled": True, "url": "https://pay.example.com/webhooks/sendgrid"}
    with LocalSendGrid(webhook=calls, domains=["carmel.example"]) as server:
        settings = read_settings(
            {
                "DULY_BASE_URL": "https://pay.example.com",
                "DULY_SENDGRID_KEY": KEY,
                "DULY_SENDGRID_WEBHOOK_KEY": server.public_key,
                "DULY_SENDGRID_BASE_URL": server.url,
            }
        )
        assert mail_problems(settings, database) == []


@on_both_stores
def test_mail_that_does_not_come_back_is_told(database: Database) -> None:
    def told(*hosts: str, day: datetime = NOON, **settings: str) -> tuple[str, list[str]]:
        found = read_settings({f"DULY_{name.upper()}": value for name, value in settings.items()})
        return inbound_problems(found, database, lambda _: list(hosts), day)

    assert told() == ("no real mailbox hears replies", [])
    write_from(database, "smtp")
    _, nothing = told("mx.carmel.example.")
    assert [words.split(",")[0] for words in nothing] == [
        "no mail has ever come in and nothing listens for it"
    ]
    _, parse = told(sendgrid_inbound_token="x" * 32)
    assert "nothing ever came" in parse[0]
    assert "no host takes mail for carmel.example" in parse[1]
    assert "no host" in told(".")[1][1], "a record that says no"

    receive(database, PipedMail(b"x" * 32), MAIL, {}, now=NOON)
    assert told("mx.carmel.example.") == ("comes in by mail (2026-06-01)", [])
    _, silent = told("mx.carmel.example.", day=NOON + timedelta(days=15))
    assert silent == ["no mail has come in since 2026-06-01: write one to try the way"]
