"""What can go wrong with one message, one class per *what happens next*.

    SendError                    fault     permanent  next
    ├── AddressError             address
    │   ├── AddressInvalid                 yes        suppress the address on this medium
    │   ├── AddressOptedOut                yes        suppress the address as opted out
    │   ├── AddressNotServed               yes        fall back to another medium
    │   └── RecipientUnreachable           no         try later
    ├── ContentError             content
    │   ├── ContentRejected                yes        fall back to another medium
    │   ├── ContentForbidden               yes        stop the template
    │   ├── TemplateNotApproved            yes        fall back to another medium
    │   ├── WindowClosed                   yes        fall back to another medium
    │   └── RequestMalformed               yes        fall back to another medium
    ├── SenderError              sender
    │   ├── SenderRejected                 yes        stop the sender
    │   ├── AccountStopped                 no         stop the sender
    │   ├── RateLimited                    no         try later
    │   └── Expired                        yes        decide again
    └── ProviderError            provider
        ├── ProviderUnavailable            no         try later
        ├── Unlisted                       yes        fall back to another medium
        └── NoAnswer                       no         ask the provider

    ChannelMisuse                raised: a bug in our own code, never a provider's doing
    ├── WrongMedium
    ├── UnsupportedFeature
    ├── ChannelClosed
    └── UnknownChannel

A `SendError` is a value and not an exception. It travels inside outcomes and receipts, is
compared, stored and read back, and reaches the case that decides what to do; nothing has to
be unwound on the way, and an exception would drag a traceback that holds personal data.
For the same reason it carries a provider's code and never a provider's sentence: those
sentences quote numbers and mailboxes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
# Providers' codes have at most 6 digits in a row; from 9 on it may be a phone number.
_NUMBER_LIKE: Final = re.compile(r"\d{9,}")
UNLISTED_CODE: Final = "unlisted"


class Fault(StrEnum):
    """Where the cause lies. Only the provider's own faults count for a sender's breaker."""

    ADDRESS = "address"
    CONTENT = "content"
    SENDER = "sender"
    PROVIDER = "provider"


class Remedy(StrEnum):
    """What the engine does next."""

    FALL_BACK = "fall_back"
    TRY_LATER = "try_later"
    SUPPRESS_ADDRESS = "suppress_address"
    STOP_TEMPLATE = "stop_template"
    STOP_SENDER = "stop_sender"
    DECIDE_AGAIN = "decide_again"
    ASK_PROVIDER = "ask_provider"


@dataclass(frozen=True, slots=True)
class SendError:
    """One thing that went wrong, as a value. Instantiate a leaf of the tree, not a branch.

    `provider` names who said so and `code` is its own code, or "" where it gave none.
    Raises ValueError for a code that could hold personal data; `provider_code` cleans one.
    """

    provider: str
    code: str = ""

    fault: ClassVar[Fault]
    permanent: ClassVar[bool]
    remedy: ClassVar[Remedy]
    sentence: ClassVar[str]
    alert: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if type(self) not in KINDS:
            raise TypeError(f"{type(self).__name__} is a branch of the tree: use one of its leaves")
        if self.code and provider_code(self.code) != self.code:
            raise ValueError(
                f"{type(self).__name__}: the code is not a provider's code; clean it by"
                " provider_code()"
            )

    @property
    def kind(self) -> str:
        """The stable name in records and metrics: the class in snake case."""
        return KINDS[type(self)]

    @property
    def counts_for_breaker(self) -> bool:
        return self.fault is Fault.PROVIDER

    @property
    def is_unclear(self) -> bool:
        """Whether the provider may have taken the message all the same."""
        return self.remedy is Remedy.ASK_PROVIDER

    def as_record(self) -> dict[str, str]:
        """A small dict of strings that `from_record` reads back to an equal value."""
        return {"error": self.kind, "provider": self.provider, "code": self.code}


class AddressError(SendError):
    """The address, or the person at it, is why."""

    __slots__ = ()
    fault = Fault.ADDRESS


class AddressInvalid(AddressError):
    """The address cannot exist, is gone, or cannot carry this medium."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.SUPPRESS_ADDRESS
    sentence = "This number or mailbox does not exist or cannot receive this kind of message."


class AddressOptedOut(AddressError):
    """The recipient withdrew on the provider's side; an opt-out that we may have missed."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.SUPPRESS_ADDRESS
    sentence = "The recipient has opted out of messages from this sender."
    alert = True


class AddressNotServed(AddressError):
    """The address is real, but nothing of ours gets through to it on this medium."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.FALL_BACK
    sentence = "The carrier or the recipient's settings block this kind of message."


class RecipientUnreachable(AddressError):
    """Switched off, out of coverage, mailbox full: another hour may do."""

    __slots__ = ()
    permanent = False
    remedy = Remedy.TRY_LATER
    sentence = "The recipient could not be reached for now."


class ContentError(SendError):
    """What we said, or the form that it had, is why."""

    __slots__ = ()
    fault = Fault.CONTENT


