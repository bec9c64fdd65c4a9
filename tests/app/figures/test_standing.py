"""How things stand: counted at one instant, and exact."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.figures.names import Family, Standing
from app.figures.reading import ledger_of
from app.figures.reports.outstanding import days_outstanding
from app.figures.standing import count_standing, save_family
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import (
    Allocation,
    Dispute,
    FigureMark,
    Hold,
    Instalment,
    Invoice,
    Payment,
    Plan,
    Reversal,
    StandingFigure,
    Task,
)
from tests.app.figures.lives import Lives
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_invoice

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def standing(database: Database, figure: Standing) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Number and amount by medium, about, cohort and age."""
    with database.read() as session:
        query = select(table_of(StandingFigure)).filter_by(figure=figure)
        rows = session.connection().execute(query).all()
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for row in rows:
        key = (row.medium, row.about, row.cohort, row.age)
        number, amount = found.get(key, (0, 0))
        found[key] = (number + row.number, amount + row.amount_minor)
    return found


def change(database: Database, statement: str) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql(statement)


@on_both_stores
def test_what_is_open_is_counted_by_kind_team_and_hour(database: Database) -> None:
    lives = Lives(database)
    first, second = lives.customers
    placed = {"placed_at": NOON, "renewed_at": NOON, "kind": "hardship"}
    add(database, Hold, person_id=first, customer_id=first, **placed)
    add(database, Hold, person_id=second, **placed)
    add(database, Hold, person_id=second, released_at=NOON, **placed)
    lives.promise(first, NOON, 500)
    lives.promise(second, NOON - 9 * DAY, 500, state="broken", ended_at=NOON)
    invoice_id = add_invoice(database, first, amount=700)
    add(database, Dispute, customer_id=first, invoice_id=invoice_id, opened_at=NOON)
    task = {"kind": "reply", "title": "Read", "created_at": NOON, "team": "service"}
    add(database, Task, key="a", customer_id=first, due_at=NOON - HOUR, **task)
    add(database, Task, key="b", due_at=NOON + HOUR, **task)
    add(database, Task, key="c", state="done", **task)
    lives.send(first, NOON - HOUR, state="waiting")
    lives.send(first, NOON + 3 * HOUR, state="waiting", medium="email")
    lives.send(first, NOON + 25 * HOUR, state="waiting")
    assert count_standing(database, NOON) == 3
    assert standing(database, Standing.HELD) == {("", "hardship", "", 0): (2, 0)}
    assert standing(database, Standing.PROMISED) == {("", "", "2026-06-01", 0): (1, 500)}
    assert standing(database, Standing.DISPUTED) == {("", "other", "", 0): (1, 700)}
    assert standing(database, Standing.TASKS) == {("", "service", "", 0): (2, 0)}
    assert standing(database, Standing.TASKS_LATE) == {("", "service", "", 0): (1, 0)}
    assert standing(database, Standing.DUE_MESSAGES) == {
        ("sms", "", "2026-06-01T09", 0): (1, 0),
        ("email", "", "2026-06-01T12", 0): (1, 0),
    }


@on_both_stores
def test_open_cases_are_counted_by_reason_and_by_the_hour_of_their_next_look(
    database: Database,
) -> None:
    lives = Lives(database)
    change(database, "UPDATE dunning_case SET reason = 'hold', look_at = '2026-06-01 15:20+00:00'")
    change(database, f"UPDATE dunning_case SET arm = 'control' WHERE id = {lives.customers[1]}")
    count_standing(database, NOON)
    assert standing(database, Standing.CASES) == {("", "hold", "", 0): (2, 0)}
    assert standing(database, Standing.LOOKS) == {("", "", "2026-06-01T15", 0): (1, 0)}
    change(database, "UPDATE dunning_case SET phase = 'closed'")
    count_standing(database, NOON + HOUR)
    assert standing(database, Standing.CASES) == {}


