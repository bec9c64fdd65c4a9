"""Builds the parts of a running process from its settings: database, channels, gateway, loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from app.api.webhooks.telling import Telling
from app.cli.databases import ready
from app.cli.gateways import gateways_of, sandbox_of
from app.clock import SystemClock
from app.console.selections import SELECTIONS
from app.delivery.approved_texts import ApprovalReading
from app.delivery.calls import Calls
from app.delivery.carriers import providers
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses, Channels
from app.delivery.ratings import RatingReading
from app.errands.doing import Means
from app.errands.files import Files
from app.errands.kinds import Lane
from app.errands.own_lists import EXPORTS
from app.figures import ticking
from app.intake.inbox import intake_tick
from app.intake.mail_sources import PipedMail, SendGridInbound
from app.intake.sendgrid import SendGridSource
from app.intake.sources import GatewaySource, Source
from app.intake.twilio import TwilioSource
from app.loops import errands, pulse, tally
from app.loops.alarms import Alarms
from app.loops.assembly import Loops, assemble
from app.loops.debits import Debits
from app.loops.sandbox import PAGE, hand_callbacks, hand_receipts
from app.loops.schedule import Job
from app.loops.tidy import Tidy
from app.payments.choice import Gateways
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.documents import Documents
from app.store.engines import SETTLE_EVERY, Database
from channels.lookup import LookUp
from channels.registry import CHANNELS, open_channel
from channels.sandbox_ledger import Ledger
from channels.twilio_api import TwilioApi
from channels.twilio_content import contents
from channels.twilio_lookup import look_up
from channels.twilio_senders import ratings

READ_BACK_EVERY: Final = timedelta(minutes=10)
TELL_EVERY: Final = 1.0  # seconds
CALL_EVERY: Final = 1.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process runs on."""

    settings: Settings
    database: Database
    clock: SystemClock
    ledger: Ledger
    gateways: Gateways
    sandbox: SandboxGateway
    loops: Loops
    alarms: Alarms
    telling: Telling
    readings: Mapping[str, Callable[[datetime], int]]
    calls: Calls

    def end(self) -> None:
        """Has all loops come to an end soon: between two pieces of their work, and with calls."""
        self.database.end()
        self.loops.delivery.stop()
        self.calls.end()


@contextmanager
def built(settings: Settings) -> Iterator[Parts]:
    """Everything over one database, which must be ready. Nothing is started.

    Raises `NotReady`, `DatabaseUrlError`, and what a ledger raises that cannot be opened.
    """
    clock = SystemClock()
    with ExitStack() as stack:
        database = stack.enter_context(ready(settings.database_url))
        ledger = stack.enter_context(closing(Ledger(settings.sandbox_ledger)))
        sandbox = stack.enter_context(closing(sandbox_of(settings)))
        gateways = gateways_of(settings, stack, sandbox)
        calls = stack.enter_context(Calls())
        channels = stack.enter_context(_channels(settings, calls))
        life = timedelta(days=settings.link_days)
        addresses = Addresses(settings.base_url, settings.secret, life)
        asking = stack.enter_context(_look_up(settings, calls))
        loops = assemble(
            database,
            channels,
            addresses,
            clock.now,
            pace=_pace(settings),
            run=calls.run,
            look_up=asking,
        )
        wait = timedelta(minutes=settings.alarm_minutes)
        alarms = Alarms(database, channels, settings.console_origin, run=calls.run, wait=wait)
        readings = stack.enter_context(_readings(settings, database, calls))
        telling = stack.enter_context(_telling(settings, database, calls))
        yield Parts(
            settings, database, clock, ledger, gateways, sandbox, loops, alarms, telling, readings,
            calls,
        )  # fmt: skip


@contextmanager
def _channels(settings: Settings, calls: Calls) -> Iterator[Channels]:
    """Every channel of the providers that the settings choose."""
    known = providers(settings)
    channels: Channels = {
        (str(medium), provider): open_channel(medium, provider, known[provider])
        for medium, provider in CHANNELS
        if provider in known
    }
    try:
        yield channels
    finally:
        for channel in channels.values():
            calls.run(channel.close())


@contextmanager
def _look_up(settings: Settings, calls: Calls) -> Iterator[LookUp | None]:
    """Who is asked what a number is, where somebody is to be."""
    if settings.number_lookup == "off" or settings.provider == "sandbox":
        yield None
        return
    api = TwilioApi.from_settings(settings.twilio)
    try:
        yield partial(look_up, api)
    finally:
        calls.run(api.close())


@contextmanager
def _telling(settings: Settings, database: Database, calls: Calls) -> Iterator[Telling]:
    local = settings.environment != "production"
    telling = Telling(database, secret=settings.secret, run=calls.run, local=local)
    try:
        yield telling
    finally:
        telling.close()


