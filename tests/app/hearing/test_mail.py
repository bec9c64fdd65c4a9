"""A mail as what it says, in any charset and whatever was done to hurt its reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.hearing.charsets import decoded
from app.hearing.mail import MOST_WRITTEN, UnreadableMail, read_mail
from app.hearing.mail_form import mail_in
from app.hearing.markup import text_of

FORM = "multipart/form-data; boundary=xYzZY"
HEAD = b"From: Dana <Dana@Example.com>\r\nTo: billing@carmel.example\r\n"


def _mail(head: bytes, body: bytes) -> bytes:
    return HEAD + head + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("windows-1255", "אשלם ביום חמישי, תודה"),
        ("iso-8859-8-i", "הסר"),
        ("windows-1256", "سأدفع الأسبوع القادم"),
        ("windows-1257", "Sumokėsiu penktadienį, ačiū"),
        ("windows-1250", "Zapłacę w piątek, dziękuję"),
        ("koi8-r", "Заплачу в пятницу"),
        ("utf-8", "Ich zahle am Freitag, schöne Grüße"),
    ],
)
def test_a_text_is_read_in_the_charset_that_it_names(charset: str, words: str) -> None:
    codec = {"iso-8859-8-i": "iso8859-8"}.get(charset, charset)
    head = f'Content-Type: text/plain; charset="{charset}"'.encode()

    assert read_mail(_mail(head, words.encode(codec))).text == words


@pytest.mark.parametrize("label", [None, "utf-8", "us-ascii", "x-no-such", "base64", "\0"])
@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("utf-8", "Sumokėsiu penktadienį"),
        ("cp1255", "הסר"),
        ("cp1255", "שלום, אני אשלם ביום חמישי"),
        ("cp1256", "مرحبا، سأدفع الأسبوع القادم"),
        ("cp1251", "Я заплачу в пятницу, спасибо"),
    ],
)
def test_a_wrong_label_or_none_does_not_garble_a_text(
    label: str | None, codec: str, words: str
) -> None:
    assert decoded(words.encode(codec), label) == words


def test_headers_are_read_whatever_their_form_and_stay_on_one_line() -> None:
    head = (
        b"Subject: =?windows-1255?B?+uXj5A==?= =?utf-8?q?a=0D=0ABcc=3A_x=40y.example?="
        b" \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\r\n"
        b"Message-ID: <a.b@mail.example>\r\nIn-Reply-To: <ours@carmel.example>"
    )
    mail = read_mail(_mail(head, b"hello"))

    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert mail.subject.endswith("שלום")
    assert (mail.id, mail.answers) == ("a.b@mail.example", ("ours@carmel.example",))
    assert mail.writer == "dana@example.com"
    assert mail.header("bcc") == ""
    assert "dana" not in repr(mail).lower()


def test_attachments_are_listed_and_not_opened() -> None:
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=X"
    body = (
        b"--X\r\nContent-Type: text/plain\r\n\r\nI paid, see the slip\r\n"
        b"--X\r\nContent-Type: application/pdf; name*=utf-8''%D7%A7.pdf\r\n"
        b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
        b"--X\r\nContent-Type: text/plain; name=notes.txt\r\n\r\nSTOP\r\n--X--\r\n"
    )
    mail = read_mail(_mail(head, body))

    assert mail.text.strip() == "I paid, see the slip"
    kinds = [(each.kind, each.name, each.size) for each in mail.attached]
    assert kinds == [("application/pdf", "ק.pdf", 3), ("text/plain", "notes.txt", 4)]


def test_html_is_read_without_the_mail_that_it_quotes_and_where_there_is_no_text() -> None:
    html = (
        "<html><head><style>p{}</style><title>no</title></head><body><p>Please <b>stop</b></p>"
        '<div class="gmail_quote"><div>On Friday X wrote:</div>'
        "<blockquote>Reply STOP</blockquote></div></body></html>"
    )
    assert text_of(html) == "Please stop"
    mail = read_mail(_mail(b"Content-Type: text/html; charset=utf-8", html.encode()))
    assert mail.text == "Please stop"
    outlook = '<p>yes</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: X</div>a'
    assert text_of(f"<body>{outlook}</body>").startswith("yes")
    assert "From" not in text_of(f"<body>{outlook}</body>")
    assert text_of("<blockquote type=cite>only a quote</blockquote>") == "only a quote"


@pytest.mark.parametrize("html", ["", " ", "<", "<!--", "\0", "<div>" * 100_000, "<?xml ?><p>a"])
def test_any_html_has_a_text(html: str) -> None:
    assert isinstance(text_of(html), str)


def test_what_is_built_to_hurt_is_refused_with_a_reason() -> None:
    many = b"--X\r\n\r\nhi\r\n" * 5000 + b"--X--\r\n"
    with pytest.raises(UnreadableMail, match="more than 1000 parts"):
        read_mail(_mail(b"Content-Type: multipart/mixed; boundary=X", many))
    nested = b"".join(
        b"--B%d\r\nContent-Type: multipart/mixed; boundary=B%d\r\n\r\n" % (n, n + 1)
        for n in range(2000)
    )
    with pytest.raises(UnreadableMail, match="nested"):
        read_mail(_mail(b"Content-Type: multipart/mixed; boundary=B0", nested))
    with pytest.raises(UnreadableMail, match="nested"):
        read_mail(HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5000 + b"hi")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0", b"\n\n", b"From", b"From: \r\n\r\n", b":" * 1000, b"Subject: =?utf-8?b?=?=\n\nx"],
)
def test_a_mail_of_nobody_is_read_and_names_nobody(raw: bytes) -> None:
    mail = read_mail(raw)

    assert (mail.writer, mail.to) == ("", ())


def test_inbound_parse_gives_the_same_mail_raw_and_taken_apart(vectors: Path) -> None:
    folder = vectors / "sendgrid" / "inbound_parse"
    apart = mail_in((folder / "default_data.txt").read_bytes(), FORM)
    raw = mail_in((folder / "raw_data.txt").read_bytes(), FORM)

    for mail in (apart, raw):
        assert mail.writer == "test@example.com"
        assert mail.text.strip() == "Hello Twilio SendGrid!"
        assert mail.attached == ()
    assert apart.to == ("inbound@inbound.example.com",)
    whole = (folder / "csharp_raw_email_with_attachments.txt").read_bytes()
    (picture,) = read_mail(whole).attached
    assert (picture.name, picture.kind) == ("SendGrid.jpg", "image/jpeg")


def test_a_form_without_parts_is_refused(vectors: Path) -> None:
    bad = (vectors / "sendgrid" / "inbound_parse" / "bad_data.txt").read_bytes()
    for content_type in (FORM, "application/json", "multipart/form-data"):
        with pytest.raises(UnreadableMail):
            mail_in(bad, content_type)
    with pytest.raises(UnreadableMail, match="more than 1000 parts"):
        mail_in(b"--xYzZY\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 5000, FORM)


def test_each_field_of_a_form_has_its_own_charset() -> None:
    fields = {
        "headers": b"From: dana@example.com\nTo: billing@carmel.example",
        "text": "אשלם ביום חמישי".encode("cp1255"),
        "charsets": b'{"text":"windows-1255"}',
        "envelope": b'{"to":["answers+1@carmel.example"],"from":"x@y.example"}',
        "attachments": b"1",
    }
    body = b"".join(
        b'--xYzZY\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (name.encode(), content)
        for name, content in fields.items()
    )
    body += (
        b'--xYzZY\r\nContent-Disposition: form-data; name="attachment1"; filename="slip.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF\r\n--xYzZY--\r\n"
    )
    mail = mail_in(body, FORM)

    assert mail.text == "אשלם ביום חמישי"
    assert mail.to == ("answers+1@carmel.example", "billing@carmel.example")
    assert [(each.name, each.size) for each in mail.attached] == [("slip.pdf", 4)]


def test_what_hangs_on_a_mail_is_let_go_and_text_without_end_is_cut() -> None:
    picture = "QUJD\r\n" * 1000
    raw = (
        "From: dana@example.com\r\nTo: us@carmel.example\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI paid yesterday\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\n{'word ' * MOST_WRITTEN}\r\n"
        "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="a.png"\r\n\r\n{picture}\r\n--b--\r\n'
    )

    mail = read_mail(raw.encode())

    assert mail.text.startswith("I paid yesterday\n")
    (attached,) = mail.attached
    assert attached.size > 3000
    written = [str(part.get_payload()) for part in mail.message.walk() if not part.is_multipart()]
    assert sum(map(len, written)) == MOST_WRITTEN
    assert written[-1] == ""
