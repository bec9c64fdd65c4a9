"""`duly journey check`, `duly template check|render`: for the people who design."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import typer
from rich.panel import Panel

from app.cli.output import FAILED, aside, emit, fail, result
from app.delivery.preview import NoOpenCase, preview
from app.settings import read_settings
from app.store.engines import Database
from app.wording.check import check_all
from app.wording.errors import WordingError
from app.wording.render import Rendered
from app.wording.samples import render_sample, shipped
from campaigns.language import check_journey

journey = typer.Typer(help="Journeys.", no_args_is_help=True)
template = typer.Typer(help="Templates.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(journey, name="journey")
    app.add_typer(template, name="template")


@journey.command("check")
def check_journeys(
    paths: list[Path] = typer.Argument(None, metavar="[FILE…]", help="None: those we ship."),
) -> None:
    """Checks journeys and says everything that is wrong, with file, line, cause and remedy."""
    known = set(shipped().templates())
    found = 0
    for name, text in _texts(paths or []):
        checked, findings = check_journey(text, name, templates=known)
        for finding in findings:
            result().print(str(finding), markup=False, soft_wrap=True)
        if checked is not None and not findings:
            aside().print(f"{name}: {len(checked.steps)} steps, all well", markup=False)
        found += len(findings)
    if found:
        raise typer.Exit(FAILED)


def _texts(paths: list[Path]) -> list[tuple[str, str]]:
    if not paths:
        library = files("campaigns").joinpath("library")
        entries = sorted(library.iterdir(), key=lambda entry: entry.name)
        return [(e.name, e.read_text("utf-8")) for e in entries if e.name.endswith(".yaml")]
    texts = []
    for path in paths:
        try:
            texts.append((str(path), path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
            raise fail(f"{path} cannot be read: {why}", code=2) from None
    return texts


@template.command("check")
def check_templates() -> None:
    """Checks the words of every template in every language."""
    findings = check_all()
    for finding in findings:
        result().print(str(finding), markup=False, soft_wrap=True)
    if findings:
        raise typer.Exit(FAILED)
    aside().print("Every template is well in every language.")


@template.command()
def render(
    name: str = typer.Argument(metavar="TEMPLATE"),
    medium: str = typer.Option(..., help="sms, email or whatsapp."),
    locale: str = typer.Option("en", help="The language, such as he."),
    customer: str = typer.Option(None, help="A customer of the book, by the ERP's own number."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Shows a template as a customer would get it: of a sample, or one of the book."""
    try:
        rendered = _rendered(name, medium, locale, customer)
    except (WordingError, NoOpenCase) as problem:
        raise fail(problem) from None
    if as_json:
        emit(
            {
                "subject": rendered.subject,
                "preheader": rendered.preheader,
                "text": rendered.text,
                "html": rendered.html,
                "segments": rendered.segments,
                "locale": rendered.locale,
            }
        )
        return
    size = f"{rendered.size.encoding}, {rendered.segments} segments" if rendered.size else ""
    result().print(Panel(rendered.text, title=rendered.subject, subtitle=size or None))


def _rendered(name: str, medium: str, locale: str, customer: str | None) -> Rendered:
    if customer is None:
        return render_sample(name, medium, locale)
    database = Database(read_settings().database_url)
    with database.read() as session:
        return preview(session, customer, name, medium, now=database.now())
