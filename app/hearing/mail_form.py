"""A multipart form as SendGrid's Inbound Parse posts it, as the mail that it tells of. Pure.

It comes in two shapes: the whole mail in one field ("raw"), or taken apart into texts and files.
Both give the same typed mail. Each field has a charset of its own, in the field `charsets`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from hashlib import sha256
from typing import Final

from app.hearing.charsets import decoded
from app.hearing.mail import (
    MOST_PARTS,
    Attached,
    Mail,
    UnreadableMail,
    cleaned,
    mail_of,
    parsed,
    read_mail,
)

_RAW: Final = ("email", "rawEmail")  # its documents say the one, examples of its owner the other
_BOUNDARY: Final = re.compile(
    r"boundary=(?:\"([^\"\r\n]{1,200})\"|([^\s;,]{1,200}))", re.IGNORECASE
)
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_MACHINES: Final = ("message/", "text/rfc822-headers")


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a form. `kind` is the content type of a file."""

    name: str
    filename: str = field(repr=False)
    kind: str
    content: bytes = field(repr=False)


def mail_in(body: bytes, content_type: str) -> Mail:
    """The mail that a form tells of. Raises `UnreadableMail`."""
    fields = list(_fields(body, content_type))
    by_name = {each.name: each.content for each in reversed(fields) if not each.filename}
    envelope = _envelope(by_name.get("envelope", b""))
    for name in _RAW:
        if name in by_name:
            return read_mail(by_name[name], envelope)
    if "headers" not in by_name:
        raise UnreadableMail("the form holds neither a mail nor its headers")
    charsets = _charsets(by_name.get("charsets", b""))
    text = decoded(by_name.get("text", b""), charsets.get("text"))
    html = decoded(by_name.get("html", b""), charsets.get("html"))
    files = [each for each in fields if each.filename or each.name.startswith("attachment")]
    files = [each for each in files if each.name not in {"attachments", "attachment-info"}]
    return mail_of(
        _rebuilt(by_name, text, files),
        text=text.replace("\r\n", "\n"),
        html=html,
        attached=[_attached(each) for each in files],
        envelope=envelope,
        mark=sha256(body).hexdigest(),
    )


def _fields(body: bytes, content_type: str) -> Iterator[Field]:
    """Splits the form at its boundary: with CR LF, or with LF as some servers write it."""
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or not found:
        raise UnreadableMail("the call is not a form of parts")
    line = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    parts = _split(body, line)
    if len(parts) < 2:
        raise UnreadableMail("the form has no part")
    for part in parts[1:]:
        if part.startswith(b"--"):
            return
        head, content = _halves(part)
        name = _parameter(head, b"name")
        if name:
            kind = re.search(rb"^content-type:\s*([\w.+/-]+)", head, re.IGNORECASE | re.MULTILINE)
            shown = kind[1].decode("latin-1").lower() if kind else ""
            yield Field(name, _parameter(head, b"filename"), shown, content)


def _split(body: bytes, line: bytes) -> list[bytes]:
    """What stands between the lines that are, or begin with, this one; without the line end before
    each. By searching: an expression takes seconds for a large mail."""
    parts, start, at = [], 0, body.find(line)
    while at >= 0:
        end = at + len(line)
        if _is_line(body, at, end):
            before = body[start:at]
            parts.append(before.removesuffix(b"\n").removesuffix(b"\r") if at else before)
            start = end
            if len(parts) >= MOST_PARTS:
                raise UnreadableMail(f"the form has more than {MOST_PARTS} parts")
        at = body.find(line, end)
    return [*parts, body[start:]]


def _is_line(body: bytes, at: int, end: int) -> bool:
    begins = at == 0 or body[at - 1 : at] == b"\n"
    return begins and body[end : end + 2].startswith((b"\r\n", b"\n", b"--"))


def _halves(part: bytes) -> tuple[bytes, bytes]:
    end = _HEAD_END.search(part)
    return (part[: end.start()], part[end.end() :]) if end else (part, b"")


def _parameter(head: bytes, name: bytes) -> str:
    pattern = rb"[;\s]" + name + rb"=\"((?:[^\"\\\r\n]|\\.)*)\""
    found = re.search(pattern, head[:4096], re.IGNORECASE)
    return cleaned(decoded(found[1]))[:200] if found else ""


def _charsets(raw: bytes) -> Mapping[str, str]:
    said = _json(raw)
    return {str(name): str(value) for name, value in said.items()}


def _envelope(raw: bytes) -> list[str]:
    to = _json(raw).get("to", [])
    return [each for each in to if isinstance(each, str)] if isinstance(to, list) else []


def _json(raw: bytes) -> Mapping[str, object]:
    """An object of a small field; empty where it is none."""
    try:
        said = json.loads(raw[:100_000])
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _attached(file: Field) -> Attached:
    return Attached(file.filename, file.kind, len(file.content))


def _rebuilt(by_name: Mapping[str, bytes], text: str, files: list[Field]) -> Message:
    """The mail as far as machines speak in it: its head, its text, and the reports that hung on
    it. Other files stay closed."""
    message = parsed(by_name["headers"].strip() + b"\r\n\r\n")
    for name in ("from", "to", "subject"):
        if name not in message and name in by_name:
            message[name] = cleaned(decoded(by_name[name]))
    for name in ("content-type", "content-transfer-encoding", "mime-version"):
        del message[name]
    said = Message()
    said.set_payload(text.encode("utf-8", "replace"), "utf-8")
    reports = [file for file in files if file.kind.startswith(_MACHINES)]
    if not reports:
        message.set_payload(said.get_payload())
        for name, value in said.items():
            message[name] = value
        return message
    message["Content-Type"] = "multipart/report"
    message.set_payload([said, *(_report(file) for file in reports)])
    return message


def _report(file: Field) -> Message:
    return parsed(b"Content-Type: " + file.kind.encode() + b"\r\n\r\n" + file.content)
