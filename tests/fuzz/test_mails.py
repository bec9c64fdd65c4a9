"""Any bytes are a mail, or are refused with a reason; reading one takes no long time."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.hearing.mail import UnreadableMail, read_mail
from app.hearing.mail_form import mail_in
from app.hearing.markup import text_of
from app.hearing.quoting import own_words
from app.intake.errors import Unreadable
from app.intake.inbox import intake_tick, receive
from app.intake.mail_sources import PipedMail
from app.intake.mails import heard_in
from tests.app.intake.make import MAILBOX, Scene, add_message
from tests.factories import NOON
from tests.fuzz.conftest import bounded

pytestmark = pytest.mark.slow

SECRET = b"a secret of the tests that is long enough to be taken"
FORM = "multipart/form-data; boundary=X"
SLOW = 2.0  # seconds, for a mail of some kilobytes
PIECES = st.sampled_from(
    [
        b"From: a@b.example\r\n", b"From: =?utf-8?b?gA==?= <a@b.example>\r\n", b"To: <>\r\n",
        b"To: a@b.example, c@d.example\r\n", b"Subject: Re: \xff\r\n", b"Subject: stop\r\n",
        b"Content-Type: multipart/mixed; boundary=X\r\n", b"Content-Type: text/html\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=X\r\n",
        b"Content-Type: message/rfc822\r\n", b"Content-Type: message/delivery-status\r\n",
        b"Content-Type: message/feedback-report\r\n", b"Content-Type: text/rfc822-headers\r\n",
        b"Content-Type: text/plain; charset=iso-8859-8-i\r\n", b"Content-Type: ;;;=\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Final-Recipient: rfc822; a@b.example\r\n", b"Action: failed\r\n", b"Status: 5.1.1\r\n",
        b"Feedback-Type: abuse\r\n", b"Message-ID: <x@y>\r\n", b"In-Reply-To: <<<>\r\n",
        b"X-HmXmrOriginalRecipient: a@b.example\r\n", b"Auto-Submitted: auto-replied\r\n",
        b"\r\n", b"\n", b"--X\r\n", b"--X--\r\n", b"STOP\r\n", b"> quoted\r\n", b"=?utf-8?q?",
        b"On 1 May 2026 at 10:00, a <a@b.example> wrote:\r\n", b"-----Original Message-----\r\n",
        b"<div class=gmail_quote>", b"<blockquote type=cite>", b"\0", b"\xe4\xf1\xf8", b"\x1b$B",
        "הסר\r\n".encode(), "\u202e\r\n".encode(), b" " * 500, b"_" * 60 + b"\r\n",
    ]
)  # fmt: skip
MAILS = st.lists(PIECES | st.binary(max_size=20), max_size=40).map(b"".join)


def _quickly(raw: bytes) -> None:
    started = time.perf_counter()
    with suppress(UnreadableMail, Unreadable):
        heard_in(read_mail(raw), SECRET, NOON)
    assert time.perf_counter() - started < SLOW


@bounded
@given(MAILS)
def test_any_bytes_are_a_mail_or_refused(raw: bytes) -> None:
    _quickly(raw)


@bounded
@given(st.data())
def test_any_change_of_a_recorded_mail_is_a_mail_or_refused(
    vectors: Path, data: st.DataObject
) -> None:
    files = sorted((vectors / "email").glob("*/*.[et]*"))
    raw = bytearray(data.draw(st.sampled_from(files)).read_bytes()[:20_000])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(PIECES | st.binary(max_size=20))
    _quickly(bytes(raw))


@bounded
@given(MAILS, st.sampled_from([FORM, "text/plain", "", "boundary="]))
@example(
    b'--X\r\nContent-Disposition: form-data; name="headers"\r\n\r\n\r\n--X--',
    "multipart/form-data; boundary=X",
)
def test_any_form_is_a_mail_or_refused(body: bytes, content_type: str) -> None:
    named = body.replace(b"To:", b'Content-Disposition: form-data; name="text"; x:')
    for form in (body, named):
        try:
            mail_in(form, content_type)
        except UnreadableMail:
            continue


@bounded
@given(st.text(st.characters(), max_size=2000) | MAILS.map(lambda raw: raw.decode("latin-1")))
@example("On 2026 " + "a " * 5000 + "wrote:")
@example("\n".join(["On 2026 10:00 <a@b.c>"] * 3000))
@example("From: " * 3000)
@example("<" * 20_000)
def test_any_text_has_words_quickly(text: str) -> None:
    started = time.perf_counter()
    assert isinstance(own_words(text), str)
    assert isinstance(text_of(text), str)
    assert time.perf_counter() - started < SLOW


def test_any_mail_ends_somewhere(scene: Scene) -> None:
    add_message(scene, medium="email")
    source = PipedMail(SECRET)

    @bounded
    @given(MAILS)
    @example(f"From: {MAILBOX}\r\nTo: a@b.example\r\n\r\n\0STOP".encode())
    def settle(raw: bytes) -> None:
        taken = receive(scene.database, source, raw, {}, now=NOON)
        intake_tick(scene.database, {"mail": source}, now=NOON)
        (row,) = scene.rows("inbound", f"id = {taken.inbound_id}")
        assert (row["handled_at"] is None) is (row["problem"] is not None)

    settle()
