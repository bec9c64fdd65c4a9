"""`duly check`: clean after an honest world has run, and every promise's violation is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session, SQLModel

from app.engine.checks import PromiseCheck, check, check_ledger
from app.engine.checks.finding import SHOWN
from app.engine.checks.pages import pages
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import (
    Allocation,
    Attempt,
    Campaign,
    Case,
    Consent,
    Customer,
    Dispute,
    Hold,
    Inbound,
    Invoice,
    Message,
    Payment,
    Plan,
    Promise,
    Refused,
    Suppression,
)
from channels.sandbox_faults import Faults
from tests.databases import on_both_stores
from tests.promises.stage import STOPS, Stage, staging


@pytest.fixture
def lived(migrated_url: str) -> Iterator[Stage]:
    """A few days of two people."""
    with staging(migrated_url) as stage:
        stage.owe("Ada", media=("sms",))
        stage.owe("Ben", media=("email",))
        stage.play(days=4)
        yield stage


def findings(database: Database, stage: Stage) -> dict[int, PromiseCheck]:
    asked = (*check(database, stage.now), check_ledger(database))
    return {each.number: each for each in asked}


def violations(database: Database, stage: Stage) -> dict[int, tuple[str, ...]]:
    asked = findings(database, stage)
    return {number: each.sample for number, each in asked.items() if each.violations}


def test_after_some_honest_days_nothing_is_wrong(lived: Stage) -> None:
    asked = findings(lived.database, lived)

    assert violations(lived.database, lived) == {}
    assert list(asked) == list(range(1, 12))
    assert asked[7].violations is None  # only tests can tell
    unasked = {number for number, each in asked.items() if not each.examined}
    assert unasked == {5, 7}  # nobody was silent


@on_both_stores
def test_a_database_without_people_breaks_nothing(migrated_url: str) -> None:
    with staging(migrated_url) as stage:
        assert violations(stage.database, stage) == {}


def test_after_weeks_with_a_bad_provider_and_every_stop_nothing_is_wrong(migrated_url: str) -> None:
    bad = Faults(timeout_before=0.1, timeout_after=0.2, later=0.2, doubled=1.0, late=0.5, fail=0.1)
    with staging(migrated_url, faults=bad) as stage:
        people = [stage.owe(f"P{n}", media=("sms", "email")) for n in range(7)]
        stage.owe("Other", person="person-P6", creditor=stage.second_creditor())
        stage.play(days=2)
        for customer, how in zip(people, STOPS, strict=False):
            stage.stop(customer, how)
        stage.pay(people[5], 4050)

        stage.play(days=9)

        assert len(stage.get(Attempt)) > 15
        assert violations(stage.database, stage) == {}


# What could only be there if a promise had been broken


class Planting(Database):
    """A transaction in which something is planted and everything reads, and that never commits."""

    def __init__(self, session: Session, stage: Stage) -> None:
        self.session = session
        self.asked_at = stage.now
        self.gated_at = stage.get(Attempt, person_id=1)[-1].gated_at
        self.before = self.gated_at - timedelta(hours=1)

    @contextmanager
    def read(self) -> Iterator[Session]:
        yield self.session

    def put(self, model: type[SQLModel], **columns: Any) -> None:
        """Sets columns of the first row."""
        table = table_of(model)
        self.session.connection().execute(update(table).where(table.c.id == 1).values(columns))

    def add(self, model: type[SQLModel], **columns: Any) -> None:
        insert_rows(self.session, model, [columns])


Plant = Callable[[Planting], None]


def changed(model: type[SQLModel], **columns: Any) -> Plant:
    return lambda planting: planting.put(model, **columns)


def a_second_acceptance(planting: Planting) -> None:
    table = table_of(Attempt)
    query = select(table).where(table.c.id == 1)
    row = dict(planting.session.connection().execute(query).one()._mapping)
    del row["id"]
    planting.add(Attempt, **row | {"key": "again", "number": 2, "state": "accepted"})


def a_case_that_nobody_looks_at(planting: Planting) -> None:
    planting.put(Case, look_at=planting.asked_at - timedelta(days=3))


def a_case_that_sleeps(planting: Planting) -> None:
    key = table_of(Message).c.key
    found = planting.session.connection().execute(select(func.min(key))).scalar_one()
    planting.put(
        Case, phase="pending", message_key=found, look_at=planting.asked_at + timedelta(days=3)
    )


def a_message_that_is_stuck(planting: Planting) -> None:
    planting.put(Message, state="sending", updated_at=planting.asked_at - timedelta(days=3))


def an_opt_out(planting: Planting) -> None:
    planting.add(Suppression, address_id=1, medium="sms", reason="staff", at=planting.before)


def a_hold(planting: Planting) -> None:
    planting.add(
        Hold,
        person_id=1,
        kind="staff",
        placed_at=planting.before,
        renewed_at=planting.before,
    )


def a_dispute(planting: Planting) -> None:
    planting.add(Dispute, customer_id=1, invoice_id=1, opened_at=planting.before)


def a_dispute_that_was_upheld(planting: Planting) -> None:
    ended = {"state": "upheld", "resolved_at": planting.before}
    planting.add(Dispute, customer_id=1, invoice_id=1, opened_at=planting.before, **ended)


def a_hold_that_was_lifted_later(planting: Planting) -> None:
    a_hold(planting)
    planting.put(Hold, released_at=planting.gated_at + timedelta(days=1))


def an_answer_behind_a_hold(planting: Planting) -> None:
    """It passes what was there before the customer's act, and nothing later."""
    acted_at = planting.before - timedelta(hours=1)
    planting.put(Message, answers_event_at=acted_at)
    planting.put(Attempt, exempt=True)
    a_hold(planting)


