"""Mail that comes in: people's words, bounces, complaints and automatic answers, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.intake.errors import Forged
from app.intake.inbox import intake_tick, receive
from app.intake.mail_sources import PipedMail, SendGridInbound
from app.intake.sources import TARGET, Source
from app.lab.local_sendgrid import LocalSendGrid
from app.store.engines import Database
from app.store.rows import Link
from app.web.visits import token_hash
from app.wording.reply_address import token
from campaigns.keys import derive
from channels.mail import message_id
from tests.app.intake.make import MAILBOX, Scene, add_message
from tests.factories import NOON, add

SECRET = b"a secret of the tests that is long enough to be taken"
OURS = "billing@carmel.example"
BACK = "answers@carmel.example"
PIPE = PipedMail(SECRET)


@pytest.fixture
def scene(database: Database) -> Scene:
    made = Scene.of(database)
    made.run(f"UPDATE sender SET address = '{OURS}', provider = 'smtp' WHERE medium = 'email'")
    return made


class Post:
    """Mails to us about one message."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.attempt = add_message(scene, medium="email")
        (message,) = scene.rows("message")
        self.message = message["id"]
        self.way_back = f"answers+{token(SECRET, self.message)}@carmel.example"
        self.own_id = message_id(self.attempt, OURS)

    def take(self, mail: str, source: Source = PIPE) -> None:
        receive(self.scene.database, source, mail.encode(), {}, now=NOON)
        intake_tick(self.scene.database, {source.name: source}, now=NOON)

    def reply(self, words: str, *, head: str = "", writer: str = MAILBOX, to: str = "") -> None:
        self.take(
            f"From: Dana <{writer}>\r\nTo: {to or self.way_back}\r\nSubject: Re: Your account\r\n"
            f"Message-ID: <{derive(words)}@mail.example>\r\n{head}\r\n{words}\r\n"
        )

    def report(self, fields: str, *, returned: str, recipient: str = MAILBOX) -> None:
        self.take(
            "From: Mail Delivery <MAILER-DAEMON@relay.example>\r\n"
            f"To: {OURS}\r\nSubject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
            "--B\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
            "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\n{fields}\r\n"
            f"--B\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\n\r\nhello\r\n--B--\r\n"
        )


@pytest.fixture
def post(scene: Scene) -> Post:
    return Post(scene)


def test_a_reply_is_known_by_the_address_that_it_goes_to(post: Post) -> None:
    quoted = "\r\n\r\nOn 27 Nov 2026, at 10:15, Us <us@us.example> wrote:\r\n> Reply STOP to end"
    post.reply("The pipe in the garden drips" + quoted, writer="dana.at.work@example.org")

    (reply,) = post.scene.rows("reply")
    assert (reply["text"], reply["message_id"]) == ("The pipe in the garden drips", post.message)
    assert reply["customer_id"] == post.scene.customer_id
    assert post.scene.rows("hold")
    assert post.scene.rows("suppression") == []


def test_a_stop_by_mail_takes_effect_before_the_call_is_answered(post: Post) -> None:
    mail = f"From: {MAILBOX}\r\nTo: {OURS}\r\nSubject: Re: Your account\r\n\r\nSTOP\r\n"

    receive(post.scene.database, PIPE, mail.encode(), {}, now=NOON)

    (suppression,) = post.scene.rows("suppression")
    assert (suppression["medium"], suppression["reason"]) == ("email", "opted_out")


@pytest.mark.parametrize(
    "head", ["", "Auto-Submitted: auto-replied\r\nX-Apple-Unsubscribe: true\r\n"]
)
def test_unsubscribe_in_the_subject_is_an_opt_out(post: Post, head: str) -> None:
    post.take(f"From: {MAILBOX}\r\nTo: {OURS}\r\nSubject: unsubscribe\r\n{head}\r\nplease do it")

    assert post.scene.rows("suppression")


def test_a_mail_lands_once_however_it_comes(post: Post) -> None:
    post.reply("I paid on Monday")
    post.reply("I paid on Monday")
    post.reply("I paid on Monday", head="X-Other-Way: yes\r\n")

    assert len(post.scene.rows("reply")) == 1
    assert post.scene.rows("inbound", "handled_at IS NULL") == []


