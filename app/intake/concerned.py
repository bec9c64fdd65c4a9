"""Whom a fact concerns. Every stop fact begins here: it locks and raises the persons' guards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session

from app.book.ledger import UnknownCustomer
from app.store.given import GIVEN, rows_given, table_of
from app.store.guard import lock_persons, raise_revisions
from app.store.rows import ContactPoint, Customer

_CUSTOMER, _POINT = table_of(Customer), table_of(ContactPoint)


@dataclass(frozen=True, slots=True)
class Concerned:
    """A customer, and the person whose guard is held."""

    customer_id: int
    person_id: int
    creditor_id: int


def stop_customer(session: Session, customer_id: int) -> Concerned:
    """Locks and raises the guard of the customer's person. Raises `UnknownCustomer`."""
    found = known_customer(session, customer_id)
    stop_persons(session, [found.person_id])
    return found


def known_customer(session: Session, customer_id: int) -> Concerned:
    """The customer. Locks nothing. Raises `UnknownCustomer`."""
    found = _find(session, _THEMSELVES, [customer_id])
    if not found:
        raise UnknownCustomer(customer_id)
    return found[0]


def customers_by_id(session: Session, customer_ids: Sequence[int]) -> list[Concerned]:
    """Those of these customers that there are. Locks nothing."""
    return _find(session, _THEMSELVES, customer_ids)


def users_of(session: Session, address_ids: Sequence[int]) -> list[Concerned]:
    """The customers who have one of these addresses, in use or not. Locks nothing."""
    return _find(session, _USERS, address_ids)


def customers_of(session: Session, person_ids: Iterable[int]) -> list[Concerned]:
    """The customers that these persons are. Locks nothing."""
    return _find(session, _OF_PERSONS, sorted(set(person_ids)))


def stop_persons(session: Session, person_ids: Iterable[int]) -> None:
    """Locks the guards in id order and raises them, so that a gate that ran before asks again.

    All at once, before anything else is locked: two calls in one transaction, over different
    persons, could meet another transaction that takes them in the other order.
    """
    ids = sorted(set(person_ids))
    lock_persons(session, ids)
    raise_revisions(session, ids)


def _find(session: Session, asked: Select[Any], ids: Sequence[int]) -> list[Concerned]:
    return [Concerned(*row) for row in rows_given(session, asked, ids)]


_FOUND = select(_CUSTOMER.c.id, _CUSTOMER.c.person_id, _CUSTOMER.c.creditor_id).order_by(
    _CUSTOMER.c.id
)
_THEMSELVES = _FOUND.where(_CUSTOMER.c.id.in_(GIVEN))
_OF_PERSONS = _FOUND.where(_CUSTOMER.c.person_id.in_(GIVEN))
_USERS = _FOUND.where(
    _CUSTOMER.c.id.in_(select(_POINT.c.customer_id).where(_POINT.c.address_id.in_(GIVEN)))
)