def an_answer_behind_a_hold_that_was_renewed(planting: Planting) -> None:
    an_answer_behind_a_hold(planting)
    long_ago = planting.before - timedelta(days=1)
    table = table_of(Hold)
    planting.session.connection().execute(update(table).values(placed_at=long_ago))


def a_promise(planting: Planting) -> None:
    planting.add(
        Promise,
        customer_id=1,
        currency="ILS",
        amount_minor=24050,
        due_on=planting.asked_at.date(),
        grace_until=planting.asked_at + timedelta(days=1),
        made_at=planting.before,
        made_by="page",
    )


def a_promise_that_nobody_has_judged(planting: Planting) -> None:
    """Its grace is over, but it was still open at the gate."""
    a_promise(planting)
    table = table_of(Promise)
    planting.session.connection().execute(update(table).values(grace_until=planting.before))


def a_plan(planting: Planting) -> None:
    terms = {"currency": "ILS", "amount_minor": 24050}
    planting.add(Plan, customer_id=1, agreed_at=planting.before, agreed_by="page", **terms)


def a_payment(planting: Planting) -> None:
    planting.add(
        Payment,
        key="p",
        creditor_id=1,
        customer_id=1,
        currency="ILS",
        amount_minor=24050,
        paid_on=planting.before.date(),
        received_at=planting.before,
    )
    planting.add(Allocation, invoice_id=1, payment_id=1, amount_minor=24050, at=planting.before)
    planting.put(Invoice, open_minor=0)


def a_message_at_night(planting: Planting) -> None:
    planting.put(Attempt, gated_at=planting.gated_at.replace(hour=1))


def two_messages_at_one_instant(planting: Planting) -> None:
    """The cap is one a day, and both gates have the same time."""
    planting.put(Attempt, gated_at=planting.gated_at)


def a_withdrawal(planting: Planting) -> None:
    """Of consent alone, with no suppression beside it."""
    word = {"given": False, "source": "phone", "method": "spoken"}
    planting.add(Consent, customer_id=1, medium="sms", at=planting.before, **word)


def a_refusal(planting: Planting) -> None:
    because = {"asked_by": "gate", "rule": "HOUSE", "reason": "because"}
    planting.add(Refused, case_id=1, at=planting.asked_at, **because)


def a_call_that_nobody_heard(planting: Planting) -> None:
    received_at = planting.asked_at - timedelta(days=2)
    planting.add(Inbound, key="k", source="sandbox", received_at=received_at, body="")


def a_campaign_without_a_journey(planting: Planting) -> None:
    planting.put(Campaign, journey="nowhere")


