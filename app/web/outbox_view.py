"""What was sent, newest first, as the customer saw it. Reads only; for the demo and for staff."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from sqlalchemy import Row, select
from sqlmodel import Session

from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Attempt, Creditor, Customer, Link, Message, Sender
from app.web.visits import UNSUBSCRIBE
from app.wording import links
from app.wording.bidi import CONTROLS
from app.wording.formats import formats_for
from channels.errors import from_record

PAGE_SIZE = 25
MEDIA = ("email", "sms", "whatsapp")
_MARKS = re.compile(f"[{CONTROLS}]")

_ATTEMPT, _MESSAGE, _CUSTOMER = table_of(Attempt), table_of(Message), table_of(Customer)
_CREDITOR, _SENDER, _LINK = table_of(Creditor), table_of(Sender), table_of(Link)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages; None is any. `before` is the id that the page comes after."""

    medium: str | None = None
    locale: str | None = None
    customer_id: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One try of a message, ready to be shown."""

    id: int
    message_id: int
    customer_id: int
    medium: str
    locale: str
    direction: str
    customer: str
    recipient: str
    sender: str
    colour: str
    subject: str | None
    text: str
    html: str | None
    template: str
    category: str
    state: str
    sent_at: datetime
    segments: int | None
    zone: str
    reason: str = ""
    """Why it did not arrive, or not yet, as its provider says it."""

    @property
    def first_words(self) -> str:
        """One line for the list."""
        words = links.mask(self.subject or self.text)
        return " ".join(_MARKS.sub("", words).split())[:140]

    @property
    def when(self) -> str:
        """The hour on the recipient's own wall."""
        return f"{self.sent_at.astimezone(ZoneInfo(self.zone)):%d %b, %H:%M}"


def letters(session: Session, wanted: Filter) -> list[Letter]:
    """At most `PAGE_SIZE` and one: one more says that there is a next page."""
    query = _query().order_by(_ATTEMPT.c.id.desc()).limit(PAGE_SIZE + 1)
    if wanted.medium:
        query = query.where(_ATTEMPT.c.medium == wanted.medium)
    if wanted.locale:
        query = query.where(_ATTEMPT.c.locale.startswith(wanted.locale, autoescape=True))
    if wanted.customer_id:
        query = query.where(_MESSAGE.c.customer_id == wanted.customer_id)
    if wanted.before:
        query = query.where(_ATTEMPT.c.id < wanted.before)
    return [_letter(row) for row in session.connection().execute(query)]


def letter(session: Session, attempt_id: int) -> Letter | None:
    row = session.connection().execute(_query().where(_ATTEMPT.c.id == attempt_id)).first()
    return None if row is None else _letter(row)


def addresses(session: Session, text: str, secret: bytes) -> dict[int, str]:
    """The path behind each placeholder of a text, as it was when the message was sent."""
    query = select(_LINK.c.id, _LINK.c.purpose).where(_LINK.c.id.in_(links.link_ids(text)))
    return {
        row.id: f"/{'u' if row.purpose == UNSUBSCRIBE else 'p'}/{links.token(secret, row.id)}"
        for row in session.connection().execute(query)
    }


def bubble(text: str, paths: Mapping[int, str], base_url: str) -> Markup:
    """A plain text with its links live, or masked where `paths` knows none."""
    shown = str(escape(text))
    for link_id, path in paths.items():
        anchor = f'<a href="{escape(path)}" dir="ltr">{escape(base_url + path)}</a>'
        shown = shown.replace(links.placeholder(link_id), anchor)
    return Markup(links.mask(shown) if not paths else shown)


def mail(html: str, paths: Mapping[int, str], base_url: str) -> str:
    """A mail's own page. Its links open beside the frame, since no page may stand in one."""
    if not paths:
        return links.mask(html)
    expanded = links.expand(html, {link_id: base_url + path for link_id, path in paths.items()})
    return expanded.replace("<head>", '<head><base target="_blank">', 1)


def frame_height(letter_: Letter) -> int:
    """A frame cannot measure its mail without a script, so its length is estimated."""
    return 0 if letter_.html is None else min(1400, 620 + len(letter_.text) // 3)


def facts(letter_: Letter) -> Sequence[tuple[str, str]]:
    """What staff want to know beside the message."""
    rows = [
        ("To", letter_.recipient),
        ("From", letter_.sender),
        ("Sent", f"{letter_.when} ({letter_.zone})"),
        ("Template", letter_.template),
        ("Category", letter_.category),
        ("Language", letter_.locale),
        ("State", letter_.state),
    ]
    if letter_.reason:
        rows.append(("Reason", letter_.reason))
    if letter_.segments:
        rows.append(("SMS segments", str(letter_.segments)))
    return rows


def _query() -> Any:
    return (
        select(
            _ATTEMPT,
            _MESSAGE.c.template,
            _MESSAGE.c.customer_id,
            _MESSAGE.c.delivery,
            _CUSTOMER.c.name.label("customer"),
            _CUSTOMER.c.zone.label("zone"),
            _CREDITOR.c.zone.label("creditor_zone"),
            _CREDITOR.c.brand,
            _SENDER.c.display_name,
        )
        .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _MESSAGE.c.customer_id)
        .join(_CREDITOR, _CREDITOR.c.id == _ATTEMPT.c.creditor_id)
        .join(_SENDER, _SENDER.c.id == _ATTEMPT.c.sender_id)
        .where(_ATTEMPT.c.state != word("void"))
    )


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=row.id,
        message_id=row.message_id,
        customer_id=row.customer_id,
        medium=row.medium,
        locale=row.locale,
        direction="rtl" if formats_for(row.locale).rtl else "ltr",
        customer=row.customer or "–",
        recipient=row.recipient,
        sender=row.display_name,
        colour=str(row.brand.get("colour", "")),
        subject=row.subject,
        text=row.text,
        html=row.html,
        template=row.template,
        category=row.category,
        state=row.delivery or row.state,
        sent_at=row.gated_at,
        segments=row.segments,
        zone=row.zone or row.creditor_zone,
        reason=_reason(row.error),
    )


def _reason(record: Mapping[str, str]) -> str:
    if not record:
        return ""
    error = from_record(record)
    return f"{error.sentence} ({' '.join(filter(None, (error.provider, error.code)))})"