@contextmanager
def _readings(
    settings: Settings, database: Database, calls: Calls
) -> Iterator[Mapping[str, Callable[[datetime], int]]]:
    """The loops that read back which texts may leave and how our numbers are rated, where there is
    somebody to ask."""
    if settings.provider == "sandbox" or not settings.twilio:
        yield {}
        return
    api = TwilioApi.from_settings(settings.twilio)
    try:
        yield {
            "approvals": ApprovalReading(database, partial(contents, api), run=calls.run).tick,
            "ratings": RatingReading(database, partial(ratings, api), run=calls.run).tick,
        }
    finally:
        calls.run(api.close())


def sources(settings: Settings) -> Sequence[Source]:
    """The providers, besides the gateways, who call us."""
    found: list[Source] = []
    if settings.twilio:
        found.append(TwilioSource(settings.twilio_token.get_secret_value(), settings.base_url))
    if settings.sendgrid_webhook_key:
        found.append(SendGridSource(settings.sendgrid_webhook_key))
    key, token = settings.sendgrid_inbound_key, settings.sendgrid_inbound_token.get_secret_value()
    if key or token:
        found.append(SendGridInbound(settings.secret, key=key, token=token))
    return found


def _pace(settings: Settings) -> Pace:
    return Pace(
        batch=settings.batch_size,
        lease=timedelta(seconds=settings.lease_seconds),
        fresh_for=timedelta(seconds=settings.gate_freshness_seconds),
    )


def jobs(parts: Parts) -> list[Job]:
    """The loops as jobs, each at the pace that the settings give it."""
    settings, loops, database = parts.settings, parts.loops, parts.database
    gateways = parts.gateways.by_name
    callers: list[Source] = [*map(GatewaySource, gateways.values()), *sources(settings)]
    callers.append(PipedMail(settings.secret))
    by_name = {source.name: source for source in callers}
    tidy = Tidy(
        database,
        loops.reconciliation,
        gateways,
        secret=settings.secret,
        documents=Documents(settings.documents),
        special_for=timedelta(days=settings.special_days),
    )
    debits = Debits(database, parts.gateways)
    every = {
        "alarms": (CALL_EVERY, lambda now: _all(parts.alarms.tick(now))),
        "enrol": (settings.enrol_every_seconds, lambda now: _all(loops.enrolment.tick(now))),
        "walk": (settings.walk_every_seconds, lambda now: loops.walk.tick(now).looked > 0),
        "deliver": (
            settings.deliver_every_seconds,
            lambda now: loops.delivery.tick(now).claimed > 0,
        ),
        "intake": (
            settings.intake_every_seconds,
            lambda now: _all(intake_tick(database, by_name, now=now)),
        ),
        "debits": (settings.tidy_every_seconds, lambda now: _all(debits.tick(now))),
        "tell": (TELL_EVERY, parts.telling.tick),
        "tidy": (settings.tidy_every_seconds, lambda now: _all(tidy.tick(now))),
        **_errands(settings, database),
        "sandbox": (settings.intake_every_seconds, lambda now: _play_providers(parts, now)),
    }
    found = [Job(name, timedelta(seconds=pace), tick) for name, (pace, tick) in every.items()]
    found += [Job(name, READ_BACK_EVERY, _once(read)) for name, read in parts.readings.items()]
    found.append(Job("tally", tally.EVERY, partial(tally.tally, database)))
    found.append(Job("figures", ticking.EVERY, ticking.Figures(database).tick))
    found.append(
        Job("settle", timedelta(seconds=SETTLE_EVERY), _once(lambda _now: database.settle_log()))
    )
    beats = pulse.Pulse(database)
    return [*map(beats.felt, found), Job("pulse", pulse.EVERY, beats.tick)]


def _errands(
    settings: Settings, database: Database
) -> Mapping[str, tuple[float, Callable[[datetime], bool]]]:
    """What people asked for: a loop for each lane, and one that lets go of old files."""
    means = Means(
        database,
        Files(settings.errand_files),
        Documents(settings.documents),
        settings.secret,
        EXPORTS,
        SELECTIONS,
        outfits=settings.outfits,
    )
    lanes = {
        f"errands_{lane}": (errands.EVERY_SECONDS, errands.Errands(means, lane).tick)
        for lane in Lane
    }
    kept_for = timedelta(days=settings.errand_days)
    files = errands.ErrandFiles(means, kept_for=kept_for)
    return {**lanes, "errand_files": (errands.FORGET_SECONDS, files.tick)}


def _play_providers(parts: Parts, now: datetime) -> bool:
    """What real providers would tell over the network, at the pace at which calls are taken in."""
    handed = hand_receipts(parts.database, parts.ledger, now)
    hand_callbacks(parts.database, parts.sandbox, now)
    return handed == PAGE


def _once(tick: Callable[[datetime], object]) -> Callable[[datetime], bool]:
    return lambda now: _all(tick(now))


def _all(_done: object) -> bool:
    """These loops do all that is due in one tick: no more is due."""
    return False
