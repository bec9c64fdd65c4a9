"""A mail as what it says: who wrote, to whom, in which words. Pure; nothing attached is opened.

Nothing in a mail is trusted: charsets are checked, headers lose their line ends and controls, and
a mail that is built to hurt its reader is refused by a bound, with a sentence that quotes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses
from hashlib import sha256
from typing import Final

from app.hearing.charsets import decoded
from app.hearing.markup import text_of

MOST_PARTS: Final = 1000
DEEPEST: Final = 50  # multiparts within each other
MOST_WORDS: Final = 100_000  # characters that are read of a text
MOST_WRITTEN: Final = 1_000_000  # characters that are kept of all texts of a mail, as they came
_MOST_RECIPIENTS: Final = 100
_LONGEST_HEADER: Final = 20_000

_NESTED: Final = b"boundary"
_BOUNDARY: Final = re.compile(rb"boundary[*0-9]{0,4}\s*=", re.IGNORECASE)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ID: Final = re.compile(r"<([^<>\s]{3,250})>")
_WRITTEN_TO: Final = ("to", "cc", "delivered-to", "x-original-to", "x-forwarded-to")


class UnreadableMail(ValueError):
    """No mail that can be read. The sentence holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """What hangs on a mail, unopened. `size` is in bytes."""

    name: str = field(repr=False)
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. The repr shows nothing personal.

    `id` is its Message-ID without brackets, else a hash of it. The addresses are as written, in
    small letters; the writer's is empty where the mail names nobody. `text` is all of its text,
    quotes included; an HTML part is read where there is no other. `message` is the parsed whole,
    for those who read its machinery; what is attached is gone from it.
    """

    id: str = field(repr=False)
    writer: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    answers: tuple[str, ...] = field(repr=False)
    attached: tuple[Attached, ...] = field(repr=False)
    message: Message = field(repr=False)

    def header(self, name: str) -> str:
        """The first header of this name, as text on one line; empty where there is none."""
        return next(headers(self.message, name), "")


def read_mail(raw: bytes, envelope: Sequence[str] = ()) -> Mail:
    """Reads a mail (RFC 5322). `envelope` is whom the relay took it for, if it says so.

    Raises `UnreadableMail`.
    """
    message = parsed(raw)
    parts = _parts(message)
    return mail_of(
        message,
        text=_said(parts, "text/plain"),
        html=_said(parts, "text/html"),
        attached=[_attached(part) for part in parts if _hangs_on(part)],
        envelope=envelope,
        mark=sha256(raw).hexdigest(),
    )


def mail_of(
    message: Message,
    *,
    text: str,
    html: str,
    attached: Iterable[Attached],
    envelope: Sequence[str],
    mark: str,
) -> Mail:
    """A mail whose parts somebody else has taken apart. `mark` names it if it has no Message-ID."""
    own = _ID.findall(next(headers(message, "message-id"), ""))
    named = _mailboxes(each for name in _WRITTEN_TO for each in headers(message, name))
    answered = (*headers(message, "in-reply-to"), *headers(message, "references"))
    _let_go(message)
    return Mail(
        id=own[0] if own else mark,
        writer=next(iter(_mailboxes(headers(message, "from"))), ""),
        to=tuple(dict.fromkeys([*_mailboxes(envelope), *named]))[:_MOST_RECIPIENTS],
        subject=next(headers(message, "subject"), ""),
        text=(text if text.strip() else text_of(html))[:MOST_WORDS],
        answers=tuple(dict.fromkeys(_ID.findall(" ".join(answered)))),
        attached=tuple(attached)[:MOST_PARTS],
        message=message,
    )


def parsed(raw: bytes) -> Message:
    """The parts of a mail, within bounds. Raises `UnreadableMail`."""
    # Counted as a plain word first: that takes a hundredth of the time, and nearly all are few.
    is_deep = raw.lower().count(_NESTED) > DEEPEST
    if is_deep and sum(1 for _ in _BOUNDARY.finditer(raw)) > DEEPEST:
        # A parser asks each line of each level whether it ends it.
        raise UnreadableMail(f"the mail has more than {DEEPEST} nested parts")
    try:
        message = BytesParser(policy=compat32).parsebytes(raw.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise UnreadableMail("the mail is nested too deeply") from None
    return message


def headers(message: Message, name: str) -> Iterator[str]:
    """The headers of this name as text, each on one line and without controls."""
    for key, value in message.raw_items():
        if key.lower() == name:
            yield cleaned(_in_words(str(value)[:_LONGEST_HEADER]))


def cleaned(text: str) -> str:
    """One line: no line ends, controls or marks that turn the direction."""
    return _CONTROL.sub(" ", text).strip()


def content_of(part: Message) -> str:
    """The text of one part, in whatever charset it turns out to be."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    label = part.get_content_charset()
    return decoded(raw[: 4 * MOST_WORDS], label).replace("\r\n", "\n").replace("\0", "")


