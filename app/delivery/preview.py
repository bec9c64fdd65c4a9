"""What a template would say to one customer now. Reads only; nothing is intended or sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from app.book.snapshot import Snapshot, load
from app.delivery.claim import Claimed
from app.delivery.material import load_parties, material
from app.delivery.words import PublishedWords
from app.engine.catalogue import Catalogue
from app.store.bulk import table_of
from app.store.rows import Case, ContactPoint, Customer, Sender
from app.wording.render import Rendered
from campaigns.calendar import local_date

_CASE, _CUSTOMER = table_of(Case), table_of(Customer)
_POINT, _SENDER = table_of(ContactPoint), table_of(Sender)


class NoOpenCase(LookupError):
    """Nothing is being said to this customer on this medium, so there is nothing to show."""


def preview(
    session: Session, external_id: str, template: str, medium: str, *, now: datetime
) -> Rendered:
    """The template as this customer would get it on `medium`, from the case that is open.

    Raises `NoOpenCase`, and `WordingError` when it cannot be put into words.
    """
    catalogue = Catalogue()
    catalogue.refresh(session)
    claimed = _pretended(session, external_id, template, medium)
    (snapshot,) = load(session, [claimed.row["case_id"]], now)
    if not isinstance(snapshot, Snapshot):
        raise NoOpenCase(f"the case of customer {external_id} cannot be read; see duly check")
    parties = load_parties(session, [claimed], {snapshot.row["id"]: snapshot})
    _, journey = catalogue.journey(snapshot.journey)
    found = material(claimed, snapshot, parties, journey, local_date(now, snapshot.zone))
    wording = PublishedWords(len("https://pay.example.com/p/") + 22).current(session)
    return wording.render(template, medium, found.locale, found.context)


def _pretended(session: Session, external_id: str, template: str, medium: str) -> Claimed:
    """A message that was never intended: enough of one to be put into words."""
    query = (
        select(
            _CASE.c.id.label("case_id"),
            _CASE.c.creditor_id,
            _CASE.c.customer_id,
            _POINT.c.id.label("contact_point_id"),
            _POINT.c.address_id,
            _SENDER.c.id.label("sender_id"),
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _CASE.c.customer_id)
        .join(_POINT, (_POINT.c.customer_id == _CUSTOMER.c.id) & (_POINT.c.medium == medium))
        .join(
            _SENDER,
            (_SENDER.c.creditor_id == _CASE.c.creditor_id) & (_SENDER.c.medium == medium),
        )
        .where(_CUSTOMER.c.external_id == external_id, _CASE.c.phase != "closed")
        .order_by(_CASE.c.id)
        .limit(1)
    )
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise NoOpenCase(
            f"customer {external_id} has no open case that could speak by {medium};"
            " look for the number in the book, and for an address on this medium"
        )
    sender = session.connection().execute(select(_SENDER).where(_SENDER.c.id == row.sender_id))
    values = {**row._mapping, "template": template, "origin": "preview", "medium": medium}
    return Claimed(values, sender.one(), {"pay": 0, "unsubscribe": 0})
