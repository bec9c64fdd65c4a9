"""The head of a mail: threaded by case and mailbox, a way back, and exported byte for byte."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from app.delivery.dispatch import Addresses
from app.delivery.eml import NoMail, eml_of
from app.store.bulk import update_rows
from app.store.rows import Sender
from app.wording.reply_address import read_back
from channels.mail import as_bytes
from channels.sandbox import SandboxEmail
from channels.seam import Envelope, Outcome
from tests.app.delivery.cast import creditor, intend, owing, send
from tests.databases import on_both_stores
from tests.world import SECRET, World


class Listening(SandboxEmail):
    """Keeps what it was handed."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.heard: list[Envelope] = []

    async def send(self, envelope: Envelope) -> Outcome:
        self.heard.append(envelope)
        return await super().send(envelope)


@pytest.fixture
def mailbox(world: World) -> Listening:
    channel = Listening(world.ledger)
    world.channels = {**world.channels, ("email", "sandbox"): channel}
    world.loops = world.worker(channels=world.channels)
    return channel


def replies_to(world: World, mailbox: str) -> None:
    with world.database.write() as session:
        mails = [row["id"] for row in world.rows("sender", "medium = 'email'")]
        update_rows(session, Sender, [{"id": id_, "replies_to": mailbox} for id_ in mails])


def test_the_mails_of_a_case_are_one_thread(world: World, mailbox: Listening) -> None:
    owing(world, creditor(world))
    for _ in range(40):
        world.move(days=1)

    heads = [envelope.headers for envelope in mailbox.heard]
    ids = [head["Message-ID"] for head in heads]

    assert len(ids) == len(set(ids)) >= 3
    assert "References" not in heads[0]
    assert [head["In-Reply-To"] for head in heads[1:]] == ids[:-1]
    assert heads[2]["References"] == " ".join(ids[:2])
    assert all(own.endswith("@carmel.example>") for own in ids)


def test_nobody_sees_the_thread_of_another_case(world: World, mailbox: Listening) -> None:
    owed = creditor(world)
    for name in ("C1", "C2"):
        owing(world, owed, name)

    world.move(hours=1)

    assert len(mailbox.heard) == 2
    assert not any("References" in envelope.headers for envelope in mailbox.heard)


def test_a_reply_names_the_message_that_it_answers(world: World, mailbox: Listening) -> None:
    owing(world, creditor(world))
    replies_to(world, "answers@carmel.example")
    world.move(hours=1)

    (envelope,) = mailbox.heard
    (message,) = world.rows("message")
    (attempt,) = world.rows("attempt")

    assert read_back(envelope.headers["Reply-To"], SECRET) == (
        "answers@carmel.example",
        message["id"],
    )
    assert envelope.headers["Reply-To"] not in str(attempt["head"]), "the token is not kept"


@on_both_stores
def test_a_sender_that_hears_nothing_names_no_way_back(world: World, mailbox: Listening) -> None:
    owing(world, creditor(world))
    replies_to(world, "answers@carmel.example")
    with world.database.write() as session:
        ours = [{"id": row["id"], "two_way": False} for row in world.rows("sender")]
        update_rows(session, Sender, ours)
    world.move(hours=1)

    assert [("Reply-To" in envelope.headers) for envelope in mailbox.heard] == [False]


@on_both_stores
def test_the_export_is_what_was_handed_over(world: World, mailbox: Listening) -> None:
    owing(world, creditor(world))
    replies_to(world, "answers@carmel.example")
    world.move(hours=1)
    (envelope,) = mailbox.heard
    (attempt,) = world.rows("attempt")

    with world.database.read() as session:
        live = eml_of(session, attempt["id"], world.addresses, live=True)
        masked = eml_of(session, attempt["id"], world.addresses)

    assert live == as_bytes(envelope)
    assert envelope.link_token is not None
    seen = message_from_bytes(masked, policy=default)
    told = masked.decode() + "".join(
        part.get_content() for part in seen.walk() if part.get_content_maintype() == "text"
    )
    for secret in (envelope.link_token, envelope.headers["Reply-To"], "/u/"):
        assert (secret in told) is (secret == "/u/")
    assert seen["List-Unsubscribe"] == "<https://pay.example.com/u/masked>"


def test_what_is_no_mail_has_no_export(world: World) -> None:
    owing(world, creditor(world), phone="+972500000100", email=None)
    intend(world)
    send(world)
    (attempt,) = world.rows("attempt")
    addresses = Addresses("https://pay.example.com", SECRET)

    with world.database.read() as session:
        with pytest.raises(NoMail, match="which is no mail"):
            eml_of(session, attempt["id"], addresses)
        with pytest.raises(NoMail, match="no attempt 99"):
            eml_of(session, 99, addresses)
