"""`duly sender list|add|set`: the numbers and mailboxes that a creditor writes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show
from campaigns.vocabulary import Medium

if TYPE_CHECKING:
    from sqlalchemy import Row

sender = typer.Typer(help="Numbers and mailboxes that creditors write from.", no_args_is_help=True)
FACTS = typer.Argument(
    ..., metavar="FACT=VALUE…", help="Such as per_day=1000 or answers_keywords=yes; empty: none."
)
_TOLD = (
    "id", "creditor", "medium", "provider", "address", "display_name", "active", "two_way",
    "answers_keywords", "languages", "replies_to", "dkim_selectors", "cleared", "per_second",
    "per_day", "ramp_first", "ramp_started_on", "quality", "paused_until", "pause_reason",
    "full_until", "sent", "complaints", "complaint_share", "stopped_templates", "price",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    app.add_typer(sender, name="sender")


@sender.command("list")
def list_senders(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Every sender, in the order in which they speak: the first active one of a medium does, unless
    it is paused."""
    from app.book.senders import senders
    from app.cli.databases import ready
    from app.settings import read_settings

    settings = read_settings()
    with ready(settings.database_url) as database, database.read() as session:
        rows = senders(session)
    if as_json:
        told = [{name: getattr(row, name) for name in _TOLD} for row in rows]
        emit({"test_mode": settings.sends_nothing, "senders": told})
        return
    if settings.sends_nothing:
        note("Test mode: everything is shown and nothing leaves (DULY_PROVIDER is sandbox).")
    for row in rows:
        show(_line(row))
    if not rows:
        note("There is none. `duly sender add` makes one.")


@sender.command()
def add(
    creditor: str = typer.Argument(..., metavar="CREDITOR", help="By its external id."),
    medium: Medium = typer.Argument(..., metavar="MEDIUM", help="sms, email or whatsapp."),
    facts: list[str] = FACTS,
) -> None:
    """Makes a sender. It needs provider, address and display_name."""
    from app.book.errors import FeedError
    from app.book.owners import find_owner
    from app.book.senders import SenderRefused, add_sender, read_facts
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            values = read_facts(_told(facts))
            made = add_sender(session, find_owner(session, creditor).id, medium, values)
        except (FeedError, SenderRefused) as problem:
            raise fail(problem, code=WRONG_USE) from None
    note(f"Sender {made} is made. `duly doctor` says whether its channel carries for it.")


@sender.command("set")
def set_facts(
    number: int = typer.Argument(..., metavar="SENDER", help="By its id; `duly sender list`."),
    facts: list[str] = FACTS,
) -> None:
    """Changes what a sender is and what it may send."""
    from app.book.senders import SenderRefused, change_sender, read_facts
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            is_there = change_sender(session, number, read_facts(_told(facts)), database.now())
        except SenderRefused as problem:
            raise fail(problem, code=WRONG_USE) from None
        if not is_there:
            raise fail(f"There is no sender {number}; see `duly sender list`.", code=WRONG_USE)
    note("Noted.")


def _told(facts: Sequence[str]) -> Mapping[str, str]:
    told = {}
    for each in facts:
        name, is_given, value = each.partition("=")
        if not is_given:
            raise fail(f"{each} is no FACT=VALUE.", code=WRONG_USE)
        told[name] = value.strip()
    return told


def _line(row: Row[Any]) -> str:
    notes = [
        f"{row.per_second:g} a second",
        *([f"{row.per_day} a day"] if row.per_day else []),
        *(
            [f"warms up from {row.ramp_first} since {row.ramp_started_on}"]
            if row.ramp_first
            else []
        ),
        *([] if row.active else ["not active"]),
        *([] if row.two_way else ["one-way"]),
        *(["its provider answers STOP and HELP"] if row.answers_keywords else []),
        *([f"rated {row.quality}"] if row.quality else []),
        *([f"registered for {', '.join(sorted(row.cleared))}"] if row.cleared else []),
        *([f"may not say {', '.join(row.stopped_templates)}"] if row.stopped_templates else []),
        *([f"paused: {row.pause_reason}"] if row.paused_until else []),
    ]
    name = f"{row.id} {row.creditor} {row.medium} by {row.provider}: {row.address}"
    return f"{name} ({', '.join(notes)})"
