"""`duly hours` and `duly prefer`: what a customer chose, as staff heard it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from app.cli.hold import CREDITOR, CUSTOMER
from app.cli.output import WRONG_USE, fail, note
from campaigns.vocabulary import Medium

if TYPE_CHECKING:
    from sqlmodel import Session

BY = typer.Option(None, "--by", help="Who heard it; whoever is logged in, unless told.")


def register(app: typer.Typer) -> None:
    app.command("hours")(set_hours)
    app.command("prefer")(set_preferences)


def set_hours(
    customer: str = CUSTOMER,
    hours: str = typer.Argument(
        ..., help="On their own clock: 'mon-fri 17:00-20:00; sat 10:00-13:00'; empty: any."
    ),
    creditor: str | None = CREDITOR,
    by: str | None = BY,
) -> None:
    """Notes when a customer wants to be written to. The rules of their place bind as well."""
    from app.book.choices import ChosenBy
    from app.intake.own_hours import set_own_hours

    told = {"recorded_by": by or getpass.getuser()}
    with _customer(customer, creditor) as (session, customer_id, now):
        set_own_hours(session, customer_id, hours, now, by=ChosenBy.STAFF, told=told)
    note("Noted.")


def set_preferences(
    customer: str = CUSTOMER,
    language: str | None = typer.Option(None, "--language", help="In which they are written to."),
    channel: Medium | None = typer.Option(None, "--channel", help="sms, email or whatsapp."),
    fed: list[str] | None = typer.Option(
        None, "--fed", help="Let the feed decide again: locale, preferred_medium or hours."
    ),
    creditor: str | None = CREDITOR,
    by: str | None = BY,
) -> None:
    """Notes in which language and on which medium a customer wants to be written to. It counts
    from the next message on, and no feed changes it."""
    from app.book.choices import Choosable, let_feed_decide
    from app.intake.choices import choose_for
    from app.wording.files import LOCALES

    if language is not None and language not in LOCALES:
        raise fail(f"We do not write {language}; known: {', '.join(LOCALES)}.", code=WRONG_USE)
    names = [name for name in fed or () if name not in tuple(Choosable)]
    if names:
        raise fail(f"{names[0]} is nothing to choose; {', '.join(Choosable)} are.", code=WRONG_USE)
    values = {Choosable.LOCALE: language, Choosable.PREFERRED_MEDIUM: channel}
    chosen = {name: str(value) for name, value in values.items() if value is not None}
    if not (chosen or fed):
        raise fail("Say what they prefer: --language, --channel or --fed.", code=WRONG_USE)
    who = by or getpass.getuser()
    with _customer(customer, creditor) as (session, customer_id, now):
        choose_for(session, customer_id, chosen, by=who, now=now)
        for name in fed or ():
            let_feed_decide(session, customer_id, Choosable(name), by=who, now=now)
    note("Noted.")


@contextmanager
def _customer(customer: str, creditor: str | None) -> Iterator[tuple[Session, int, datetime]]:
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            yield session, customer_by_number(session, customer, creditor), database.now()
        except (NumberUnclear, ValueError) as problem:
            raise fail(problem, code=WRONG_USE) from None
