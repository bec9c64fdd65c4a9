"""What there is of a customer besides invoices, by one question.

Most owe an invoice and nothing else. Where there never was a dispute, a plan or an offer, nothing
more need be asked about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, exists, or_, select
from sqlmodel import Session

from app.store.columns import word
from app.store.given import table_of
from app.store.rows import (
    Case,
    Charge,
    Customer,
    Dispute,
    Invoice,
    Offer,
    Payment,
    Plan,
    PlanWish,
    Promise,
    Reversal,
    StaffAnswer,
)
from app.web.visits import Visit
from campaigns.vocabulary import AnchorKind

_CASE, _CHARGE, _CUSTOMER = table_of(Case), table_of(Charge), table_of(Customer)
_INVOICE, _OFFER = table_of(Invoice), table_of(Offer)


@dataclass(frozen=True, slots=True)
class Traces:
    """Whether there is or was any of these. `offers` are the creditor's, `accounts` those of the
    same person at others."""

    disputes: bool
    promises: bool
    plans: bool
    wishes: bool
    money: bool
    charges: bool
    offers: bool
    answers: bool
    anniversaries: bool
    accounts: bool


def traces(session: Session, visit: Visit) -> Traces:
    """What there is, as this transaction sees it."""
    whose = visit.concerned
    asked = {
        _WHOSE.key: whose.customer_id,
        _PERSON.key: whose.person_id,
        _CREDITOR.key: whose.creditor_id,
    }
    return Traces(*map(bool, session.connection().execute(_TRACES, asked).one()))


_WHOSE: Final[BindParameter[int]] = bindparam("customer_id")
_PERSON: Final[BindParameter[int]] = bindparam("person_id")
_CREDITOR: Final[BindParameter[int]] = bindparam("creditor_id")


def _any_in(table: Table) -> ColumnElement[bool]:
    return exists().where(table.c.customer_id == _WHOSE)


_TRACES: Final = select(
    _any_in(table_of(Dispute)).label("disputes"),
    _any_in(table_of(Promise)).label("promises"),
    _any_in(table_of(Plan)).label("plans"),
    _any_in(table_of(PlanWish)).label("wishes"),
    or_(_any_in(table_of(Payment)), _any_in(table_of(Reversal))).label("money"),
    exists()
    .where(_CHARGE.c.invoice_id == _INVOICE.c.id, _INVOICE.c.customer_id == _WHOSE)
    .label("charges"),
    exists().where(_OFFER.c.creditor_id == _CREDITOR).label("offers"),
    _any_in(table_of(StaffAnswer)).label("answers"),
    exists()
    .where(_CASE.c.customer_id == _WHOSE, _CASE.c.anchor == word(AnchorKind.ANNIVERSARY.value))
    .label("anniversaries"),
    exists().where(_CUSTOMER.c.person_id == _PERSON, _CUSTOMER.c.id != _WHOSE).label("accounts"),
)
