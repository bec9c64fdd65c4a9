"""What a template would say to one customer now. Reads only; nothing is intended or sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.lookup import NumberUnclear, customer_by_number
from app.book.snapshot import Snapshot, load
from app.delivery.claim import Claimed
from app.delivery.material import material
from app.delivery.parties import load_parties
from app.delivery.words import PublishedWords
from app.engine.catalogue import Catalogue
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Case, ContactPoint, Sender
from app.wording.context import MessageContext
from app.wording.links import TOKEN_LENGTH
from app.wording.render import Rendered
from campaigns.journey import Journey, Send

_CASE = table_of(Case)
_POINT, _SENDER = table_of(ContactPoint), table_of(Sender)


class Why(StrEnum):
    """What is missing for a message to be shown."""

    NUMBER = "number"
    CASE = "case"
    UNREADABLE = "unreadable"
    ADDRESS = "address"
    SENDER = "sender"


class NotShown(LookupError):
    """There is nothing to show: it says what is missing. Customers are not named in it."""

    def __init__(self, why: Why, told: str) -> None:
        super().__init__(told)
        self.why = why


@dataclass(frozen=True, slots=True)
class Found:
    """What a message to one customer would say: in which language, of which facts."""

    locale: str
    context: MessageContext


def preview(
    session: Session,
    external_id: str,
    template: str,
    medium: str,
    *,
    now: datetime,
    base_url: str,
    locale: str | None = None,
    creditor: str | None = None,
) -> Rendered:
    """The template as this customer would get it on `medium`, from the case that is open.

    In the customer's own language unless `locale` names another. Raises `NotShown`, and
    `WordingError` when it cannot be put into words.
    """
    catalogue = Catalogue()
    catalogue.refresh(session)
    wording = PublishedWords(len(f"{base_url}/p/") + TOKEN_LENGTH).current(session)
    category = wording.category_of(template)
    found = facts_of(
        session, external_id, template, category, medium,
        now=now, creditor=creditor, catalogue=catalogue,
    )  # fmt: skip
    return wording.render(template, medium, locale or found.locale, found.context)


def facts_of(
    session: Session,
    external_id: str,
    template: str,
    category: str,
    medium: str,
    *,
    now: datetime,
    creditor: str | None,
    catalogue: Catalogue,
) -> Found:
    """What a template of this name would be filled with for this customer, also one that is not
    published yet. `catalogue` is fresh. Raises `NotShown`."""
    try:
        customer_id = customer_by_number(session, external_id, creditor)
    except NumberUnclear as problem:
        raise NotShown(Why.NUMBER, str(problem)) from None
    snapshot, journey = _case(session, customer_id, template, catalogue, now)
    claimed = _pretended(session, snapshot, template, category, medium)
    parties = load_parties(session, [claimed], {snapshot.row["id"]: snapshot})
    rules = catalogue.policy(claimed.row["creditor_id"]).rules
    found = material(claimed, snapshot, parties, journey, rules, now)
    return Found(found.locale, found.context)


def _case(
    session: Session, customer_id: int, template: str, catalogue: Catalogue, now: datetime
) -> tuple[Snapshot, Journey]:
    """The open case whose journey says this template, else the one opened first."""
    query = select(_CASE.c.id).where(
        _CASE.c.customer_id == customer_id, _CASE.c.phase != word("closed")
    )
    ids = session.connection().execute(query.order_by(_CASE.c.id)).scalars().all()
    if not ids:
        raise NotShown(
            Why.CASE,
            "This customer has no open case: nothing is due that a campaign speaks of, or the"
            " cases are not opened yet (duly walk opens them).",
        )
    read = [found for found in load(session, ids, now) if isinstance(found, Snapshot)]
    if not read:
        told = "This customer's case cannot be read; duly check tells more."
        raise NotShown(Why.UNREADABLE, told)
    cases = [(snapshot, catalogue.journey(snapshot.journey)[1]) for snapshot in read]
    return next((case for case in cases if _says(case[1], template)), cases[0])


def _says(journey: Journey, template: str) -> bool:
    return any(isinstance(step, Send) and step.template == template for step in journey.steps)


def _pretended(
    session: Session, snapshot: Snapshot, template: str, category: str, medium: str
) -> Claimed:
    """A message that was never intended: enough of one to be put into words."""
    case = snapshot.row
    points = select(_POINT.c.id, _POINT.c.address_id).where(
        _POINT.c.customer_id == case["customer_id"], _POINT.c.medium == medium
    )
    senders = select(_SENDER).where(
        _SENDER.c.creditor_id == case["creditor_id"], _SENDER.c.medium == medium
    )
    point = _first(session, points.order_by(_POINT.c.active.desc(), _POINT.c.id))
    sender = _first(session, senders.order_by(_SENDER.c.active.desc(), _SENDER.c.id))
    if point is None:
        raise NotShown(Why.ADDRESS, f"This customer has no address for {medium}.")
    if sender is None:
        raise NotShown(Why.SENDER, f"This customer's creditor has no sender for {medium}.")
    values = {
        "case_id": case["id"],
        "creditor_id": case["creditor_id"],
        "customer_id": case["customer_id"],
        "contact_point_id": point.id,
        "address_id": point.address_id,
        "template": template,
        "category": category,
        "origin": "preview",
        "medium": medium,
    }
    return Claimed(values, sender, {"pay": 0, "unsubscribe": 0, "card": 0})


def _first(session: Session, query: Any) -> Row[Any] | None:
    found: Sequence[Row[Any]] = session.connection().execute(query.limit(1)).all()
    return found[0] if found else None
