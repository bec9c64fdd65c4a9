"""A message to ourselves through a real channel, to see that it arrives: `duly send-test`.

It is about nobody: a sample customer's message, to an address of our own. It writes nothing down,
and what the provider says of it later is known to nobody.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.allowed import allowed, canonical
from app.delivery.halts import halt_of, halts_in_force, words_of
from app.store.given import table_of
from app.store.rows import Sender
from app.wording.links import expand
from app.wording.page_codes import SAMPLE, without_code
from app.wording.render import Wording
from app.wording.samples import render_sample, sample_urls
from campaigns.vocabulary import Medium as Kind
from campaigns.worded import worded
from channels.seam import Envelope, Medium

_SENDER = table_of(Sender)


class NotTried(ValueError):
    """Nothing was sent: says why, and what to do."""


def sender_for(session: Session, medium: Kind, creditor_id: int | None) -> Row[Any]:
    """The sender that would speak. Raises `NotTried`, also while the stop button holds it."""
    query = select(_SENDER).where(_SENDER.c.medium == medium.value, _SENDER.c.active)
    if creditor_id is not None:
        query = query.where(_SENDER.c.creditor_id == creditor_id)
    sender = session.connection().execute(query.order_by(_SENDER.c.id)).first()
    if sender is None:
        raise NotTried(
            worded(
                "There is no active sender for %(medium)s; `duly sender add` makes one.",
                medium=medium,
            )
        )
    halt = halt_of(halts_in_force(session), sender.creditor_id, medium)
    if halt is not None:
        raise NotTried(
            worded(
                "Sending is stopped (%(what)s); `duly go` lets it go on.",
                what=words_of(halt),
            )
        )
    return sender


def recipient_of(session: Session, address: str) -> str:
    """The canonical address, if it is one of ours. Raises `NotTried`, `AddressError`."""
    ours = canonical(address)
    if ours not in allowed(session, [ours]):
        raise NotTried(
            worded("This is no address of our own: put it on the list with `duly allow add`.")
        )
    return ours


def letter(
    wording: Wording,
    sender: Row[Any],
    recipient: str,
    *,
    template: str,
    locale: str,
    base_url: str,
    now: datetime,
) -> Envelope:
    """A sample customer's message. Its links lead to our pages, and open nothing there."""
    rendered = render_sample(template, sender.medium, locale, wording=wording)
    urls = sample_urls(base_url)
    is_mail = rendered.subject is not None
    return Envelope(
        attempt_key=f"test-{sha256(f'{recipient} {now.isoformat()}'.encode()).hexdigest()[:24]}",
        medium=Medium(sender.medium),
        sender=sender.address,
        sender_name=sender.display_name,
        recipient=recipient,
        subject=f"[test] {rendered.subject}" if is_mail else None,
        text=without_code(expand(rendered.text, urls), SAMPLE),
        html=without_code(expand(rendered.html, urls), SAMPLE) if rendered.html else None,
        locale=rendered.locale,
        template=rendered.template,
        sent_at=now,
        two_way=sender.two_way,
    )
