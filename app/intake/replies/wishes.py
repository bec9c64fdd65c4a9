"""What customers ask for: a copy, a call, another language, another medium, other hours."""

from __future__ import annotations

from datetime import time
from typing import Final

from sqlalchemy import exists, or_, select
from sqlmodel import Session

from app.book.choices import Choosable, ChosenBy, choose, choose_language_of_contact
from app.book.holders import wake_customers
from app.intake.own_hours import set_own_hours
from app.intake.replies.said import ESCALATE_AFTER, ReplyTaken, Said, ask, hold, respond
from app.intake.service_answers import tell_who_writes
from app.intake.tasks import Team
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import ContactPoint, Invoice, Suppression
from app.wording.files import LOCALES
from campaigns.vocabulary import Medium, Signal

_INVOICE, _POINT = table_of(Invoice), table_of(ContactPoint)
_SUPPRESSION = table_of(Suppression)

_EARLIEST: Final = time(8)
_LATEST: Final = time(21)
"""Where a customer names one end only. The rules of their place bind as well."""


def invoice_copy(session: Session, said: Said) -> ReplyTaken:
    """Answered with the page that holds the documents; what it does not hold, a person sends."""
    if _lacks_documents(session, said.customer_id):
        title = "A customer wants a copy of an invoice that we have no document of: send it"
        ask(session, said, "invoice_copy", title, team=Team.SERVICE)
    respond(session, said, Signal.INVOICE_ASKED)
    return ReplyTaken.UNDERSTOOD


def call_me(session: Session, said: Said) -> ReplyTaken:
    """A person calls, at the hours that were named; until then nobody writes."""
    hold(session, said, ESCALATE_AFTER, "call_me")
    details = said.meaning.details
    hours = {"not_before": details.not_before, "not_after": details.not_after}
    told = {name: f"{at:%H:%M}" for name, at in hours.items() if at is not None}
    ask(session, said, "call_me", "A customer asks for a call: call back", detail=told)
    respond(session, said, Signal.CALL_ASKED)
    return ReplyTaken.UNDERSTOOD


def language(session: Session, said: Said) -> ReplyTaken:
    """From the next message on, if we write in it: of the human who wrote, else of the customer."""
    locale = said.meaning.details.locale
    if locale not in LOCALES:
        ask(session, said, "language", "A customer asks for a language that we do not write")
        return ReplyTaken.UNDERSTOOD
    contact_id = _contact(session, said)
    if contact_id is not None:
        choose_language_of_contact(session, contact_id, locale, said.now)
    else:
        _choose(session, said, Choosable.LOCALE, locale)
    return _preferred(session, said)


def channel(session: Session, said: Said) -> ReplyTaken:
    """From the next message on, if we have an address there; nothing else is closed by it."""
    medium = said.meaning.details.medium
    if medium not in tuple(Medium) or not _is_reached(session, said.customer_id, medium):
        ask(session, said, "channel", "A customer wants to be written to elsewhere: ask where")
        return ReplyTaken.UNDERSTOOD
    _choose(session, said, Choosable.PREFERRED_MEDIUM, medium)
    return _preferred(session, said)


def hour(session: Session, said: Said) -> ReplyTaken:
    """The hours of every day, from the next message on."""
    details = said.meaning.details
    begins, ends = details.not_before or _EARLIEST, details.not_after or _LATEST
    if (details.not_before, details.not_after) == (None, None) or begins >= ends:
        ask(session, said, "hours", "A customer wants to be written to at other hours: enter them")
        return ReplyTaken.UNDERSTOOD
    hours = f"mon-sun {begins:%H:%M}-{ends:%H:%M}"
    set_own_hours(
        session, said.customer_id, hours, said.now, by=ChosenBy.REPLY, told=dict(said.ids)
    )
    respond(session, said, Signal.PREFERENCE_GIVEN)
    return ReplyTaken.UNDERSTOOD


def who_are_you(session: Session, said: Said) -> ReplyTaken:
    """Tells who writes, so often a day. Nobody is held for it."""
    if said.place is None:
        return for_a_person(session, said)
    is_told = tell_who_writes(
        session,
        said.user,
        address_id=said.place.address_id,
        medium=said.place.medium,
        now=said.now,
    )
    return ReplyTaken.HELPED if is_told else ReplyTaken.HELPED_OFTEN


def thanks(_session: Session, _said: Said) -> ReplyTaken:
    """Nothing stops, and nothing is answered: two who thank each other never end."""
    return ReplyTaken.UNDERSTOOD


def for_a_person(session: Session, said: Said) -> ReplyTaken:
    """Nobody understands it well enough: everything halts until a person has read it."""
    hold(session, said, ESCALATE_AFTER, said.meaning.rule)
    ask(session, said, "reply", "A customer wrote: read")
    return ReplyTaken.HELD


def _choose(session: Session, said: Said, name: Choosable, value: str) -> None:
    told = dict(said.ids)
    choose(session, said.customer_id, {name: value}, by=ChosenBy.REPLY, now=said.now, told=told)


def _preferred(session: Session, said: Said) -> ReplyTaken:
    wake_customers(session, [said.customer_id], now=said.now)
    respond(session, said, Signal.PREFERENCE_GIVEN)
    return ReplyTaken.UNDERSTOOD


def _lacks_documents(session: Session, customer_id: int) -> bool:
    missing = exists().where(
        _INVOICE.c.customer_id == customer_id,
        _INVOICE.c.open_minor > NOTHING,
        _INVOICE.c.document.is_(None),
    )
    return bool(session.connection().scalar(select(missing)))


def _is_reached(session: Session, customer_id: int, medium: str) -> bool:
    closed = exists().where(
        _SUPPRESSION.c.address_id == _POINT.c.address_id,
        or_(_SUPPRESSION.c.medium == medium, _SUPPRESSION.c.medium.is_(None)),
        _SUPPRESSION.c.lifted_at.is_(None),
    )
    has = exists().where(
        _POINT.c.customer_id == customer_id, _POINT.c.medium == medium, _POINT.c.active, ~closed
    )
    return bool(session.connection().scalar(select(has)))


def _contact(session: Session, said: Said) -> int | None:
    query = select(_POINT.c.contact_id).where(
        _POINT.c.customer_id == said.customer_id,
        _POINT.c.address_id == said.address_id,
        _POINT.c.contact_id.is_not(None),
    )
    return session.connection().execute(query.order_by(_POINT.c.id).limit(1)).scalar()
