"""Who stands behind a link. The token is looked up by its hash; nothing is written here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlalchemy import bindparam
from sqlmodel import Session, select

from app.intake.concerned import Concerned
from app.store.rows import Contact, ContactPoint, Creditor, Customer, Link, Message
from app.web.catalogues import language_of
from app.web.forms import FormKey

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
UNSUBSCRIBE = "unsubscribe"
CARD = "card"


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that works, and whose it is. `tongue` is the language of the contact whom its message
    was written to, where it is a human of a business with a language of their own.
    """

    token: str
    link: Link
    customer: Customer
    creditor: Creditor
    tongue: str | None = None

    @property
    def customer_id(self) -> int:
        assert self.customer.id is not None
        return self.customer.id

    @property
    def concerned(self) -> Concerned:
        return Concerned(self.customer_id, self.customer.person_id, self.customer.creditor_id)

    def form_key(self, secret: bytes) -> FormKey:
        return FormKey(secret, self.token, self.customer_id, self.customer.person_id)


class LinkClosed(Exception):
    """No page behind this link: it never was, or it has ended. Carries no data of anybody."""

    def __init__(self, why: Literal["unknown", "ended"]) -> None:
        super().__init__(f"the link is {why}")
        self.why = why


def token_hash(token: str) -> str:
    """What `Link.token_hash` holds of a token."""
    return sha256(token.encode()).hexdigest()


def visit(session: Session, token: str, now: datetime) -> Visit:
    """The customer's page behind `token`. Raises `LinkClosed`.

    A link to unsubscribe opens no page: such links stand in mail headers, where machines read them.
    """
    found = _found(session, token)
    if found.link.purpose == UNSUBSCRIBE:
        raise LinkClosed("unknown")
    if found.link.expires_at <= now:
        raise LinkClosed("ended")
    return found


def unsubscribing(session: Session, token: str) -> Visit:
    """Who wants to hear no more. An old link still says that, so it may have expired."""
    return _found(session, token)


def spoken(visit: Visit, wished: str | None) -> tuple[str, str]:
    """The (language, locale) of a visit: as wished in the address, else as the books say."""
    known = (visit.tongue, visit.customer.locale, visit.creditor.locale)
    language, locale = language_of((wished, *known))
    for tag in known:
        if tag and language_of((tag,))[0] == language:
            return language, tag.replace("_", "-")
    return language, locale


def _found(session: Session, token: str) -> Visit:
    if not _TOKEN.fullmatch(token):
        raise LinkClosed("unknown")
    row = session.exec(_LINKED, params={"token_hash": token_hash(token)}).first()
    if row is None:
        raise LinkClosed("unknown")
    link, customer, creditor = row
    if link.revoked_at is not None or customer.erased_at is not None:
        raise LinkClosed("ended")
    return Visit(token, link, customer, creditor, _tongue(session, link))


def _tongue(session: Session, link: Link) -> str | None:
    if link.message_id is None:
        return None
    return session.exec(_TONGUE, params={"message_id": link.message_id}).first()


_LINKED = (
    select(Link, Customer, Creditor)
    .join(Customer, Customer.id == Link.customer_id)  # type: ignore[arg-type]  # SQLModel types a column as its value
    .join(Creditor, Creditor.id == Customer.creditor_id)  # type: ignore[arg-type]  # the same
    .where(Link.token_hash == bindparam("token_hash"))
)
_TONGUE = (
    select(Contact.locale)
    .join(ContactPoint, ContactPoint.contact_id == Contact.id)  # type: ignore[arg-type]  # the same
    .join(Message, Message.contact_point_id == ContactPoint.id)  # type: ignore[arg-type]  # the same
    .where(Message.id == bindparam("message_id"))
)
