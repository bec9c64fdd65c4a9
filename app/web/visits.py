"""Who stands behind a link, and whether they have shown that they are its customer.

The token is looked up by its hash; nothing is written here. What shows anything of a debt asks
`visit`, which demands the proof where one is wanted: no page can forget it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Literal

from sqlalchemy import Row, bindparam, exists, select
from sqlmodel import Session

from app.intake.concerned import Concerned
from app.intake.light_check import is_wanted
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.joined import Joined
from app.store.publishing import PROBE, Probe
from app.store.rows import Contact, ContactPoint, Creditor, Customer, Invoice, Link, Message
from app.web.catalogues import language_of
from app.web.forms import FormKey
from app.web.site import Site
from app.web.tickets import Ticket

UNSUBSCRIBE = "unsubscribe"
CARD = "card"
SETTLED_FOR: Final = timedelta(days=7)
"""So long a page stays open once nothing is owed any more: its receipt may be read again."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that works, and whose it is. `tongue` is the language of the contact whom its message
    was written to, where it is a human of a business with a language of their own.
    """

    token: str
    link: Row[Any] | Link
    customer: Row[Any] | Customer
    creditor: Row[Any] | Creditor
    tongue: str | None = None
    owes: bool = True
    published: Probe | None = None  # what told of publications when it was read

    @property
    def customer_id(self) -> int:
        customer_id: int | None = self.customer.id
        assert customer_id is not None
        return customer_id

    @property
    def concerned(self) -> Concerned:
        return Concerned(self.customer_id, self.customer.person_id, self.customer.creditor_id)

    def form_key(self, secret: bytes) -> FormKey:
        return FormKey(secret, self.token, self.customer_id, self.customer.person_id)


class ProofWanted(Exception):
    """The page behind this link shows nothing before its question is answered. Its words carry no
    data of anybody."""

    def __init__(self, token: str) -> None:
        super().__init__("a proof is wanted")
        self.token = token


class LinkClosed(Exception):
    """No page behind this link: it never was, or it has ended. Carries no data of anybody."""

    def __init__(self, why: Literal["unknown", "ended"]) -> None:
        super().__init__(f"the link is {why}")
        self.why = why


def token_hash(token: str) -> str:
    """What `Link.token_hash` holds of a token."""
    return sha256(token.encode()).hexdigest()


def visit(site: Site, session: Session, ticket: Ticket, now: datetime) -> Visit:
    """The customer's page behind a ticket. Raises `LinkClosed`, and `ProofWanted` where the law or
    the creditor wants to know first who opens it."""
    found = behind(session, ticket.token, now)
    if not ticket.is_proven(site.settings.secret, now):
        if not site.catalogue.is_fresh(found.published, found.creditor):
            site.catalogue.refresh(session)
        if is_wanted(site.catalogue, found.customer, found.creditor, now):
            raise ProofWanted(ticket.token)
    return found


def proven_visit(site: Site, session: Session, ticket: Ticket, now: datetime) -> Visit:
    """The same where a proof is always wanted: it is about more than the message told of."""
    found = behind(session, ticket.token, now)
    if not ticket.is_proven(site.settings.secret, now):
        raise ProofWanted(ticket.token)
    return found


def behind(session: Session, token: str, now: datetime) -> Visit:
    """The page behind a token, whoever holds it: for what shows nothing of a debt. Raises
    `LinkClosed`.

    A link to unsubscribe opens no page: such links stand in mail headers, where machines read them.
    """
    found = _found(session, token)
    if found.link.purpose == UNSUBSCRIBE:
        raise LinkClosed("unknown")
    if found.link.expires_at <= now or _is_settled(found, now):
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
    row = session.connection().execute(_LINKED, {"token_hash": token_hash(token)}).first()
    if row is None:
        raise LinkClosed("unknown")
    (link, customer, creditor), (tongue, owes, *published) = _WHOSE.parted(row)
    if link.revoked_at is not None or customer.erased_at is not None:
        raise LinkClosed("ended")
    return Visit(token, link, customer, creditor, tongue, bool(owes), (published[0], published[1]))


def _is_settled(found: Visit, now: datetime) -> bool:
    """Whether nothing has been owed for a while. A link for a card is of a subscription, or of a
    plan, which go on."""
    changed_at = found.customer.ledger_changed_at
    if found.link.purpose == CARD or changed_at is None or changed_at + SETTLED_FOR > now:
        return False
    return not found.owes


_LINK, _CUSTOMER, _CREDITOR = table_of(Link), table_of(Customer), table_of(Creditor)
_CONTACT, _POINT, _MESSAGE = table_of(Contact), table_of(ContactPoint), table_of(Message)
_INVOICE = table_of(Invoice)
_WHOSE: Final = Joined(Link, Customer, Creditor)
_TONGUE = (
    select(_CONTACT.c.locale)
    .join(_POINT, _POINT.c.contact_id == _CONTACT.c.id)
    .join(_MESSAGE, _MESSAGE.c.contact_point_id == _POINT.c.id)
    .where(_MESSAGE.c.id == _LINK.c.message_id)
)
_OWES = exists().where(_INVOICE.c.customer_id == _CUSTOMER.c.id, _INVOICE.c.open_minor > NOTHING)
_LINKED: Final = (
    select(
        *_WHOSE.columns,
        _TONGUE.scalar_subquery(),
        _OWES,
        *(select(column).scalar_subquery() for column in PROBE),
    )
    .join_from(_LINK, _CUSTOMER, _CUSTOMER.c.id == _LINK.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .where(_LINK.c.token_hash == bindparam("token_hash"))
)
