"""Replays a book day by day into a scratch database: what is dated later is not yet known there.

Who there is (creditors, senders, persons, customers, addresses) bears no date and is there from the
start, under its own ids. Invoices, payments, reversals and disputes come on their day, by the same
functions as ever; so do consents and suppressions. What customers arranged in the meantime
(promises, plans, holds) is not replayed: the walk under test would have led to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, SQLModel

from app.book.allocation import Share
from app.book.days import start_of
from app.book.discount_entries import Given
from app.book.disputes import DisputeIn, tell_disputes
from app.book.errors import ReplayError
from app.book.holders import wake_customers
from app.book.invoices import InvoiceIn, upsert_invoices
from app.book.payments import PaymentIn, post_payments
from app.book.replay_days import Calendar, Fact, calendar_of
from app.book.replay_money import earned_by_each, settled_by
from app.book.reversals import ReversalIn, ReversalKind, post_reversal
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import chunks, table_of
from app.store.guard import lock_persons, raise_revisions
from app.store.rows import (
    Address,
    Consent,
    Contact,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Invoice,
    Payment,
    Person,
    Reversal,
    Sender,
    Suppression,
)
from campaigns.money import Money
from campaigns.vocabulary import DebtClass

_CREDITOR = table_of(Creditor)
_CUSTOMER = table_of(Customer)
_POINT = table_of(ContactPoint)

_AT_REST = {
    "errors_in_row": 0,
    **dict.fromkeys(("paused_until", "pause_reason", "probe_until", "full_until")),
}

# In the order of their references, with what a book that has not begun yet does not know.
_FROM_THE_START: tuple[tuple[type[SQLModel], Mapping[str, Any]], ...] = (
    (Creditor, {"ledger_as_of": None, "ledger_revision": 0}),
    (Sender, {**_AT_REST, "sent_by_hour": {}, "sent": 0, "complaints": []}),
    (Person, {"revision": 0}),
    (Customer, {"ledger_revision": 0, "ledger_changed_at": None}),
    (Contact, {}),
    (Address, {}),
    (ContactPoint, {"asked": 0, "answered": 0}),
)


@dataclass(frozen=True, slots=True)
class Learned:
    """How many facts of each kind the scratch database has learned in one advance."""

    invoices: int = 0
    payments: int = 0
    reversals: int = 0
    disputes: int = 0
    consents: int = 0

    def __add__(self, other: Learned) -> Learned:
        return Learned(
            self.invoices + other.invoices,
            self.payments + other.payments,
            self.reversals + other.reversals,
            self.disputes + other.disputes,
            self.consents + other.consents,
        )


class Replay:
    """One replay from a source, which is only read, into an empty scratch database.

    Deterministic: the days in their order, each day's facts in the order of their ids. Raises
    `ReplayError` when the scratch database is not empty.
    """

    def __init__(self, source: Database, target: Database) -> None:
        self._source = source
        self._target = target
        self._invoices: dict[int, int] = {}  # the source's id and the scratch database's
        self._payments: dict[int, int] = {}
        self._until: date | None = None
        with source.read() as session:
            self._calendar: Calendar = calendar_of(session)
            self._zones: dict[int, str] = {
                row.id: row.zone
                for row in session.connection().execute(select(_CREDITOR.c.id, _CREDITOR.c.zone))
            }
        self._copy_people()

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which something becomes known, in order."""
        return tuple(self._calendar)

    def advance(self, until: date, *, now: datetime) -> Learned:
        """Tells everything up to and including `until` that is not told yet; the book is then
        true as of `now`, the virtual instant of the walk."""
        learned = Learned()
        for day, fact in self._calendar.items():
            if day <= until and (self._until is None or day > self._until):
                with self._source.read() as known, self._target.write() as session:
                    learned += self._tell(known, session, day, fact, now)
        self._until = until if self._until is None else max(until, self._until)
        with self._target.write() as session:
            session.connection().execute(update(_CREDITOR).values(ledger_as_of=now))
        return learned

    def _copy_people(self) -> None:
        with self._source.read() as known, self._target.write() as session:
            if session.connection().execute(select(func.count(_CREDITOR.c.id))).scalar_one():
                raise ReplayError
            for model, unknown in _FROM_THE_START:
                query = select(table_of(model)).order_by(table_of(model).c.id)
                rows = known.connection().execute(query).mappings()
                while part := rows.fetchmany(2000):
                    insert_rows(session, model, [{**row, **unknown} for row in part])

    def _tell(
        self, known: Session, session: Session, day: date, fact: Fact, now: datetime
    ) -> Learned:
        return Learned(
            invoices=self._tell_invoices(known, session, fact.invoices, now),
            payments=self._tell_payments(known, session, day, fact.payments, now),
            reversals=self._tell_reversals(known, session, fact.reversals, now),
            disputes=self._tell_disputes(known, session, fact, now),
            consents=self._tell_consents(known, session, fact, now),
        )

    def _tell_invoices(
        self, known: Session, session: Session, ids: Iterable[int], now: datetime
    ) -> int:
        rows = _rows(known, Invoice, ids)
        for creditor_id in sorted({row["creditor_id"] for row in rows}):
            own = [row for row in rows if row["creditor_id"] == creditor_id]
            told = upsert_invoices(session, creditor_id, [_invoice(row) for row in own], now=now)
            for row, made in zip(own, told.ids, strict=True):
                if made is not None:
                    self._invoices[row["id"]] = made
        return len(rows)

    def _tell_payments(
        self, known: Session, session: Session, day: date, ids: Iterable[int], now: datetime
    ) -> int:
        rows = _rows(known, Payment, ids)
        settled = settled_by(known, [row["id"] for row in rows])
        discounts = earned_by_each(known, [row["id"] for row in rows])
        payments = [
            PaymentIn(
                key=row["key"],
                customer_id=row["customer_id"],
                amount=Money(row["amount_minor"], row["currency"]),
                paid_on=row["paid_on"],
                received_at=start_of(day, self._zones[row["creditor_id"]]),
                method=row["method"],
                reference=row["reference"],
                invoice_ids=tuple(self._invoices[known_as] for known_as in settled[row["id"]]),
                discounts=tuple(
                    Given(None, Share(self._invoices[share.invoice_id], share.minor))
                    for share in discounts.get(row["id"], ())
                ),
            )
            for row in rows
        ]
        posted = post_payments(session, payments, now=now)
        for row, done in zip(rows, posted, strict=True):
            if done.payment_id is not None:
                self._payments[row["id"]] = done.payment_id
        return len(rows)

    def _tell_reversals(
        self, known: Session, session: Session, ids: Iterable[int], now: datetime
    ) -> int:
        rows = _rows(known, Reversal, ids)
        for row in rows:
            reversal = ReversalIn(
                key=row["key"],
                kind=ReversalKind(row["kind"]),
                customer_id=row["customer_id"],
                amount=Money(row["amount_minor"], row["currency"]),
                reversed_on=row["reversed_on"],
                received_at=now,
                payment_id=row["payment_id"] and self._payments[row["payment_id"]],
                invoice_id=row["invoice_id"] and self._invoices[row["invoice_id"]],
            )
            post_reversal(session, reversal, now=now)
        return len(rows)

    def _tell_disputes(self, known: Session, session: Session, fact: Fact, now: datetime) -> int:
        ended = frozenset(fact.disputes_ended)
        rows = _rows(known, Dispute, {*fact.disputes, *ended})
        tell_disputes(
            session,
            [
                DisputeIn(
                    customer_id=row["customer_id"],
                    invoice_id=self._invoices[row["invoice_id"]],
                    kind=row["kind"],
                    opened_at=row["opened_at"],
                    resolved_at=row["resolved_at"] if row["id"] in ended else None,
                    outcome=row["state"],
                )
                for row in rows
            ],
            now=now,
        )
        return len(rows)

    def _tell_consents(self, known: Session, session: Session, fact: Fact, now: datetime) -> int:
        consents = _rows(known, Consent, fact.consents)
        suppressions = _rows(known, Suppression, fact.suppressions)
        lifted = _rows(known, Suppression, fact.suppressions_lifted)
        addresses = [row["address_id"] for row in (*suppressions, *lifted)]
        customers = {row["customer_id"] for row in consents} | _users(session, addresses)
        persons = _persons(session, customers)
        lock_persons(session, persons)
        insert_rows(session, Consent, consents)
        insert_rows(session, Suppression, [{**row, "lifted_at": None} for row in suppressions])
        for row in lifted:
            table = table_of(Suppression)
            session.connection().execute(
                update(table).where(table.c.id == row["id"]).values(lifted_at=row["lifted_at"])
            )
        raise_revisions(session, persons)
        wake_customers(session, customers, now=now)
        return len(consents) + len(suppressions) + len(lifted)


