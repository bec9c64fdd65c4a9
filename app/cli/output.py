"""Where a command writes: its result on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import typer
from rich.console import Console, RenderableType

FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
"""What shells know as ended by Ctrl+C."""


class Tell(Protocol):
    """Says how far a long command has come."""

    def __call__(self, done: int, total: int | None) -> None: ...


def use_utf8() -> None:
    """Hebrew and Arabic must survive a terminal in the C locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def result() -> Console:
    """For what the command was asked for."""
    return _console(stderr=False)


def aside() -> Console:
    """For progress, notes and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    # Names and words of others are printed as they are: brackets in them are no markup.
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def show(what: RenderableType) -> None:
    """A part of the result, for people. Lines are never broken: others may read them by line."""
    result().print(what, soft_wrap=isinstance(what, str))


def note(text: str) -> None:
    """One line on standard error."""
    aside().print(text, soft_wrap=True)


def emit(data: Mapping[str, Any]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def fail(problem: object, *, code: int = FAILED) -> typer.Exit:
    """Says what is wrong and answers what to raise. 1: the work failed; 2: wrong use."""
    aside().print(str(problem), style="red", soft_wrap=True)
    return typer.Exit(code)


@contextmanager
def progress(label: str) -> Iterator[Tell]:
    """A bar on standard error while the block runs, on a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = aside()
    # Without `redirect_stdout=False` a result that is written meanwhile would land beside the bar.
    with Progress(
        *columns,
        console=console,
        transient=True,
        redirect_stdout=False,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(label, total=None)

        def tell(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
