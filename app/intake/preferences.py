"""What a customer prefers, said on their own page: a choice like one said in a reply.

None stands for "as you think best": the choice is given back, and counts no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.choices import (
    Choosable,
    ChosenBy,
    choose,
    choose_language_of_contact,
    let_feed_decide,
)
from app.book.holders import wake_customers
from app.book.snapshot_channels import channels
from app.intake.concerned import Concerned, stop_customer
from app.intake.confirming import confirm
from app.intake.details import note_pay_day
from app.store.given import rows_by_id, table_of
from app.store.rows import ContactPoint, Customer, Message
from campaigns.facts import ConsentState
from campaigns.vocabulary import Medium, Signal

_MESSAGE, _POINT = table_of(Message), table_of(ContactPoint)


@dataclass(frozen=True, slots=True)
class Reached:
    """A medium on which the customer can be reached, and whether they have agreed to it."""

    medium: Medium
    agreed: bool


def reached(session: Session, user: Concerned, now: datetime) -> tuple[Reached, ...]:
    """Where an open address of the customer and a sender of the creditor meet."""
    found: dict[Medium, bool] = {}
    for channel in channels(session, {user.customer_id: user.creditor_id}, now)[user.customer_id]:
        if channel.valid and channel.suppressed is None and channel.sender_id is not None:
            found[channel.medium] = channel.consent is ConsentState.GIVEN
    return tuple(Reached(medium, found[medium]) for medium in Medium if medium in found)


def chosen_now(customer: Row[Any] | Customer) -> Mapping[Choosable, str]:
    """What the customer has chosen, by whatever way."""
    names = [name for name in Choosable if name in (customer.chosen or {})]
    told = {name: getattr(customer, name) for name in names}
    return {name: value for name, value in told.items() if value is not None}


def prefer(
    session: Session,
    user: Concerned,
    wanted: Mapping[Choosable, str | None],
    *,
    pay_day: int | None,
    message_id: int | None,
    now: datetime,
) -> bool:
    """Takes what has changed, from the next message on, and confirms it. Answers whether anything
    has. The values are the caller's to check."""
    customer = rows_by_id(session, Customer, [user.customer_id])[user.customer_id]
    before = chosen_now(customer)
    changed = {name: value for name, value in wanted.items() if value != before.get(name)}
    is_new_day = pay_day != customer.pay_day
    if not changed and not is_new_day:
        return False
    stop_customer(session, user.customer_id)
    _take(session, user, changed, message_id, now)
    if is_new_day:
        note_pay_day(session, user.customer_id, pay_day)
    wake_customers(session, [user.customer_id], now=now)
    confirm(session, user, message_id, Signal.PREFERENCE_GIVEN, now=now)
    return True


def _take(
    session: Session,
    user: Concerned,
    changed: Mapping[Choosable, str | None],
    message_id: int | None,
    now: datetime,
) -> None:
    whose = user.customer_id
    told = {"message_id": message_id}
    given = {name: value for name, value in changed.items() if value is not None}
    # The language of before is the feed's word: what is given back is only that it may change it.
    values = {n: v for n, v in changed.items() if v is not None or n is not Choosable.LOCALE}
    if values:
        choose(session, whose, values, by=ChosenBy.PAGE, now=now, told=told)
    for name in changed.keys() - given.keys():
        let_feed_decide(session, whose, name, by=ChosenBy.PAGE, now=now)
    contact_id = _contact(session, message_id)
    locale = given.get(Choosable.LOCALE)
    if contact_id is not None and locale is not None:
        choose_language_of_contact(session, contact_id, locale, now)


def _contact(session: Session, message_id: int | None) -> int | None:
    """The human of a business whom the link was sent to."""
    query = (
        select(_POINT.c.contact_id)
        .join(_MESSAGE, _MESSAGE.c.contact_point_id == _POINT.c.id)
        .where(_MESSAGE.c.id == message_id)
    )
    return session.connection().execute(query).scalar_one_or_none()
