"""Mails that say that a mail did not arrive, or will be late, or that it was a nuisance. Pure.

Whose mail it was is found by the mailing list world's reader (flufl.bounce) and by RFC 3464's
fields; how bad it is by the status (RFC 3463), else by the words that servers use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from typing import Final

from flufl.bounce import all_failures

from app.hearing.mail import Mail, content_of, headers

_STATUS: Final = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY: Final = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ -])")
_LOOKED_AT: Final = 20_000  # characters of a report's words
_ADDRESS: Final = re.compile(r"[^\s<>()\[\];:,\"']+@[^\s<>()\[\];:,\"']+\.[^\s<>()\[\];:,\"']+")
# Where a report without parts goes on with the mail that it returns.
_COPY: Final = re.compile(
    r"^[- ]*(?:below (?:this line )?is a copy|this is a copy of the message"
    r"|original message(?: headers| follows)?:?[- ]*$"
    r"|returned message|message header|return-path:|received: from)",
    re.IGNORECASE | re.MULTILINE,
)
# Who writes a report that has neither fields nor a form that a reader knows, and under which name.
_REPORTER: Final = re.compile(
    r"mailer-?daemon|postmaster|mail[ -]?delivery|\bmdaemon", re.IGNORECASE
)
_REPORT: Final = re.compile(
    r"undeliver|not delivered|deliver\w*[ -](?:status|fail|problem|has failed)|failure not"
    r"|returned mail|mail deliver|returned to sender|could not be delivered",
    re.IGNORECASE,
)
_COMPLAINTS: Final = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list", "other"})


class Failure(StrEnum):
    """Why it did not arrive, as far as it matters for what we do next."""

    NO_MAILBOX = "no_mailbox"  # the address is no more
    FULL = "full"
    REFUSED = "refused"  # by policy, reputation or content; the mailbox may well be there
    TOO_LARGE = "too_large"
    UNREACHABLE = "unreachable"  # its server could not be reached, or not in time
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bounce:
    """`failed` are the addresses that it names. `permanent` means that nobody tries again; it does
    not mean that the mailbox is gone. `status` (RFC 3463) and `reply` (RFC 5321) may be empty."""

    failed: tuple[str, ...] = field(repr=False)
    permanent: bool
    failure: Failure
    status: str = ""
    reply: int = 0


@dataclass(frozen=True, slots=True)
class Nuisance:
    """Somebody pressed "this is spam" (RFC 5965). `about` are the addresses that it was sent to,
    where the report tells."""

    about: tuple[str, ...] = field(repr=False)


def bounce_of(mail: Mail) -> Bounce | None:
    """What the mail says of another that failed or waits; None where it says nothing of it."""
    all_blocks = list(_status_blocks(mail.message))
    blocks = [block for block in all_blocks if _is_bad(block)]
    if all_blocks and not blocks:
        return None  # it arrived, or was handed on
    later, gone = _failures(mail.message)
    if not (later or gone or blocks):
        return _by_its_look(mail)
    failed = gone or later or tuple(each for block in blocks for each in _recipients(block))
    is_late = not gone and (bool(later) or all(_action(b).startswith("delay") for b in blocks))
    return _told(failed, is_late=is_late, blocks=blocks, words=_words(mail))


def nuisance_of(mail: Mail) -> Nuisance | None:
    """A complaint by feedback loop; reports that a mail was no spam, or of how it was signed
    (DMARC), are none."""
    for part in mail.message.walk():
        if part.get_content_type() != "message/feedback-report":
            continue
        report = _fields(part)
        if report.get("feedback-type", "").lower() not in _COMPLAINTS:
            return None
        about = [*_addresses(report.get("original-rcpt-to", "")), *_written_to(mail.message)]
        return Nuisance(tuple(dict.fromkeys(about)))
    return _by_outlook(mail.message)


def _by_outlook(message: Message) -> Nuisance | None:
    """Outlook.com's own form of it: a mark in the head of the mail that it sends back."""
    for part in message.walk():
        if marked := next(headers(part, "x-hmxmroriginalrecipient"), ""):
            return Nuisance(tuple(_addresses(marked)))
    return None


