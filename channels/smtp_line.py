"""One connection to a relay, and one mail over it. Says what is certain and what is not.

    connect, TLS, login ── MAIL ── RCPT ... ── DATA ── text ──●── reply
    └──────────────── certainly not taken ───────────────────┘ └ unclear

The server may take a mail only once it has read the dot that ends the text (RFC 5321 section
4.1.1.4). So the dot is written by itself, after everything before it has left this process.
A line never tries twice and never decides what happens next.
"""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from socket import gaierror
from typing import Final, Literal, cast

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import PERIOD_REGEX, SMTPProtocol, normalize_message_line_endings

from channels.smtp_codes import Reply, Stage

Security = Literal["starttls", "tls", "none"]
# The more exact ones first: most of them are errors of the operating system, too.
_CODES: Final[Sequence[tuple[type[BaseException], str]]] = (
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (gaierror, "dns"),
    (ConnectionRefusedError, "connect"),
    (SMTPNotSupported, "no-login"),
    (SMTPResponseException, "malformed"),
    (SMTPServerDisconnected, "reset"),
    (TimeoutError, "timeout"),
)
_UNREADABLE: Final = -1
_DRAIN_EVERY: Final = 0.01  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mails are handed over, and how. Times are in seconds."""

    host: str = "localhost"
    port: int = 587
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    trusted: ssl.SSLContext | None = field(default=None, repr=False)
    helo: str = "localhost"
    connect_within: float = 10.0
    read_within: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a relay is handed: addresses in ASCII, the first recipient is the one it is for."""

    sender: str
    recipients: Sequence[str]
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Crossing:
    """How far one mail has come; whoever gives up waiting reads off what is certain."""

    has_begun: bool = False
    is_past_the_dot: bool = False


class Rejected(Exception):
    """The relay answered no: the mail was certainly not taken."""

    def __init__(self, stage: Stage, reply: Reply) -> None:
        super().__init__(f"{stage}: {reply.name}")
        self.stage = stage
        self.reply = reply


class Lost(Exception):
    """The line broke. `unclear` says that the relay may have taken the mail."""

    def __init__(self, code: str, stage: Stage, *, unclear: bool = False) -> None:
        super().__init__(f"{stage}: {code}")
        self.code = code
        self.stage = stage
        self.unclear = unclear


