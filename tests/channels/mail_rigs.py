"""The rigs of the mail channels: a local server that speaks the provider's published contract."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app.lab.local_smtp import LocalSmtp, MailFaults
from channels.email_smtp import SmtpEmail
from channels.seam import Channel
from channels.smtp_line import Relay
from tests.channels.contract import Rig, Trouble
from tests.channels.make import run

RELAYS = {
    Trouble.NONE: MailFaults(),
    Trouble.REFUSES: MailFaults(refuse=1),
    Trouble.BUSY: MailFaults(busy=1),
    Trouble.SILENT_BEFORE: MailFaults(stall_before=1),
    Trouble.SILENT_AFTER: MailFaults(stall_after=1),
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