def _by_its_look(mail: Mail) -> Bounce | None:
    """A report in words alone, of whoever writes such reports; the rest is people's mail."""
    if not (_REPORTER.search(mail.header("from")) and _REPORT.search(mail.subject)):
        return None
    words = _words(mail)
    named = {each.lower().rstrip(".") for each in _ADDRESS.findall(words)} - {mail.writer, *mail.to}
    if not named:
        return None
    is_late = "delay" in mail.subject.lower() or "warning" in mail.subject.lower()
    return _told(tuple(sorted(named)), is_late=is_late, blocks=(), words=words)


def _told(
    failed: tuple[str, ...], *, is_late: bool, blocks: Sequence[Message], words: str
) -> Bounce:
    said = " ".join(_diagnoses(blocks))
    status = _status(blocks, f"{said} {words}")
    reply = next((int(found[1]) for found in _REPLY.finditer(f"{said} {words}")), 0)
    # What the server said before what the relay makes of it.
    failure = _failure(status, reply, said)
    if failure is Failure.UNKNOWN:
        failure = _failure(status, reply, words)
    return Bounce(failed, not is_late, failure, status, reply)


def _failures(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that are late, and those that failed, by the library."""
    try:
        late, gone = all_failures(message)
    except Exception:  # noqa: BLE001 - a mail that breaks one of its two dozen readers is no bounce
        return (), ()
    return _in_order(late), _in_order(gone)


def _in_order(found: frozenset[bytes]) -> tuple[str, ...]:
    return tuple(sorted({each.decode("ascii", "replace").lower() for each in found}))


def _status_blocks(message: Message) -> Iterator[Message]:
    """The blocks of each recipient in a delivery report (RFC 3464)."""
    for part in message.walk():
        if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}:
            inside = part.get_payload()
            blocks = inside if part.is_multipart() else ()
            yield from (b for b in blocks if isinstance(b, Message) and _recipients(b))


def _is_bad(block: Message) -> bool:
    return _action(block).startswith(("fail", "error", "delay", "expired"))


def _action(block: Message) -> str:
    return next(headers(block, "action"), "").lower()


def _recipients(block: Message) -> list[str]:
    named = [*headers(block, "original-recipient"), *headers(block, "final-recipient")]
    return [each for value in named for each in _addresses(value)][:1]


def _addresses(value: str) -> list[str]:
    return [each.lower() for each in re.findall(r"[^\s<>;,\"]+@[^\s<>;,\"]+", value)]


def _diagnoses(blocks: Sequence[Message]) -> Iterator[str]:
    for block in blocks:
        yield from headers(block, "diagnostic-code")


def _words(mail: Mail) -> str:
    """What the report says in words, without the mail that it returns."""
    copy = _COPY.search(mail.text)
    return mail.text[: copy.start() if copy else _LOOKED_AT][:_LOOKED_AT]


def _status(blocks: Sequence[Message], words: str) -> str:
    """The exact one of a diagnosis before the coarse one of a field: relays write 5.0.0 there."""
    fields = " ".join(each for block in blocks for each in headers(block, "status"))
    told, said = _STATUS.findall(fields), _STATUS.findall(words)
    found: list[str] = told if told and not told[0].endswith(".0.0") else [*said, *told]
    exact = [each for each in found if not each.endswith(".0.0")]
    return (exact or found or [""])[0]


_BY_STATUS: Final[Mapping[str, Failure]] = {
    "1.1": Failure.NO_MAILBOX, "1.2": Failure.NO_MAILBOX, "1.3": Failure.NO_MAILBOX,
    "1.6": Failure.NO_MAILBOX, "1.7": Failure.REFUSED, "1.8": Failure.REFUSED,
    "1.10": Failure.NO_MAILBOX,
    "2.1": Failure.NO_MAILBOX, "2.2": Failure.FULL, "2.3": Failure.TOO_LARGE,
    "3.4": Failure.TOO_LARGE,
}  # fmt: skip
# The words of servers, the gravest that is certain first; each list in the order of its certainty.
_BY_WORDS: Final[Sequence[tuple[Failure, re.Pattern[str]]]] = tuple(
    (failure, re.compile(pattern, re.IGNORECASE))
    for failure, pattern in (
        (
            Failure.FULL,
            r"mailbox (?:is )?(?:full|exceed)|over ?quota|quota exceed|exceed\w* (?:\w+ )?quota"
            r"|out of storage|insufficient (?:\w+ )?storage|disk quota|storage (?:space|limit)",
        ),
        (
            Failure.NO_MAILBOX,
            r"user unknown|unknown user|no such user|recipient not found|recipientnotfound"
            r"|recipient address rejected: access denied|host (?:or domain name )?not found"
            r"|doesn't have an? \S+ account|(?:wasn.t|not) found at the destination domain",
        ),
        (
            Failure.REFUSED,
            r"spam|block(?:ed|list)|black ?list|reputation|dmarc|\bspf\b|\bdkim\b|\brbl\b"
            r"|dnsbl|spamhaus|virus|reverse dns|ptr record|rejected by policy"
            r"|policy (?:reason|viol)|not authori[sz]ed|access denied|content (?:reject|filter)",
        ),
        (
            Failure.NO_MAILBOX,
            r"no such (?:recipient|mailbox|address|person)|unknown local"
            r"|(?:user|recipient|mailbox|account|address)\S* (?:\S+ ){0,4}"
            r"(?:does ?n[o']t exist|not found|unknown|not known|invalid|disabled|inactive)"
            r"|(?:unknown|invalid|bad|undeliverable) (?:user|recipient|mailbox|address|account)"
            r"|no mailbox here|mailbox unavailable|unrouteable address"
            r"|not (?:a )?(?:known|valid) (?:user|mailbox|recipient)"
            r"|no longer (?:available|valid|active)|host (?:unknown|not found)"
            r"|domain (?:not found|does not exist)|not listed in|isn't a valid",
        ),
        (Failure.TOO_LARGE, r"message (?:is )?too (?:large|big)|size (?:limit|exceed)"),
        (
            Failure.UNREACHABLE,
            r"timed? ?out|could not connect|connection refused|unreachable|delivery time expired"
            r"|retry time|too long|delay|temporar",
        ),
    )
)


def _failure(status: str, reply: int, words: str) -> Failure:
    """By the status where it says more than "other"; a policy's by its words before its code."""
    subject = status[2:]
    if subject in _BY_STATUS:
        return _BY_STATUS[subject]
    by_words = next((failure for failure, said in _BY_WORDS if said.search(words)), None)
    if subject.startswith(("7.", "6.")):
        return by_words if by_words is Failure.NO_MAILBOX else Failure.REFUSED
    if subject.startswith("4."):
        return by_words if by_words is Failure.NO_MAILBOX else Failure.UNREACHABLE
    if by_words is not None:
        return by_words
    return Failure.NO_MAILBOX if reply in {551, 553} else Failure.UNKNOWN


def _fields(part: Message) -> dict[str, str]:
    """The fields of a report, whether its text was parsed as a mail or left as text."""
    block = part.get_payload(0) if part.is_multipart() else None
    if isinstance(block, Message):
        names = {name.lower() for name, _ in block.items()}
        return {name: next(headers(block, name), "") for name in names}
    lines = (line.partition(":") for line in content_of(part).splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon}


def _written_to(message: Message) -> list[str]:
    """Whom the mail that is complained of was for."""
    found: list[str] = []
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
            if isinstance(inner, Message):
                found += [each for value in headers(inner, "to") for each in _addresses(value)]
    return found
