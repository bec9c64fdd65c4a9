"""The seam between the engine and a medium: an envelope goes in, one outcome comes out.

A channel is one method, `send`. Everything else describes it or looks back. Whoever writes
one handles a single envelope and answers with a value; claiming, rates, retries, rules and
records belong to the engine, and a channel must not do any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable

from channels.errors import SendError, UnsupportedFeature, WrongMedium


class Medium(StrEnum):
    """How a message reaches a person."""

    SMS = "sms"
    EMAIL = "email"
    WHATSAPP = "whatsapp"


@dataclass(frozen=True, slots=True)
class ApprovedContent:
    """Words that the provider approved, under its id, and what fills their blanks here."""

    id: str
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One try of one message, complete: a channel looks nothing up.

    `attempt_key` names the try and is carried to the provider where the provider has a field
    for it. `link_token` is the token inside the text by which the provider's copy can be
    recognised. `template` is "" for free text. `deliver_before` is the latest instant at which
    the provider may still deliver; None leaves it to the provider. `two_way` says that the sender
    hears replies. `cc` are those who read a mail along: they see each other, and the recipient
    sees them.
    `content` is what the provider approved of this text, where the medium wants that, and
    `heard_at` when the recipient last wrote to this sender, None for never.

    Raises ValueError for a naive or non-UTC instant, an empty key, sender or recipient, and
    for a line break in a header (which would let a name add headers of its own).
    The repr leaves out what is personal, so that a log line of it is harmless.
    """

    attempt_key: str
    medium: Medium
    sender: str
    recipient: str = field(repr=False)
    cc: tuple[str, ...] = field(default=(), repr=False)
    text: str = field(repr=False)
    locale: str
    template: str
    sent_at: datetime
    sender_name: str = ""
    subject: str | None = field(default=None, repr=False)
    html: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    deliver_before: datetime | None = None
    link_token: str | None = field(default=None, repr=False)
    two_way: bool = False
    content: ApprovedContent | None = None
    heard_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("sent_at", "deliver_before", "heard_at"):
            at = getattr(self, name)
            if at is not None and at.tzinfo is not UTC and at.utcoffset() != timedelta(0):
                raise ValueError(f"{name} must be an aware UTC datetime")
        for name in ("attempt_key", "sender", "recipient"):
            if not getattr(self, name):
                raise ValueError(f"an envelope without {name} cannot be sent")
        if self.deliver_before is not None and self.deliver_before <= self.sent_at:
            raise ValueError(f"attempt {self.attempt_key}: deliver_before is over already")
        for value in self._header_values():
            if "\n" in value or "\r" in value:
                raise ValueError(f"attempt {self.attempt_key}: a header holds a line break")

    def _header_values(self) -> tuple[str, ...]:
        fields = (self.sender, self.sender_name, self.recipient, *self.cc, self.subject or "")
        return (*fields, *self.headers.keys(), *self.headers.values())


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it, under its own id, at `at` (aware UTC)."""

    provider_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider certainly did not take it, and this envelope never will be taken."""

    error: SendError

    def __post_init__(self) -> None:
        if not self.error.permanent:
            raise ValueError(f"{self.error.kind} is not permanent: use outcome_of()")


@dataclass(frozen=True, slots=True)
class Later:
    """The provider certainly did not take it, and may take it later.

    `retry_after` is the provider's own wish; None leaves the pace to the engine.
    """

    error: SendError
    retry_after: timedelta | None = None

    def __post_init__(self) -> None:
        if self.error.permanent or self.error.is_unclear:
            raise ValueError(f"{self.error.kind} is nothing to try later: use outcome_of()")


@dataclass(frozen=True, slots=True)
class Unclear:
    """The request left and no answer told its fate. Never to be resent blindly."""

    error: SendError

    def __post_init__(self) -> None:
        if not self.error.is_unclear:
            raise ValueError(f"{self.error.kind} is not unclear: use outcome_of()")


Outcome: TypeAlias = Accepted | Refused | Later | Unclear


def outcome_of(
    error: SendError, *, retry_after: timedelta | None = None
) -> Refused | Later | Unclear:
    """The outcome that an error stands for: the error's class decides, not the adapter."""
    if error.is_unclear:
        return Unclear(error)
    if error.permanent:
        return Refused(error)
    return Later(error, retry_after)


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has this attempt, under this id, accepted at `at`."""

    provider_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider did not show this attempt. It proves nothing.

    Providers list what they took with a delay, drop it after a while, and may be down while
    being asked. Only a `Found` is evidence; a `NotFound` is no permission to send again.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do, told honestly: what is not declared is refused loudly.

    `max_length` is the most characters of text, None for no limit worth naming. `real` says that
    what it takes reaches people: a new channel does unless it says otherwise.
    """

    two_way: bool
    delivery_receipts: bool
    read_receipts: bool
    lookup: bool
    html: bool
    subject: bool
    max_length: int | None
    cc: bool = False
    real: bool = True


@runtime_checkable
class Channel(Protocol):
    """One medium at one provider. One method at heart, `send`.

    ```
    class CarrierPigeon:
        medium = Medium.SMS
        provider = "pigeon"
        stands_for = "pigeon"
        capabilities = Capabilities(two_way=False, ...)

        async def send(self, envelope: Envelope) -> Outcome:
            ensure_supported(self, envelope)
            ...
    ```

    Promises that the contract suite in the tests holds every channel to:
    - nothing that the provider does raises; a bug of ours raises (`ChannelMisuse`, or worse);
    - a channel tries once: a try repeated inside it could be accepted twice;
    - the same envelope sent twice may be accepted twice. Providers have no idempotency keys,
      so "only once" is the engine's work, by writing the attempt down before it calls;
    - the outcome says which of three things is known: taken, not taken, or unclear.

    All calls of one channel come from one event loop: connections live on it.
    """

    @property
    def medium(self) -> Medium: ...

    @property
    def provider(self) -> str:
        """The name under which the registry and the receipts know it."""
        ...

    @property
    def stands_for(self) -> str:
        """Whose provider rules apply: "twilio", "sendgrid", "whatsapp", ..."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def send(self, envelope: Envelope) -> Outcome:
        """Try once and say what is known. Raises only `ChannelMisuse` and our own bugs."""
        ...

    async def find(self, envelope: Envelope) -> Found | NotFound:
        """Ask the provider whether it has this attempt. Harmless to repeat.

        Answers `NotFound` when the provider cannot be asked. Raises UnsupportedFeature where
        the capabilities say that there is no lookup.
        """
        ...

    async def close(self) -> None:
        """Give back connections and files. Closing twice is fine; sending after it raises."""
        ...


def ensure_supported(channel: Channel, envelope: Envelope) -> None:
    """Raise WrongMedium or UnsupportedFeature where the envelope asks for too much.

    A text that is too long is not misuse, because a customer's name may cause it: that is
    answered with `ContentRejected`.
    """
    if envelope.medium is not channel.medium:
        raise WrongMedium(
            f"attempt {envelope.attempt_key} is for {envelope.medium} and was given to"
            f" {channel.provider} for {channel.medium}: choose the channel by the medium"
        )
    able = channel.capabilities
    asked = (
        ("html", envelope.html is not None and not able.html),
        ("subject", envelope.subject is not None and not able.subject),
        ("cc", bool(envelope.cc) and not able.cc),
        ("two_way", envelope.two_way and not able.two_way),
    )
    for feature, is_missing in asked:
        if is_missing:
            raise UnsupportedFeature(
                f"{channel.provider} for {channel.medium} has no {feature}: attempt"
                f" {envelope.attempt_key} must leave it out, see Capabilities.{feature}"
            )
