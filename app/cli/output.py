"""Where a command writes: its result on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

FAILED = 1
WRONG_USE = 2


class Tell(Protocol):
    """Says how far a long command has come."""

    def __call__(self, done: int, total: int | None) -> None: ...


def use_utf8() -> None:
    """Hebrew and Arabic must survive a terminal in the C locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIO) or hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def result() -> Console:
    """For what the command was asked for."""
    return Console(file=sys.stdout, highlight=False)


def aside() -> Console:
    """For progress, notes and errors."""
    return Console(file=sys.stderr, highlight=False)


def emit(data: Mapping[str, Any]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def fail(problem: object, *, code: int = FAILED) -> typer.Exit:
    """Says what is wrong and answers what to raise. 1: the work failed; 2: wrong use."""
    aside().print(str(problem), style="red", markup=False)
    return typer.Exit(code)


@contextmanager
def progress(label: str) -> Iterator[Tell]:
    """A bar on standard error while the block runs."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=aside(), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def tell(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
