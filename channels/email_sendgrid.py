"""Mail by SendGrid's v3 mail/send: built by its own library, carried once by our transport.

One personalization for one recipient, so that nobody sees another debtor. Clicks and opens are not
tracked: a rewritten pay link would lead over somebody else's domain. Suppression lists at the
provider are never bypassed. Its answer 202 means taken; what becomes of the mail comes as events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, Final, NoReturn, Self

from channels.errors import (
    AccountStopped,
    AddressInvalid,
    ChannelClosed,
    ContentRejected,
    NoAnswer,
    RateLimited,
    RequestMalformed,
    SenderRejected,
    SendError,
    Unlisted,
    UnsupportedFeature,
)
from channels.mail import message_id
from channels.seam import (
    Accepted,
    Capabilities,
    Envelope,
    Medium,
    Outcome,
    ensure_supported,
    outcome_of,
)
from channels.sendgrid_events import ATTEMPT, PROVIDER
from channels.transport import Answer, Limits, Request, Transport, error_of, retry_after

BASE_URL: Final = "https://api.sendgrid.com"
_SETTINGS: Final = frozenset({"key", "base_url"})
# What SendGrid sets itself, or takes in a field of its own (v3 mail/send, `headers`).
_RESERVED: Final = frozenset(
    {
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type",
        "content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc",
        "date",
    }
)  # fmt: skip
_LONGEST_WAIT: Final = timedelta(hours=1)

# What an answer means that is no acceptance; 400 is read more closely. A key that is wrong and a
# sender that was taken away hold the messages until staff have put it right.
BY_STATUS: Final[Mapping[int, type[SendError]]] = {
    400: RequestMalformed,
    401: AccountStopped,
    402: AccountStopped,
    403: AccountStopped,
    404: RequestMalformed,
    405: RequestMalformed,
    406: RequestMalformed,
    411: RequestMalformed,
    413: ContentRejected,
    414: RequestMalformed,
    415: RequestMalformed,
    422: RequestMalformed,
    429: RateLimited,
}
# Which of our fields a 400 complains about, by its first words.
_BY_FIELD: Final[tuple[tuple[str, type[SendError]], ...]] = (
    ("personalizations.0.to", AddressInvalid),
    ("from", SenderRejected),
    ("subject", ContentRejected),
    ("content", ContentRejected),
)


class SendGridEmail:
    """Mails with a subject, HTML and copies; delivery is told by events, nothing can be asked."""

    medium: ClassVar[Medium] = Medium.EMAIL
    provider: ClassVar[str] = PROVIDER
    stands_for: ClassVar[str] = PROVIDER
    capabilities: ClassVar[Capabilities] = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=False,
        lookup=False,
        html=True,
        subject=True,
        max_length=None,
        cc=True,
    )

    def __init__(self, key: str, *, base_url: str = BASE_URL, limits: Limits | None = None) -> None:
        self._url = f"{base_url.rstrip('/')}/v3/mail/send"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._transport = Transport(limits)
        self._is_closed = False

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """A channel from `key` and `base_url` (left out, the global one; Europe has its own)."""
        unknown = sorted(settings.keys() - _SETTINGS)
        if unknown:
            known = ", ".join(sorted(_SETTINGS))
            raise ValueError(f"unknown settings {', '.join(unknown)}: known are {known}")
        return cls(settings.get("key", ""), base_url=settings.get("base_url", "") or BASE_URL)

    async def send(self, envelope: Envelope) -> Outcome:
        self._ensure_usable(envelope)
        if not envelope.text:
            return outcome_of(ContentRejected(PROVIDER, "empty"))
        request = Request(
            method="POST", url=self._url, json=body_of(envelope), headers=self._headers
        )
        reply = await self._transport.carry(request)
        if not isinstance(reply, Answer):
            return outcome_of(error_of(reply, PROVIDER))
        if reply.status == 202:
            return Accepted(_id_of(reply, envelope), envelope.sent_at)
        wait = _wait_of(reply, envelope.sent_at) if reply.status == 429 else None
        return outcome_of(_error_of(reply), retry_after=wait)

    async def find(self, envelope: Envelope) -> NoReturn:
        raise UnsupportedFeature(
            f"{PROVIDER} has no lookup: attempt {envelope.attempt_key} is told of by events"
        )

    async def close(self) -> None:
        self._is_closed = True
        await self._transport.close()

    def _ensure_usable(self, envelope: Envelope) -> None:
        if self._is_closed:
            raise ChannelClosed("the SendGrid channel was closed: open a new one")
        ensure_supported(self, envelope)


def body_of(envelope: Envelope) -> Mapping[str, Any]:
    """What v3 mail/send is given, as plain data."""
    make = _library()
    mail = make.Mail()
    mail.from_email = _mailbox(make.From, envelope.sender, envelope.sender_name)
    mail.subject = make.Subject(envelope.subject or "")
    to = make.Personalization()
    to.add_to(_mailbox(make.To, envelope.recipient))
    for copy in _copies(envelope):
        to.add_cc(_mailbox(make.Cc, copy))
    to.add_custom_arg(make.CustomArg(ATTEMPT, envelope.attempt_key))
    mail.add_personalization(to)
    mail.add_content(make.Content(make.MimeType.text, envelope.text))
    if envelope.html is not None:
        mail.add_content(make.Content(make.MimeType.html, envelope.html))
    _add_headers(mail, envelope, make)
    mail.tracking_settings = make.TrackingSettings(
        click_tracking=make.ClickTracking(False, False),
        open_tracking=make.OpenTracking(False),
        subscription_tracking=make.SubscriptionTracking(False),
    )
    made: Mapping[str, Any] = mail.get()
    return made


def _mailbox(kind: Any, address: str, name: str = "") -> Any:
    """The library would read an address that comes alone for a name in it, at the price of all the
    rest of a mail."""
    made = kind(name=name or None)
    made.email = address
    return made


@cache
def _library() -> Any:
    """Loaded with the first mail, because it takes a while."""
    return import_module("sendgrid.helpers.mail")


def _add_headers(mail: Any, envelope: Envelope, make: Any) -> None:
    named = {name.lower() for name in envelope.headers}
    for name, value in envelope.headers.items():
        if name.lower() == "reply-to":
            shown, address = parseaddr(value)
            mail.reply_to = _mailbox(make.ReplyTo, address, shown)
        elif name.lower() not in _RESERVED:
            mail.add_header(make.Header(name, value))
    if "message-id" not in named:
        own = message_id(envelope.attempt_key, envelope.sender)
        mail.add_header(make.Header("Message-ID", own))


def _copies(envelope: Envelope) -> list[str]:
    """Each address may stand in a request once, whatever its case."""
    seen = {envelope.recipient.lower()}
    copies = []
    for address in envelope.cc:
        if address.lower() not in seen:
            seen.add(address.lower())
            copies.append(address)
    return copies


def _id_of(answer: Answer, envelope: Envelope) -> str:
    told = answer.headers.get("x-message-id", "").strip()
    return told or message_id(envelope.attempt_key, envelope.sender).strip("<>")


def _error_of(answer: Answer) -> SendError:
    status = answer.status
    if status == 400:
        return _complaint(answer)
    if status in BY_STATUS:
        return BY_STATUS[status](PROVIDER, str(status))
    if 400 <= status < 500:
        return Unlisted(PROVIDER, str(status))
    # 5xx, and whoever answers 200 or HTML in SendGrid's place: it may have been handed on.
    return NoAnswer(PROVIDER, str(status))


def _complaint(answer: Answer) -> SendError:
    for field in _fields(answer.body):
        for start, kind in _BY_FIELD:
            if field == start or field.startswith(f"{start}."):
                return kind(PROVIDER, f"400-{start}")
    return RequestMalformed(PROVIDER, "400")


def _fields(body: bytes) -> list[str]:
    """The fields that a 400 names; none where it is not the JSON that is published."""
    try:
        errors = json.loads(body)["errors"]
        return [str(error["field"]) for error in errors if error.get("field")]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def _wait_of(answer: Answer, now: datetime) -> timedelta | None:
    """Until the window that `X-RateLimit-Reset` names, in Unix seconds; else `Retry-After`."""
    reset = answer.headers.get("x-ratelimit-reset", "")
    if reset.isascii() and reset.isdecimal() and len(reset) < 12:
        wait = datetime.fromtimestamp(int(reset), UTC) - now
        return min(wait, _LONGEST_WAIT) if wait > timedelta(0) else None
    return retry_after(answer, now)
