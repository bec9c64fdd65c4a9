"""What a mail shows of the mail of ours that it speaks of: its id, its way back, its links. Pure.

Each is something that only whoever had that mail can know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from typing import Final

from app.hearing.mail import Mail, content_of, headers

_MOST: Final = 50
_ID: Final = re.compile(r"<([^<>\s@]{3,100}@[^<>\s@]{3,120})>")
_BACK: Final = re.compile(r"[^\s<>@,;:\"]{1,64}\+[0-9a-f]{1,15}\.[a-z2-7]{16}@[^\s<>@,;:\"]{3,200}")
_LINK: Final = re.compile(r"/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")
# Of a mail that is quoted in a text: only lines that look like headers are read.
_QUOTED: Final = re.compile(
    r"^[> \t]*(?:Message-ID|Reply-To|List-Unsubscribe)[ \t]*:.*(?:\n[> ]*[ \t]+\S.*)*",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Traces:
    """`ids` are Message-IDs without brackets, `ways_back` are addresses that may be signed, and
    `links` are what may be tokens of links."""

    ids: tuple[str, ...] = field(repr=False)
    ways_back: tuple[str, ...] = field(repr=False)
    links: tuple[str, ...] = field(repr=False)


def traces_of(mail: Mail) -> Traces:
    """All that it shows: in what it answers, in whom it is for, and in the mail that it returns."""
    quoted = "\n".join(_returned(mail.message))
    return Traces(
        ids=_few([*mail.answers, *_ID.findall(quoted)]),
        ways_back=_few([*mail.to, *_BACK.findall(quoted.lower())]),
        links=_few(_LINK.findall(quoted)),
    )


def _returned(message: Message) -> Iterator[str]:
    """The heads of the mails that this one carries, whole or in part, or quotes."""
    for part in message.walk():
        kind = part.get_content_type()
        if part is not message and kind == "message/rfc822":
            for inner in part.get_payload() if part.is_multipart() else ():
                yield from _head(inner) if isinstance(inner, Message) else ()
        elif kind in {"text/rfc822-headers", "message/global-headers"}:
            yield from _head(message_from_string(content_of(part).lstrip()))
        elif kind in {"text/plain", "text/html", "message/rfc822"} and not part.is_multipart():
            yield from (found[0] for found in _QUOTED.finditer(content_of(part)))


def _head(message: Message) -> Iterator[str]:
    for name in ("message-id", "reply-to", "list-unsubscribe"):
        yield from headers(message, name)


def _few(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:_MOST]
