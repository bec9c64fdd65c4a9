"""What people answer to our mails comes as it would from their mail program: their words are found
in it, by the pipe and in both shapes of SendGrid's form.
"""

from __future__ import annotations

from datetime import UTC, datetime

from app.hearing.mail import Mail, read_mail
from app.hearing.mail_form import mail_in
from app.intake.mails import words_of
from app.lab.drill_mailbox import Received
from app.lab.inbound_parse import CONTENT_TYPE, taken_apart, whole

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
