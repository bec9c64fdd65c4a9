"""`duly demo`, `duly drill`: the engine shown at work, and shot at."""

from __future__ import annotations

import socket
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import typer
import uvicorn

from app.cli.output import WRONG_USE, aside, emit, fail, progress, result
from app.clock import SystemClock
from app.lab.demo import run_demo
from app.lab.drill import run_drill
from app.lab.showcase import showcase
from app.lab.summary import render_summary
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store import migrate
from app.store.engines import Database
from app.web.app import create_app, server_config
from app.wording.links import token

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
    database_url: str = typer.Option(
        None, help=f"An empty database. Default: {DEMO_FILE}, made anew."
    ),
    serve: bool = typer.Option(True, help="Serve the pages afterwards, on a terminal."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Walks a sample book for sixty days and shows what came of it. Nothing leaves this machine."""
    last = (today or SystemClock().now()).date()
    url = database_url or _own_database()
    migrate.upgrade(url)
    database = Database(url)
    if database_url and not _is_empty(database):
        raise fail("The demo needs an empty database; this one holds a book.", code=WRONG_USE)
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
        _serve(database)


def _own_database() -> str:
    """The demo's own file in this folder, empty. No other file is ever touched."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{DEMO_FILE}{ending}").unlink(missing_ok=True)
    return f"sqlite:///{DEMO_FILE}"


def _is_empty(database: Database) -> bool:
    with database.read() as session:
        found = session.connection().exec_driver_sql("SELECT count(*) FROM creditor").scalar_one()
    return found == 0


def _serve(database: Database) -> None:
    """Serves the pages of the walked book on a free port, and says where to look."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Settings(base_url=origin)
    gateway = SandboxGateway(
        secret=settings.gateway_secret.get_secret_value(), base_url=f"{origin}/sandbox"
    )
    app = create_app(settings, database, SystemClock(), gateway)
    out = result()
    out.print(f"\nEvery message as it was seen   {origin}/outbox")
    for shown in showcase(database):
        path = f"/p/{token(settings.secret, shown.link_id)}"
        out.print(f"{shown.label:30} {origin}{path}", markup=False)
    out.print("\nCtrl+C ends it. Nothing leaves this machine.")
    uvicorn.Server(server_config(app, settings)).run(sockets=[listening])


def drill(
    kills: int = typer.Option(50, min=0, help="How often a worker is killed."),
    workers: int = typer.Option(2, min=1, max=8, help="How many workers run at once."),
    seed: int = typer.Option(7, help="Seeds the sandbox's faults and the moments of death."),
    database_url: str = typer.Option(None, help="An empty database. Default: a SQLite file."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Kills workers at random and compares with the provider's own ledger. All must be 0."""
    with tempfile.TemporaryDirectory(prefix="duly-") as folder, progress("Killing") as tell:
        url = database_url or f"sqlite:///{folder}/drill.sqlite3"
        migrate.upgrade(url)
        done = run_drill(
            kills=kills,
            workers=workers,
            seed=seed,
            database_url=url,
            folder=Path(folder),
            progress=tell,
        )
    if as_json:
        emit(done.as_json())
    else:
        for name, figure in done.as_json().items():
            result().print(f"{name:14} {figure}", markup=False)
    if done.sent_twice or done.lost or done.after_stop:
        raise fail("A promise was broken; this is a defect of ours.")
    aside().print("Nothing was sent twice, nothing was lost, nothing went out after a stop.")
