"""`duly whatsapp submit|status`: the texts that WhatsApp has to approve, by Twilio."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from app.delivery.approved_texts import Submission
    from app.settings import Settings
    from app.store.engines import Database
    from channels.errors import SendError
    from channels.twilio_api import TwilioApi

T = TypeVar("T")

whatsapp = typer.Typer(help="Texts that WhatsApp has to approve.", no_args_is_help=True)


class Asked(Protocol):
    """Asks Twilio and waits for the answer; ends the command where there is none."""

    def __call__(self, work: Coroutine[Any, Any, T | SendError], /) -> T: ...


def register(app: typer.Typer) -> None:
    app.add_typer(whatsapp, name="whatsapp")


@whatsapp.command()
def submit(
    template: str = typer.Argument(..., metavar="TEMPLATE", help="The template, by its name."),
    locales: list[str] = typer.Option(
        ..., "--locale", help="The language, such as he. May be given several times."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Shows the texts and submits none."),
) -> None:
    """Asks WhatsApp to approve every text that a template can come to in a language. What was
    submitted before is left alone."""
    from app.cli.databases import ready
    from app.settings import read_settings

    settings = read_settings()
    with ready(settings.database_url) as database:
        new = _new(database, template, locales)
        if dry_run:
            for one in new:
                show(f"{one.name} ({one.category.lower()})\n{one.body}\n")
        else:
            _submit(settings, database, new)


@whatsapp.command()
def status(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Reads back what WhatsApp says of each text that was submitted."""
    from app.cli.databases import ready
    from app.delivery.approved_texts import take_word
    from app.settings import read_settings
    from channels.twilio_content import contents

    settings = read_settings()
    with ready(settings.database_url) as database:
        with _twilio(settings) as (api, asked):
            told = asked(contents(api))
        with database.write() as session:
            take_word(session, told, database.now())
        found = _kept(database)
    if as_json:
        emit({"texts": found})
        return
    for one in found:
        show(f"{one['status']:<12} {one['category']:<10} {one['name']} {one['reason']}".rstrip())


def _new(database: Database, template: str, locales: Sequence[str]) -> list[Submission]:
    from app.delivery.approved_texts import missing, submissions
    from app.delivery.words import PublishedWords
    from app.wording.errors import WordingError
    from app.wording.render import LINK_LENGTH

    with database.read() as session:
        wording = PublishedWords(LINK_LENGTH).current(session)
        try:
            wanted = [one for locale in locales for one in submissions(wording, template, locale)]
        except WordingError as problem:
            raise fail(problem, code=WRONG_USE) from None
        new = missing(session, wanted)
    note(f"{len(wanted)} texts, {len(wanted) - len(new)} of them submitted before.")
    return new


def _submit(settings: Settings, database: Database, new: Sequence[Submission]) -> None:
    """One at a time, each kept at once: what breaks off in between goes on where it stopped."""
    from app.delivery.approved_texts import keep
    from channels.twilio_content import submit as submit_one

    with _twilio(settings) as (api, asked):
        for one in new:
            given = {"name": one.name, "locale": one.locale, "body": one.body}
            content = asked(submit_one(api, **given, samples=one.samples, category=one.category))
            with database.write() as session:
                keep(session, one, content, database.now())
            show(f"{content.status} {one.name}")


@contextmanager
def _twilio(settings: Settings) -> Iterator[tuple[TwilioApi, Asked]]:
    from app.delivery.calls import Calls
    from channels.errors import SendError
    from channels.twilio_api import TwilioApi

    if not settings.twilio:
        raise fail("There is no account at Twilio: set DULY_TWILIO_ACCOUNT.", code=WRONG_USE)
    api = TwilioApi.from_settings(settings.twilio)
    with Calls() as calls:

        def asked(work: Coroutine[Any, Any, T | SendError], /) -> T:
            told = calls.run(work)
            if isinstance(told, SendError):
                raise fail(f"Twilio does not do it ({told.code}): {told.sentence}")
            return told

        try:
            yield api, asked
        finally:
            calls.run(api.close())


def _kept(database: Database) -> list[dict[str, str]]:
    from sqlmodel import select

    from app.store.rows import ApprovedText

    names = ("name", "template", "locale", "status", "category", "reason")
    with database.read() as session:
        rows = session.exec(select(ApprovedText).order_by(ApprovedText.name)).all()
        return [{name: getattr(row, name) for name in names} for row in rows]
