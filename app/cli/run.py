"""`duly serve`, `duly worker`: the pages and the loops, for real."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from threading import Thread, Timer
from time import sleep
from typing import TYPE_CHECKING, Final

import typer

from app.cli.output import fail, note

if TYPE_CHECKING:
    from types import FrameType

    from starlette.types import ASGIApp

    from app.cli.parts import Parts
    from app.loops.schedule import Schedule
    from app.settings import Settings

STOPPING = (signal.SIGINT, signal.SIGTERM)
_NAP: Final = 0.25  # seconds
_LAST: Final = 9.0
"""Seconds after which a process that was told to stop leaves, whatever it is at: as after a crash,
transactions are undone and what was claimed is taken by others. Calls have ended by then."""

log = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)


def serve(
    loops: bool = typer.Option(True, help="Run the loops in this process too."),
    console: bool = typer.Option(True, help="Serve the team's console too, at /console."),
) -> None:
    """Serves the customers' pages and, unless told otherwise, the console, and runs the loops."""
    from app.cli.gateways import gateway_origins
    from app.cli.logs import log_to_stderr
    from app.cli.parts import built, sources
    from app.console.notices import PATH
    from app.console.rooms import LARGEST
    from app.garbage import rare_collection
    from app.settings import read_settings
    from app.web.app import create_app

    settings = read_settings()
    with (
        rare_collection(),
        built(settings) as parts,
        listen(settings.host, settings.port) as listening,
    ):
        log_to_stderr(settings.log_level, settings.log_format)
        web = create_app(
            settings,
            parts.database,
            parts.clock,
            parts.gateways,
            sources=sources(settings),
            gateway_origins=gateway_origins(settings, parts.database, parts.gateways),
            beside={PATH: _console(parts)} if console else {},
            larger=LARGEST,
        )
        note(f"The pages are on {address_of(listening)}. Ctrl+C ends it.")
        if console:
            _welcome(parts)
        beside = schedule_of(parts) if loops else None
        serve_pages(web, settings, listening, beside=beside, on_stop=web.state.stopping.set)
    _leave()


def worker() -> None:
    """Runs the loops alone. As many as you like, on as many machines, over one PostgreSQL."""
    from app.cli.logs import log_to_stderr
    from app.cli.parts import built
    from app.garbage import rare_collection
    from app.settings import read_settings

    settings = read_settings()
    told: list[bool] = []

    def stop() -> None:
        _leave_soon()
        told.append(True)

    with rare_collection(), built(settings) as parts, told_to_stop(stop):
        log_to_stderr(settings.log_level, settings.log_format)
        with running(schedule_of(parts)):
            note("The loops are running. Ctrl+C stops them after what they are doing.")
            # The kernel may hand the signal to a loop's thread, and Python runs its handler only
            # when this one runs next: so it never sleeps for good.
            while not told:
                sleep(_NAP)
    _leave()


def serve_pages(
    web: ASGIApp,
    settings: Settings,
    *listening: socket.socket,
    beside: Schedule | None = None,
    on_stop: Callable[[], object] | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM, with the loops of `beside`; their running ticks are finished.
    `on_stop` ends what would stay open.

    uvicorn raises the signal once more when it has stopped, which would end us in the middle of a
    tick; so the signals are ours from before the first tick to after the last.
    """
    from uvicorn import Server

    from app.cli.logs import hush_server
    from app.web.app import server_config

    class Leaving(Server):
        """While it serves, signals are uvicorn's."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            leave()
            super().handle_exit(sig, frame)

    server = Leaving(server_config(web, settings))
    hush_server(settings.log_format)

    def leave() -> None:
        _leave_soon()
        if on_stop is not None:
            on_stop()
        if beside is not None:
            beside.end()

    def stop() -> None:
        server.should_exit = True

    with told_to_stop(stop), running(beside) if beside else nullcontext():
        server.run(sockets=list(listening))


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; raises `typer.Exit` with a sentence when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as problem:
        raise fail(
            f"Port {port} of {host} cannot be had: {problem.strerror or problem}. Set DULY_HOST"
            " and DULY_PORT to what is free."
        ) from None


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Has `stop` called, instead of dying, when a signal tells this process to end."""
    before = {number: signal.signal(number, lambda *_: stop()) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_soon() -> None:
    last = Timer(_LAST, _leave_work)
    last.daemon = True
    last.start()


def _leave_work() -> None:
    log.warning("leaves work undone: it was told to stop %d seconds ago", _LAST)
    _leave()


def _leave() -> None:
    """Ends this process at once. Python itself would wait for every thread, and then take seconds
    to clear away all that is in memory."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextmanager
def running(schedule: Schedule) -> Iterator[None]:
    """Runs the loops while the block lasts; ticks that have begun are finished."""
    schedule.start()
    try:
        yield
    finally:
        schedule.stop()


def _console(parts: Parts) -> ASGIApp:
    from app.console.app import create_console
    from app.console.words.table import read_ahead

    Thread(target=read_ahead, args=(parts.database,), name="templates", daemon=True).start()
    return create_console(parts.settings, parts.database, parts.clock, parts.gateways)


def _welcome(parts: Parts) -> None:
    """Where the console has no user yet, says how the first one comes in."""
    from app.staff.first import first_link

    link = first_link(parts.database, parts.settings.console_origin, parts.clock.now())
    if link is not None:
        note(f"Nobody can sign in to the console yet. The first admin begins here, once: {link}")


def schedule_of(parts: Parts) -> Schedule:
    """The loops over these parts, each at the pace that the settings give it."""
    from app.cli.parts import jobs
    from app.hearing.lexicon import lexicon
    from app.loops.schedule import Schedule

    lexicon()  # now: the first reply would load it with SQLite's one lock in hand
    skew = timedelta(seconds=parts.settings.clock_skew_seconds)
    return Schedule(jobs(parts), parts.database, parts.clock, skew=skew, on_stop=parts.end)
