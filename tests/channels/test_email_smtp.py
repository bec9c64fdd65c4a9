"""The relay's channel beyond the contract: what is certain, encryption, login, kept lines."""

import asyncio
from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from app.lab.faults import MailFate, MailFaults
from app.lab.local_smtp import LocalSmtp
from channels.email_smtp import SmtpEmail
from channels.errors import (
    AccountStopped,
    AddressInvalid,
    AddressNotServed,
    ContentForbidden,
    NoAnswer,
    ProviderUnavailable,
    RateLimited,
    RecipientUnreachable,
    SendError,
)
from channels.registry import open_channel
from channels.seam import Accepted, Envelope, Later, Medium, Outcome, Refused, Unclear
from channels.smtp_line import Relay
from tests.channels.certificates import certificate_in, server_side
from tests.channels.make import envelope, run

CERTAIN: dict[MailFate, type[SendError]] = {
    MailFate.GREYLISTED: RecipientUnreachable,
    MailFate.REFUSED: AddressInvalid,
    MailFate.BUSY: ProviderUnavailable,
    MailFate.RESET_EARLY: ProviderUnavailable,
    MailFate.REJECTED: ContentForbidden,
}
UNCLEAR = {
    MailFate.RESET_BEFORE: 0,
    MailFate.SILENT_BEFORE: 0,
    MailFate.RESET_AFTER: 1,
    MailFate.SILENT_AFTER: 1,
    MailFate.MALFORMED: 1,
}


def relay_of(server: LocalSmtp, **more: Any) -> Relay:
    there: dict[str, Any] = {"host": "127.0.0.1", "security": "none", "read_within": 0.2}
    return Relay(port=server.port, **(there | more))


def sent(channel: SmtpEmail, *letters: Envelope) -> Sequence[Outcome]:
    """All at once, on one loop; then the channel is closed."""

    async def all_of_them() -> Sequence[Outcome]:
        try:
            return await asyncio.gather(*(channel.send(letter) for letter in letters))
        finally:
            await channel.close()

    return run(all_of_them())


def letter(number: int = 1, **changes: Any) -> Envelope:
    return envelope(Medium.EMAIL, attempt_key=f"case-{number}/day-3/0", **changes)


@pytest.mark.parametrize("fate", list(CERTAIN))
def test_what_the_relay_said_before_the_end_of_the_text_is_certain(fate: MailFate) -> None:
    with LocalSmtp(MailFaults({fate: 1})) as server:
        (outcome,) = sent(SmtpEmail(relay_of(server)), letter())

    assert isinstance(outcome, Refused | Later)
    assert type(outcome.error) is CERTAIN[fate]
    assert not server.taken()


@pytest.mark.parametrize("fate", list(UNCLEAR))
def test_silence_after_the_end_of_the_text_is_unclear(fate: MailFate) -> None:
    with LocalSmtp(MailFaults({fate: 1})) as server:
        (outcome,) = sent(SmtpEmail(relay_of(server)), letter())

    assert isinstance(outcome, Unclear)
    assert len(server.taken()) == UNCLEAR[fate]


def test_a_reply_that_drips_is_waited_for_until_the_time_is_over() -> None:
    with LocalSmtp(MailFaults({MailFate.DRIP: 1})) as server:
        slow = SmtpEmail(relay_of(server, read_within=5.0), total_within=0.3)
        (given_up,) = sent(slow, letter())
        (patient,) = sent(SmtpEmail(relay_of(server, read_within=5.0)), letter())

    assert given_up == Unclear(NoAnswer("smtp", "timeout"))
    assert isinstance(patient, Accepted)


def test_greylisted_mails_are_asked_about_again_in_minutes() -> None:
    with LocalSmtp(MailFaults({MailFate.GREYLISTED: 1})) as server:
        (outcome,) = sent(SmtpEmail(relay_of(server)), letter())

    assert isinstance(outcome, Later)
    assert outcome.retry_after is not None
    assert outcome.retry_after.total_seconds() >= 300


def test_nobody_listening_is_unavailable_and_certain() -> None:
    with LocalSmtp() as server:
        port = server.port
    closed = Relay(host="127.0.0.1", port=port, security="none")

    (outcome,) = sent(SmtpEmail(closed), letter())

    assert outcome == Later(ProviderUnavailable("smtp", "connect"))


def test_a_mail_that_never_had_its_turn_blames_our_own_pace() -> None:
    """Else the engine would have to call it unclear, though nothing left."""
    with create_server(("127.0.0.1", 0)) as mute:
        relay = Relay(host="127.0.0.1", port=mute.getsockname()[1], security="none")
        outcomes = sent(SmtpEmail(relay, connections=1, total_within=0.2), letter(1), letter(2))

    assert outcomes == [Later(RateLimited("smtp", "no-connection"))] * 2


def test_a_relay_that_greets_nobody_is_unavailable() -> None:
    with create_server(("127.0.0.1", 0)) as mute:
        relay = Relay(
            host="127.0.0.1", port=mute.getsockname()[1], security="none", connect_within=0.2
        )
        (outcome,) = sent(SmtpEmail(relay), letter())

    assert outcome == Later(ProviderUnavailable("smtp", "timeout"))


def test_lines_are_kept_and_shared() -> None:
    with LocalSmtp() as server:
        outcomes = sent(
            SmtpEmail(relay_of(server), connections=2), *(letter(number) for number in range(30))
        )

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(server.taken()) == 30
    assert server.conversations == 2