@pytest.mark.parametrize("by", ["way_back", "link", "message_id"])
def test_a_bounce_is_found_by_whatever_of_our_mail_it_returns(post: Post, by: str) -> None:
    returned = f"From: {OURS}\r\nSubject: Your account"
    if by == "way_back":
        returned += f"\r\nReply-To: {post.way_back}"
    elif by == "message_id":
        returned += f"\r\nMessage-ID: {post.own_id}"
    else:
        link = "abcdefghijklmnopqrstuv"
        add(
            post.scene.database,
            Link,
            token_hash=token_hash(link),
            customer_id=post.scene.customer_id,
            message_id=post.message,
            purpose="unsubscribe",
            created_at=NOON,
            expires_at=NOON + timedelta(days=9),
        )
        returned += f"\r\nList-Unsubscribe: <https://pay.example/u/{link}>"
    fields = "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown"
    post.report(fields, returned=returned)

    (address,) = post.scene.rows("address", f"value = '{MAILBOX}'")
    assert (bool(address["valid"]), address["invalid_reason"]) == (False, "address_invalid")
    (message,), (attempt,) = post.scene.rows("message"), post.scene.rows("attempt")
    assert message["delivery"] == "bounced"
    assert "550-5.1.1" in repr(attempt["error"])
    assert "address_bounced" in post.scene.signals()
    assert post.scene.tasks() == []


@pytest.mark.parametrize(
    ("fields", "delivery"),
    [
        ("Action: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full", "bounced"),
        ("Action: failed\r\nStatus: 5.7.1\r\nDiagnostic-Code: smtp; 550 spam", "bounced"),
        ("Action: delayed\r\nStatus: 4.4.1\r\nDiagnostic-Code: smtp; 421 try later", "sent"),
        ("Action: delivered\r\nStatus: 2.0.0", None),
    ],
)
def test_what_may_pass_closes_no_address(post: Post, fields: str, delivery: str | None) -> None:
    post.report(fields, returned=f"Message-ID: {post.own_id}")

    assert post.scene.rows("address", f"value = '{MAILBOX}'")[0]["valid"]
    assert post.scene.rows("message")[0]["delivery"] == delivery
    assert post.scene.rows("reply") == []


def test_a_bounce_that_anybody_could_have_written_closes_nothing(post: Post) -> None:
    forged = f"Message-ID: <made.up@carmel.example>\r\nReply-To: answers+1.aaaaaaaaaaaaaaaa@{OURS}"
    post.report("Action: failed\r\nStatus: 5.1.1", returned=forged)

    assert post.scene.rows("address", f"value = '{MAILBOX}'")[0]["valid"]
    assert post.scene.tasks() == ["mail_came_back"]


def test_the_bounce_of_a_copy_is_not_that_of_the_customer(post: Post) -> None:
    post.scene.run("UPDATE attempt SET copied_to = '[\"boss@example.com\"]'")
    post.report(
        "Action: failed\r\nStatus: 5.1.1",
        returned=f"Message-ID: {post.own_id}\r\nReply-To: {post.way_back}",
        recipient="boss@example.com",
    )

    assert post.scene.rows("message")[0]["delivery"] is None
    assert post.scene.tasks() == ["mail_came_back"]


def _complaint(about: str, returned: str) -> str:
    return (
        f"From: fbl@provider.example\r\nTo: {OURS}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=B\r\n\r\n"
        "--B\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        f"Version: 1\r\n{about}\r\n"
        f"--B\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\n\r\nhi\r\n--B--\r\n"
    )


@pytest.mark.parametrize("is_named", [True, False])
def test_a_complaint_suppresses_and_is_no_reply(post: Post, is_named: bool) -> None:
    if is_named:
        post.take(_complaint("", f"Reply-To: {post.way_back}"))
        assert post.scene.rows("message")[0]["delivery"] == "complained"
    else:
        post.take(_complaint(f"Original-Rcpt-To: <{MAILBOX}>", "Subject: gone"))

    (suppression,) = post.scene.rows("suppression")
    assert (suppression["medium"], suppression["reason"]) == ("email", "complained")
    assert post.scene.rows("reply") == []


