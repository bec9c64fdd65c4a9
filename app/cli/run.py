"""`duly serve`, `duly worker`: the pages and the loops, for real."""

from __future__ import annotations

import signal
import threading

import typer
import uvicorn
from datetime import timedelta

from app.cli.output import aside, fail
from app.cli.parts import Parts, build, jobs
from app.loops.schedule import scheduler
from app.settings import read_settings
from app.store.migrate import is_current
from app.web.app import create_app, server_config


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)


def serve(
    loops: bool = typer.Option(True, help="Run the loops in this process too."),
) -> None:
    """Serves the customers' pages and, unless told otherwise, runs the loops."""
    parts = _ready()
    beat = _scheduler(parts) if loops else None
    web = create_app(parts.settings, parts.database, parts.clock, parts.gateway)
    if beat is not None:
        beat.start()
    try:
        uvicorn.Server(server_config(web, parts.settings)).run()
    finally:
        if beat is not None:
            beat.shutdown()


def worker() -> None:
    """Runs the loops alone. As many as you like, on as many machines, over one PostgreSQL."""
    beat = _scheduler(_ready())
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    beat.start()
    aside().print("The loops are running. Ctrl+C stops them after what they are doing.")
    stopped.wait()
    beat.shutdown()


def _ready() -> Parts:
    parts = build(read_settings())
    if not is_current(parts.database):
        raise fail("The database is not at the newest version. Run: duly db upgrade")
    return parts


def _scheduler(parts: Parts):  # type: ignore[no-untyped-def]  # APScheduler ships no types
    skew = timedelta(seconds=parts.settings.clock_skew_seconds)
    return scheduler(jobs(parts), parts.database, parts.clock, skew=skew)