def test_a_line_is_left_after_its_share_of_mails() -> None:
    with LocalSmtp() as server:
        sent(
            SmtpEmail(relay_of(server), connections=1, mails_each=10),
            *(letter(number) for number in range(30)),
        )

    assert server.conversations == 3


def test_a_kept_line_that_the_relay_closed_costs_no_mail() -> None:
    with LocalSmtp(mails_each=1) as server:
        outcomes = sent(
            SmtpEmail(relay_of(server), connections=1), *(letter(number) for number in range(5))
        )

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(server.taken()) == 5


def test_a_refused_copy_costs_no_mail_and_a_refused_recipient_does() -> None:
    with LocalSmtp(refuses=frozenset({"gone@example.com"})) as server:
        copied, gone = sent(
            SmtpEmail(relay_of(server)),
            letter(1, cc=("gone@example.com", "noa@carmel.example")),
            letter(2, recipient="gone@example.com", cc=("noa@carmel.example",)),
        )

    assert isinstance(copied, Accepted)
    assert gone == Refused(AddressInvalid("smtp", "550-5.1.1"))
    assert [mail.recipients for mail in server.taken()] == [
        ("dana@example.com", "noa@carmel.example")
    ]


def test_a_mailbox_that_only_a_newer_protocol_can_name_is_not_served() -> None:
    with LocalSmtp() as server:
        (outcome,) = sent(SmtpEmail(relay_of(server)), letter(recipient="דנה@example.com"))

    assert outcome == Refused(AddressNotServed("smtp", "smtputf8"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_is_verified_and_the_login_is_made(tmp_path: Path, security: str) -> None:
    file = certificate_in(tmp_path)
    with LocalSmtp(
        encrypted=server_side(file), tls_first=security == "tls", login=("duly", "s3cret")
    ) as server:
        settings = {
            "host": "127.0.0.1",
            "port": str(server.port),
            "security": security,
            "username": "duly",
        }
        trusting = settings | {"ca_file": str(file)}
        outcomes = [
            run(_sent_once(settings | {"password": "s3cret"})),
            run(_sent_once(trusting | {"password": "wrong"})),
            run(_sent_once(trusting | {"password": "s3cret"})),
        ]

    assert outcomes[0] == Later(ProviderUnavailable("smtp", "certificate"))
    assert outcomes[1] == Later(AccountStopped("smtp", "535-5.7.8"))
    assert isinstance(outcomes[2], Accepted)
    assert len(server.taken()) == 1


def test_a_relay_without_encryption_gets_no_mail_and_no_password() -> None:
    with LocalSmtp(login=("duly", "s3cret")) as server:
        (outcome,) = sent(
            SmtpEmail(relay_of(server, security="starttls", username="duly", password="s3cret")),
            letter(),
        )

    assert outcome == Later(ProviderUnavailable("smtp", "no-starttls"))


def test_a_login_that_is_missing_stops_the_account_and_not_the_message() -> None:
    with LocalSmtp(login=("duly", "s3cret")) as server:
        (outcome,) = sent(SmtpEmail(relay_of(server)), letter())

    assert outcome == Later(AccountStopped("smtp", "530-5.7.0"))


def test_what_arrives_is_what_was_written() -> None:
    text = ".first\n..second\nשלום\n" + "x" * 3000
    sent_letter = letter(text=text, headers={"List-Unsubscribe": "<https://pay.example.com/u/1>"})
    with LocalSmtp() as server:
        sent(SmtpEmail(relay_of(server)), sent_letter)

    (taken,) = server.taken()
    mail = message_from_bytes(taken.content, policy=default)
    part = mail.get_body(("plain",))
    assert part is not None
    assert part.get_content().splitlines() == text.splitlines()
    assert mail["List-Unsubscribe"] == "<https://pay.example.com/u/1>"
    assert (taken.sender, mail["From"]) == ("billing@acme.example", "Acme <billing@acme.example>")


def test_the_relay_is_asked_for_each_sender_and_nothing_is_sent() -> None:
    senders = ["billing@acme.example", "stolen@acme.example"]
    with LocalSmtp(lacks=frozenset({"stolen@acme.example"})) as server:
        assert run(_problems(relay_of(server), senders)) == [
            "the relay takes no mail of stolen@acme.example: 553-5.7.1 at sender"
        ]
    assert not server.taken()


def test_a_relay_that_cannot_be_used_is_told_of_once() -> None:
    with LocalSmtp(login=("duly", "s3cret")) as server:
        wrong = relay_of(server, username="duly", password="wrong")
        assert run(_problems(wrong, ["a@acme.example", "b@acme.example"])) == [
            "the relay does not let us in: 535-5.7.8 at login"
        ]
    assert run(_problems(relay_of(server), ["a@acme.example"])) == [
        "the relay cannot be used: nobody listens there"
    ]


async def _problems(relay: Relay, senders: Sequence[str]) -> Sequence[str]:
    channel = SmtpEmail(relay)
    try:
        return await channel.problems(senders)
    finally:
        await channel.close()


@pytest.mark.parametrize("wrong", [{"security": "perhaps"}, {"prot": "25"}, {"port": "many"}])
def test_settings_that_cannot_be_used_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each says its own)
        open_channel(Medium.EMAIL, "smtp", wrong)


async def _sent_once(settings: dict[str, str]) -> Outcome:
    channel = open_channel(Medium.EMAIL, "smtp", settings)
    try:
        return await channel.send(letter())
    finally:
        await channel.close()
