"""Stops: what somebody said stops at once as far as `campaigns.reach` says, until it is lifted.

What closes is written twice: on the address, and in the ledger of consents, so that an address that
comes later is closed as well. Nothing here opens anything: see `opt_ins`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, select
from sqlmodel import Session

from app.book.consents import DULY, Said, said
from app.intake.concerned import Concerned, customers_of, stop_customer, stop_persons, users_of
from app.intake.service_answers import open_case
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Address, Consent, ContactPoint, Customer, Suppression
from campaigns.reach import Creditors, Reach, StopAct, reach_of
from campaigns.vocabulary import Category, Medium, Purpose, Signal

_ADDRESS, _POINT = table_of(Address), table_of(ContactPoint)
_CUSTOMER, _SUPPRESSION = table_of(Customer), table_of(Suppression)

Use = tuple[int, str]
"""A customer, and a medium."""


@dataclass(frozen=True, slots=True)
class StopSaid:
    """What was said: how, through which medium (None: nowhere in particular), in answer to what.

    `evidence` is a code or a reference (which rule, which receipt, which letter), never somebody's
    words. `by` is who put it on record.
    """

    act: StopAct
    through: Medium | None
    evidence: str
    answered: Category | None = None
    by: str = DULY

    @property
    def reach(self) -> Reach:
        return reach_of(self.act, self.through, self.answered)


def opt_out(
    session: Session,
    stop: StopSaid,
    *,
    address_id: int,
    now: datetime,
    confirm_to: Concerned | None = None,
) -> bool:
    """Closes the address, withdraws the consent of everybody who uses it, tells their cases.

    `confirm_to` is the customer who is told, once, that it is done; only where such an act is
    confirmed at all. Answers whether anything was still open; twice is fine.
    """
    users = users_of(session, [address_id])
    stop_persons(session, (user.person_id for user in users))
    _lock_addresses(session, [address_id])
    reach = stop.reach
    closed = close_address(session, address_id, stop, now)
    used = [use for use in _uses(session, address_id) if reach.covers(Medium(use[1]))]
    withdrawn = _withdraw(session, used, address_id, stop, now)
    if not closed and not withdrawn:
        return False
    if confirm_to is not None and reach.row.confirmed:
        open_case(session, confirm_to, now)
    record(session, [_fact(user, address_id, stop, now) for user in users], now=now)
    return True


def opt_out_person(
    session: Session,
    stop: StopSaid,
    *,
    customer_id: int,
    purpose: Purpose | None = None,
    now: datetime,
) -> bool:
    """The same for what a person told us: on every address that they have or will have.

    Addresses that other people use as well stay theirs. With a `purpose` it is about such messages
    alone, and closes no address. Raises `UnknownCustomer`.
    """
    concerned = stop_customer(session, customer_id)
    reach = stop.reach
    who = [concerned]
    if reach.row.creditors is Creditors.ALL:
        who = customers_of(session, [concerned.person_id])
    closed = False
    if purpose is None:
        own = _own_addresses(session, concerned.person_id, reach)
        _lock_addresses(session, own)
        for address_id in own:
            closed |= close_address(session, address_id, stop, now)
    used = [(one.customer_id, str(m)) for one in who for m in Medium if reach.covers(m)]
    withdrawn = _withdraw(session, used, None, stop, now, purpose)
    if not closed and not withdrawn:
        return False
    if purpose is None:
        record(session, [_fact(one, None, stop, now) for one in who], now=now)
    return True


def close_address(
    session: Session,
    address_id: int,
    stop: StopSaid,
    now: datetime,
    *,
    creditor_id: int | None = None,
) -> bool:
    """Closes the address as far as the act reaches. Answers whether something was still open.

    `creditor_id` is whose it is closed to, of an act that reaches one creditor alone.
    """
    reach = stop.reach
    row = {
        "address_id": address_id,
        "creditor_id": creditor_id if reach.row.creditors is Creditors.THIS else None,
        "reason": reach.row.closed_as,
        "at": now,
        "act": str(stop.act),
        "said_through": stop.through,
        "category": str(Category.OFFER) if reach.offers_only else None,
        "evidence": stop.evidence,
        "recorded_by": stop.by,
    }
    rows = [row | {"medium": medium} for medium in reach.closes]
    standing = list(closings(session, address_id))
    new = [each for each in rows if not any(_is_same(each, known) for known in standing)]
    insert_rows(session, Suppression, new)
    return any(not any(_is_within(each, known) for known in standing) for each in new)


def closings(session: Session, address_id: int) -> Iterable[Row[Any]]:
    """What closes this address now."""
    query = select(_SUPPRESSION).where(
        _SUPPRESSION.c.address_id == address_id, _SUPPRESSION.c.lifted_at.is_(None)
    )
    return session.connection().execute(query.order_by(_SUPPRESSION.c.id))


def _is_same(new: dict[str, Any], known: Row[Any]) -> bool:
    names = ("medium", "creditor_id", "reason", "act", "said_through", "category")
    return all(new[name] == known._mapping[name] for name in names)


def _is_within(new: dict[str, Any], known: Row[Any]) -> bool:
    """Whether what is known closes for the same reason all that the new one would."""
    return new["reason"] == known.reason and all(
        known._mapping[name] in (None, new[name]) for name in ("medium", "creditor_id", "category")
    )


def _lock_addresses(session: Session, address_ids: Sequence[int]) -> None:
    """Without a user there is no guard; the address itself then lets one in after the other."""
    for address_id in sorted(address_ids):
        session.connection().execute(
            select(_ADDRESS.c.id).where(_ADDRESS.c.id == address_id).with_for_update(key_share=True)
        )


def _uses(session: Session, address_id: int) -> list[Use]:
    query = select(_POINT.c.customer_id, _POINT.c.medium).where(_POINT.c.address_id == address_id)
    return sorted((row[0], row[1]) for row in session.connection().execute(query))


def _own_addresses(session: Session, person_id: int, reach: Reach) -> list[int]:
    """The person's addresses on these media that nobody else uses."""
    used, user = _POINT.alias("used"), _CUSTOMER.alias("user")
    others: ColumnElement[bool] = exists().where(
        used.c.address_id == _POINT.c.address_id,
        used.c.customer_id == user.c.id,
        user.c.person_id != person_id,
    )
    query = (
        select(_POINT.c.address_id, _POINT.c.medium)
        .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
        .where(_CUSTOMER.c.person_id == person_id, ~others)
    )
    found = session.connection().execute(query)
    return sorted({row.address_id for row in found if reach.covers(Medium(row.medium))})