@on_both_stores
def test_arms_are_compared_by_the_cases_that_had_their_time(database: Database) -> None:
    lives = Lives(database, created_at=NOON - 40 * DAY)
    settled, _ = lives.customers
    change(
        database,
        "UPDATE dunning_case SET phase = 'closed', outcome = 'settled',"
        f" closed_at = '2026-05-01 09:00+00:00' WHERE customer_id = {settled}",
    )
    Lives(database, name="everest", created_at=NOON - 20 * DAY)
    count_standing(database, NOON)
    assert standing(database, Standing.ARMS) == {
        ("", "1:treatment", "2026-04", 1): (1, 0),
        ("", "1:treatment", "2026-04", 0): (1, 0),
    }


@on_both_stores
def test_plans_are_counted_by_what_became_of_them_and_how_far_they_came(
    database: Database,
) -> None:
    lives = Lives(database)
    plan = {"customer_id": lives.customers[0], "currency": "ILS", "agreed_by": "page"}
    for state, paid in (("broken", 1), ("running", 2), ("offered", 0)):
        plan_id = add(database, Plan, amount_minor=300, state=state, agreed_at=NOON, **plan)
        for number in (1, 2, 3):
            part = {"number": number, "state": "paid" if number <= paid else "due"}
            part |= {"plan_id": plan_id, "amount_minor": 100}
            add(database, Instalment, due_on=NOON.date(), grace_until=NOON, **part)
    count_standing(database, NOON)
    assert standing(database, Standing.PLANS) == {
        ("", "broken", "", 1): (1, 300),
        ("", "running", "", 2): (1, 300),
    }


def test_each_family_is_counted_when_it_is_due_and_by_one_worker(database: Database) -> None:
    Lives(database)
    assert count_standing(database, NOON) == 3
    assert count_standing(database, NOON + MINUTE) == 1
    assert count_standing(database, NOON + HOUR) == 3
    assert save_family(database, Family.CASES, None, {}, NOON + HOUR) is False
    with database.read() as session:
        marks = session.connection().execute(select(table_of(FigureMark))).all()
    assert {mark.counted_at for mark in marks} == {NOON + HOUR}


@dataclass(frozen=True, slots=True)
class Sale:
    """An invoice of the recorded receivables, in minor units, and when it was paid."""

    number: str
    issued_on: date
    due_on: date
    amount: int
    paid_on: date


def sales(vectors: Path) -> list[Sale]:
    path = vectors / "ar_data" / "ibm_wa_fn_usec_accounts_receivable.csv"
    with path.open(newline="") as file:
        return [
            Sale(
                row["invoiceNumber"],
                _day(row["InvoiceDate"]),
                _day(row["DueDate"]),
                round(float(row["InvoiceAmount"]) * 100),
                _day(row["SettledDate"]),
            )
            for row in csv.DictReader(file)
        ]


def _day(told: str) -> date:
    return datetime.strptime(told, "%m/%d/%Y").replace(tzinfo=UTC).date()


def _book(database: Database, lives: Lives, known: Sequence[Sale], now: datetime) -> None:
    """Puts the invoices in that were issued, and the payments that had come, by `now`."""
    customer_id, today = lives.customers[0], now.date()
    invoices = [
        {
            "creditor_id": lives.creditor_id,
            "customer_id": customer_id,
            "external_id": f"{at}-{sale.number}",
            "number": sale.number,
            "currency": "USD",
            "amount_minor": sale.amount,
            "open_minor": 0 if sale.paid_on <= today else sale.amount,
            "issued_on": sale.issued_on,
            "due_on": sale.due_on,
            "known_at": now,
        }
        for at, sale in enumerate(known)
    ]
    paid = [(at, sale) for at, sale in enumerate(known) if sale.paid_on <= today]
    payments = [
        {
            "key": f"p{at}",
            "creditor_id": lives.creditor_id,
            "customer_id": customer_id,
            "currency": "USD",
            "amount_minor": sale.amount,
            "paid_on": sale.paid_on,
            "received_at": now,
        }
        for at, sale in paid
    ]
    with database.write() as session:
        ids = insert_returning_ids(session, Invoice, invoices)
        payment_ids = insert_returning_ids(session, Payment, payments)
        rows = [
            {"invoice_id": ids[at], "payment_id": id_, "amount_minor": sale.amount, "at": now}
            for (at, sale), id_ in zip(paid, payment_ids, strict=True)
        ]
        insert_rows(session, Allocation, rows)


