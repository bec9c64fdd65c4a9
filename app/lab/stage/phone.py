"""A customer's phone: what came in on each medium, what she wrote, and her page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from markupsafe import Markup, escape
from sqlmodel import Session

from app.lab.stage.look import Look
from app.lab.stage.voice import Voice
from app.store.engines import Database
from app.web import outbox_view
from app.wording import links
from app.wording.page_codes import SAMPLE, without_code

TALKS = ("whatsapp", "sms", "email")


@dataclass(frozen=True, slots=True)
class Typed:
    """What the customer wrote on the phone."""

    medium: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text in a conversation. `hers` are those that she wrote."""

    at: datetime
    when: str
    text: Markup | str
    direction: str
    locale: str
    hers: bool = False


class Owner(Protocol):
    """Whose phone it is. `path` is where it is shown, `mails` where its mails are."""

    @property
    def database(self) -> Database: ...
    @property
    def customer_id(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def mails(self) -> str: ...
    @property
    def typed(self) -> Sequence[Typed]: ...

    def tabs(self) -> Sequence[str]:
        """What the phone can show."""
        ...

    def link(self, link_id: int, look: Look, /) -> tuple[str, str]:
        """Where a link of a message leads to here, and how it was written in the message."""
        ...

    def page(self, look: Look, /) -> str | None:
        """The path that the phone's browser is on."""
        ...


@dataclass(frozen=True, slots=True)
class Phone:
    """What the phone shows, and what there is besides."""

    path: str
    mail_path: str
    on: str
    tabs: Sequence[str]
    counts: Mapping[str, int]
    sender: str
    bubbles: Sequence[Bubble]
    mails: Sequence[outbox_view.Letter]
    mail: outbox_view.Letter | None
    page: str | None


def phone(owner: Owner, look: Look, voice: Voice) -> Phone:
    with owner.database.read() as session:
        letters = _letters(session, owner.customer_id)
    newest = letters[0].medium if letters else TALKS[-1]
    tabs = owner.tabs()
    on = look.on if look.on in tabs else newest
    mails = [one for one in letters if one.medium == "email"]
    chosen = next((one for one in mails if str(one.id) == look.letter), None)
    return Phone(
        path=owner.path,
        mail_path=owner.mails,
        on=on,
        tabs=tabs,
        counts={tab: sum(one.medium == tab for one in letters) for tab in tabs},
        sender=letters[0].sender if letters else "",
        bubbles=_talk(owner, [one for one in letters if one.medium == on], on, look, voice),
        mails=mails,
        mail=chosen or (mails[0] if mails else None),
        page=owner.page(look) if on == "page" else None,
    )


def mail_page(owner: Owner, attempt_id: int, look: Look) -> str | None:
    """One mail as it was read. Its links lead where the phone's links lead."""
    with owner.database.read() as session:
        found = outbox_view.letter(session, attempt_id)
    if found is None or found.html is None:
        return None
    html = found.html
    for link_id in links.link_ids(html):
        html = html.replace(links.placeholder(link_id), escape(owner.link(link_id, look)[0]))
    return without_code(html, SAMPLE).replace("<head>", '<head><base target="_top">', 1)


def _letters(session: Session, customer_id: int) -> list[outbox_view.Letter]:
    """What reached the customer, the latest first."""
    found: list[outbox_view.Letter] = []
    while True:
        before = found[-1].id if found else None
        page = outbox_view.letters(
            session, outbox_view.Filter(customer_id=customer_id, before=before)
        )
        found += page[: outbox_view.PAGE_SIZE]
        if len(page) <= outbox_view.PAGE_SIZE:
            return [one for one in found if one.state not in ("later", "refused", "sending")]


def _talk(
    owner: Owner, letters: Sequence[outbox_view.Letter], on: str, look: Look, voice: Voice
) -> list[Bubble]:
    """Both sides of a conversation in its order. Mails are no bubbles, but answers to them are."""
    theirs = [
        Bubble(
            one.sent_at,
            voice.when(one.sent_at),
            _live(one.text, owner, look),
            one.direction,
            one.locale,
        )
        for one in letters
        if on != "email"
    ]
    hers = [
        Bubble(one.at, voice.when(one.at), one.text, "auto", "", hers=True)
        for one in owner.typed
        if one.medium == on
    ]
    return sorted([*theirs, *hers], key=lambda bubble: bubble.at)


def _live(text: str, owner: Owner, look: Look) -> Markup:
    """The text with its links as they were sent."""
    shown = str(escape(text))
    for link_id in links.link_ids(text):
        href, written = owner.link(link_id, look)
        anchor = f'<a href="{escape(href)}" dir="ltr">{escape(written)}</a>'
        shown = shown.replace(links.placeholder(link_id), anchor)
    return Markup(without_code(shown, SAMPLE))
