"""The command line. Results go to standard output, all else to standard error.

Exit codes: 0 well, 1 the work failed, 2 wrong use.
"""

from __future__ import annotations

import sys

import typer
from sqlalchemy.exc import DBAPIError

from app.cli import book, data, design, lab, run
from app.cli.output import FAILED, WRONG_USE, aside, use_utf8
from app.settings import SettingsError
from app.store.engines import DatabaseUrlError

app = typer.Typer(
    name="duly",
    help="Reminds people of what they owe, the way they like to be reminded.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with locals would print customers' data
    add_completion=False,
)
for commands in (lab, run, book, data, design):
    commands.register(app)


def main() -> None:
    """The entry point of `duly`."""
    use_utf8()
    try:
        app()
    except (SettingsError, DatabaseUrlError) as problem:
        aside().print(str(problem), style="red", markup=False)
        sys.exit(WRONG_USE)
    except DBAPIError as problem:
        kind = type(problem).__name__
        aside().print(
            f"The database did not answer as it should ({kind}). Nothing is half-written;"
            " `duly doctor` says what it finds.",
            style="red",
            markup=False,
        )
        sys.exit(FAILED)
