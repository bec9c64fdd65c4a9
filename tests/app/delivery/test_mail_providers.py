"""The whole way of a mail, against providers on a bad day: nothing twice, nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from typing import Protocol

import pytest

from app.delivery.calls import Calls
from app.lab.faults import Fate, Faults, MailFate, MailFaults
from app.lab.local_sendgrid import KEY, LocalSendGrid
from app.lab.local_smtp import LocalSmtp
from app.loops.assembly import Loops, assemble
from app.store.bulk import update_rows
from app.store.rows import Sender
from channels.email_sendgrid import SendGridEmail
from channels.email_smtp import SmtpEmail
from channels.mail import message_id
from channels.seam import Channel
from channels.smtp_line import Relay
from channels.transport import Limits
from tests.app.delivery.cast import creditor, owing, sign_all
from tests.databases import on_both_stores
from tests.world import World

PEOPLE = 30
BAD_DAY = MailFaults(
    {
        MailFate.GREYLISTED: 0.15, MailFate.BUSY: 0.05, MailFate.RESET_EARLY: 0.1,
        MailFate.RESET_BEFORE: 0.05, MailFate.RESET_AFTER: 0.15, MailFate.MALFORMED: 0.1,
        MailFate.REFUSED: 0.05,
    }
)  # fmt: skip
BAD_API_DAY = Faults(
    {
        Fate.BUSY: 0.15, Fate.REFUSED: 0.05, Fate.ERROR_BEFORE: 0.05, Fate.RESET_BEFORE: 0.1,
        Fate.ERROR_AFTER: 0.15, Fate.RESET_AFTER: 0.15,
    }
)  # fmt: skip


class Provider(Protocol):
    def channel(self) -> Channel: ...

    def ids(self) -> list[str]:
        """The Message-ID of each mail that it took, by its own list."""
        ...


class AtRelay:
    name = "smtp"

    def __init__(self, server: LocalSmtp) -> None:
        self._server = server

    def channel(self) -> Channel:
        there = Relay(host="127.0.0.1", port=self._server.port, security="none", read_within=5)
        return SmtpEmail(there, connections=5)

    def ids(self) -> list[str]:
        return [str(message_from_bytes(m.content)["Message-ID"]) for m in self._server.taken()]


class AtSendGrid:
    name = "sendgrid"

    def __init__(self, server: LocalSendGrid) -> None:
        self._server = server

    def channel(self) -> Channel:
        limits = replace(Limits(), read=timedelta(seconds=5))
        return SendGridEmail(KEY, base_url=self._server.url, limits=limits)

    def ids(self) -> list[str]:
        return [request.body["headers"]["Message-ID"] for request in self._server.taken()]


@pytest.fixture(params=["smtp", "sendgrid"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    if request.param == "smtp":
        with LocalSmtp(BAD_DAY) as relay:
            yield AtRelay(relay)
        return
    with LocalSendGrid(BAD_API_DAY) as server:
        yield AtSendGrid(server)


@contextmanager
def loops_through(world: World, channel: Channel) -> Iterator[Loops]:
    with Calls() as calls:
        channels = {("email", channel.provider): channel}
        yield assemble(world.database, channels, world.addresses, world.clock.now, run=calls.run)
        calls.run(channel.close())


@pytest.mark.slow
@on_both_stores
def test_on_a_bad_day_no_mail_is_taken_twice_and_none_is_lost(
    world: World, provider: Provider
) -> None:
    owed = creditor(world)
    for number in range(PEOPLE):
        owing(world, owed, f"C{number}")
    channel = provider.channel()
    with world.database.write() as session:
        mailboxes = [{"medium": "email", "provider": channel.provider}]
        update_rows(session, Sender, mailboxes, by="medium")
    sign_all(world, owed)

    with loops_through(world, channel) as loops:
        for _ in range(8):
            world.clock.move_to(world.now + timedelta(minutes=20))
            loops.settle(world.now)
            loops.reconciliation.tick(world.now)

    taken = Counter(provider.ids())
    by_message: Counter[int] = Counter()
    for attempt in world.rows("attempt"):
        count = taken.pop(message_id(attempt["key"], "noa@carmel.example"), 0)
        by_message[attempt["message_id"]] += count
        assert count or attempt["state"] != "accepted", "called accepted, and the provider has none"
    assert not taken, "mails that no attempt stands for"
    assert max(by_message.values()) == 1
    states = Counter(row["state"] for row in world.rows("message"))
    assert set(states) <= {"accepted", "assumed_sent", "refused"}, states
    assert min(states["accepted"], states["assumed_sent"], states["refused"]) > 0, states
    assert sum(by_message.values()) >= states["accepted"]
