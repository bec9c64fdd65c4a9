"""Instalments follow the money, whatever the door: paid in order once it covers them, due again
when it goes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.book.instalments import next_part
from app.book.ledger import PaymentIn, ReversalIn, ReversalKind, post_payment, post_reversal
from app.intake.instalments import miss_instalments
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.store.engines import Database
from campaigns.money import Money
from tests.databases import on_both_stores
from tests.factories import NOON, add_creditor, add_customer, add_invoice

DAYS = 10  # from the agreement to the first part, and from one to the next
_numbers = count(1)


@dataclass
class Planned:
    """A customer with two invoices and, once agreed, a plan. `settled` is what each payment since
    then settles, as the ledger answered."""

    database: Database
    customer_id: int
    invoices: list[int]
    now: datetime = NOON
    settled: dict[int, int] = field(default_factory=dict)
    came: int = 0

    @classmethod
    def of(cls, database: Database, creditor_id: int, *amounts: int) -> Planned:
        customer_id = add_customer(database, creditor_id, f"P{next(_numbers)}")
        invoices = [
            add_invoice(database, customer_id, f"I{next(_numbers)}", amount=amount)
            for amount in amounts
        ]
        return cls(database, customer_id, invoices)

    def agree(self, *minors: int) -> None:
        parts = [
            Part(Money(minor, "ILS"), self.now.date() + timedelta(days=DAYS * number))
            for number, minor in enumerate(minors, 1)
        ]
        with self.database.write() as session:
            agree_plan(
                session,
                customer_id=self.customer_id,
                parts=parts,
                agreed_by=MadeBy.PAGE,
                now=self.now,
            )
        self.settled, self.came = {}, 0

    def pay(self, minor: int, **named: Any) -> int:
        with self.database.write() as session:
            told = PaymentIn(
                f"pay:{next(_numbers)}",
                self.customer_id,
                Money(minor, "ILS"),
                self.now.date(),
                self.now,
                **named,
            )
            posted = post_payment(session, told, now=self.now)
        assert posted.payment_id is not None
        self.settled[posted.payment_id] = sum(share.minor for share in posted.allocated)
        self.came += minor
        return posted.payment_id

    def take_back(self, payment_id: int, minor: int) -> None:
        with self.database.write() as session:
            told = ReversalIn(
                f"back:{next(_numbers)}",
                ReversalKind.CHARGEBACK,
                self.customer_id,
                Money(minor, "ILS"),
                self.now.date(),
                self.now,
                payment_id=payment_id,
            )
            posted = post_reversal(session, told, now=self.now)
        if payment_id in self.settled:
            self.settled[payment_id] -= sum(share.minor for share in posted.shares)
            self.came -= minor - posted.excess.minor

    def later(self, days: int) -> None:
        self.now += timedelta(days=days)
        with self.database.write() as session:
            miss_instalments(session, self.now)

    def rows(self, table: str, column: str) -> list[Any]:
        query = f"SELECT {column} FROM {table} WHERE {_OWNER[table]} = :customer ORDER BY id"
        with self.database.read() as session:
            return list(session.connection().scalars(text(query), {"customer": self.customer_id}))

    def states(self) -> list[str]:
        return self.rows("instalment", "state")

    def plan(self) -> str:
        return str(self.rows("plan", "state")[-1])


_OWNER = {
    "plan": "customer_id",
    "invoice": "customer_id",
    "event": "customer_id",
    "instalment": "(SELECT customer_id FROM plan WHERE plan.id = plan_id)",
}


@pytest.fixture
def creditor(database: Database) -> int:
    return add_creditor(database)


@pytest.fixture
def three(database: Database, creditor: int) -> Planned:
    """A hundred in parts of 40, 30 and 30."""
    planned = Planned.of(database, creditor, 70, 30)
    planned.agree(40, 30, 30)
    return planned


@on_both_stores
def test_a_transfer_pays_the_parts_that_it_covers_at_once_and_says_what_is_next(
    three: Planned,
) -> None:
    three.pay(50)

    assert three.states() == ["paid", "due", "due"]
    with three.database.read() as session:
        assert next_part(session, three.rows("plan", "id")[0]) == Money(20, "ILS")
    three.pay(20)
    assert three.states() == ["paid", "paid", "due"]


def test_what_was_paid_before_the_agreement_pays_no_part_and_its_return_unpays_none(
    database: Database, creditor: int
) -> None:
    planned = Planned.of(database, creditor, 100)
    before = planned.pay(40)
    planned.agree(30, 30)
    assert planned.states() == ["due", "due"]

    planned.pay(30)
    planned.take_back(before, 40)

    assert planned.states() == ["paid", "due"]


def test_money_for_an_invoice_outside_of_the_plan_pays_no_part(
    database: Database, three: Planned
) -> None:
    newer = add_invoice(database, three.customer_id, "NEW", amount=40)

    three.pay(40, invoice_ids=(newer,))

    assert three.states() == ["due", "due", "due"]


@on_both_stores
def test_money_that_goes_back_makes_a_part_due_again(three: Planned) -> None:
    payment = three.pay(70)

    three.take_back(payment, 10)

    assert three.states() == ["paid", "due", "due"]
    assert "instalment_missed" not in three.rows("event", "kind")


@on_both_stores
def test_a_completed_plan_runs_again_late_and_with_time_to_rescue_it(three: Planned) -> None:
    payment = three.pay(100)
    assert three.plan() == "completed"
    assert three.rows("plan", "ended_at")[0] is not None

    three.later(DAYS + 15)  # the second part is past its grace, the third is not due
    three.take_back(payment, 100)

    assert (three.plan(), three.rows("plan", "ended_at")) == ("running", [None])
    assert three.states() == ["missed", "missed", "due"]
    assert three.rows("event", "kind").count("instalment_missed") == 2
    three.later(2)
    assert three.plan() == "running"
    three.later(20)
    assert three.plan() == "broken"


def test_a_part_that_is_missed_anew_is_told_anew(three: Planned) -> None:
    three.later(DAYS + 4)
    assert three.states() == ["missed", "due", "due"]
    payment = three.pay(40)
    assert three.states() == ["paid", "due", "due"]

    three.later(1)
    three.take_back(payment, 40)

    assert three.states() == ["missed", "due", "due"]
    assert three.rows("event", "kind").count("instalment_missed") == 2


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parts_are_paid_in_order_by_what_came_in_and_never_by_more(
    database: Database, creditor: int, data: st.DataObject
) -> None:
    amounts = data.draw(st.lists(st.integers(2, 90), min_size=1, max_size=3))
    planned = Planned.of(database, creditor, *amounts, 2)
    payments = [planned.pay(1)] if data.draw(st.booleans()) else []
    open_now = sum(planned.rows("invoice", "open_minor"))
    cuts = data.draw(st.sets(st.integers(1, open_now - 1), min_size=1, max_size=4))
    parts = [b - a for a, b in pairwise([0, *sorted(cuts), open_now])]
    planned.agree(*parts)

    for _ in range(data.draw(st.integers(1, 7))):
        if bool(payments) and data.draw(st.booleans()):
            planned.take_back(data.draw(st.sampled_from(payments)), data.draw(st.integers(1, 60)))
        else:
            payments.append(planned.pay(data.draw(st.integers(1, 120))))
        is_settled = not sum(planned.rows("invoice", "open_minor"))
        covered = open_now if is_settled else sum(planned.settled.values())
        states = [state == "paid" for state in planned.states()]
        assert states == [sum_ <= covered for sum_ in accumulate(parts)]
        assert sum(part for part, paid in zip(parts, states, strict=True) if paid) <= planned.came
        assert planned.plan() == ("completed" if all(states) else "running")