def _rows(session: Session, model: type[SQLModel], ids: Iterable[int]) -> list[dict[str, Any]]:
    table = table_of(model)
    return [
        dict(row)
        for part in chunks(sorted(ids))
        for row in session.connection()
        .execute(select(table).where(table.c.id.in_(part)).order_by(table.c.id))
        .mappings()
    ]


def _invoice(row: Mapping[str, Any]) -> InvoiceIn:
    return InvoiceIn(
        customer_id=row["customer_id"],
        external_id=row["external_id"],
        amount=Money(row["amount_minor"], row["currency"]),
        due_on=row["due_on"],
        number=row["number"],
        order_number=row["order_number"],
        issued_on=row["issued_on"],
        debt_class=DebtClass(row["debt_class"]),
        limitation_on=row["limitation_on"],
        document=row["document"],
        known_at=row["known_at"],
        payment_reference=row["payment_reference"],
    )


def _users(session: Session, address_ids: list[int]) -> set[int]:
    query = select(_POINT.c.customer_id).where(_POINT.c.address_id.in_(address_ids))
    return set(session.connection().execute(query).scalars())


def _persons(session: Session, customer_ids: set[int]) -> list[int]:
    query = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id.in_(sorted(customer_ids)))
    return list(session.connection().execute(query).scalars())