class Line:
    """An open connection. `carried` counts its mails; one that is not `clean` is of no more use."""

    def __init__(self, client: SMTP, relay: Relay) -> None:
        self._client = client
        self._relay = relay
        self.carried = 0
        self.clean = True

    @property
    def is_open(self) -> bool:
        return self.clean and self._client.is_connected

    async def carry(self, mail: Mail, crossing: Crossing) -> str:
        """Hands one mail over; answers the relay's sentence. Raises `Rejected` and `Lost`.

        A copy that the relay refuses goes without it; the first recipient's refusal is the mail's.
        """
        self.clean = False
        crossing.has_begun = True
        await self._offer(mail)
        said = await self._hand_over(mail.content, crossing)
        self.clean = True
        self.carried += 1
        return said

    async def may_send(self, sender: str) -> None:
        """Asks whether the relay takes mails of this sender; nothing is sent. Raises `Rejected` and
        `Lost`."""
        self.clean = False
        await self._ask(Stage.SENDER, b"MAIL", b"FROM:<" + sender.encode() + b">")
        await self._ask(Stage.SENDER, b"RSET")
        self.clean = True

    async def part(self) -> None:
        """Says goodbye, if the relay still listens; then it is closed either way."""
        with suppress(SMTPException, OSError):
            if self.is_open:
                await self._client.quit(timeout=1)
        self.abort()

    def abort(self) -> None:
        if (transport := self._client.transport) is not None:
            _writing(transport).abort()
        self._client.close()

    async def _offer(self, mail: Mail) -> None:
        await self._ask(Stage.SENDER, b"MAIL", b"FROM:<" + mail.sender.encode() + b">")
        refused: Rejected | None = None
        for number, recipient in enumerate(mail.recipients):
            try:
                await self._ask(Stage.RECIPIENT, b"RCPT", b"TO:<" + recipient.encode() + b">")
            except Rejected as no:
                refused = no if number == 0 else refused
        if refused is None:
            await self._ask(Stage.CONTENT, b"DATA", wanted=3)
            return
        with suppress(Lost, Rejected):  # the answer stands, whatever becomes of the connection
            await self._ask(Stage.SENDER, b"RSET")
            self.clean = True
        raise refused

    async def _hand_over(self, content: bytes, crossing: Crossing) -> str:
        protocol = self._protocol(Stage.CONTENT)
        text = PERIOD_REGEX.sub(b"..", normalize_message_line_endings(content))
        try:
            protocol.write(text)
            await self._written(protocol)
        except (SMTPException, OSError) as problem:
            raise _lost(problem, Stage.CONTENT) from None
        crossing.is_past_the_dot = True
        try:
            protocol.write(b".\r\n")
            code, said = await protocol.read_response(timeout=self._relay.read_within)
        except (SMTPException, OSError) as problem:
            raise _lost(problem, Stage.CONTENT, unclear=True) from None
        if code // 100 == 2:
            return said
        self.clean = code // 100 == 5
        if code // 100 not in (4, 5):  # not an answer at all
            raise Lost("malformed", Stage.CONTENT, unclear=True)
        raise Rejected(Stage.CONTENT, Reply.of(code, said))

    async def _written(self, protocol: SMTPProtocol) -> None:
        """Waits until the relay has drawn the text; the time for a reply is the time for this."""
        async with asyncio.timeout(self._relay.read_within):
            while (transport := protocol.transport) is not None:
                if _writing(transport).get_write_buffer_size() == 0:
                    return
                await asyncio.sleep(_DRAIN_EVERY)

    async def _ask(self, stage: Stage, *words: bytes, wanted: int = 2) -> None:
        protocol = self._protocol(stage)
        try:
            code, said = await protocol.execute_command(*words, timeout=self._relay.read_within)
        except SMTPResponseException as answer:
            code, said = answer.code, ""
        except (SMTPException, OSError) as problem:
            raise _lost(problem, stage) from None
        if code == _UNREADABLE or code // 100 == 1:
            raise Lost("malformed", stage)
        if code // 100 != wanted:
            raise Rejected(stage, Reply.of(code, said))

    def _protocol(self, stage: Stage) -> SMTPProtocol:
        protocol = self._client.protocol
        if protocol is None:
            raise Lost("reset", stage)
        return protocol


async def open_line(relay: Relay) -> Line:
    """Connects, encrypts and logs in, as the relay's settings say. Raises `Rejected` and `Lost`."""
    client = SMTP(
        hostname=relay.host,
        port=relay.port,
        local_hostname=relay.helo,
        timeout=relay.connect_within,
        use_tls=relay.security == "tls",
        start_tls=False,
        tls_context=relay.trusted,
    )
    try:
        async with asyncio.timeout(relay.connect_within):
            await client.connect()
            await _prepare(client, relay)
    except SMTPResponseException as answer:
        client.close()
        stage = Stage.LOGIN if isinstance(answer, SMTPAuthenticationError) else Stage.CONNECT
        if answer.code == _UNREADABLE:
            raise Lost("malformed", stage) from None
        raise Rejected(stage, Reply.of(answer.code, answer.message)) from None
    except (SMTPException, OSError) as problem:
        client.close()
        raise _lost(problem, Stage.CONNECT) from None
    except (Lost, asyncio.CancelledError):
        client.close()
        raise
    return Line(client, relay)


async def _prepare(client: SMTP, relay: Relay) -> None:
    await client.ehlo()
    if relay.security == "starttls":
        if not client.supports_extension("starttls"):
            raise Lost("no-starttls", Stage.CONNECT)
        await client.starttls()
        await client.ehlo()
    if relay.username:
        await client.login(relay.username, relay.password)


def _writing(transport: asyncio.BaseTransport) -> asyncio.WriteTransport:
    """Every transport of a connection is one; uvloop's only do not say so."""
    return cast(asyncio.WriteTransport, transport)


def _lost(problem: Exception, stage: Stage, *, unclear: bool = False) -> Lost:
    return Lost(_code_of(problem), stage, unclear=unclear)


def _code_of(problem: Exception) -> str:
    """What went wrong beneath, in a word: the library wraps the operating system's own errors."""
    cause: BaseException | None = problem
    while cause is not None:
        for kind, code in _CODES:
            if isinstance(cause, kind):
                return code
        cause = cause.__cause__
    return "connection"
