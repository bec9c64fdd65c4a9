"""Puts invoices into the book, many at once. A row that says nothing new touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Select, String, and_, bindparam, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Row
from sqlmodel import Session

from app.book.holders import Holder, hold, mark_changed, wake_customers
from app.book.wrongs import wrong
from app.store.bulk import insert_returning_ids, update_rows
from app.store.given import chunks, table_of
from app.store.journal import Happened, record
from app.store.rows import Invoice
from campaigns.money import Money
from campaigns.vocabulary import DebtClass

INVOICE_RECEIVED = "invoice_received"
INVOICE_CHANGED = "invoice_changed"
_MAY_CHANGE = (
    "number",
    "order_number",
    "payment_reference",
    "issued_on",
    "due_on",
    "debt_class",
    "limitation_on",
    "document",
)
_INVOICE = table_of(Invoice)
_Key = tuple[int, str]


def _pairs_of_json() -> Select[Any]:
    each = func.json_each(bindparam("pairs", type_=JSON)).table_valued("value").alias("wanted")
    return select(_INVOICE).join_from(
        each,
        _INVOICE,
        and_(
            _INVOICE.c.customer_id == func.json_extract(each.c.value, "$[0]"),
            _INVOICE.c.external_id == func.json_extract(each.c.value, "$[1]"),
        ),
    )


def _pairs_of_arrays() -> Select[Any]:
    customers = bindparam("customers", type_=postgresql.ARRAY(BigInteger))
    numbers = bindparam("numbers", type_=postgresql.ARRAY(String))
    each = (
        func.unnest(customers, numbers)
        .table_valued("customer_id", "external_id")
        .render_derived(name="wanted")
    )
    return select(_INVOICE).join_from(
        each,
        _INVOICE,
        and_(
            _INVOICE.c.customer_id == each.c.customer_id,
            _INVOICE.c.external_id == each.c.external_id,
        ),
    )


# Two IN lists would look up every pair of their values, and a list of VALUES is compiled anew for
# every batch, which costs more than the look-up.
_FIND = {"sqlite": _pairs_of_json(), "postgresql": _pairs_of_arrays()}


@dataclass(frozen=True, slots=True)
class InvoiceIn:
    """An invoice as the book tells it. None says nothing: what is known stays."""

    customer_id: int
    external_id: str
    amount: Money
    due_on: date
    number: str | None = None
    order_number: str | None = None
    issued_on: date | None = None
    debt_class: DebtClass | None = None
    limitation_on: date | None = None
    document: str | None = None
    known_at: datetime | None = None
    payment_reference: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRejected:
    """`index` is the place in the call; `reason` a sentence without personal data."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class InvoicesUpserted:
    """`ids` and `open_minor` stand in the order of the call, None for what was rejected.

    `added_at` and `shrunk_at` hold the places of the new ones and of those that became smaller.
    """

    ids: tuple[int | None, ...]
    open_minor: tuple[int | None, ...]
    added_at: tuple[int, ...]
    shrunk_at: tuple[int, ...]
    changed: int
    unchanged: int
    rejected: tuple[InvoiceRejected, ...]

    @property
    def added(self) -> int:
        return len(self.added_at)


@dataclass(slots=True)
class _Plan:
    """What the call will write."""

    added: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    changed: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    known: dict[_Key, tuple[int, int]] = field(default_factory=dict)  # id and what is open
    shrunk_at: list[int] = field(default_factory=list)
    rejected: list[InvoiceRejected] = field(default_factory=list)


def upsert_invoices(
    session: Session, creditor_id: int, invoices: Sequence[InvoiceIn], *, now: datetime
) -> InvoicesUpserted:
    """Adds what is new and changes what differs, keyed by customer and external id.

    A changed amount moves the open amount by the same difference. Rejected, with the reason: a
    negative amount, another currency, an amount below what was already settled, a customer of
    another creditor, and a second row of one invoice. Raises `UnknownCustomer`.
    """
    holders = hold(session, (invoice.customer_id for invoice in invoices))
    plan = _plan(session, creditor_id, invoices, holders, now)
    added_ids = insert_returning_ids(session, Invoice, list(plan.added.values()))
    for key, invoice_id in zip(plan.added, added_ids, strict=True):
        plan.known[key] = (invoice_id, plan.added[key]["open_minor"])
    update_rows(session, Invoice, list(plan.changed.values()))
    _tell(session, plan, now)
    touched = {holders[customer_id] for customer_id, _ in (*plan.added, *plan.changed)}
    mark_changed(session, touched, now=now)
    return _answer(invoices, plan)