def _withdraw(
    session: Session,
    uses: Sequence[Use],
    address_id: int | None,
    stop: StopSaid,
    now: datetime,
    purpose: Purpose | None = None,
) -> bool:
    """Writes a withdrawal for each of these that does not stand already from the same act.

    Answers whether one of them had not been withdrawn by anything.
    """
    about = Purpose.OFFERS if stop.reach.offers_only else purpose
    before = said(session, {customer_id for customer_id, _ in uses})
    row = {
        "address_id": address_id,
        "given": False,
        "at": now,
        "source": str(stop.act),
        "method": "opt_out",
        "evidence": stop.evidence,
        "purpose": about,
        "recorded_by": stop.by,
        "recorded_at": now,
    }
    missing = [use for use in uses if not _stands(before.get(use), row)]
    rows = [row | {"customer_id": use[0], "medium": use[1]} for use in missing]
    insert_rows(session, Consent, rows)
    return any(use not in before or not before[use].is_withdrawn(about) for use in missing)


def _stands(before: Said | None, row: dict[str, Any]) -> bool:
    names = ("source", "purpose", "address_id")
    return before is not None and any(
        all(each._mapping[name] == row[name] for name in names) for each in before.withdrawals
    )


def _fact(user: Concerned, address_id: int | None, stop: StopSaid, now: datetime) -> Happened:
    place = {} if address_id is None else {"address_id": address_id}
    return Happened(
        Signal.OPTED_OUT,
        at=now,
        customer_id=user.customer_id,
        own_act=stop.reach.row.confirmed,  # else nothing answers it: the page has, or a person
        payload={**place, "medium": stop.through, "source": str(stop.act)},
    )
