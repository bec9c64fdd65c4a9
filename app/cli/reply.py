"""`duly reply list|show|note|class|answer`: what customers wrote, read and answered by a person."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show
from app.hearing.intents import Intent

if TYPE_CHECKING:
    from sqlmodel import Session

reply = typer.Typer(help="What customers wrote, read by a person.", no_args_is_help=True)

REPLY = typer.Argument(..., metavar="REPLY", help="The number of the reply: `duly reply list`.")
BY = typer.Option(None, "--by", help="Who reads it; whoever is logged in, unless told.")
JSON = typer.Option(False, "--json", help="Print the result as JSON.")


def register(app: typer.Typer) -> None:
    app.add_typer(reply, name="reply")


@reply.command("list")
def list_replies(
    everything: bool = typer.Option(False, "--all", help="Those that are classed as well."),
    as_json: bool = JSON,
) -> None:
    """The replies that wait for a person, the oldest first, without their words."""
    from app.intake.replies.classing import replies

    with _session() as (session, _):
        found = replies(session, unread_only=not everything)
    if as_json:
        emit({"replies": found})
        return
    for row in found:
        read_as = row["intent"] or "unread"
        if row["answer_by"] is not None:
            read_as += f"  answer by {row['answer_by']:%Y-%m-%d}"
        show(
            f"{row['id']}  {row['received_at']:%Y-%m-%d %H:%M}  {row['medium']}"
            f"  customer {row['customer']}  {read_as}"
        )
    if not found:
        note("No reply waits for a person.")


@reply.command("show")
def show_reply(reply_id: int = REPLY, as_json: bool = JSON) -> None:
    """What was written, and all that was read in it."""
    from app.intake.replies.classing import reply_of
    from app.intake.special import SPECIAL_DATA

    with _session() as (session, _):
        row = dict(reply_of(session, reply_id)._mapping)
    if row["intent"] == SPECIAL_DATA:
        row |= {"text": "", "meant": []}
    if as_json:
        emit(row)
        return
    show(f"{row['received_at']:%Y-%m-%d %H:%M}  {row['medium']}  {row['intent'] or 'unread'}")
    if row["intent"] == SPECIAL_DATA:
        note("It is personal. The task of the care team has the number: `duly reply note NUMBER`.")
        return
    show(row["text"])
    for each in row["meant"]:
        show(", ".join(f"{name}: {value}" for name, value in each.items()))


@reply.command("note")
def show_note(
    note_id: int = typer.Argument(..., metavar="NOTE", help="The number that the task names."),
    by: str | None = BY,
) -> None:
    """What was told in confidence. That you read it, and when, is put on record."""
    from app.intake.special import read_special

    with _session() as (session, now):
        found = read_special(session, note_id, read_by=by or getpass.getuser(), now=now)
    show(f"{found.noted_at:%Y-%m-%d %H:%M}  {found.kind}")
    show(found.words or "")


@reply.command("class")
def class_reply(
    reply_id: int = REPLY,
    intent: Intent = typer.Argument(..., help="What it means: docs/answers.md lists them."),
    on: datetime | None = typer.Option(
        None, "--on", formats=["%Y-%m-%d"], help="The day that it names: of a promise, a payment."
    ),
    by: str | None = BY,
) -> None:
    """Says what a reply means: what halted for it goes on, and what it asks for is done. Nothing is
    answered by a machine."""
    from app.intake.replies.classing import class_by_person

    with _session() as (session, now):
        day = on.date() if on is not None else None
        who = by or getpass.getuser()
        class_by_person(session, reply_id, intent, by=who, now=now, on=day)
    note("Classed.")


@reply.command("answer")
def answer_reply(
    reply_id: int = REPLY,
    words: str = typer.Argument(..., help="What you answer, in the customer's language."),
    by: str = typer.Option(..., "--by", help="Your name: the customer reads it."),
) -> None:
    """Answers a customer: on their page, and where they wrote. What halted for it goes on."""
    from app.intake.staff_answers import answer_reply as answer

    with _session() as (session, now):
        answer(session, reply_id, words, by=by, now=now)
    note("Answered. They read it on their page; a message tells them so.")


@contextmanager
def _session() -> Iterator[tuple[Session, datetime]]:
    from app.cli.databases import ready
    from app.intake.replies.classing import NotClassed, UnknownReply
    from app.intake.special import NoSuchNote
    from app.intake.staff_answers import NotAnswered
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            yield session, database.now()
        except (NotAnswered, NotClassed, UnknownReply, NoSuchNote) as problem:
            raise fail(problem, code=WRONG_USE) from None
