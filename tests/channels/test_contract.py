"""Runs the contract over every channel that there is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.lab.faults import Fate
from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from channels.errors import UnknownChannel
from channels.registry import CHANNELS, open_channel
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from channels.seam import Channel, Medium
from channels.sms_twilio import TwilioSms
from channels.twilio_api import TwilioApi
from channels.whatsapp_twilio import TwilioWhatsapp
from tests.channels.contract import ChannelContract, OpenRig, Rig, Trouble
from tests.channels.mail_rigs import sendgrid, smtp
from tests.channels.make import NOON, run

FAULTS = {
    Trouble.NONE: Faults(),
    Trouble.REFUSES: Faults(refuse=1),
    Trouble.BUSY: Faults(later=1),
    Trouble.SILENT_BEFORE: Faults(timeout_before=1),
    Trouble.SILENT_AFTER: Faults(timeout_after=1),
}
FATES = {
    Trouble.NONE: Fate.TAKEN,
    Trouble.REFUSES: Fate.REFUSED,
    Trouble.BUSY: Fate.BUSY,
    Trouble.SILENT_BEFORE: Fate.RESET_BEFORE,
    Trouble.SILENT_AFTER: Fate.RESET_AFTER,
}
SANDBOXES = {
    Medium.SMS: SandboxSms,
    Medium.EMAIL: SandboxEmail,
    Medium.WHATSAPP: SandboxWhatsapp,
}

MakeTwilio = type[TwilioSms] | type[TwilioWhatsapp]


class SandboxRig:
    def __init__(self, medium: Medium, ledger: Ledger) -> None:
        self._medium = medium
        self._ledger = ledger

    def open(self, trouble: Trouble) -> Channel:
        return SANDBOXES[self._medium](self._ledger, faults=FAULTS[trouble])

    def accepted(self) -> int:
        return self._ledger.count()


def sandbox(medium: Medium) -> OpenRig:
    @contextmanager
    def opened() -> Iterator[Rig]:
        ledger = Ledger()
        yield SandboxRig(medium, ledger)
        ledger.close()

    return opened


class TwilioRig:
    """The channel against a local server that speaks Twilio's published contract."""

    def __init__(
        self, make: type[TwilioSms | TwilioWhatsapp], local: LocalTwilio, url: str
    ) -> None:
        self._make = make
        self._local = local
        self._url = url
        self.opened: list[Channel] = []

    def open(self, trouble: Trouble) -> Channel:
        self._local.on_a_day_with(shares={FATES[trouble]: 1.0})
        api = TwilioApi(ACCOUNT, TOKEN, base_url=self._url, callback=f"{self._url}/webhooks/twilio")
        self.opened.append(self._make(api))
        return self.opened[-1]

    def accepted(self) -> int:
        return len(self._local.taken)


def twilio(make: MakeTwilio) -> OpenRig:
    @contextmanager
    def opened() -> Iterator[Rig]:
        local = LocalTwilio(lambda: NOON)
        with served(local.app()) as url:
            rig = TwilioRig(make, local, url)
            yield rig
            for channel in rig.opened:
                run(channel.close())

    return opened


RIGS: dict[tuple[Medium, str], OpenRig] = {
    **{(medium, "sandbox"): sandbox(medium) for medium in Medium},
    (Medium.SMS, "twilio"): twilio(TwilioSms),
    (Medium.WHATSAPP, "twilio"): twilio(TwilioWhatsapp),
    (Medium.EMAIL, "sendgrid"): sendgrid,
    (Medium.EMAIL, "smtp"): smtp,
}
SETTINGS = {"twilio": {"account": ACCOUNT, "token": TOKEN}}


@pytest.fixture(params=list(RIGS), ids=lambda key: f"{key[0]}_{key[1]}")
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with RIGS[request.param]() as opened:
        yield opened


class TestEveryChannel(ChannelContract):
    """The contract, once for each rig."""


def test_every_registered_channel_is_under_contract() -> None:
    assert CHANNELS.keys() == RIGS.keys()


@pytest.mark.parametrize("key", list(RIGS), ids=lambda key: f"{key[0]}_{key[1]}")
def test_the_registry_opens_the_channel_that_it_names(key: tuple[Medium, str]) -> None:
    medium, provider = key

    channel = open_channel(medium, provider, SETTINGS.get(provider, {}))

    assert (channel.medium, channel.provider) == key
    run(channel.close())


def test_an_unknown_provider_is_named_beside_the_known_ones() -> None:
    with pytest.raises(UnknownChannel, match="'pigeon': there is sandbox, twilio"):
        open_channel(Medium.SMS, "pigeon", {})