def test_out_of_office_holds_nobody_and_counts_as_no_answer(post: Post) -> None:
    point = post.scene.rows("contact_point", "medium = 'email'")[0]["answered"]
    head = "Auto-Submitted: auto-replied\r\n"
    post.reply("I am out of office until 5 May.", head=head)

    assert post.scene.rows("reply") == []
    assert post.scene.rows("hold") == []
    assert post.scene.tasks() == []
    assert post.scene.rows("message")[0]["answered_at"] is None
    assert post.scene.rows("contact_point", "medium = 'email'")[0]["answered"] == point
    (noted,) = post.scene.rows("event")
    assert (noted["kind"], noted["message_id"]) == ("mail_note_received", post.message)
    assert post.scene.rows("dunning_case")[0]["revision"] == 0


def test_who_left_the_company_is_a_task_to_correct_the_book(post: Post) -> None:
    words = "Dana Cohen no longer works here. Write to boss@example.com."
    post.reply(words, head="Auto-Submitted: auto-replied\r\n", to=OURS)
    post.reply(words, head="Auto-Submitted: auto-replied\r\n", to=OURS)

    (reply,) = post.scene.rows("reply")
    assert (reply["intent"], reply["text"]) == ("details_changed", words)
    assert post.scene.tasks() == ["details_changed"]
    assert post.scene.rows("hold") == []


def test_what_cannot_be_read_is_stored_with_a_reason_and_stops_nobody(post: Post) -> None:
    part = b"--X\r\n\r\nhi\r\n" * 5000
    bad = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n" + part
    nobody = b"To: billing@carmel.example\r\n\r\nhello"
    database = post.scene.database
    for raw in (bad, nobody, b"", b"\0\xff"):
        receive(database, PIPE, raw, {}, now=NOON)
    post.reply("STOP")

    problems = [row["problem"] for row in post.scene.rows("inbound")]
    assert problems[0] == "Unreadable: the mail has more than 1000 parts"
    assert problems[1] == "Unreadable: the mail does not say from whom it is, or to whom"
    assert problems[4] is None
    assert post.scene.tasks().count("callback_problem") == 4
    assert post.scene.rows("suppression")


def _form(**fields: bytes) -> bytes:
    parts = (
        b'--xYzZY\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), c)
        for n, c in fields.items()
    )
    return b"".join(parts) + b"--xYzZY--\r\n"


def _inbound(post: Post, source: Source, body: bytes, **more: str) -> None:
    headers = {"content-type": "multipart/form-data; boundary=xYzZY", **more}
    receive(post.scene.database, source, body, headers, now=NOON)
    intake_tick(post.scene.database, {source.name: source}, now=NOON)


def test_inbound_parse_needs_the_token_of_the_address(post: Post) -> None:
    source = SendGridInbound(SECRET, token="t" * 32)
    raw = f"From: {MAILBOX}\r\nTo: {post.way_back}\r\n\r\n".encode() + "הסר".encode("cp1255")
    body = _form(email=raw, envelope=b'{"to":["x@y.example"]}')

    for target in ("", "?token=", "?token=" + "u" * 32):
        with pytest.raises(Forged):
            _inbound(post, source, body, **{TARGET: f"/webhooks/sendgrid-inbound{target}"})
    assert post.scene.rows("inbound") == []

    _inbound(post, source, body, **{TARGET: "/webhooks/sendgrid-inbound?token=" + "t" * 32})
    assert post.scene.rows("suppression", "reason = 'opted_out'")


def test_inbound_parse_believes_a_signature_over_bytes_that_are_no_text(post: Post) -> None:
    server = LocalSendGrid()
    source = SendGridInbound(SECRET, key=server.public_key)
    head = f"From: {MAILBOX}\nTo: {post.way_back}\nSubject: Re: Your account"
    body = _form(
        headers=head.encode(),
        text="אשלם ביום חמישי".encode("cp1255"),
        charsets=b'{"text":"windows-1255"}',
    )
    signed = server.signed(body, at=int(NOON.timestamp()))

    with pytest.raises(Forged):
        _inbound(post, source, body + b" ", **signed)
    _inbound(post, source, body, **signed)

    (reply,) = post.scene.rows("reply")
    assert reply["text"] == "אשלם ביום חמישי"
