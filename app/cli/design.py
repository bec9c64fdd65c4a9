"""`duly journey check|publish`, `duly template check|publish|render`: for the people who design."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.output import FAILED, WRONG_USE, emit, fail, note, show
from campaigns.vocabulary import Medium

if TYPE_CHECKING:
    from app.cli.drafts import JourneyDraft
    from app.drafting.checking import Checked
    from app.drafting.knowledge import Known
    from app.store.engines import Database
    from app.wording.files import DraftFile, Finding
    from app.wording.render import Rendered
    from app.wording.worlds import World

journey = typer.Typer(help="Journeys: what is said when.", no_args_is_help=True)
template = typer.Typer(help="Templates: the words.", no_args_is_help=True)

_REFUSED = "Nothing was published; what was published before goes on."


def register(app: typer.Typer) -> None:
    app.add_typer(journey, name="journey")
    app.add_typer(template, name="template")


@journey.command("check")
def check_journeys(
    paths: list[Path] | None = typer.Argument(
        None, metavar="[FILE…]", help="None: those we ship.", exists=True, dir_okay=False
    ),
) -> None:
    """Checks journeys and says everything that is wrong, with file, line, cause and remedy."""
    from app.cli.drafts import journey_drafts, known_here, shipped_journeys

    drafts = journey_drafts(paths) if paths else shipped_journeys()
    checked = _checked(drafts, known_here())
    for draft, found in zip(drafts, checked, strict=True):
        if found.journey is not None:
            note(f"{draft.name}: {len(found.journey.steps)} steps, all well")
    if any(found.text is None for found in checked):
        raise typer.Exit(FAILED)


@journey.command("publish")
def publish_journeys(
    paths: list[Path] = typer.Argument(..., metavar="FILE…", exists=True, dir_okay=False),
) -> None:
    """Makes journeys the ones that run, all or none: a broken one is refused."""
    from app.cli.databases import ready
    from app.cli.drafts import journey_drafts
    from app.drafting.knowledge import known_in
    from app.settings import read_settings

    drafts = journey_drafts(paths)
    with ready(read_settings().database_url) as database:
        with database.read() as session:
            found = _checked(drafts, known_in(session))
        good = {each.name: each.text for each in found if each.text is not None}
        if any(each.text is None for each in found):
            raise fail(_REFUSED)
        if len(good) < len(drafts):
            raise fail(f"Two of the files have the same name. {_REFUSED}", code=WRONG_USE)
        _publish(database, "journey", good)


def _publish(database: Database, kind: str, texts: Mapping[str, str]) -> None:
    """All of them in one transaction."""
    from app.store.publishing import publish

    now = database.now()
    with database.write() as session:
        digests = {
            name: publish(session, kind, name, text, now=now) for name, text in texts.items()
        }
    for name, digest in digests.items():
        note(f"{name}: published as {digest[:12]}")


def _checked(drafts: Sequence[JourneyDraft], known: Known) -> list[Checked]:
    """Each journey, with its findings on standard output."""
    from app.drafting.checking import checked_journey

    checked = [checked_journey(draft.text, draft.name, known) for draft in drafts]
    _tell(spot for found in checked for spot in found.findings)
    return checked


@template.command("check")
def check_templates(
    folders: list[Path] | None = typer.Argument(
        None, metavar="[FOLDER…]", help="None: those we ship.", exists=True, file_okay=False
    ),
    creditor: str | None = typer.Option(
        None, help="Ask also what the law wants said to this creditor's customers."
    ),
) -> None:
    """Checks the words of templates in every language: one folder holds one template."""
    from app.cli.drafts import template_drafts
    from app.wording.check import check_all, check_template
    from app.wording.files import by_template, shipped_files

    if folders:
        drafts = [template_drafts(each) for each in folders]
        findings = [found for each in drafts for found in check_template(each)]
    else:
        drafts = by_template(shipped_files())
        findings = check_all()
    if creditor is not None:
        findings += _unlawful(drafts, creditor)
    _tell(findings)
    if _are_errors(findings):
        raise typer.Exit(FAILED)
    note("Every template is well in every language.")
    if any("/crisis_line/" in f"/{file.path}" for files in drafts for file in files):
        _warn_of_lines()


def _warn_of_lines() -> None:
    """The words for somebody in danger are only as good as the numbers that they name."""
    from app.wording.crisis import CrisisRow, crisis_lines

    rows = [CrisisRow(country, row) for country, row in crisis_lines().items()]
    doubtful = ", ".join(row.country for row in rows if not row.is_verified)
    if doubtful:
        note(f"Who listens to somebody in danger is not verified for {doubtful}: duly crisis list")


@template.command("publish")
def publish_template(
    folder: Path = typer.Argument(
        ..., help="The folder of one template: a file a language.", exists=True, file_okay=False
    ),
) -> None:
    """Makes the words of a template the ones that are said, in all languages at once."""
    from app.cli.databases import ready
    from app.cli.drafts import template_drafts
    from app.drafting.checking import checked_template
    from app.settings import read_settings

    drafts = template_drafts(folder)
    with ready(read_settings().database_url) as database:
        checked = checked_template(drafts, lambda: _worlds(database, None), database.now())
        _tell(checked.findings)
        if checked.text is None:
            raise fail(_REFUSED)
        _publish(database, "template", {checked.name: checked.text})


def _unlawful(drafts: Sequence[Sequence[DraftFile]], creditor: str) -> list[Finding]:
    """What the law misses in these templates, for one creditor of the database."""
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.wording.files import read_file
    from app.wording.worlds import check_worlds

    read = [[words for draft in each if (words := read_file(draft)[0])] for each in drafts]
    with ready(read_settings().database_url) as database:
        worlds, now = _worlds(database, creditor), database.now()
    return [found for each in read for found in check_worlds(each, worlds, now)]


def _worlds(database: Database, creditor: str | None) -> list[World]:
    from app.drafting.worlds import worlds_of

    with database.read() as session:
        worlds = worlds_of(session, creditor)
    if creditor is not None and not worlds:
        raise fail(f"There is no creditor {creditor} in the book.", code=WRONG_USE)
    return worlds


def _are_errors(findings: Iterable[Finding]) -> bool:
    """Whether something keeps the template from being published; a warning is only told."""
    return any(not finding.is_warning for finding in findings)


def _tell(findings: Iterable[object]) -> None:
    for finding in findings:
        show(str(finding))


@template.command()
def render(
    name: str = typer.Argument(..., metavar="TEMPLATE"),
    medium: Medium = typer.Option(..., help="How it would be sent."),
    locale: str | None = typer.Option(
        None, help="The language, such as he. Default: en, or the customer's own."
    ),
    customer: str | None = typer.Option(
        None, help="A customer of the book, by the ERP's own number. Default: a sample."
    ),
    creditor: str | None = typer.Option(
        None, help="Whose customer, where two creditors have the same number."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Shows a template as a customer would get it: a sample, or one of the book."""
    rendered = _rendered(name, str(medium), locale, customer, creditor)
    if rendered.fell_back:
        note(f"There are no words for {rendered.asked}; these are in {rendered.locale}.")
    if as_json:
        emit(
            {
                "template": rendered.template,
                "medium": rendered.medium,
                "locale": rendered.locale,
                "subject": rendered.subject,
                "preheader": rendered.preheader,
                "text": rendered.text,
                "html": rendered.html,
                "segments": rendered.segments or None,
            }
        )
        return
    for part in (rendered.subject, rendered.preheader):
        if part:
            show(part)
    show(f"\n{rendered.text}" if rendered.subject else rendered.text)
    if rendered.size:
        note(f"{rendered.size.encoding}, {rendered.segments} segments")


def _rendered(
    name: str, medium: str, locale: str | None, customer: str | None, creditor: str | None
) -> Rendered:
    from app.wording.samples import render_sample

    if customer is None:
        return render_sample(name, medium, locale or "en")

    from app.cli.databases import ready
    from app.delivery.preview import NotShown, preview
    from app.settings import read_settings

    settings = read_settings()
    with ready(settings.database_url) as database, database.read() as session:
        try:
            return preview(
                session,
                customer,
                name,
                medium,
                now=database.now(),
                locale=locale,
                creditor=creditor,
                base_url=settings.base_url,
            )
        except NotShown as problem:
            raise fail(problem) from None
