"""`duly send-test`: a sample message to ourselves through a real channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.cli.output import WRONG_USE, fail, show
from campaigns.vocabulary import Medium

if TYPE_CHECKING:
    from channels.seam import Outcome


def register(app: typer.Typer) -> None:
    app.command("send-test")(send_test)


def send_test(
    channel: Medium = typer.Option(..., "--channel", help="sms, email or whatsapp."),
    to: str = typer.Option(..., "--to", help="An address of our own; `duly allow add` lists it."),
    creditor: str | None = typer.Option(None, "--creditor", help="Whose sender, by external id."),
    template: str = typer.Option("reminder_first", "--template", help="What is said."),
    locale: str = typer.Option("en", "--locale", help="In which language."),
) -> None:
    """Sends a sample customer's message to an address of our own, and tells what the provider
    answered. No customer is concerned, and nothing is written down."""
    from app.book.errors import AddressError, FeedError
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.delivery.carriers import opened_channel
    from app.delivery.trial import NotTried, letter, recipient_of, sender_for
    from app.delivery.words import PublishedWords
    from app.settings import read_settings
    from app.wording.errors import WordingError
    from app.wording.links import TOKEN_LENGTH
    from channels.errors import UnknownChannel
    from channels.seam import Medium as Carried

    settings = read_settings()
    with ready(settings.database_url) as database, database.read() as session:
        try:
            owner = find_owner(session, creditor).id if creditor else None
            sender, recipient = sender_for(session, channel, owner), recipient_of(session, to)
            words = PublishedWords(len(f"{settings.base_url}/p/") + TOKEN_LENGTH).current(session)
            said = {"template": template, "locale": locale, "base_url": settings.base_url}
            envelope = letter(words, sender, recipient, now=database.now(), **said)
            with opened_channel(settings, Carried(channel), sender.provider) as (open_, run):
                outcome = run(open_.send(envelope))
        except (NotTried, AddressError, FeedError, WordingError, UnknownChannel) as problem:
            raise fail(problem, code=WRONG_USE) from None
    _tell(outcome, f"{channel} by {sender.provider}, from {sender.address}")


def _tell(outcome: Outcome, how: str) -> None:
    from channels.seam import Accepted, Later, Refused, Unclear

    match outcome:
        case Accepted(provider_id, _):
            show(f"accepted: {how}; the provider's number is {provider_id}")
        case Refused(error) | Later(error) | Unclear(error):
            kind = type(outcome).__name__.lower()
            raise fail(f"{kind}: {how}; {error.sentence} ({error.kind} {error.code})")