def _plan(
    session: Session,
    creditor_id: int,
    invoices: Sequence[InvoiceIn],
    holders: Mapping[int, Holder],
    now: datetime,
) -> _Plan:
    plan = _Plan()
    rows = find_invoices(session, ((i.customer_id, i.external_id) for i in invoices))
    seen: set[_Key] = set()
    for index, invoice in enumerate(invoices):
        key = (invoice.customer_id, invoice.external_id)
        row = rows.get(key)
        reason = wrong("invoice_twice") if key in seen else _objection(invoice, row)
        if holders[invoice.customer_id].creditor_id != creditor_id:
            reason = wrong("others_customer")
        if reason is not None:
            plan.rejected.append(InvoiceRejected(index, reason))
            continue
        seen.add(key)
        if row is None:
            plan.added[key] = _new(invoice, creditor_id, now)
            continue
        told = _changed(invoice, row)
        plan.known[key] = (row.id, told["open_minor"])
        if any(value != row._mapping[name] for name, value in told.items()):
            plan.changed[key] = told
        if told["amount_minor"] < row.amount_minor:
            plan.shrunk_at.append(index)
    return plan


def find_invoices(session: Session, keys: Iterable[_Key]) -> dict[_Key, Row[Any]]:
    """The rows of invoices by customer and external id."""
    dialect = session.get_bind().dialect.name
    found: dict[_Key, Row[Any]] = {}
    for part in chunks(sorted(set(keys))):
        wanted: dict[str, Any] = {"pairs": [list(key) for key in part]}
        if dialect == "postgresql":
            customers, numbers = zip(*part, strict=True)
            wanted = {"customers": list(customers), "numbers": list(numbers)}
        for row in session.connection().execute(_FIND[dialect], wanted):
            found[row.customer_id, row.external_id] = row
    return found


def _objection(invoice: InvoiceIn, row: Row[Any] | None) -> str | None:
    if invoice.amount.minor < 0:
        return wrong("negative_invoice")
    if row is None:
        return None
    if row.currency != invoice.amount.currency:
        return wrong("other_currency", currency=row.currency)
    if row.open_minor + invoice.amount.minor - row.amount_minor < 0:
        return wrong("below_settled")
    return None


def _new(invoice: InvoiceIn, creditor_id: int, now: datetime) -> dict[str, Any]:
    return {
        "creditor_id": creditor_id,
        "customer_id": invoice.customer_id,
        "external_id": invoice.external_id,
        "number": invoice.number or invoice.external_id,
        "order_number": invoice.order_number,
        "payment_reference": invoice.payment_reference,
        "currency": invoice.amount.currency,
        "amount_minor": invoice.amount.minor,
        "open_minor": invoice.amount.minor,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "debt_class": str(invoice.debt_class or DebtClass.CONSUMER),
        "limitation_on": invoice.limitation_on,
        "document": invoice.document,
        "known_at": invoice.known_at or now,
    }


def _changed(invoice: InvoiceIn, row: Row[Any]) -> dict[str, Any]:
    """The row as it should be; of one shape for all rows, because they are written together."""
    told = {name: getattr(invoice, name) for name in _MAY_CHANGE}
    kept = {name: row._mapping[name] if told[name] is None else told[name] for name in told}
    return {
        "id": row.id,
        **kept,
        "debt_class": str(kept["debt_class"]),
        "amount_minor": invoice.amount.minor,
        "open_minor": row.open_minor + invoice.amount.minor - row.amount_minor,
    }


def _tell(session: Session, plan: _Plan, now: datetime) -> None:
    facts = [
        Happened(kind, now, customer_id=key[0], payload={"invoice_id": plan.known[key][0]})
        for kind, keys in ((INVOICE_RECEIVED, plan.added), (INVOICE_CHANGED, plan.changed))
        for key in keys
    ]
    record(session, facts, now=now)
    wake_customers(session, {customer_id for customer_id, _ in plan.changed}, now=now)


def _answer(invoices: Sequence[InvoiceIn], plan: _Plan) -> InvoicesUpserted:
    rejected = {refusal.index for refusal in plan.rejected}
    found = [
        None if index in rejected else plan.known[invoice.customer_id, invoice.external_id]
        for index, invoice in enumerate(invoices)
    ]
    return InvoicesUpserted(
        ids=tuple(entry and entry[0] for entry in found),
        open_minor=tuple(None if entry is None else entry[1] for entry in found),
        added_at=tuple(
            index
            for index, invoice in enumerate(invoices)
            if index not in rejected and (invoice.customer_id, invoice.external_id) in plan.added
        ),
        shrunk_at=tuple(plan.shrunk_at),
        changed=len(plan.changed),
        unchanged=len(invoices) - len(rejected) - len(plan.added) - len(plan.changed),
        rejected=tuple(plan.rejected),
    )
