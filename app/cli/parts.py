"""Builds the parts of a process from its settings: database, channels, gateway, loops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import SystemClock
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses, Channels
from app.intake.inbox import intake_tick
from app.intake.sources import GatewaySource
from app.loops.assembly import Loops, assemble
from app.loops.schedule import Job
from app.loops.tidy import Tidy
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.engines import Database
from channels.registry import CHANNELS, open_channel


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process runs on."""

    settings: Settings
    database: Database
    clock: SystemClock
    channels: Channels
    gateway: SandboxGateway
    loops: Loops


def build(settings: Settings) -> Parts:
    """Everything over one database. Nothing is started and nothing is written."""
    database, clock = Database(settings.database_url), SystemClock()
    channels: Channels = {
        (str(medium), provider): open_channel(
            medium, provider, {"ledger": str(settings.sandbox_ledger)}
        )
        for medium, provider in CHANNELS
        if provider == settings.provider
    }
    gateway = SandboxGateway(
        settings.gateway_ledger,
        secret=settings.gateway_secret.get_secret_value(),
        base_url=f"{settings.base_url}/sandbox",
    )
    loops = assemble(
        database,
        channels,
        Addresses(settings.base_url, settings.secret),
        clock.now,
        pace=Pace(
            batch=settings.batch_size,
            lease=timedelta(seconds=settings.lease_seconds),
            fresh_for=timedelta(seconds=settings.gate_freshness_seconds),
        ),
    )
    return Parts(settings, database, clock, channels, gateway, loops)


def jobs(parts: Parts) -> list[Job]:
    """The loops as jobs, each at the pace that the settings give it."""
    settings, loops = parts.settings, parts.loops
    sources = {parts.gateway.name: GatewaySource(parts.gateway)}
    tidy = Tidy(parts.database, loops.reconciliation, {parts.gateway.name: parts.gateway})
    return [
        _job("enrol", settings.enrol_every_seconds, lambda now: _never(loops.enrolment.tick(now))),
        _job("walk", settings.walk_every_seconds, lambda now: loops.walk.tick(now).looked > 0),
        _job(
            "deliver",
            settings.deliver_every_seconds,
            lambda now: loops.delivery.tick(now).claimed > 0,
        ),
        _job(
            "intake",
            settings.intake_every_seconds,
            lambda now: _never(intake_tick(parts.database, sources, now=now)),
        ),
        _job("tidy", settings.tidy_every_seconds, lambda now: _never(tidy.tick(now))),
    ]


def _job(name: str, every: float, tick: Callable[[datetime], bool]) -> Job:
    return Job(name, timedelta(seconds=every), tick)


def _never(_done: object) -> bool:
    """These loops do all that is due in one tick."""
    return False
