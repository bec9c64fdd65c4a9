"""`docs/commands.md` lists every command, with the first sentence of its help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from app.cli import app

DOCS = Path(__file__).parents[3] / "docs" / "commands.md"


def commands(group: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Each command as it is typed, and what its help begins with."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            said = " ".join((command.help or "").split())
            yield f"{before}{name}", re.split(r"(?<=[.!?]) ", said)[0]


def test_every_command_is_documented_as_it_tells_of_itself() -> None:
    told = {
        match[1]: match[2]
        for match in re.finditer(r"^\| `duly ([^`]+)` \| (.+) \|$", DOCS.read_text("utf-8"), re.M)
    }

    assert told == dict(commands(typer.main.get_command(app)))
