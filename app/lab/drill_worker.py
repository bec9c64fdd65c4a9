"""One worker of the drill: the real loops, in a process of its own that is there to be killed.

Takes its orders as one line of JSON on standard input, because an address may hold a password and
every process can read the arguments of all. Says "ready" once it runs and "sent" after its first
batch, and works until it is ended.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.clock import SystemClock
from app.delivery.calls import Calls, Run
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses, Channels
from app.lab.drill_field import BASE_URL, SECRET
from app.lab.twilio import ACCOUNT, TOKEN
from app.loops.assembly import Loops, assemble
from app.store.engines import Database
from campaigns.keys import draw
from channels.sandbox import SandboxSms
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from channels.seam import Capabilities, Envelope, Found, Medium, NotFound, Outcome
from channels.sms_twilio import TwilioSms
from channels.transport import Limits
from channels.twilio_api import TwilioApi

BATCH = 8
LEASE = timedelta(seconds=3)
IDLE_SECONDS = 0.02
SLOWEST_SECONDS = 0.06
HASTY = Limits(read=timedelta(seconds=0.3), total=timedelta(seconds=0.6))


def faults(seed: int) -> Faults:
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


def channels(orders: Mapping[str, str]) -> Channels:
    """By the sandbox's `ledger`, or by the address of a local `twilio`."""
    seed = int(orders["seed"])
    if "twilio" in orders:
        callback = f"{BASE_URL}/webhooks/twilio"
        address = {"base_url": orders["twilio"], "callback": callback}
        return {("sms", "twilio"): TwilioSms(TwilioApi(ACCOUNT, TOKEN, **address, limits=HASTY))}
    sandbox = SandboxSms(Ledger(Path(orders["ledger"])), faults=faults(seed))
    return {("sms", "sandbox"): Slow(sandbox, seed)}


@contextmanager
def calling(orders: Mapping[str, str]) -> Iterator[Run]:
    """What runs the calls of these channels: on one loop, where connections are kept."""
    if "twilio" not in orders:
        yield asyncio.run
        return
    with Calls() as calls:
        yield calls.run


def say(what: str) -> None:
    """To whoever is there to kill us: how far we are."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def work(loops: Loops, clock: SystemClock) -> None:
    """Ticks all loops for ever. A database that is busy for too long costs one round."""
    read_clock, sent = clock.now, 0
    while True:
        try:
            busy = loops.enrolment.tick(read_clock())
            busy += loops.walk.tick(read_clock()).looked
            claimed = loops.delivery.tick(read_clock()).claimed
            if claimed and not sent:
                say("sent")
            sent, busy = sent + claimed, busy + claimed
            busy += loops.reconciliation.tick(read_clock())
        except DBAPIError as problem:
            sys.stderr.write(f"the database did not answer ({type(problem).__name__})\n")
            busy = 0
        if not busy:
            time.sleep(IDLE_SECONDS)


def main(orders: Mapping[str, str]) -> None:
    """Works over one `database` by one carrier, with the `seed` that all workers share."""
    clock = SystemClock()
    with calling(orders) as run:
        loops = assemble(
            Database(orders["database"]),
            channels(orders),
            Addresses(BASE_URL, SECRET),
            clock.now,
            pace=Pace(batch=BATCH, at_once=BATCH, lease=LEASE),
            run=run,
        )
        say("ready")
        work(loops, clock)


if __name__ == "__main__":
    main(json.loads(sys.stdin.readline()))
