"""The rigs of the mail channels: a local server that speaks the provider's published contract."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from app.lab.faults import Fate, Faults, MailFate, MailFaults
from app.lab.local_sendgrid import KEY, LocalSendGrid
from app.lab.local_smtp import LocalSmtp
from channels.email_sendgrid import SendGridEmail
from channels.email_smtp import SmtpEmail
from channels.seam import Channel
from channels.smtp_line import Relay
from channels.transport import Limits
from tests.channels.contract import Rig, Trouble
from tests.channels.make import run

RELAYS = {
    Trouble.NONE: MailFaults(),
    Trouble.REFUSES: MailFaults({MailFate.REFUSED: 1}),
    Trouble.BUSY: MailFaults({MailFate.BUSY: 1}),
    Trouble.SILENT_BEFORE: MailFaults({MailFate.SILENT_BEFORE: 1}),
    Trouble.SILENT_AFTER: MailFaults({MailFate.SILENT_AFTER: 1}),
}
SENDGRIDS = {
    Trouble.NONE: Faults(),
    Trouble.REFUSES: Faults({Fate.REFUSED: 1}),
    Trouble.BUSY: Faults({Fate.BUSY: 1}),
    Trouble.SILENT_BEFORE: Faults({Fate.SILENT_BEFORE: 1}),
    Trouble.SILENT_AFTER: Faults({Fate.SILENT_AFTER: 1}),
}


class SmtpRig:
    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._relays: list[LocalSmtp] = []

    def open(self, trouble: Trouble) -> Channel:
        relay = self._stack.enter_context(LocalSmtp(RELAYS[trouble]))
        self._relays.append(relay)
        there = Relay(host="127.0.0.1", port=relay.port, security="none", read_within=0.2)
        channel = SmtpEmail(there)
        self._stack.callback(lambda: run(channel.close()))
        return channel

    def accepted(self) -> int:
        return sum(len(relay.taken()) for relay in self._relays)


@contextmanager
def smtp() -> Iterator[Rig]:
    with ExitStack() as stack:
        yield SmtpRig(stack)


class SendGridRig:
    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._servers: list[LocalSendGrid] = []

    def open(self, trouble: Trouble) -> Channel:
        server = self._stack.enter_context(LocalSendGrid(SENDGRIDS[trouble]))
        self._servers.append(server)
        limits = Limits(read=timedelta(seconds=0.3))
        channel = SendGridEmail(KEY, base_url=server.url, limits=limits)
        self._stack.callback(lambda: run(channel.close()))
        return channel

    def accepted(self) -> int:
        return sum(len(server.taken()) for server in self._servers)


@contextmanager
def sendgrid() -> Iterator[Rig]:
    with ExitStack() as stack:
        yield SendGridRig(stack)