class ContentRejected(ContentError):
    """This text cannot be carried: too long, empty, or a variable that is not allowed."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.FALL_BACK
    sentence = "The provider cannot carry this text."
    alert = True


class ContentForbidden(ContentError):
    """Filtered as spam or against the provider's policy. The same words never go again."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.STOP_TEMPLATE
    sentence = "The provider or the carrier forbids this content; its template is stopped."
    alert = True


class TemplateNotApproved(ContentError):
    """The medium wants approved templates, and this one is not, in this language."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.FALL_BACK
    sentence = "This template is not approved for this medium in the recipient's language."


class WindowClosed(ContentError):
    """Free text outside the 24 hours after the recipient's last message (WhatsApp)."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.FALL_BACK
    sentence = "Free text is only possible within 24 hours of the recipient's last message."


class RequestMalformed(ContentError):
    """The provider calls our request wrong: a bug of the channel that staff must hear of."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.FALL_BACK
    sentence = "The provider could not read our request; this is a fault in the channel."
    alert = True


class SenderError(SendError):
    """Our number, mailbox, account or pace is why."""

    __slots__ = ()
    fault = Fault.SENDER


class SenderRejected(SenderError):
    """This sender may not send this: unregistered, unverified, wrong region."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.STOP_SENDER
    sentence = "The provider does not let this sender send; the sender is stopped."
    alert = True


class AccountStopped(SenderError):
    """A wrong key, no funds, suspended or locked: messages wait until staff have put it right."""

    __slots__ = ()
    permanent = False
    remedy = Remedy.STOP_SENDER
    sentence = (
        "The provider does not let us in: the key is wrong, or the account is out of funds,"
        " suspended or locked."
    )
    alert = True


class RateLimited(SenderError):
    """Too fast for this sender. Certainly not processed, so it is safe to try again."""

    __slots__ = ()
    permanent = False
    remedy = Remedy.TRY_LATER
    sentence = "Too many messages at once for this sender."


class Expired(SenderError):
    """Not delivered within the validity that we gave it. Meant: a late reminder misleads."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.DECIDE_AGAIN
    sentence = "The message was not delivered within the time for which it was valid."


class ProviderError(SendError):
    """The provider itself is why."""

    __slots__ = ()
    fault = Fault.PROVIDER


class ProviderUnavailable(ProviderError):
    """No connection, or a refusal that says "not now": certainly not accepted."""

    __slots__ = ()
    permanent = False
    remedy = Remedy.TRY_LATER
    sentence = "The provider is not available for now."


class Unlisted(ProviderError):
    """A refusal with a code that this version does not know. Not retried, staff are told."""

    __slots__ = ()
    permanent = True
    remedy = Remedy.FALL_BACK
    sentence = "The provider refused with a code that is not known yet."
    alert = True


class NoAnswer(ProviderError):
    """Time-out, reset or 5xx after the request left: it may have been accepted."""

    __slots__ = ()
    permanent = False
    remedy = Remedy.ASK_PROVIDER
    sentence = "The provider did not answer; the message may or may not have been accepted."


LEAVES: Final[tuple[type[SendError], ...]] = (
    AddressInvalid,
    AddressOptedOut,
    AddressNotServed,
    RecipientUnreachable,
    ContentRejected,
    ContentForbidden,
    TemplateNotApproved,
    WindowClosed,
    RequestMalformed,
    SenderRejected,
    AccountStopped,
    RateLimited,
    Expired,
    ProviderUnavailable,
    Unlisted,
    NoAnswer,
)
KINDS: Final[Mapping[type[SendError], str]] = MappingProxyType(
    {leaf: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", leaf.__name__).lower() for leaf in LEAVES}
)
BY_KIND: Final[Mapping[str, type[SendError]]] = MappingProxyType(
    {kind: leaf for leaf, kind in KINDS.items()}
)


def provider_code(raw: object) -> str:
    """A provider's code made fit for a `SendError`: total, for input that we do not control.

    Anything that is not a plain code, or could be a phone number, becomes "unlisted".
    """
    code = str(raw).strip()
    if _CODE.fullmatch(code) and not _NUMBER_LIKE.search(code):
        return code
    return UNLISTED_CODE


def from_record(record: Mapping[str, str]) -> SendError:
    """The error that `as_record` wrote. Raises ValueError for a record that is not one."""
    kind = record.get("error", "")
    leaf = BY_KIND.get(kind)
    if leaf is None:
        raise ValueError(f"unknown error kind {kind!r}: known are {', '.join(sorted(BY_KIND))}")
    return leaf(provider=record.get("provider", ""), code=record.get("code", ""))


class ChannelMisuse(Exception):
    """Our own code used a channel against its contract. Fix the caller."""


class WrongMedium(ChannelMisuse):
    """An envelope was given to a channel of another medium."""


class UnsupportedFeature(ChannelMisuse):
    """The envelope, or the call, uses what the channel's capabilities rule out."""


class ChannelClosed(ChannelMisuse):
    """A channel was used after its `close`."""


class UnknownChannel(ChannelMisuse):
    """No channel is registered for this medium and provider."""
