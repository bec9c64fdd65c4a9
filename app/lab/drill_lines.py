"""How the processes of the drill reach its providers, and who calls them back.

`orders` are plain strings that every process is given: where each provider listens, and the seed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from app.delivery.calls import Calls, Run
from app.delivery.dispatch import Channels
from app.intake.mail_sources import PipedMail, SendGridInbound
from app.intake.sendgrid import SendGridSource
from app.intake.sources import GatewaySource, Source
from app.intake.twilio import TwilioSource
from app.lab.drill_field import BASE_URL, SECRET
from app.lab.local_sendgrid import KEY
from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET
from app.lab.twilio import ACCOUNT, TOKEN
from app.payments.gateway import Gateway
from app.payments.line import Line
from app.payments.stripe_gateway import StripeGateway
from campaigns.keys import draw
from channels.email_sendgrid import SendGridEmail
from channels.email_smtp import SmtpEmail
from channels.sandbox import SandboxSms
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from channels.seam import Capabilities, Channel, Envelope, Found, Medium, NotFound, Outcome
from channels.sms_twilio import TwilioSms
from channels.smtp_line import Relay
from channels.transport import Limits
from channels.twilio_api import TwilioApi
from channels.whatsapp_twilio import TwilioWhatsapp

SLOWEST_SECONDS: Final = 0.06
READ_SECONDS: Final = 0.4
HASTY: Final = Limits(
    read=timedelta(seconds=READ_SECONDS), total=timedelta(seconds=2 * READ_SECONDS)
)


def callers(orders: Mapping[str, str]) -> list[Source]:
    """The providers of messages who call our web."""
    if "ledger" in orders:
        return []
    key = orders["sendgrid_key"]
    return [
        TwilioSource(TOKEN, BASE_URL),
        SendGridSource(key),
        SendGridInbound(SECRET, key=key),
    ]


def sources(orders: Mapping[str, str], gateways: Iterable[Gateway]) -> dict[str, Source]:
    """All whose calls are stored, by their names: providers, `gateways`, and a relay's pipe."""
    told = [*callers(orders), *map(GatewaySource, gateways), PipedMail(SECRET)]
    return {source.name: source for source in told}


@contextmanager
def gateways(orders: Mapping[str, str]) -> Iterator[dict[str, Gateway]]:
    """By their names; none where nobody pays by card."""
    if "stripe" not in orders:
        yield {}
        return
    with closing(gateway(orders)) as stripe:
        yield {stripe.name: stripe}


def gateway(orders: Mapping[str, str]) -> StripeGateway:
    """The adapter that production uses, over a line that is soon given up."""
    line = Line(connect_seconds=READ_SECONDS, total_seconds=2 * READ_SECONDS)
    return StripeGateway(LOCAL_KEY, secret=LOCAL_SECRET, address=orders["stripe"], line=line)


@contextmanager
def opened(orders: Mapping[str, str]) -> Iterator[tuple[Channels, Run]]:
    """The channels of one process, and what runs their calls."""
    made = _sandbox(orders) if "ledger" in orders else _real(orders)
    with Calls() as calls:
        try:
            yield {(str(each.medium), each.provider): each for each in made}, calls.run
        finally:
            for channel in made:
                calls.run(channel.close())


def _real(orders: Mapping[str, str]) -> list[Channel]:
    twilio = {"base_url": orders["twilio"], "callback": f"{BASE_URL}/webhooks/twilio"}
    relay = Relay(
        host="127.0.0.1", port=int(orders["smtp"]), security="none", read_within=READ_SECONDS
    )
    return [
        TwilioSms(TwilioApi(ACCOUNT, TOKEN, **twilio, limits=HASTY)),
        TwilioWhatsapp(TwilioApi(ACCOUNT, TOKEN, **twilio, limits=HASTY)),
        SendGridEmail(KEY, base_url=orders["sendgrid"], limits=HASTY),
        SmtpEmail(relay, total_within=2 * READ_SECONDS),
    ]


def _sandbox(orders: Mapping[str, str]) -> list[Channel]:
    seed = int(orders["seed"])
    return [Slow(SandboxSms(Ledger(Path(orders["ledger"])), faults=_bad_days(seed)), seed)]


def _bad_days(seed: int) -> Faults:
    """A provider on a bad day. No more errors than the breaker bears: it would end the drill."""
    return Faults(
        seed=f"drill-{seed}",
        refuse=0.02,
        later=0.05,
        timeout_before=0.02,
        timeout_after=0.04,
        lost=0.1,
        fail=0.03,
        doubled=0.1,
        late=0.1,
        hidden=0.3,
        later_kinds=("rate_limited",),
        retry_after=timedelta(seconds=1),
    )


class Slow:
    """A channel that takes its time before the provider accepts, and again before it answers, so
    that death finds it on either side."""

    def __init__(self, channel: SandboxSms, seed: int) -> None:
        self._channel = channel
        self._seed = seed

    @property
    def medium(self) -> Medium:
        return self._channel.medium

    @property
    def provider(self) -> str:
        return self._channel.provider

    @property
    def stands_for(self) -> str:
        return self._channel.stands_for

    @property
    def capabilities(self) -> Capabilities:
        return self._channel.capabilities

    async def send(self, envelope: Envelope) -> Outcome:
        await asyncio.sleep(draw(self._seed, envelope.attempt_key, "before") * SLOWEST_SECONDS)
        outcome = await self._channel.send(envelope)
        await asyncio.sleep(draw(self._seed, envelope.attempt_key, "after") * SLOWEST_SECONDS)
        return outcome

    async def find(self, envelope: Envelope) -> Found | NotFound:
        return await self._channel.find(envelope)

    async def close(self) -> None:
        await self._channel.close()
