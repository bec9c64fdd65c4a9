"""A mail relay on this machine that plays the published protocol (RFC 5321), on good days and bad.

It keeps its own list of what it took, which is the evidence: a client's word is none. Its bad
days are `MailFaults`.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, Self

from app.lab.faults import MailFate, MailFaults
from app.lab.served import Close, listening

_LINE_LIMIT: Final = 2**20
_DRIP: Final = 0.02  # seconds between two bytes


@dataclass(frozen=True, slots=True)
class TakenMail:
    """One mail that the relay took, as it came over the line."""

    queue_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes


class _HangUp(Exception):
    """The server ends the conversation."""


class LocalSmtp:
    """A relay; a context manager. While it is entered it listens on `port` of 127.0.0.1.

    `refuses` are mailboxes that do not exist, `lacks` senders that may not send. `encrypted`
    offers STARTTLS, or speaks TLS at once with `tls_first`; `login` demands a name and a password.
    `mails_each` hangs up after so many.
    """

    def __init__(
        self,
        faults: MailFaults | None = None,
        *,
        refuses: frozenset[str] = frozenset(),
        lacks: frozenset[str] = frozenset(),
        encrypted: ssl.SSLContext | None = None,
        tls_first: bool = False,
        login: tuple[str, str] | None = None,
        mails_each: int = 1000,
    ) -> None:
        self.port = 0
        self.conversations = 0
        self._stack = ExitStack()
        self._faults = faults or MailFaults()
        self._refuses = refuses
        self._lacks = lacks
        self._encrypted = encrypted
        self._tls_first = tls_first
        self._login = login
        self._mails_each = mails_each
        self._taken: list[TakenMail] = []
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.port = self._stack.enter_context(listening(self._listen))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def taken(self) -> list[TakenMail]:
        """All that it took, in order."""
        with self._lock:
            return list(self._taken)

    def take(self, sender: str, recipients: tuple[str, ...], content: bytes) -> str:
        with self._lock:
            queue_id = f"{len(self._taken) + 1:010X}"
            self._taken.append(TakenMail(queue_id, sender, recipients, content))
        return queue_id

    def lets_send(self, sender: str) -> bool:
        return sender not in self._lacks

    async def linger(self) -> None:
        """Before it takes a mail, and again before it says so."""
        await self._faults.linger()

    def fate(self, mailbox: str) -> MailFate:
        if mailbox in self._refuses:
            return MailFate.REFUSED
        with self._lock:
            self._tries[mailbox] += 1
            return self._faults.fate(mailbox, self._tries[mailbox])

    async def _listen(self) -> tuple[int, Close]:
        at_once = self._encrypted if self._tls_first else None
        server = await asyncio.start_server(
            self._converse, "127.0.0.1", 0, ssl=at_once, limit=_LINE_LIMIT
        )

        async def close() -> None:
            server.close()

        return int(server.sockets[0].getsockname()[1]), close

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.conversations += 1
        upgrade = None if self._tls_first else self._encrypted
        talk = Conversation(self, reader, writer, upgrade, self._login, self._mails_each)
        try:
            await talk.hold()
        except (_HangUp, OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


class Conversation:
    """One connection: commands in, replies out."""

    def __init__(
        self,
        relay: LocalSmtp,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upgrade: ssl.SSLContext | None,
        login: tuple[str, str] | None,
        mails_left: int,
    ) -> None:
        self._relay = relay
        self._reader = reader
        self._writer = writer
        self._upgrade = upgrade
        self._login = login
        self._mails_left = mails_left
        self._sender = ""
        self._recipients: list[str] = []
        self._fate = MailFate.TAKEN

    async def hold(self) -> None:
        await self._say("220 relay.local ESMTP")
        verbs: dict[str, Callable[[str], Awaitable[None]]] = {
            "EHLO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": lambda _: self._say("250 2.0.0 OK"),
            "QUIT": self._quit,
        }
        while True:
            verb, _, rest = (await self._heard()).partition(" ")
            act = verbs.get(verb.upper())
            await (act(rest) if act else self._say("502 5.5.1 Unknown command"))

    async def _ehlo(self, _: str) -> None:
        offers = ["relay.local"]
        offers += ["STARTTLS"] if self._upgrade else []
        offers += ["AUTH PLAIN"] if self._login else []
        offers.append("ENHANCEDSTATUSCODES")
        await self._say(*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}")

    async def _starttls(self, _: str) -> None:
        if self._upgrade is None:
            await self._say("502 5.5.1 Not offered")
            return
        await self._say("220 2.0.0 Go ahead")
        await self._writer.start_tls(self._upgrade)
        self._upgrade = None

    async def _auth(self, rest: str) -> None:
        _, name, password = base64.b64decode(rest.split(" ")[1]).decode().split("\0")
        if (name, password) != self._login:
            await self._say("535 5.7.8 Authentication credentials invalid")
            return
        self._login = None
        await self._say("235 2.7.0 Authenticated")

    async def _mail(self, rest: str) -> None:
        if self._login is not None:
            await self._say("530 5.7.0 Authentication required")
            return
        if self._mails_left <= 0:
            await self._say("421 4.7.0 Too many mails on one connection")
            raise _HangUp
        self._sender, self._recipients = _address(rest), []
        if not self._relay.lets_send(self._sender):
            await self._say("553 5.7.1 Sender address rejected: not owned by user")
            return
        await self._say("250 2.1.0 OK")

    async def _rcpt(self, rest: str) -> None:
        mailbox = _address(rest)
        fate = self._relay.fate(mailbox)
        if not self._recipients:
            self._fate = fate
        match fate:
            case MailFate.GREYLISTED:
                await self._say("450 4.7.1 Greylisted, please try again later")
            case MailFate.REFUSED:
                await self._say(f"550 5.1.1 <{mailbox}>: no such user")
            case MailFate.BUSY:
                await self._say("421 4.3.2 Shutting down")
                raise _HangUp
            case _:
                self._recipients.append(mailbox)
                await self._say("250 2.1.5 OK")

    async def _data(self, _: str) -> None:
        if not self._recipients:
            await self._say("503 5.5.1 No valid recipients")
            return
        if self._fate is MailFate.RESET_EARLY:
            raise _HangUp
        await self._say("354 End data with <CR><LF>.<CR><LF>")
        lines = []
        while (line := await self._reader.readline()) != b".\r\n":
            if not line:
                raise _HangUp
            lines.append(line[1:] if line.startswith(b".") else line)
        await self._end_of_text(b"".join(lines))

    async def _end_of_text(self, content: bytes) -> None:
        fate = self._fate
        if fate is MailFate.RESET_BEFORE:
            raise _HangUp
        if fate is MailFate.SILENT_BEFORE:
            await self._fall_silent()
        if fate is MailFate.REJECTED:
            await self._say("554 5.7.1 Message refused by policy")
            return
        await self._relay.linger()
        queue_id = self._relay.take(self._sender, tuple(self._recipients), content)
        self._mails_left -= 1
        await self._relay.linger()
        match fate:
            case MailFate.RESET_AFTER:
                raise _HangUp
            case MailFate.SILENT_AFTER:
                await self._fall_silent()
            case MailFate.MALFORMED:
                await self._say("<html>Bad gateway</html>")
            case MailFate.DRIP:
                await self._drip(f"250 2.0.0 Ok: queued as {queue_id}")
            case _:
                await self._say(f"250 2.0.0 Ok: queued as {queue_id}")

    async def _rset(self, _: str) -> None:
        self._recipients = []
        await self._say("250 2.0.0 OK")

    async def _quit(self, _: str) -> None:
        await self._say("221 2.0.0 Bye")
        raise _HangUp

    async def _heard(self) -> str:
        line = await self._reader.readline()
        if not line:
            raise _HangUp
        return line.decode("utf-8", "replace").strip()

    async def _say(self, *lines: str) -> None:
        await self._write("".join(f"{line}\r\n" for line in lines).encode())

    async def _drip(self, line: str) -> None:
        for byte in f"{line}\r\n".encode():
            await self._write(bytes([byte]))
            await asyncio.sleep(_DRIP)

    async def _write(self, said: bytes) -> None:
        if self._writer.is_closing():  # some loops raise what is no error of connections
            raise _HangUp
        self._writer.write(said)
        await self._writer.drain()

    async def _fall_silent(self) -> None:
        """Until the other side gives up."""
        await self._reader.read()
        raise _HangUp


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]
