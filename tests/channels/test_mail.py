"""A mail as bytes: the same envelope makes the same bytes, and any mail program reads them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail import as_bytes, ascii_address, domain_of, message_id
from channels.seam import Medium
from tests.channels.make import envelope

# What mail has trouble with: dots and "From" that begin a line, blanks that end one, long lines.
PIECES = ["a", "=", ".", "\n", "\r\n", " ", "\t", "é", "ש", "x" * 300, "From "]


def read(**changes: Any) -> EmailMessage:
    made = as_bytes(envelope(Medium.EMAIL, **changes))
    message = message_from_bytes(made, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_same_envelope_makes_the_same_bytes() -> None:
    assert as_bytes(envelope(Medium.EMAIL)) == as_bytes(envelope(Medium.EMAIL))


def test_another_attempt_has_another_message_id() -> None:
    assert read()["Message-ID"] == message_id("case-1/day-3/0", "billing@acme.example")
    assert read()["Message-ID"] != read(attempt_key="case-1/day-3/1")["Message-ID"]


def test_the_message_id_tells_nothing_of_the_case() -> None:
    assert "case" not in message_id("case-1/day-3/0", "billing@acme.example")


@pytest.mark.parametrize("words", ["Rēķins", "תזכורת על חשבונית", "تذكير بالفاتورة", "Ą" * 90])
def test_words_of_any_language_arrive(words: str) -> None:
    mail = read(subject=words, sender_name=words, text=words, html=f"<p>{words}</p>")

    assert mail["Subject"] == words
    assert mail["From"].addresses[0].display_name == words
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert words in part.get_content()


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_is_written_arrives_in_lines_that_any_server_takes(words: str) -> None:
    made = as_bytes(envelope(Medium.EMAIL, text=f"{words}z", html=f"<p>{words}"))
    mail = message_from_bytes(made, policy=default)

    assert isinstance(mail, EmailMessage)
    for kind, written in (("plain", f"{words}z"), ("html", f"<p>{words}")):
        part = mail.get_body((kind,))
        assert part is not None
        assert _lines(part.get_content()) == _lines(written)
    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 998
    assert not set(made.replace(b"\r\n", b"")) & set(b"\r\n")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


def test_every_line_is_short_enough_for_any_server() -> None:
    made = as_bytes(
        envelope(
            Medium.EMAIL,
            text="x" * 5000,
            html="<p>" + "y" * 5000 + "</p>",
            subject="word " * 100,
            headers={"References": " ".join(f"<{n:030}@acme.example>" for n in range(100))},
        )
    )

    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 998
    assert b"\n" not in made.replace(b"\r\n", b"")


def test_a_long_address_in_a_header_stays_in_one_piece() -> None:
    link = "<https://pay.example.com/u/" + "t" * 120 + ">"

    assert link.encode() in as_bytes(envelope(Medium.EMAIL, headers={"List-Unsubscribe": link}))


def test_own_headers_are_not_said_twice() -> None:
    mail = read(headers={"Message-ID": "<mine@acme.example>", "Subject": "Another"})

    assert mail.get_all("Message-ID") == ["<mine@acme.example>"]
    assert mail.get_all("Subject") == ["Your invoice"]


def test_who_reads_along_is_shown() -> None:
    mail = read(cc=("noa@carmel.example", "lev@carmel.example"))

    assert [one.addr_spec for one in mail["Cc"].addresses] == [
        "noa@carmel.example",
        "lev@carmel.example",
    ]


def test_a_mail_without_html_has_one_part() -> None:
    assert read(html=None).get_content_type() == "text/plain"


def test_domains_are_written_as_dns_knows_them() -> None:
    assert domain_of("billing@MÜLLER.example") == "xn--mller-kva.example"
    assert ascii_address("billing@müller.example") == "billing@xn--mller-kva.example"
    assert ascii_address("дана@example.com") is None
    assert ascii_address("nobody") is None
