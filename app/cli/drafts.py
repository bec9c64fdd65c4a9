"""Files as designers left them, and what there is that they may refer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.cli.databases import NotReady, ready
from app.cli.output import WRONG_USE, fail, note
from app.drafting.knowledge import Known, known_in
from app.settings import read_settings
from app.wording.files import DraftFile
from app.wording.samples import shipped


@dataclass(frozen=True, slots=True)
class JourneyDraft:
    """A journey's file. `name` is only for messages about it."""

    name: str
    text: str


def journey_drafts(paths: Sequence[Path]) -> list[JourneyDraft]:
    return [JourneyDraft(str(path), _text(path)) for path in paths]


def shipped_journeys() -> list[JourneyDraft]:
    library = sorted(files("campaigns").joinpath("library").iterdir(), key=lambda file: file.name)
    return [
        JourneyDraft(file.name, file.read_text("utf-8"))
        for file in library
        if file.name.endswith(".yaml")
    ]


def template_drafts(folder: Path) -> list[DraftFile]:
    """The languages of one template. Raises `typer.Exit` when there are none."""
    found = sorted(folder.resolve().glob("*.yaml"))
    if not found:
        raise fail(f"{folder} holds no template: a template is a file a language.", code=WRONG_USE)
    shown = folder if folder.name == folder.resolve().name else folder.resolve()
    return [DraftFile((shown / path.name).as_posix(), _text(path)) for path in found]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as problem:
        raise fail(f"{path} cannot be read: {problem.strerror}.", code=WRONG_USE) from None
    except UnicodeDecodeError:
        raise fail(f"{path} is not UTF-8 text; save it as UTF-8.", code=WRONG_USE) from None


def known_here() -> Known:
    """What ships, and what is published where there is a database to ask."""
    ships = frozenset(shipped().templates())
    try:
        with ready(read_settings().database_url) as database, database.read() as session:
            here = known_in(session)
    except NotReady:
        return Known(ships)
    except DBAPIError:
        note("The database does not answer; this is checked against what ships alone.")
        return Known(ships)
    return replace(here, templates=here.templates | ships)
