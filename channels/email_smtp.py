"""Mail through a relay by SMTP: TLS verified, a login, connections kept. The relay signs (DKIM).

A relay has no way of being asked about a mail afterwards, and no receipts: bounces come as mail.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from datetime import timedelta
from socket import gethostname
from typing import ClassVar, Final, NoReturn, Self, get_args

from channels.errors import (
    AddressNotServed,
    ChannelClosed,
    ContentRejected,
    NoAnswer,
    ProviderUnavailable,
    RateLimited,
    RecipientUnreachable,
    SendError,
    UnsupportedFeature,
)
from channels.mail import as_bytes, ascii_address, message_id
from channels.problems import UNREACHED, Problem, problem
from channels.seam import (
    Accepted,
    Capabilities,
    Envelope,
    Later,
    Medium,
    Outcome,
    ensure_supported,
    outcome_of,
)
from channels.smtp_codes import PROVIDER, Stage, error_of
from channels.smtp_line import Crossing, Lost, Mail, Rejected, Relay, Security
from channels.smtp_pool import Lines

# Grey-listing wants to be asked again after some minutes (RFC 6647 section 5).
ASK_AGAIN: Final = timedelta(minutes=15)
_CLOSING: Final = 421
_WHY: Final[Mapping[str, Problem]] = {
    **UNREACHED,
    "no-starttls": problem("it offers no encryption"),
    "no-login": problem("it offers no login that we know"),
    "reset": problem("it hung up"),
    "malformed": problem("what it says cannot be read"),
}
_QUEUED: Final = re.compile(
    r"\bqueued as ([A-Za-z0-9.-]{4,64})|\bid=([A-Za-z0-9.-]{4,64})", re.IGNORECASE
)


class SmtpEmail:
    """Mails with a subject, HTML and copies; no receipts, no lookup."""

    medium: ClassVar[Medium] = Medium.EMAIL
    provider: ClassVar[str] = PROVIDER
    stands_for: ClassVar[str] = PROVIDER
    capabilities: ClassVar[Capabilities] = Capabilities(
        two_way=True,
        delivery_receipts=False,
        read_receipts=False,
        lookup=False,
        html=True,
        subject=True,
        max_length=None,
        cc=True,
    )

    def __init__(
        self,
        relay: Relay,
        *,
        connections: int = 10,
        mails_each: int = 100,
        total_within: float = 25.0,
    ) -> None:
        self._lines = Lines(relay, most=connections, mails_each=mails_each)
        self._total_within = total_within
        self._is_closed = False

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """A channel from plain strings: `host`, `port`, `security` (`starttls`, `tls` or `none`),
        `username`, `password`, `ca_file`, `helo`, `connections`, `mails_each`, and in seconds
        `connect_within`, `read_within`, `total_within`."""
        rest = dict(settings)
        relay = Relay(
            host=rest.pop("host", "") or "localhost",
            port=int(rest.pop("port", "") or 587),
            security=_security(rest.pop("security", "") or "starttls"),
            username=rest.pop("username", ""),
            password=rest.pop("password", ""),
            trusted=ssl.create_default_context(cafile=rest.pop("ca_file", "") or None),
            helo=rest.pop("helo", "") or gethostname(),
            connect_within=float(rest.pop("connect_within", "") or 10),
            read_within=float(rest.pop("read_within", "") or 15),
        )
        channel = cls(
            relay,
            connections=int(rest.pop("connections", "") or 10),
            mails_each=int(rest.pop("mails_each", "") or 100),
            total_within=float(rest.pop("total_within", "") or 25),
        )
        if rest:
            raise ValueError(f"unknown SMTP settings: {', '.join(sorted(rest))}")
        return channel

    async def send(self, envelope: Envelope) -> Outcome:
        self._ensure_usable(envelope)
        if not envelope.text:
            return outcome_of(ContentRejected(PROVIDER, "empty"))
        recipients = [ascii_address(one) for one in (envelope.recipient, *envelope.cc)]
        sender = ascii_address(envelope.sender)
        if recipients[0] is None or sender is None:
            return outcome_of(AddressNotServed(PROVIDER, "smtputf8"))
        mail = Mail(
            sender=sender,
            recipients=list(dict.fromkeys(one for one in recipients if one is not None)),
            content=as_bytes(envelope),
        )
        crossing = Crossing()
        try:
            async with asyncio.timeout(self._total_within):
                said = await self._carry(mail, crossing)
        except TimeoutError:
            return outcome_of(_given_up(crossing))
        except Rejected as no:
            return _refusal(error_of(no.reply, no.stage))
        except Lost as lost:
            kind = NoAnswer if lost.unclear else ProviderUnavailable
            return outcome_of(kind(PROVIDER, lost.code))
        return Accepted(_queue_id(said) or _own_id(envelope), envelope.sent_at)

    async def find(self, envelope: Envelope) -> NoReturn:
        raise UnsupportedFeature(
            f"{PROVIDER} has no lookup: attempt {envelope.attempt_key} stays as it is known"
        )

    async def problems(self, senders: Sequence[str]) -> list[Problem]:
        """Whether the relay can be reached, lets us in and takes these senders: what is not so.

        Nothing is sent.
        """
        found = []
        for sender in senders:
            try:
                async with self._lines.line() as line:
                    await line.may_send(ascii_address(sender) or sender)
            except Lost as lost:
                return [
                    problem("the relay cannot be used: %(why)s", why=_WHY.get(lost.code, lost.code))
                ]
            except Rejected as no:
                said = f"{no.reply.name} at {no.stage}"
                if no.stage is not Stage.SENDER:
                    return [problem("the relay does not let us in: %(reply)s", reply=said)]
                found.append(
                    problem(
                        "the relay takes no mail of %(sender)s: %(reply)s",
                        sender=sender,
                        reply=said,
                    )
                )
        return found

    async def close(self) -> None:
        self._is_closed = True
        await self._lines.close()

    async def _carry(self, mail: Mail, crossing: Crossing) -> str:
        async with self._lines.line() as line:
            was_used = line.carried > 0
            try:
                return await line.carry(mail, crossing)
            except (Lost, Rejected) as problem:
                if not (was_used and _hung_up(problem)):
                    raise
        # The relay had closed a kept connection: nothing of this mail had been said to it.
        async with self._lines.line(fresh=True) as line:
            return await line.carry(mail, crossing)

    def _ensure_usable(self, envelope: Envelope) -> None:
        if self._is_closed:
            raise ChannelClosed("the SMTP channel was closed: open a new one")
        ensure_supported(self, envelope)


def _given_up(crossing: Crossing) -> SendError:
    """The time for all of it is over; whoever never had a turn blames our own pace."""
    if not crossing.has_begun:
        return RateLimited(PROVIDER, "no-connection")
    return (NoAnswer if crossing.is_past_the_dot else ProviderUnavailable)(PROVIDER, "timeout")


def _hung_up(problem: Lost | Rejected) -> bool:
    if problem.stage is not Stage.SENDER:
        return False
    return isinstance(problem, Lost) or problem.reply.code == _CLOSING


def _refusal(error: SendError) -> Outcome:
    outcome = outcome_of(error)
    if isinstance(outcome, Later) and isinstance(error, RecipientUnreachable):
        return Later(error, ASK_AGAIN)
    return outcome


def _queue_id(said: str) -> str:
    """The relay's own name for the mail, which its log knows: the common wordings of it."""
    found = _QUEUED.search(said)
    return (found[1] or found[2]) if found is not None else ""


def _own_id(envelope: Envelope) -> str:
    return message_id(envelope.attempt_key, envelope.sender).strip("<>")


def _security(text: str) -> Security:
    for known in get_args(Security):
        if text == known:
            return known  # type: ignore[no-any-return]  # one of the literal's own
    raise ValueError(f"security: {text!r} is not one of {', '.join(get_args(Security))}")