def _let_go(message: Message) -> None:
    """Lets go of what nobody reads: whatever is attached, and text without end. Who looks for
    bounces asks each line of a mail fifty questions: of a picture of 22 MB, for a minute."""
    left = MOST_WRITTEN
    for part in message.walk():
        written = part.get_payload()
        if not isinstance(written, str):
            continue
        is_text = part.get_content_maintype() in {"text", "message"}
        kept = written[:left] if is_text else ""
        left -= len(kept)
        if len(kept) < len(written):
            part.set_payload(kept)


def _parts(message: Message) -> list[Message]:
    found: list[Message] = []
    for part in message.walk():
        found.append(part)
        if len(found) > MOST_PARTS:
            raise UnreadableMail(f"the mail has more than {MOST_PARTS} parts")
    return found


def _said(parts: Sequence[Message], kind: str) -> str:
    """The parts of this kind that are the mail itself, not one that it carries."""
    texts: list[str] = []
    for part in _outside_of_carried(parts):
        if part.get_content_type() == kind and not _hangs_on(part):
            texts.append(content_of(part))
    return "\n".join(texts)


def _outside_of_carried(parts: Sequence[Message]) -> Iterator[Message]:
    carried: set[int] = set()
    for part in parts:
        if id(part) in carried or part.get_content_maintype() == "message":
            carried |= {id(each) for each in _below(part)}
        else:
            yield part


def _below(part: Message) -> Sequence[Message]:
    inside = part.get_payload()
    return [each for each in inside if isinstance(each, Message)] if part.is_multipart() else []


def _hangs_on(part: Message) -> bool:
    if part.is_multipart():
        return False
    if part.get_content_maintype() != "text" or part.get_filename() is not None:
        return True
    return "attachment" in str(part.get("content-disposition", "")).lower()


def _attached(part: Message) -> Attached:
    inside = part.get_payload()
    written = len(inside) if isinstance(inside, str) else 0
    is_base64 = "base64" in str(part.get("content-transfer-encoding", "")).lower()
    name = cleaned(_in_words(str(part.get_filename() or "")))[:200]
    return Attached(name, part.get_content_type(), written * 3 // 4 if is_base64 else written)


def _in_words(raw: str) -> str:
    """A header with its encoded words (RFC 2047) and its raw bytes read."""
    plain = decoded(raw.encode("ascii", "surrogateescape")) if _is_escaped(raw) else raw
    unfolded = re.sub(r"\r?\n[ \t]*", " ", plain)
    if "=?" not in unfolded:
        return unfolded
    try:
        pieces = decode_header(unfolded)
    except (HeaderParseError, ValueError):
        return unfolded
    return "".join(_piece(piece, label) for piece, label in pieces)


def _piece(piece: bytes | str, label: str | None) -> str:
    if isinstance(piece, str):
        return piece
    # What stood beside an encoded word comes back as Python writes text in ASCII.
    return decoded(piece, label) if label else piece.decode("raw-unicode-escape", "replace")


def _is_escaped(raw: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in raw)


def _mailboxes(values: Iterable[str]) -> list[str]:
    """The addresses of these headers, in small letters."""
    found = (address.strip().lower() for _, address in getaddresses([*values]))
    return [each for each in found if re.fullmatch(r"[^@\s]+@[^@\s]+", each)]
