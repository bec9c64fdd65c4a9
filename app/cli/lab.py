"""`duly demo`, `duly drill`: the engine shown at work, and shot at."""

from __future__ import annotations

import socket
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

import typer
import uvicorn

from app.cli.output import FAILED, aside, emit, fail, progress, result
from app.clock import SystemClock
from app.lab.demo import DemoResult, run_demo
from app.lab.drill import run_drill
from app.lab.showcase import showcase
from app.lab.summary import render_summary
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store import migrate
from app.store.engines import Database
from app.web.app import create_app, server_config

DEMO_FILE = Path("duly-demo.sqlite3")


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(drill)


def demo(
    days: int = typer.Option(60, min=1, max=366, help="Days to walk."),
    customers: int = typer.Option(1000, min=1, max=100_000, help="How many consumers owe."),
    seed: int = typer.Option(7, help="The same seed and date give the same result."),
    today: datetime = typer.Option(
        None, formats=["%Y-%m-%d"], help="The last day of the walk. Default: today."
    ),
    database_url: str = typer.Option(None, help=f"Default: {DEMO_FILE}, made anew."),
    serve: bool = typer.Option(True, help="Serve the pages afterwards, on a terminal."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Walks a sample book for sixty days and shows what came of it. Nothing leaves this machine."""
    last = today.date() if today else SystemClock().now().date()
    url = database_url or _own_database()
    migrate.upgrade(url)
    database = Database(url)
    with progress(f"Walking {days} days with {customers} customers") as tell:
        done = run_demo(
            database, customers=customers, days=days, seed=seed, today=last, progress=tell
        )
    if as_json:
        emit(done.as_json())
    else:
        render_summary(done, result())
    if any(promise.violations for promise in done.promises):
        raise fail("A promise was broken; this is a defect of ours.")
    if serve and not as_json and sys.stdout.isatty():
        _serve(url, database)
