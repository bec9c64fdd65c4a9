"""`duly bench`: how fast it is on this machine, and whether the work was right."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Protocol

import typer

from app.cli.output import WRONG_USE, emit, fail, note, progress, show

if TYPE_CHECKING:
    from app.lab.bench.report import Report
    from app.lab.bench.rounds import Progress
    from app.lab.bench.stores import Store

BENCHES: Final = ("walk", "deliver", "intake", "page", "tick", "stop", "whole")
"""Those that are measured on every store: each is the `run` of its module in `app.lab.bench`."""

NO_POSTGRESQL: Final = (
    "Not measured on PostgreSQL: give --postgresql-url, of a server where databases can be made."
)
BUSY: Final = "This machine is busy (load {load} on {cores} cores): rates mean little now."

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Large = Annotated[bool, typer.Option("--large", help="With millions of rows; takes long.")]
PostgresqlUrl = Annotated[
    str | None,
    typer.Option(
        "--postgresql-url",
        help="A server to measure on too; databases are made there and removed.",
    ),
]

bench = typer.Typer(help="How fast it is on this machine.", no_args_is_help=False)


class Run(Protocol):
    """A bench on one store. `folder` is on the disk that is measured."""

    def __call__(
        self, store: Store, *, folder: Path, large: bool, progress: Progress
    ) -> Report: ...


class RunOnce(Protocol):
    """A bench that needs no store, at its usual size."""

    def __call__(self, *, progress: Progress) -> Report: ...


_NONE: Final[Mapping[str, RunOnce]] = {}


def register(app: typer.Typer) -> None:
    app.add_typer(bench, name="bench")


@bench.callback(invoke_without_command=True)
def everything(
    context: typer.Context,
    large: Large = False,
    as_json: Json = False,
    postgresql_url: PostgresqlUrl = None,
) -> None:
    """Measures all, in about ten minutes. Nobody gets anything."""
    from app.lab.bench import dispatch

    name = context.invoked_subcommand
    if name is not None:
        if large or as_json or postgresql_url:
            raise fail(f"Options stand behind the bench: `duly bench {name} …`.", code=WRONG_USE)
        return
    measure_by(
        _runs(BENCHES),
        before={"dispatch": dispatch.run},
        large=large,
        as_json=as_json,
        postgresql_url=postgresql_url,
    )


def measure(
    names: Sequence[str], *, large: bool, as_json: bool, postgresql_url: str | None
) -> None:
    """Runs these on every store, and tells what came of them."""
    measure_by(_runs(names), large=large, as_json=as_json, postgresql_url=postgresql_url)


def _runs(names: Sequence[str]) -> Mapping[str, Run]:
    return {name: import_module(f"app.lab.bench.{name}").run for name in names}


def measure_by(
    runs: Mapping[str, Run],
    *,
    before: Mapping[str, RunOnce] = _NONE,
    large: bool,
    as_json: bool,
    postgresql_url: str | None,
) -> None:
    """The same with what is to be run, by name; `before` are those that need no store."""
    from app.lab.bench.stores import Postgresql, Sqlite

    with _folder() as folder, _telling(folder, as_json=as_json) as tell:
        for name, once in before.items():
            with progress(name) as advance:
                report = once(progress=advance)
            tell(report)
        stores: list[Store] = [Sqlite(folder)]
        if postgresql_url:
            stores.append(Postgresql(postgresql_url))
        else:
            note(NO_POSTGRESQL)
        for name, run in runs.items():
            for store in stores:
                with progress(f"{name}, {store.name}") as advance:
                    report = run(store, folder=folder, large=large, progress=advance)
                tell(report)


@contextmanager
def _telling(folder: Path, *, as_json: bool) -> Iterator[Callable[[Report], None]]:
    """Tells each report as it comes, or all at the end. Fails where work was not done right."""
    from app.lab.bench.machine import machine

    on = machine(folder)
    reports: list[Report] = []
    if on.is_busy:
        note(BUSY.format(load=on.load, cores=on.cores))

    def tell(report: Report) -> None:
        reports.append(report)
        if not as_json:
            show("\n".join(report.lines()))

    yield tell
    if as_json:
        emit({"machine": on.as_json(), "reports": [each.as_json() for each in reports]})
    if any(report.wrong for report in reports):
        raise fail("Work was not done as it should have been; this is a defect of ours.")


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="duly-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@bench.command("console")
def bench_console(
    customers: int | None = typer.Option(
        None, min=200, max=10_000_000, help="How many are in the book, if not 20,000."
    ),
    large: Large = False,
    as_json: Json = False,
    postgresql_url: PostgresqlUrl = None,
) -> None:
    """Opens every page of the console over a large book, and tells how soon each is there and which
    are late. Nobody gets anything."""
    from app.cli.logs import nothing_below
    from app.lab.bench.console import run

    with nothing_below("error"):  # what nobody did in time stands in the book
        measure_by(
            {"console": partial(run, customers=customers)},
            large=large,
            as_json=as_json,
            postgresql_url=postgresql_url,
        )


@bench.command("deliver")
def bench_deliver(
    large: Large = False, as_json: Json = False, postgresql_url: PostgresqlUrl = None
) -> None:
    """Delivers what waits, SMS and email, to a provider that answers at once, against the leanest
    loop written by hand. Nobody gets anything."""
    measure(["deliver"], large=large, as_json=as_json, postgresql_url=postgresql_url)


@bench.command("page")
def bench_page(
    large: Large = False, as_json: Json = False, postgresql_url: PostgresqlUrl = None
) -> None:
    """Opens the pages of different customers from 32 readers at a time."""
    measure(["page"], large=large, as_json=as_json, postgresql_url=postgresql_url)


@bench.command("whole")
def bench_whole(
    people: int | None = typer.Option(
        None, min=1, max=10_000_000, help="How many are due, if not 10,000."
    ),
    large: Large = False,
    as_json: Json = False,
    postgresql_url: PostgresqlUrl = None,
) -> None:
    """Has two workers walk, write, gate and hand over an SMS to everybody, and tells how long a
    million takes. Nobody gets anything."""
    from app.lab.bench.whole import run

    measure_by(
        {"whole": partial(run, people=people)},
        large=large,
        as_json=as_json,
        postgresql_url=postgresql_url,
    )


@bench.command("dispatch")
def bench_dispatch(
    messages: int = typer.Option(10_000, min=1, help="How many are handed over in each round."),
    batch: int = typer.Option(500, min=1, max=5000, help="How many at the same time."),
    latency: int = typer.Option(50, min=0, help="Milliseconds that the provider takes."),
    as_json: Json = False,
) -> None:
    """Hands messages to a provider on this machine and tells how many a second, and at what cost.
    No database is used and nobody gets anything."""
    from app.lab.bench.dispatch import run

    with _folder() as folder, _telling(folder, as_json=as_json) as tell:
        with progress("Sending") as advance:
            report = run(messages=messages, batch=batch, latency_ms=latency, progress=advance)
        tell(report)


@bench.command("intake")
def bench_intake(
    large: Large = False, as_json: Json = False, postgresql_url: PostgresqlUrl = None
) -> None:
    """Has providers call, and tells how many calls a second are taken in for good, and how soon
    each is answered: in peace, and during a walk over the same database."""
    measure(["intake"], large=large, as_json=as_json, postgresql_url=postgresql_url)


@bench.command("stop")
def bench_stop(
    cases: int = typer.Option(100_000, min=100, max=100_000, help="How many are open."),
    payments: int = typer.Option(300, min=1, max=2000, help="How many pay, each time."),
    as_json: Json = False,
    postgresql_url: PostgresqlUrl = None,
) -> None:
    """Pays while messages wait, and tells how long until each is stopped. Nobody gets anything."""
    from app.lab.bench.stop import run

    measure_by(
        {"stop": partial(run, cases=cases, payments=payments)},
        large=False,
        as_json=as_json,
        postgresql_url=postgresql_url,
    )


@bench.command("tick")
def bench_tick(
    large: Large = False, as_json: Json = False, postgresql_url: PostgresqlUrl = None
) -> None:
    """Walks what is due in a small book and in a large one, and tells what growth costs: in time,
    and in memory of a web process and of a worker."""
    measure(["tick"], large=large, as_json=as_json, postgresql_url=postgresql_url)


@bench.command("walk")
def bench_walk(
    large: Large = False, as_json: Json = False, postgresql_url: PostgresqlUrl = None
) -> None:
    """Walks cases that are due, against raw SQL for the same rows and against a good ORM loop."""
    measure(["walk"], large=large, as_json=as_json, postgresql_url=postgresql_url)
