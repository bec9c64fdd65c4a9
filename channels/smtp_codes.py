"""What a mail server's reply means, as a class of error. Pure; no reply is read twice.

A reply is a code (RFC 5321 section 4.2) and mostly an enhanced status (RFC 3463), which is more
exact and therefore asked first. The same reply means different things of the sender, of one
recipient and of the text, so the stage is part of the question. Whatever the class, a reply is an
answer: the mail was certainly not taken.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from channels.errors import (
    AccountStopped,
    AddressInvalid,
    AddressNotServed,
    ContentForbidden,
    ContentRejected,
    ProviderUnavailable,
    RateLimited,
    RecipientUnreachable,
    RequestMalformed,
    SenderRejected,
    SendError,
    Unlisted,
)

PROVIDER: Final = "smtp"
_ENHANCED: Final = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")

Kind = type[SendError]


class Stage(StrEnum):
    """What the server was asked when it replied."""

    CONNECT = "connect"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply without its sentence, which may quote a mailbox."""

    code: int
    enhanced: str = ""

    @classmethod
    def of(cls, code: int, text: str) -> Self:
        """Reads a reply; an enhanced status of another class than the code is no status."""
        found = _ENHANCED.match(text.strip())
        fits = found is not None and int(found[1]) == code // 100
        return cls(code, found[0] if found is not None and fits else "")

    @property
    def name(self) -> str:
        """As it stands in records, such as "550-5.1.1"."""
        return f"{self.code}-{self.enhanced}" if self.enhanced else str(self.code)


# RFC 3463 and the IANA registry of enhanced status codes (RFC 5248): 5.y.z unless said.
# What a mailbox lacks for now (full) is no reason to give it up, though servers call it permanent.
BY_ENHANCED: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "5.1.0": AddressInvalid,
        "5.1.1": AddressInvalid,  # no such mailbox
        "5.1.2": AddressInvalid,  # no such domain
        "5.1.3": AddressInvalid,  # syntax of the mailbox
        "5.1.4": AddressInvalid,  # ambiguous
        "5.1.6": AddressInvalid,  # moved, no forwarding
        "5.1.7": SenderRejected,  # the sender's mailbox: syntax
        "5.1.8": SenderRejected,  # the sender's domain
        "5.1.10": AddressInvalid,  # null MX (RFC 7505)
        "5.2.1": AddressInvalid,  # disabled
        "5.2.2": RecipientUnreachable,  # full
        "5.2.3": ContentRejected,  # longer than the mailbox takes
        "5.3.4": ContentRejected,  # bigger than the system takes
        "5.4.1": AddressNotServed,  # the host does not answer
        "5.4.4": AddressNotServed,  # no route
        "5.4.6": AddressNotServed,  # routing loop
        "5.4.7": RecipientUnreachable,  # tried until it was too old
        "5.7.4": AccountStopped,  # security feature not supported
        "5.7.8": AccountStopped,  # wrong credentials (RFC 4954)
        "5.7.9": AccountStopped,  # mechanism too weak
        "5.7.11": AccountStopped,  # encryption needed
        "5.7.13": AccountStopped,  # account disabled
        "5.7.14": AccountStopped,  # trust relationship needed
        "5.7.17": AddressInvalid,  # the mailbox has changed hands (RFC 7293)
        "5.7.18": AddressInvalid,  # the domain has changed hands
        "5.7.20": SenderRejected,  # no passing DKIM signature (RFC 7372)
        "5.7.21": SenderRejected,
        "5.7.22": SenderRejected,
        "5.7.23": SenderRejected,  # SPF failed
        "5.7.24": SenderRejected,
        "5.7.25": SenderRejected,  # no reverse name
        "5.7.26": SenderRejected,  # neither SPF nor DKIM nor DMARC passes
        "5.7.27": SenderRejected,  # the sender's domain takes no mail
        "5.7.28": RateLimited,  # mail flood
        "4.2.2": RecipientUnreachable,  # full
        "4.3.1": ProviderUnavailable,  # the server's disk is full
        "4.3.2": ProviderUnavailable,
        "4.4.5": ProviderUnavailable,  # congested
        "4.5.3": RateLimited,  # too many recipients
        "4.7.28": RateLimited,
    }
)

