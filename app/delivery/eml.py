"""An attempt as a mail file: the bytes that a relay was handed, made again from what was frozen.

Links and the reply token are masked, unless whoever asks wants the mail as it was.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.delivery.dispatch import Addresses
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Attempt, Link, Message, Sender
from app.wording.links import expand, link_ids, token
from app.wording.page_codes import with_code, without_code
from app.wording.reply_address import placeholder, with_token
from campaigns.vocabulary import Medium as Spoken
from channels.mail import as_bytes
from channels.seam import Envelope, Medium

MASK = "masked"
_ATTEMPT, _LINK = table_of(Attempt), table_of(Link)
_MESSAGE, _SENDER = table_of(Message), table_of(Sender)
_FOUND = (
    select(
        _ATTEMPT,
        _MESSAGE.c.template,
        _SENDER.c.address.label("address"),
        _SENDER.c.display_name,
    )
    .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
    .join(_SENDER, _SENDER.c.id == _ATTEMPT.c.sender_id)
    .where(_ATTEMPT.c.id.in_(GIVEN))
)
_PURPOSES = select(_LINK.c.id, _LINK.c.purpose).where(_LINK.c.id.in_(GIVEN))


class NoMail(LookupError):
    """There is no mail to show, for the reason that it says."""


def eml_of(session: Session, attempt_id: int, addresses: Addresses, *, live: bool = False) -> bytes:
    """The mail of this attempt. `live` makes its links real: whoever has them has the pages.

    Raises NoMail.
    """
    found = rows_given(session, _FOUND, [attempt_id])
    if not found:
        raise NoMail(f"there is no attempt {attempt_id}")
    (row,) = found
    if row.medium != Spoken.EMAIL:
        raise NoMail(f"attempt {attempt_id} went by {row.medium}, which is no mail")
    if row.erased_at is not None:
        raise NoMail(f"the text of attempt {attempt_id} is erased")
    return as_bytes(_envelope(row, _urls(session, row, addresses, live=live), addresses, live=live))


def _envelope(row: Row[Any], urls: dict[int, str], addresses: Addresses, *, live: bool) -> Envelope:
    head = row.head or {"sender": row.address, "sender_name": row.display_name, "headers": {}}

    def said(text: str) -> str:
        expanded = expand(text, urls)
        if live:
            return with_token(with_code(expanded, addresses.secret), addresses.secret)
        return without_code(expanded.replace(placeholder(row.message_id), MASK), MASK)

    return Envelope(
        attempt_key=row.key,
        medium=Medium.EMAIL,
        sender=head["sender"],
        sender_name=head["sender_name"],
        recipient=row.recipient,
        cc=tuple(row.copied_to),
        subject=row.subject,
        text=said(row.text),
        html=said(row.html) if row.html else None,
        headers={name: said(value) for name, value in head["headers"].items()},
        locale=row.locale,
        template=row.template,
        sent_at=row.gated_at,
    )


def _urls(session: Session, row: Row[Any], addresses: Addresses, *, live: bool) -> dict[int, str]:
    texts = (row.text, row.html or "", *row.head.get("headers", {}).values())
    ids = sorted(frozenset().union(*map(link_ids, texts)))
    return {
        link.id: addresses.url(link.purpose, token(addresses.secret, link.id) if live else MASK)
        for link in rows_given(session, _PURPOSES, ids)
    }
