"""Who wrote, and what it answers: addresses, the customers behind them, the message replied to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Session

from app.hearing.intents import Asked
from app.intake.concerned import Concerned, stop_persons, users_of
from app.intake.places import Place
from app.intake.replies.written import Written
from app.intake.service_answers import answered_as
from app.store.bulk import insert_returning_ids
from app.store.given import table_of
from app.store.rows import Address, ContactPoint, Creditor, Customer, Message, Sender
from campaigns.calendar import local_date, zone_of
from campaigns.vocabulary import Medium

_ADDRESS, _CREDITOR, _CUSTOMER = table_of(Address), table_of(Creditor), table_of(Customer)
_MESSAGE, _POINT, _SENDER = table_of(Message), table_of(ContactPoint), table_of(Sender)


@dataclass(frozen=True, slots=True)
class Writers:
    """The customers who have the address, their guards held, and who of them wrote.

    `one` is nobody where several could have written: they share the address, and no message of
    ours tells them apart. `asking` is who the writer is to the creditor that was written to.
    """

    address_id: int | None
    all: Sequence[Concerned]
    concerned: Sequence[Concerned]
    asking: Concerned | None
    answered: Row[Any] | None = field(default=None, repr=False)

    @property
    def one(self) -> Concerned | None:
        return self.concerned[0] if len(self.concerned) == 1 else None

    @property
    def message_id(self) -> int | None:
        return self.answered.id if self.answered is not None else None

    def place(self, medium: Medium) -> Place | None:
        """Where an answer may go: to whoever wrote, if we know them and they know the creditor."""
        if self.asking is None or self.address_id is None:
            return None
        return Place(self.address_id, medium)


def writers_of(session: Session, written: Written) -> Writers:
    """Finds them and locks their guards, so that every gate asks again."""
    address_id = address_of(session, written)
    users = users_of(session, [address_id]) if address_id is not None else []
    stop_persons(session, (user.person_id for user in users))
    answered = _answered_message(session, written, address_id)
    concerned = users
    if answered is not None:
        theirs = [user for user in users if user.customer_id == answered.customer_id]
        concerned = theirs or users
    there: dict[str, Any] = {"medium": written.medium, "to_address": written.to_address}
    asking = answered_as(session, concerned, **there)
    return Writers(address_id, users, concerned, asking, answered)


def address_of(session: Session, written: Written) -> int | None:
    """The address that it came from, or that it answers for; None for one that nobody has."""
    found = own_address(session, written)
    if found is None and written.answers is not None:
        # Another mailbox of whoever got our mail: what it says is said for that one.
        answered = select(_MESSAGE.c.address_id).where(_MESSAGE.c.id == written.answers)
        found = session.connection().execute(answered).scalar_one_or_none()
    return found


def own_address(session: Session, written: Written) -> int | None:
    """The address itself, whoever it answers for."""
    asked = {"kind": _kind(written), "value": written.from_address}
    found: int | None = session.connection().execute(_OWN, asked).scalar_one_or_none()
    return found


def our_sender(session: Session, written: Written, creditor_id: int) -> int | None:
    """Which sender of this creditor was written to."""
    asked = {
        "creditor_id": creditor_id, "medium": written.medium, "address": written.to_address
    }  # fmt: skip
    found: int | None = session.connection().scalar(_OUR_SENDER, asked)
    return found


def creditor_of(session: Session, *, medium: Medium, to_address: str) -> int | None:
    """Whose sender was written to; None for one that several share, or nobody has."""
    query = select(_SENDER.c.creditor_id).where(
        _SENDER.c.medium == medium, _SENDER.c.address == to_address
    )
    whose = set(session.connection().execute(query).scalars())
    return whose.pop() if len(whose) == 1 else None


def new_address(session: Session, written: Written) -> int:
    """Puts on record an address that no customer has yet."""
    row = {"kind": _kind(written), "value": written.from_address}
    return insert_returning_ids(session, Address, [row])[0]


def calendar_of(session: Session, writers: Writers, at: datetime) -> Asked:
    """The day on the writer's calendar when it was written, and the languages to try first.

    Of several who share the address the first stands for all: a day more or less is read by a
    person then anyway.
    """
    if not writers.concerned:
        return Asked(at.date())
    asked = {"customer_id": writers.concerned[0].customer_id}
    row = session.connection().execute(_CALENDAR, asked).one()
    locales = tuple(dict.fromkeys(filter(None, (row.locale, row.house_locale))))
    return Asked(_day(at, row.zone or row.house_zone), locales)


def count_answer(session: Session, answered: Row[Any], now: datetime) -> None:
    """One message is answered once, however often the customer writes."""
    connection = session.connection()
    first = connection.execute(_ANSWERED, {"message_id": answered.id, "now": now})
    if first.rowcount:
        connection.execute(_ANSWERS_MORE, {"point_id": answered.contact_point_id})


def _day(at: datetime, name: str) -> date:
    zone = zone_of(name)
    return local_date(at, zone) if zone is not None else at.date()


def _kind(written: Written) -> str:
    return "email" if written.medium is Medium.EMAIL else "phone"


def _answered_message(
    session: Session, written: Written, address_id: int | None
) -> Row[Any] | None:
    """The message that the reply names, else the last one that went to the address from the sender
    that was written to."""
    if written.answers is not None:
        named = select(_MESSAGE).where(_MESSAGE.c.id == written.answers)
        return session.connection().execute(named).first()
    if address_id is None:
        return None
    asked = {
        "address_id": address_id,
        "medium": written.medium,
        "at": written.at,
        "to_address": written.to_address,
    }
    return session.connection().execute(_LAST, asked).first()


_OWN = select(_ADDRESS.c.id).where(
    _ADDRESS.c.kind == bindparam("kind"), _ADDRESS.c.value == bindparam("value")
)
_OUR_SENDER = (
    select(_SENDER.c.id)
    .where(
        _SENDER.c.creditor_id == bindparam("creditor_id"),
        _SENDER.c.medium == bindparam("medium"),
        _SENDER.c.address == bindparam("address"),
    )
    .order_by(_SENDER.c.active.desc(), _SENDER.c.id)
    .limit(1)
)
_CALENDAR = (
    select(
        _CUSTOMER.c.zone,
        _CUSTOMER.c.locale,
        _CREDITOR.c.zone.label("house_zone"),
        _CREDITOR.c.locale.label("house_locale"),
    )
    .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .where(_CUSTOMER.c.id == bindparam("customer_id"))
)
_ANSWERED = (
    update(_MESSAGE)
    .where(_MESSAGE.c.id == bindparam("message_id"), _MESSAGE.c.answered_at.is_(None))
    .values(answered_at=bindparam("now"))
)
_ANSWERS_MORE = (
    update(_POINT)
    .where(_POINT.c.id == bindparam("point_id"))
    .values(answered=_POINT.c.answered + 1)
)
_LAST = (
    select(_MESSAGE)
    .join(_SENDER, _SENDER.c.id == _MESSAGE.c.sender_id)
    .where(
        _MESSAGE.c.address_id == bindparam("address_id"),
        _MESSAGE.c.medium == bindparam("medium"),
        _MESSAGE.c.accepted_at <= bindparam("at"),
        _SENDER.c.address == bindparam("to_address"),
    )
    .order_by(_MESSAGE.c.accepted_at.desc(), _MESSAGE.c.id.desc())
    .limit(1)
)