PLANTED: Mapping[str, tuple[int, Plant]] = {
    "a second acceptance": (1, a_second_acceptance),
    "a case without a look": (2, changed(Case, look_at=None)),
    "a case that nobody looks at": (2, a_case_that_nobody_looks_at),
    "a case without its message": (2, changed(Case, phase="pending", message_key="gone")),
    "a case that sleeps": (2, a_case_that_sleeps),
    "a case that waits without end": (2, changed(Case, phase="waiting", wait_until=None)),
    "a message that is stuck": (2, a_message_that_is_stuck),
    "an opt-out": (3, an_opt_out),
    "a hold": (3, a_hold),
    "a hold that was lifted later": (3, a_hold_that_was_lifted_later),
    "a dispute": (3, a_dispute),
    "a dispute that was upheld": (3, a_dispute_that_was_upheld),
    "an answer behind a hold": (3, an_answer_behind_a_hold),
    "an answer behind a hold that was renewed": (3, an_answer_behind_a_hold_that_was_renewed),
    "a promise": (3, a_promise),
    "a promise that nobody has judged": (3, a_promise_that_nobody_has_judged),
    "a plan": (3, a_plan),
    "a payment": (3, a_payment),
    "a message at night": (4, a_message_at_night),
    "two messages at one instant": (4, two_messages_at_one_instant),
    "a withdrawal": (4, a_withdrawal),
    "a silence": (5, changed(Message, state="stopped", reason=None)),
    "a code that nobody knows": (5, changed(Message, state="stopped", reason="because")),
    "an open blank": (5, changed(Message, state="expired", reason="expired")),
    "a refusal": (5, a_refusal),
    "a case that ended in silence": (5, changed(Case, phase="closed", reason=None)),
    "no text": (6, changed(Attempt, text="")),
    "no template": (6, changed(Attempt, template_hash="gone")),
    "no evidence": (6, changed(Attempt, evidence={})),
    "a call that nobody heard": (8, a_call_that_nobody_heard),
    "a status that nobody knows": (8, changed(Message, delivery="vanished")),
    "a message that went back": (8, changed(Message, delivery="sent")),
    "a case that is elsewhere": (9, changed(Case, next_step="elsewhere")),
    "a word that nobody knows": (9, changed(Case, arm="sleepy")),
    "a campaign without a journey": (9, a_campaign_without_a_journey),
    "a language without words": (10, changed(Customer, locale="tlh")),
    "money from nowhere": (11, changed(Invoice, open_minor=1)),
}


def test_every_planted_violation_is_found_and_named(lived: Stage) -> None:
    for name, (number, plant) in PLANTED.items():
        with Session(lived.database.engine) as session:
            planting = Planting(session, lived)
            plant(planting)

            finding = findings(planting, lived)[number]

            assert finding.violations, name
            assert len(finding.sample) == min(finding.violations, SHOWN), name
            session.rollback()

    assert {number for number, _ in PLANTED.values()} == set(range(1, 12)) - {7}
    assert violations(lived.database, lived) == {}


@on_both_stores
def test_what_came_within_the_skew_of_two_clocks_is_no_violation(lived: Stage) -> None:
    with Session(lived.database.engine) as session:
        planting = Planting(session, lived)
        planting.before = planting.gated_at - timedelta(seconds=1)
        for plant in (an_opt_out, a_hold, a_dispute, a_promise, a_plan, a_withdrawal):
            plant(planting)

        asked = findings(planting, lived)

        assert (asked[3].violations, asked[4].violations) == (0, 0)
        session.rollback()


@on_both_stores
def test_a_stop_that_was_lifted_about_when_the_gate_was_passed_is_no_violation(
    lived: Stage,
) -> None:
    with Session(lived.database.engine) as session:
        planting = Planting(session, lived)
        for plant in (an_opt_out, a_hold, a_dispute, a_promise, a_plan, a_payment):
            plant(planting)
        then = planting.gated_at
        planting.put(Suppression, lifted_at=then + timedelta(seconds=1))
        planting.put(Hold, released_at=then)
        planting.put(Dispute, state="rejected", resolved_at=then - timedelta(seconds=1))
        planting.put(Promise, ended_at=then, state="broken")
        planting.put(Plan, ended_at=then, state="broken")
        planting.add(Allocation, invoice_id=1, payment_id=1, amount_minor=-24050, at=then)

        assert findings(planting, lived)[3].violations == 0
        session.rollback()


def test_many_violations_are_counted_and_the_first_are_named(lived: Stage) -> None:
    with Session(lived.database.engine) as session:
        planting = Planting(session, lived)
        refusal = {"case_id": 1, "asked_by": "gate", "rule": "HOUSE", "reason": "because"}
        insert_rows(session, Refused, [{**refusal, "at": lived.now}] * 2500)

        silent = findings(planting, lived)[5]

        assert silent.violations == 2500
        assert len(silent.sample) == SHOWN
        session.rollback()


@on_both_stores
def test_rows_come_in_pages_and_each_once(lived: Stage) -> None:
    with Session(lived.database.engine) as session:
        refusal = {"case_id": 1, "asked_by": "gate", "rule": "HOUSE", "reason": "because"}
        insert_rows(session, Refused, [{**refusal, "at": lived.now}] * 2500)
        table = table_of(Refused)

        read = list(pages(session, table, ("reason",), table.c.rule == "HOUSE"))

        assert [len(page) for page in read] == [1000, 1000, 500]
        ids = [row.id for page in read for row in page]
        assert ids == sorted(set(ids))
        session.rollback()
