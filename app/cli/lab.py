"""`duly demo`, `duly drill`: the engine shown at work, and shot at."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.output import WRONG_USE, emit, fail, note, progress, result, show

if TYPE_CHECKING:
    from app.lab.drill_result import DrillResult

DEMO_FILE = Path("duly-demo.sqlite3")
BROKEN = "A promise was broken; this is a defect of ours."


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(drill)


def demo(
    days: int = typer.Option(60, min=1, max=366, help="Days to walk."),
    customers: int = typer.Option(1000, min=1, max=100_000, help="How many consumers owe."),
    seed: int = typer.Option(7, help="The same seed and date give the same result."),
    today: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="The last day of the walk. Default: today."
    ),
    database_url: str | None = typer.Option(
        None, help=f"An empty database. Default: {DEMO_FILE}, made anew."
    ),
    scenario: str = typer.Option(
        "", help="us-collector, il-utility or de-business. Default: two utilities."
    ),
    serve: bool = typer.Option(
        True, help="Open the stage, on a terminal, and walk the book meanwhile."
    ),
    host: str = typer.Option("127.0.0.1", help="Where the stage listens; in a container 0.0.0.0."),
    port: int = typer.Option(
        0, min=0, max=65534, help="The stage's port; the walked book's is the next. 0: free ones."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Opens the stage, where you play one customer, and walks a sample book of a thousand for sixty
    days. Nothing leaves this machine."""
    from app.clock import SystemClock

    last = (today or SystemClock().now()).date()
    _known(scenario)
    url = database_url or _own_database()
    if serve and not as_json and sys.stdout.isatty():
        from app.cli.stage import play
        from app.lab.stage.walking import Walk

        walk = Walk(url, customers, days, seed, last, scenario)
        play(walk, host=host, port=port)
    else:
        _walk(
            url,
            customers=customers,
            days=days,
            seed=seed,
            today=last,
            scenario=scenario,
            as_json=as_json,
        )


def _known(scenario: str) -> None:
    from app.lab.scenarios import scenario_of

    try:
        scenario_of(scenario)
    except ValueError as problem:
        raise fail(problem, code=WRONG_USE) from None


def _walk(
    url: str,
    *,
    customers: int,
    days: int,
    seed: int,
    today: date,
    scenario: str,
    as_json: bool,
) -> None:
    from app.cli.databases import empty
    from app.cli.logs import nothing_below
    from app.lab.demo import run_demo
    from app.lab.summary import render_summary

    quiet = nothing_below("error")  # what nobody did in time stands in the summary
    with quiet, empty(url) as database, progress(walking(days, customers)) as tell:
        done = run_demo(
            database,
            customers=customers,
            days=days,
            seed=seed,
            today=today,
            progress=tell,
            scenario=scenario,
        )
    if as_json:
        emit(done.as_json())
    else:
        render_summary(done, result())
    if done.broken:
        raise fail(BROKEN)


def walking(days: int, customers: int) -> str:
    return f"Walking {days} days with {customers} customers"


def _own_database() -> str:
    """The demo's own file in this folder, empty. No other file is ever touched."""
    from app.store.turns import BESIDE

    for ending in ("", "-wal", "-shm", *BESIDE):
        Path(f"{DEMO_FILE}{ending}").unlink(missing_ok=True)
    return f"sqlite:///{DEMO_FILE}"


def drill(
    kills: int = typer.Option(50, min=0, help="How often a worker is killed."),
    workers: int = typer.Option(2, min=1, max=8, help="How many workers run at once."),
    seed: int = typer.Option(
        7,
        help="Seeds providers' faults, who says stop or pays, moments of death.",
    ),
    database_url: str | None = typer.Option(
        None, help="An empty database. Default: a SQLite file that is removed in the end."
    ),
    providers: bool = typer.Option(
        False,
        "--providers",
        help="By Twilio, SendGrid, a mail relay and Stripe on this machine, on their bad days.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Kills workers at random and compares with the provider's own list. All must be 0."""
    from app.cli.databases import empty
    from app.lab.drill import run_drill

    with tempfile.TemporaryDirectory(prefix="duly-", ignore_cleanup_errors=True) as folder:
        url = database_url or f"sqlite:///{folder}/drill.sqlite3"
        with empty(url), progress("Killing") as tell:
            done = run_drill(
                kills=kills,
                workers=workers,
                seed=seed,
                database_url=url,
                folder=Path(folder),
                progress=tell,
                carrier="providers" if providers else "sandbox",
            )
    if as_json:
        emit(done.as_json())
    else:
        _show(done)
    if done.is_broken:
        raise fail(BROKEN)
    note(
        "Nothing was sent twice, nothing was lost, nothing went out after a stop"
        " or without the word that it wanted."
    )


def _show(done: DrillResult) -> None:
    figures = done.as_json()
    routes = figures.pop("routes")
    others = {name: figures.pop(name) for name in ("money", "calls", "promises")}
    for finding in figures.pop("findings"):
        show(f"- {finding}")
    for name, figure in figures.items():
        show(f"{name:14} {figure}")
    for route in routes:
        show(f"{route.pop('route')}: {_listed(route)}")
    for name, told in others.items():
        if told is not None:
            show(f"{name}: {_listed(told)}")


def _listed(figures: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {figure}" for name, figure in figures.items() if figure is not None)
