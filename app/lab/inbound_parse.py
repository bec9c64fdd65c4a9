"""SendGrid's Inbound Parse on this machine: the form that it posts for a mail that came, by its
published contract. It has two shapes: the whole mail in one field, or taken apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr
from typing import Final

_BOUNDARY: Final = "xYzZY"
CONTENT_TYPE: Final = f"multipart/form-data; boundary={_BOUNDARY}"


def whole(mail: bytes) -> bytes:
    """With "POST the raw, full MIME message" ticked."""
    return _form({**_said(mail), "email": mail})


def taken_apart(mail: bytes) -> bytes:
    """Without it."""
    read = message_from_bytes(mail, policy=default)
    body = read.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    head = "".join(f"{name}: {value}\n" for name, value in read.items())
    return _form(
        {
            "headers": head.encode(),
            **_said(mail),
            "text": text.encode(),
            "attachments": b"0",
        }
    )


def _said(mail: bytes) -> Mapping[str, bytes]:
    """What both shapes tell."""
    read = message_from_bytes(mail, policy=default)
    envelope = {"to": [parseaddr(read["To"])[1]], "from": parseaddr(read["From"])[1]}
    charsets = dict.fromkeys(("to", "from", "subject", "text"), "UTF-8")
    return {
        "dkim": b"none",
        "to": str(read["To"]).encode(),
        "from": str(read["From"]).encode(),
        "subject": str(read["Subject"]).encode(),
        "sender_ip": b"192.0.2.1",
        "envelope": json.dumps(envelope).encode(),
        "charsets": json.dumps(charsets).encode(),
        "SPF": b"none",
    }


def _form(fields: Mapping[str, bytes]) -> bytes:
    line = f"--{_BOUNDARY}".encode()
    parts = (
        b'%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (line, n.encode(), value)
        for n, value in fields.items()
    )
    return b"".join(parts) + line + b"--\r\n"
