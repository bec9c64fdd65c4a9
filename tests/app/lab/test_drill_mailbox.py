"""What people answer to our mails comes as it would from their mail program: their words are found
in it, by the pipe and in both shapes of SendGrid's form.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

from app.hearing.mail import Mail, read_mail
from app.hearing.mail_form import mail_in
from app.intake.mail_sources import PipedMail, SendGridInbound
from app.intake.mails import words_of
from app.intake.replies import Written
from app.intake.sources import Source
from app.lab.drill_field import SECRET, Fighter
from app.lab.drill_lines import opened
from app.lab.drill_mailbox import Received
from app.lab.drill_providers import Relay, SendGrid
from app.lab.inbound_parse import CONTENT_TYPE, taken_apart, whole
from channels.seam import Envelope, Medium

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
OURS = (
    b"From: Noa Levi <noa@drill.example>\r\nTo: d3@people.example\r\n"
    b"Reply-To: <answers+1f.abcdefghabcdefgh@drill.example>\r\nSubject: Your invoice\r\n"
    b"Message-ID: <m1@drill.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Your invoice is open. Unsubscribe: https://drill.invalid/s\r\n"
)


def _said(mail: Mail) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    return words_of(mail), mail.writer, mail.to, mail.answers


def test_an_answer_says_its_words_alone_whichever_way_it_comes() -> None:
    received = Received.read(OURS)
    answer = received.answer("I will pay on Friday", writer="d3@people.example", now=NOW)

    piped = _said(read_mail(answer, [received.back]))
    assert piped == (
        "I will pay on Friday",
        "d3@people.example",
        ("answers+1f.abcdefghabcdefgh@drill.example",),
        ("m1@drill.example",),
    )
    assert _said(mail_in(whole(answer), CONTENT_TYPE)) == piped
    assert _said(mail_in(taken_apart(answer), CONTENT_TYPE)) == piped


def test_both_carriers_of_mail_hand_on_an_answer_that_is_genuine() -> None:
    """A mail that was really sent is answered, and our own sources read who wrote what."""
    sendgrid, relay = SendGrid(7), Relay(7)
    sources: dict[str, Source] = {
        "sendgrid-inbound": SendGridInbound(SECRET, key=sendgrid.orders["sendgrid_key"]),
        "mail": PipedMail(SECRET),
    }
    with closing(sendgrid), closing(relay):
        for carrier in (sendgrid, relay):
            writer = Fighter(carrier.routes[0], 1, 1, 1, 1, "d3@people.example")
            assert carrier.reply(writer, "STOP", NOW) is None, "nothing came that they could answer"
            _send_to(carrier, writer)
            make = carrier.reply(writer, "STOP", NOW)
            assert make is not None
            call = make(NOW)
            (heard,) = sources[call.url.rpartition("/")[2]].hear(call.body, call.headers, NOW)
            assert isinstance(heard, Written)
            assert (heard.from_address, heard.text) == (writer.address, "STOP")


def _send_to(carrier: SendGrid | Relay, writer: Fighter) -> None:
    """Often enough for one to be taken: it has bad days."""
    orders = {"twilio": "http://127.0.0.1:9", "sendgrid": "http://127.0.0.1:9", "smtp": "9"}
    with opened({**orders, **carrier.orders}) as (channels, run):
        for number in range(4):
            envelope = Envelope(
                attempt_key=f"a{number}",
                medium=Medium.EMAIL,
                recipient=writer.address,
                sender="noa@drill.example",
                subject="Your invoice",
                text="It is open.",
                locale="en",
                template="reminder_first",
                sent_at=NOW,
            )
            run(channels["email", carrier.routes[0].provider].send(envelope))
