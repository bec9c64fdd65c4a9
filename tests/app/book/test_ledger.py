"""What one posting does: whom it settles, what it tells, and that a repeat does nothing."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.book.ledger import (
    LedgerError,
    ReversalKind,
    Share,
    UnknownCustomer,
    UnknownPayment,
    balance,
    credit,
    paid_total,
    post_payment,
    post_payments,
    post_reversal,
)
from app.store.engines import Database
from app.store.rows import Case, CaseSignal, Creditor, Customer, Payment, Person, Promise, Task
from campaigns.money import Money
from tests.app.book.make import (
    DAY,
    NOW,
    a_case,
    a_creditor,
    a_customer,
    a_payment,
    a_reversal,
    an_invoice,
    kinds_of_events,
    made,
)
from tests.databases import on_both_stores


def test_a_payment_settles_the_named_invoice_and_then_the_oldest_due(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        late, early = an_invoice(session, customer, due=30), an_invoice(session, customer, due=1)
        named = an_invoice(session, customer, 5000, due=60)

        posted = post_payment(session, a_payment(customer, 17000, invoice_ids=(named,)), now=NOW)

        assert posted.allocated == (Share(named, 5000), Share(early, 10000), Share(late, 2000))
        assert posted.surplus == Money(0, "ILS")
        assert balance(session, customer) == {"ILS": 8000}


def test_a_payment_never_settles_another_currency_or_another_customer(database: Database) -> None:
    with database.write() as session:
        creditor = a_creditor(session)
        customer, other = a_customer(session, creditor), a_customer(session, creditor)
        dollars = an_invoice(session, customer, currency="USD")
        foreign = an_invoice(session, other)

        posted = post_payment(
            session, a_payment(customer, 10000, invoice_ids=(dollars, foreign)), now=NOW
        )

        assert posted.allocated == ()
        assert balance(session, customer) == {"USD": 10000}
        assert balance(session, other) == {"ILS": 10000}
        assert credit(session, customer) == {"ILS": 10000}


def test_surplus_is_credit_and_one_task_for_finance(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        an_invoice(session, customer, 1000)

        posted = post_payment(session, a_payment(customer, 1500, key="p"), now=NOW)
        post_payment(session, a_payment(customer, 1500, key="p"), now=NOW)

        task = session.exec(select(Task)).one()
        assert posted.surplus == Money(500, "ILS")
        assert credit(session, customer) == {"ILS": 500}
        assert (task.team, task.kind, task.customer_id) == ("finance", "surplus", customer)
        assert task.detail == {
            "payment_id": posted.payment_id,
            "currency": "ILS",
            "surplus_minor": 500,
        }


def test_credit_is_not_spent_on_a_later_invoice(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        post_payment(session, a_payment(customer, 1000), now=NOW)

        an_invoice(session, customer, 700)

        assert balance(session, customer) == {"ILS": 700}
        assert credit(session, customer) == {"ILS": 1000}


def test_a_repeated_payment_changes_nothing(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        an_invoice(session, customer)
        first = post_payment(session, a_payment(customer, 4000, key="p"), now=NOW)
        before = _revisions(session, customer)

        again = post_payment(session, a_payment(customer, 4000, key="p"), now=NOW)

        assert first.payment_id is not None
        assert again.payment_id is None
        assert balance(session, customer) == {"ILS": 6000}
        assert _revisions(session, customer) == before
        assert kinds_of_events(session, customer) == ["invoice_received", "payment_received"]


def test_one_key_twice_in_one_call_lands_once(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        payment = a_payment(customer, 4000)

        first, second = post_payments(session, [payment, payment], now=NOW)

        assert first.payment_id is not None
        assert second.payment_id is None
        assert len(session.exec(select(Payment)).all()) == 1


def test_a_payment_raises_the_guard_and_wakes_the_case(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        case_id = a_case(session, customer)
        before = _revisions(session, customer)

        with session.begin_nested():
            post_payment(session, a_payment(customer, 100), now=NOW)

    with database.read() as session:
        assert _revisions(session, customer) == tuple(number + 1 for number in before)
        assert session.get_one(Customer, customer).ledger_changed_at == NOW
        assert session.get_one(Case, case_id).look_at == NOW
        signal = session.exec(select(CaseSignal)).one()
        assert (signal.signal, signal.own_act) == ("payment_received", False)


@pytest.mark.parametrize("minor", [0, -5])
def test_a_posting_that_is_not_positive_is_refused(database: Database, minor: int) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))

        with pytest.raises(LedgerError, match="not positive"):
            post_payment(session, a_payment(customer, minor), now=NOW)
        with pytest.raises(LedgerError, match="not positive"):
            post_reversal(session, a_reversal(customer, minor), now=NOW)


def test_an_unknown_customer_or_payment_is_refused(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))

        with pytest.raises(UnknownCustomer):
            post_payment(session, a_payment(customer + 1, 5), now=NOW)
        with pytest.raises(UnknownPayment):
            post_reversal(session, a_reversal(customer, 5, payment_id=77), now=NOW)


def test_a_chargeback_reopens_what_was_settled_last_first(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        first, second = an_invoice(session, customer), an_invoice(session, customer, due=5)
        payment = post_payment(session, a_payment(customer, 20000), now=NOW)

        posted = post_reversal(
            session,
            a_reversal(customer, 12000, ReversalKind.CHARGEBACK, payment_id=payment.payment_id),
            now=NOW,
        )

        assert posted.shares == (Share(second, 10000), Share(first, 2000))
        assert balance(session, customer) == {"ILS": 12000}
        assert kinds_of_events(session, customer)[-1] == "payment_reversed"


def test_a_refund_takes_credit_before_it_reopens_an_invoice(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        an_invoice(session, customer, 1000)
        payment = post_payment(session, a_payment(customer, 1500), now=NOW)

        posted = post_reversal(
            session, a_reversal(customer, 500, payment_id=payment.payment_id), now=NOW
        )

        assert posted.shares == ()
        assert balance(session, customer) == {}
        assert credit(session, customer) == {}


@on_both_stores
def test_no_more_goes_back_than_came_in_and_the_rest_is_a_task(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        an_invoice(session, customer)
        payment = post_payment(session, a_payment(customer, 10000), now=NOW)
        refund = a_reversal(customer, 4000, payment_id=payment.payment_id)
        too_much = a_reversal(
            customer, 10000, ReversalKind.CHARGEBACK, payment_id=payment.payment_id
        )
        post_reversal(session, refund, now=NOW)

        posted = post_reversal(session, too_much, now=NOW)
        again = post_reversal(session, too_much, now=NOW)

        assert posted.excess == Money(4000, "ILS")
        assert again.reversal_id is None
        assert balance(session, customer) == {"ILS": 10000}
        assert [task.kind for task in session.exec(select(Task))] == ["excess"]


def test_a_reversal_in_another_currency_is_refused(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        payment = post_payment(session, a_payment(customer, 100), now=NOW)

        with pytest.raises(LedgerError, match="USD"):
            post_reversal(
                session,
                a_reversal(customer, 100, currency="USD", payment_id=payment.payment_id),
                now=NOW,
            )


def test_a_credit_note_settles_its_invoice_and_wakes_the_case_unheard(
    database: Database,
) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        an_invoice(session, customer, due=-9)
        credited = an_invoice(session, customer, 3000)
        case_id = a_case(session, customer)
        note = a_reversal(customer, 3500, ReversalKind.CREDIT_NOTE, invoice_id=credited)

        posted = post_reversal(session, note, now=NOW)
        post_reversal(session, note, now=NOW)
        session.expire_all()

        assert posted.shares == (Share(credited, 3000),)
        assert posted.excess == Money(500, "ILS")
        assert balance(session, customer) == {"ILS": 10000}
        assert session.get_one(Case, case_id).look_at == NOW
        assert session.exec(select(CaseSignal)).all() == []
        assert kinds_of_events(session, customer)[-1] == "credit_note_posted"


@on_both_stores
def test_a_promise_is_kept_by_what_comes_in_after_it(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        an_invoice(session, customer, 90000)
        old = post_payment(session, a_payment(customer, 50000), now=NOW)
        promise = _promise(session, customer, 1000)
        post_reversal(session, a_reversal(customer, 50000, payment_id=old.payment_id), now=NOW)
        later = NOW + timedelta(days=1)

        post_payment(session, a_payment(customer, 600, received_at=later), now=later)
        post_payment(session, a_payment(customer, 600, currency="USD"), now=later)
        session.expire_all()
        half_way = session.get_one(Promise, promise).state
        post_payment(session, a_payment(customer, 400, received_at=later), now=later)
        session.expire_all()

        assert half_way == "open"
        assert session.get_one(Promise, promise).state == "kept"
        assert kinds_of_events(session, customer)[-1] == "promise_kept"


def test_what_went_back_does_not_keep_a_promise(database: Database) -> None:
    with database.write() as session:
        customer = a_customer(session, a_creditor(session))
        promise = _promise(session, customer, 1000)
        back = post_payment(session, a_payment(customer, 900), now=NOW)
        post_reversal(session, a_reversal(customer, 900, payment_id=back.payment_id), now=NOW)

        post_payment(session, a_payment(customer, 900), now=NOW)
        session.expire_all()

        assert session.get_one(Promise, promise).state == "open"


def _promise(session: Session, customer: int, minor: int) -> int:
    promise = Promise(
        customer_id=customer,
        currency="ILS",
        amount_minor=minor,
        due_on=DAY + timedelta(days=3),
        grace_until=NOW + timedelta(days=5),
        made_at=NOW,
        made_by="page",
        paid_before_minor=paid_total(session, customer, "ILS"),
    )
    session.add(promise)
    session.flush()
    return made(promise.id)


def _revisions(session: Session, customer_id: int) -> tuple[int, ...]:
    """The guard's, the customer's and the creditor's."""
    session.expire_all()
    customer = session.get_one(Customer, customer_id)
    return (
        session.get_one(Person, customer.person_id).revision,
        customer.ledger_revision,
        session.get_one(Creditor, customer.creditor_id).ledger_revision,
    )
