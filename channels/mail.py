"""A mail as bytes: what a relay is handed, and what an export shows.

The same envelope always makes the same bytes: the boundary and the Message-ID are hashes of the
attempt's key, and the date is the envelope's unless its headers say one. Signing (DKIM) is the
relay's.
"""

import base64
import binascii
import re
from email.header import Header
from email.utils import format_datetime, formataddr
from hashlib import sha256
from typing import Final

from channels.seam import Envelope

_LINE: Final = 78
_LONGEST_LINE: Final = 998  # RFC 5322 section 2.1.1
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")
_LONE_LF: Final = re.compile(rb"(?<!\r)\n")
_OURS: Final = frozenset(
    {"from", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type"}
)


def message_id(attempt_key: str, sender: str) -> str:
    """The Message-ID of an attempt: opaque, and the same whenever it is asked for."""
    name = sha256(f"duly/message-id/{attempt_key}".encode()).hexdigest()[:32]
    return f"<{name}@{domain_of(sender)}>"


def domain_of(address: str) -> str:
    """The part behind the last @, in ASCII and lower case. Raises ValueError where there is none.

    A name that IDNA cannot write is no domain either (UnicodeError is a ValueError).
    """
    _, at, domain = address.rpartition("@")
    if not at or not domain:
        raise ValueError("an address without a domain")
    return domain.encode("idna").decode("ascii").lower()


def ascii_address(address: str) -> str | None:
    """The address as any relay takes it; None where only a relay with SMTPUTF8 would."""
    try:
        local = address.rpartition("@")[0].encode("ascii").decode()
        return f"{local}@{domain_of(address)}"
    except ValueError:
        return None


def as_bytes(envelope: Envelope) -> bytes:
    """The whole mail, lines ended by CR LF, in seven bits."""
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(envelope))
    return head.encode("ascii") + _body(envelope)


def _headers(envelope: Envelope) -> list[tuple[str, str]]:
    named = {name.lower(): value for name, value in envelope.headers.items()}
    sender = _mailbox(envelope.sender_name, envelope.sender)
    own_id = named.get("message-id") or message_id(envelope.attempt_key, envelope.sender)
    headers = [
        ("From", sender),
        ("To", _mailbox("", envelope.recipient)),
        ("Subject", _words("Subject", envelope.subject or "")),
        ("Date", named.get("date") or format_datetime(envelope.sent_at)),
        ("Message-ID", own_id),
    ]
    if envelope.cc:
        headers.append(("Cc", ",\r\n ".join(_mailbox("", address) for address in envelope.cc)))
    rest = [(name, value) for name, value in envelope.headers.items() if name.lower() not in _OURS]
    return headers + [(name, _words(name, value)) for name, value in rest]


def _mailbox(name: str, address: str) -> str:
    return formataddr((name, ascii_address(address) or address), charset="utf-8")


def _words(name: str, value: str) -> str:
    """A header's value, folded at its spaces alone: a long address must stay in one piece."""
    if not value.isascii():
        return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    lines, width = [""], len(name) + 2
    for word in value.split(" "):
        if lines[-1] and width + 1 + len(word) > _LINE:
            lines.append(word)
            width = 1 + len(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
            width += 1 + len(word)
    return "\r\n ".join(lines)


def _body(envelope: Envelope) -> bytes:
    text = _part("plain", envelope.text)
    if envelope.html is None:
        return b"MIME-Version: 1.0\r\n" + text
    seam = sha256(f"duly/boundary/{envelope.attempt_key}".encode()).hexdigest()[:32].encode()
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%b"\r\n' % seam
    between = b"\r\n--%b\r\n" % seam
    html = _part("html", envelope.html)
    return head + between + text + between + html + b"\r\n--%b--\r\n" % seam


def _part(kind: str, text: str) -> bytes:
    """A text with its own head, in whichever seven-bit form is the shortest."""
    raw = _LINE_ENDS.sub("\r\n", text).encode()
    if raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= _LONGEST_LINE:
        form, body = "7bit", raw
    else:
        form, body = "quoted-printable", _LONE_LF.sub(b"\r\n", binascii.b2a_qp(raw))
        in_base64 = base64.encodebytes(raw).replace(b"\n", b"\r\n")
        if len(in_base64) < len(body):
            form, body = "base64", in_base64
    head = (
        f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {form}\r\n\r\n'
    )
    return head.encode() + body