# By subject, where the detail is not listed: "5.6" is any 5.6.z.
_BY_SUBJECT: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "5.1": AddressInvalid,
        "5.2": AddressNotServed,
        "5.4": AddressNotServed,
        "5.5": RequestMalformed,
        "5.6": ContentRejected,
        "4.1": RecipientUnreachable,
        "4.2": RecipientUnreachable,
        "4.3": ProviderUnavailable,
        "4.4": ProviderUnavailable,
    }
)

# Codes that only ever speak of the login (RFC 4954 section 6), whatever status stands beside them.
OF_THE_LOGIN: Final = frozenset({432, 523, 530, 534, 535, 538})

# RFC 5321 section 4.2.3, RFC 7504 (521, 556), RFC 3207 (454).
BY_CODE: Final[Mapping[int, Kind]] = MappingProxyType(
    {
        421: ProviderUnavailable,
        450: ProviderUnavailable,
        451: ProviderUnavailable,
        452: ProviderUnavailable,
        454: ProviderUnavailable,
        455: ProviderUnavailable,
        500: RequestMalformed,
        501: RequestMalformed,
        502: RequestMalformed,
        503: RequestMalformed,
        504: RequestMalformed,
        521: AccountStopped,
        550: ContentForbidden,
        551: AddressInvalid,
        552: ContentRejected,
        553: AddressInvalid,
        554: ContentForbidden,
        555: RequestMalformed,
        556: AddressInvalid,
    }
)

# What the code means when it is said of the sender, of a recipient or of the session.
_BY_STAGE: Final[Mapping[Stage, Mapping[int, Kind]]] = MappingProxyType(
    {
        Stage.CONNECT: {550: AccountStopped, 554: AccountStopped},
        Stage.LOGIN: {501: AccountStopped, 550: AccountStopped, 554: AccountStopped},
        Stage.SENDER: {
            550: SenderRejected,
            551: SenderRejected,
            552: ContentRejected,
            553: SenderRejected,
            554: SenderRejected,
        },
        Stage.RECIPIENT: {
            # Grey-listing (RFC 6647) answers so: another hour will do, and nobody is to blame.
            450: RecipientUnreachable,
            451: RecipientUnreachable,
            452: RecipientUnreachable,
            521: AddressInvalid,
            550: AddressInvalid,
            552: RecipientUnreachable,
            554: AddressNotServed,
        },
        Stage.CONTENT: {},
    }
)

# X.7.z without a detail above is policy: of the recipient's server, of the text or of our pace.
_POLICY: Final[Mapping[Stage, Kind]] = MappingProxyType(
    {
        Stage.CONNECT: AccountStopped,
        Stage.LOGIN: AccountStopped,
        Stage.SENDER: SenderRejected,
        Stage.RECIPIENT: AddressNotServed,
        Stage.CONTENT: ContentForbidden,
    }
)


def error_of(reply: Reply, stage: Stage) -> SendError:
    """The error that a reply stands for; what nobody knows is `Unlisted`, and staff are told."""
    return _kind(reply, stage)(PROVIDER, reply.name)


def _kind(reply: Reply, stage: Stage) -> Kind:
    if reply.code in OF_THE_LOGIN:
        return AccountStopped
    if reply.enhanced in BY_ENHANCED:
        return BY_ENHANCED[reply.enhanced]
    subject = reply.enhanced.rpartition(".")[0]
    if subject == "5.7":
        return _POLICY[stage]
    if subject == "4.7" and stage is not Stage.RECIPIENT:
        return RateLimited
    if subject in _BY_SUBJECT and not (stage is Stage.SENDER and subject == "5.1"):
        return _BY_SUBJECT[subject]
    known = _BY_STAGE[stage].get(reply.code) or BY_CODE.get(reply.code)
    if known is not None:
        return known
    return ProviderUnavailable if reply.code // 100 == 4 else Unlisted
