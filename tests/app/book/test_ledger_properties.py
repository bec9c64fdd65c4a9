"""The ledger's promises, for any postings in any order with repeats, and for two at once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, text
from sqlmodel import Session, col, select

from app.book.discount_entries import DISCOUNT, WITHDRAWN
from app.book.ledger import (
    InvoiceIn,
    PaymentIn,
    ReversalIn,
    ReversalKind,
    balance,
    credit,
    post_payment,
    post_reversal,
    upsert_invoices,
)
from app.book.offers import add_offer
from app.book.statement import statement
from app.store.engines import Database
from app.store.rows import Allocation, Creditor, Customer, Event, Invoice, Payment, Reversal, Task
from campaigns.money import Money
from campaigns.offers import OfferKind
from tests.app.book.make import DAY, NOW, a_creditor, a_customer, a_payment, an_invoice, made
from tests.databases import on_both_stores

CURRENCIES = ("ILS", "JOD")
DISCOUNTS = (DISCOUNT, WITHDRAWN)
_examples = count()


@dataclass(frozen=True)
class Step:
    """One call. `which` names the invoice or payment that it is about; `key` makes repeats."""

    kind: str
    key: int
    which: int
    minor: int
    currency: str


steps = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(["invoice", "payment", "refund", "chargeback", "credit_note"]),
        key=st.integers(0, 5),
        which=st.integers(0, 5),
        minor=st.integers(1, 300),
        currency=st.sampled_from(CURRENCIES),
    ),
    max_size=25,
)
on_any_database = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@on_any_database
@given(steps=steps)
def test_the_book_always_balances(database: Database, steps: Sequence[Step]) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        play = _player(session, customer)
        for step in steps:
            play(step)
            _assert_balanced(session, customer)
            _assert_stated(session, customer)


@on_any_database
@given(steps=steps)
def test_replaying_any_posting_changes_nothing(database: Database, steps: Sequence[Step]) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        play = _player(session, customer)
        for step in steps:
            play(step)
            before = _state(session, customer)
            play(step)
            assert _state(session, customer) == before


@on_both_stores
def test_two_payments_at_once_never_settle_the_same_money_twice(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        an_invoice(session, customer, 1000)
    payments = [a_payment(customer, 100, key=f"k{number % 15}") for number in range(30)]

    def post(payment: PaymentIn) -> bool:
        with database.write() as session:
            return post_payment(session, payment, now=NOW).payment_id is not None

    with ThreadPoolExecutor(2) as pool:
        posted = list(pool.map(post, payments))

    with database.read() as session:
        assert sum(posted) == 15
        assert balance(session, customer) == {}
        assert credit(session, customer) == {"ILS": 500}
        assert session.get_one(Customer, customer).ledger_revision == 16
        _assert_balanced(session, customer)


def _player(session: Session, customer: int) -> Callable[[Step], None]:
    example = next(_examples)
    creditor = session.get_one(Customer, customer).creditor_id
    payments: list[int] = []
    add_offer(session, creditor, OfferKind.EARLY_PAYMENT, "20", ends_on=DAY, by="ada", now=NOW)

    def play(step: Step) -> None:
        key = f"{example}-{step}"
        amount = Money(step.minor, step.currency)
        if step.kind == "invoice":
            told = InvoiceIn(customer, f"I{step.which}", amount, DAY + timedelta(days=step.key))
            upsert_invoices(session, creditor, [told], now=NOW)
        elif step.kind == "payment":
            named = _invoice_ids(session, customer)[step.which : step.which + 2]
            payment = PaymentIn(key, customer, amount, DAY, NOW, invoice_ids=tuple(named))
            posted = post_payment(session, payment, now=NOW)
            if posted.payment_id is not None:
                payments.append(posted.payment_id)
        elif step.kind == "credit_note":
            ids = [*_invoice_ids(session, customer), None, None, None, None, None, None]
            note = _reversal(key, step, customer, amount, invoice_id=ids[step.which])
            post_reversal(session, note, now=NOW)
        elif payments:
            payment_id = payments[step.which % len(payments)]
            currency = session.get_one(Payment, payment_id).currency
            back = Money(step.minor, currency)
            key = f"{key}-{payment_id}"
            post_reversal(
                session, _reversal(key, step, customer, back, payment_id=payment_id), now=NOW
            )

    return play


def _reversal(
    key: str,
    step: Step,
    customer: int,
    amount: Money,
    *,
    payment_id: int | None = None,
    invoice_id: int | None = None,
) -> ReversalIn:
    kind = ReversalKind(step.kind)
    return ReversalIn(key, kind, customer, amount, DAY, NOW, payment_id, invoice_id)


def _invoice_ids(session: Session, customer: int) -> list[int]:
    query = select(Invoice.id).where(Invoice.customer_id == customer).order_by(col(Invoice.id))
    return [made(invoice_id) for invoice_id in session.exec(query)]


def _assert_balanced(session: Session, customer: int) -> None:
    session.expire_all()
    for invoice in session.exec(select(Invoice).where(Invoice.customer_id == customer)):
        settled = _sum(session, col(Allocation.invoice_id) == invoice.id)
        assert 0 <= invoice.open_minor <= invoice.amount_minor
        assert settled == invoice.amount_minor - invoice.open_minor
    left = dict.fromkeys(CURRENCIES, 0)
    for payment in session.exec(select(Payment).where(Payment.customer_id == customer)):
        settled = _sum(session, col(Allocation.payment_id) == payment.id)
        back = session.exec(
            select(func.coalesce(func.sum(Reversal.amount_minor), 0)).where(
                Reversal.payment_id == payment.id, col(Reversal.kind).not_in(DISCOUNTS)
            )
        ).one()
        assert 0 <= settled <= payment.amount_minor - back
        assert _currencies(session, payment.id) <= {payment.currency}
        left[payment.currency] += payment.amount_minor - back - settled
    notes = select(Reversal).where(
        Reversal.customer_id == customer, col(Reversal.kind).in_(("credit_note", *DISCOUNTS))
    )
    for note in session.exec(notes):
        settled = _sum(session, col(Allocation.reversal_id) == note.id)
        sign = -1 if note.kind == WITHDRAWN else 1
        assert note.kind == "credit_note" or settled == sign * note.amount_minor
        left[note.currency] += sign * note.amount_minor - settled
    assert credit(session, customer) == {name: minor for name, minor in left.items() if minor}


def _assert_stated(session: Session, customer: int) -> None:
    """The statement adds up to the same, each currency by itself, wherever it begins."""
    owed, surplus = balance(session, customer), credit(session, customer)
    for since in (None, DAY, DAY + timedelta(days=1)):
        for sheet in statement(session, customer, ZoneInfo("Asia/Jerusalem"), since=since):
            code = sheet.currency
            assert sheet.closing.minor == owed.get(code, 0) - surplus.get(code, 0)
            lines = [line.entry.amount.minor for line in sheet.lines]
            assert sheet.opening.minor + sum(lines) == sheet.closing.minor
            assert since is None or all(line.entry.on >= since for line in sheet.lines)
            assert {line.entry.amount.currency for line in sheet.lines} <= {code}
    settled: dict[str, int] = defaultdict(int)
    for sheet in statement(session, customer, ZoneInfo("Asia/Jerusalem")):
        for line in sheet.lines:
            for share in line.entry.shares:
                settled[share.number] += share.amount.minor
    for invoice in session.exec(select(Invoice).where(Invoice.customer_id == customer)):
        assert settled[invoice.number] == invoice.amount_minor - invoice.open_minor


def _sum(session: Session, where: object) -> int:
    total = select(func.coalesce(func.sum(Allocation.amount_minor), 0)).where(where)  # type: ignore[arg-type]  # a comparison of columns
    return int(session.exec(total).one())


def _currencies(session: Session, payment_id: int | None) -> set[str]:
    query = (
        select(Invoice.currency)
        .join(Allocation, col(Allocation.invoice_id) == Invoice.id)
        .where(Allocation.payment_id == payment_id)
    )
    return set(session.exec(query))


def _state(session: Session, customer: int) -> object:
    """All that a repeat could change."""
    session.expire_all()
    row = session.get_one(Customer, customer)
    counts = [
        session.exec(select(func.count()).select_from(model)).one()
        for model in (Allocation, Event, Invoice, Payment, Reversal, Task)
    ]
    return counts, row.ledger_revision, balance(session, customer), credit(session, customer)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_payments_of_one_creditor_do_not_wait_for_each_other(database: Database) -> None:
    with database.write() as session:
        creditor = a_creditor(session)
        customers = [a_customer(session, creditor) for _ in range(2)]

    with database.write() as slow:
        post_payment(slow, a_payment(customers[0], 10), now=NOW)
        with database.write() as quick:
            quick.connection().execute(text("SET LOCAL lock_timeout = '5s'"))
            post_payment(quick, a_payment(customers[1], 10), now=NOW)

    with database.read() as session:
        assert session.get_one(Creditor, creditor).ledger_revision == 2


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_payments_of_several_customers_do_not_wait_in_a_circle(database: Database) -> None:
    with database.write() as session:
        creditor = a_creditor(session)
        customers = [a_customer(session, creditor) for _ in range(4)]

    def post(number: int) -> None:
        with database.write() as session:
            post_payment(session, a_payment(customers[number % 4], 10), now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(post, range(40)))

    with database.read() as session:
        assert sum(credit(session, customer)["ILS"] for customer in customers) == 400