def test_the_book_of_real_receivables_comes_out_as_its_own_rows_say(
    database: Database, vectors: Path
) -> None:
    now = datetime(2013, 7, 31, 20, tzinfo=UTC)  # the 31st in Chicago too
    known = [sale for sale in sales(vectors) if sale.issued_on <= now.date()]
    lives = Lives(database, zone="America/Chicago")
    _book(database, lives, known, now)
    count_standing(database, now)
    with database.read() as session:
        ledger = ledger_of(session, [lives.creditor_id], "USD")
    for month, last in (("2013-03", date(2013, 3, 31)), ("2013-07", date(2013, 7, 31))):
        owed = [sale for sale in known if sale.issued_on <= last < sale.paid_on]
        late = [sale for sale in owed if sale.due_on < last]
        found = days_outstanding(ledger, month)
        assert found.receivable == sum(sale.amount for sale in owed)
        assert found.overdue == sum(sale.amount for sale in late)
        assert found.is_whole
        assert 0 < found.best <= found.dso < 60
    opened = standing(database, Standing.OPEN)
    assert sum(amount for _, amount in opened.values()) == ledger.receivable("2013-07")
    in_march = [s for s in known if (s.due_on + DAY).isoformat()[:7] == "2013-03"]
    came = [s for s in in_march if s.due_on < s.paid_on <= now.date()]
    assert ledger.fell_overdue["2013-03"] == sum(s.amount for s in in_march if s.paid_on > s.due_on)
    assert sum(amount for (cohort, _), amount in ledger.came.items() if cohort == "2013-03") == sum(
        s.amount for s in came
    )


@on_both_stores
def test_what_goes_back_and_what_is_credited_are_told_apart(database: Database) -> None:
    lives = Lives(database)
    customer_id = lives.customers[0]
    invoice_id = add_invoice(
        database, customer_id, amount=1000, due_on=date(2026, 4, 10), issued_on=date(2026, 3, 1)
    )
    change(database, "UPDATE invoice SET open_minor = 600")
    payment_id = lives.pay(customer_id, NOON, 500)
    change(database, "UPDATE payment SET paid_on = '2026-05-20'")
    told = {"customer_id": customer_id, "currency": "ILS", "received_at": NOON}
    back = {"payment_id": payment_id, "reversed_on": date(2026, 6, 1), "amount_minor": 200}
    back_id = add(database, Reversal, key="r", kind="chargeback", **told, **back)
    note = {"reversed_on": date(2026, 4, 20), "amount_minor": 100}
    note_id = add(database, Reversal, key="n", kind="credit_note", **told, **note)
    allocated = {"invoice_id": invoice_id, "at": NOON}
    add(database, Allocation, payment_id=payment_id, amount_minor=500, **allocated)
    taken = {"payment_id": payment_id, "reversal_id": back_id, "amount_minor": -200}
    add(database, Allocation, **taken, **allocated)
    add(database, Allocation, reversal_id=note_id, amount_minor=100, **allocated)
    count_standing(database, NOON)
    assert standing(database, Standing.FELL_OVERDUE) == {("", "", "2026-04", 0): (1, 1000)}
    assert standing(database, Standing.RECOVERED) == {
        ("", "", "2026-04", 1): (1, 500),
        ("", "", "2026-04", 2): (1, -200),
    }
    assert standing(database, Standing.CREDITED) == {("", "", "2026-04", 0): (1, 100)}
    with database.read() as session:
        ledger = ledger_of(session, None, "ILS")
    assert (ledger.receivable("2026-06"), ledger.overdue("2026-06")) == (600, 600)
    assert (ledger.receivable("2026-04"), ledger.overdue("2026-05")) == (900, 400)


def test_a_creditor_that_is_gone_from_the_figures_leaves_none_behind(database: Database) -> None:
    lives = Lives(database)
    lives.promise(lives.customers[0], NOON, 500)
    count_standing(database, NOON)
    change(database, "UPDATE promise SET state = 'kept'")
    count_standing(database, NOON + MINUTE)
    assert standing(database, Standing.PROMISED) == {}
