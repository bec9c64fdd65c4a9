"""A mail as bytes: what a relay is handed, and what an export shows.

The same envelope always makes the same bytes: the boundary and the Message-ID are hashes of the
attempt's key, and the date is the envelope's unless its headers say one. Signing (DKIM) is the
relay's.
"""

from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from hashlib import sha256
from typing import Final

from channels.seam import Envelope

_POLICY: Final = SMTP.clone(cte_type="7bit")
_LINE: Final = 78
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
    body = _body(envelope)
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(envelope))
    return head.encode("ascii") + body.as_bytes(policy=_POLICY)


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


def _body(envelope: Envelope) -> EmailMessage:
    body = EmailMessage(policy=_POLICY)
    body.set_content(envelope.text)
    if envelope.html is not None:
        body.add_alternative(envelope.html, subtype="html")
        for part in body.iter_parts():
            del part["MIME-Version"]  # the whole mail has it
        body.set_boundary(sha256(f"duly/boundary/{envelope.attempt_key}".encode()).hexdigest()[:32])
    return body
