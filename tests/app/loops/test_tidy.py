"""What time alone changes is changed by tidy; and while nothing is due, it only looks."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event

from app.delivery.reconcile import Reconciliation
from app.intake.inbox import receive
from app.intake.mail_sources import PipedMail
from app.loops.tidy import Tidy
from app.payments.gateway import CheckoutRequest
from app.payments.sandbox_gateway import SandboxGateway
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import (
    Checkout,
    Customer,
    Hold,
    Instalment,
    MediumPrior,
    Person,
    Plan,
    Promise,
    Task,
)
from campaigns.money import Money
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_creditor, add_customer, add_invoice
from tests.world import SECRET, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def customer_id(world: World) -> int:
    creditor_id = add_creditor(world.database)
    customer = add_customer(world.database, creditor_id, email="dana@example.com")
    add_invoice(world.database, customer)
    return customer


def _tidy(world: World, **gateways: SandboxGateway) -> Tidy:
    return Tidy(world.database, world.loops.reconciliation, gateways, secret=SECRET)


def _promise(customer_id: int, *, grace_until: datetime) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "currency": "ILS",
        "amount_minor": 24050,
        "due_on": date(2026, 6, 1),
        "grace_until": grace_until,
        "made_at": NOON - DAY,
        "made_by": "page",
    }


def _plan(world: World, customer_id: int, *, state: str = "running") -> int:
    owed = add_invoice(world.database, customer_id, "A-1", amount=24050, due_on=date(2026, 5, 1))
    plan_id = add(
        world.database,
        Plan,
        customer_id=customer_id,
        invoice_ids=[owed],
        currency="ILS",
        amount_minor=24050,
        state=state,
        agreed_at=NOON - DAY,
        agreed_by="page",
    )
    add(
        world.database,
        Instalment,
        plan_id=plan_id,
        number=1,
        amount_minor=24050,
        due_on=date(2026, 6, 1),
        grace_until=NOON,
    )
    return plan_id


def _checkout(world: World, customer_id: int, gateway: SandboxGateway) -> str:
    """One that the customer opened two hours ago and left; it lasts another hour."""
    request = CheckoutRequest(
        key="checkout-1",
        amount=Money(24050, "ILS"),
        description="INV-1",
        return_url="https://pay.example.com/p/x",
        customer_ref="1",
        expires_at=NOON + HOUR,
    )
    session_id = gateway.open(request).session_id
    add(
        world.database,
        Checkout,
        key=request.key,
        customer_id=customer_id,
        currency="ILS",
        amount_minor=24050,
        ledger_revision=0,
        gateway=gateway.name,
        session_id=session_id,
        created_at=NOON - 2 * HOUR,
        expires_at=request.expires_at,
    )
    return session_id


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    """What is said to the writing engine meanwhile."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    yield said
    event.remove(database.engine, "before_cursor_execute", hear)


def _writes(said: list[str]) -> list[str]:
    return [statement for statement in said if not statement.startswith("SELECT")]


def test_while_nothing_is_due_it_only_looks(world: World, customer_id: int) -> None:
    add(world.database, Promise, **_promise(customer_id, grace_until=NOON + DAY))
    _plan(world, customer_id, state="broken")  # its later instalments stay as they were
    tidy = _tidy(world)
    tidy.tick(NOON)
    with _statements(world.database) as said:
        done = tidy.tick(NOON + HOUR)

    assert done == 0
    assert _writes(said) == []


def test_a_promise_whose_grace_is_over_is_broken(world: World, customer_id: int) -> None:
    add(world.database, Promise, **_promise(customer_id, grace_until=NOON))
    tidy = _tidy(world)

    assert tidy.tick(NOON - HOUR) == 0
    assert tidy.tick(NOON) == 1
    assert world.rows("promise")[0]["state"] == "broken"


@on_both_stores
def test_any_number_of_promises_is_looked_after_in_one_tick(world: World) -> None:
    creditor_id = add_creditor(world.database)
    numbers = range(501)  # one more than a batch
    with world.database.write() as session:
        persons = insert_returning_ids(session, Person, [{"key": f"p{n}"} for n in numbers])
        rows = [
            {"creditor_id": creditor_id, "person_id": p, "external_id": f"C{p}", "created_at": NOON}
            for p in persons
        ]
        customers = insert_returning_ids(session, Customer, rows)
        insert_rows(session, Promise, [_promise(c, grace_until=NOON) for c in customers])

    assert _tidy(world).tick(NOON) == 501
    assert world.rows("promise", "state = 'open'") == []


def test_a_plan_with_a_missed_instalment_is_broken(world: World, customer_id: int) -> None:
    _plan(world, customer_id)

    _tidy(world).tick(NOON)

    assert world.rows("plan")[0]["state"] == "broken"
    assert world.rows("instalment")[0]["state"] == "missed"


def test_a_hold_ends_by_itself(world: World, customer_id: int) -> None:
    person_id = world.rows("customer")[0]["person_id"]
    placed = {"placed_at": NOON, "renewed_at": NOON, "until": NOON}
    add(world.database, Hold, person_id=person_id, kind="hardship", **placed)

    _tidy(world).tick(NOON)

    assert world.rows("hold")[0]["released_at"] is not None


def test_a_checkout_left_lying_is_told_once_and_ends_at_its_gateway(
    world: World, customer_id: int
) -> None:
    with closing(SandboxGateway(secret="s" * 40)) as gateway:
        session_id = _checkout(world, customer_id, gateway)
        tidy = _tidy(world, sandbox=gateway)
        tidy.tick(NOON)
        tidy.tick(NOON)
        assert len(world.rows("event", "kind = 'checkout_abandoned'")) == 1
        assert world.rows("checkout")[0]["state"] == "open"

        tidy.tick(NOON + HOUR)

        assert world.rows("checkout")[0]["state"] == "expired"
        with pytest.raises(Exception, match="over"):
            gateway.pay(session_id, NOON)


def test_a_chore_that_fails_costs_no_other(world: World, customer_id: int) -> None:
    class Failing(Reconciliation):
        def tick(self, now: datetime) -> int:
            raise RuntimeError("of this chore alone")

    add(world.database, Promise, **_promise(customer_id, grace_until=NOON))
    failing = Failing(world.database, world.channels, secret=b"s" * 32)

    with pytest.raises(RuntimeError, match="of this chore alone"):
        Tidy(world.database, failing, {}, secret=SECRET).tick(NOON)

    assert world.rows("promise")[0]["state"] == "broken"


def test_answers_are_counted_once_a_day(world: World, customer_id: int) -> None:
    tidy = _tidy(world)
    tidy.tick(NOON)
    with world.database.write() as session:
        session.connection().execute(delete(table_of(MediumPrior)))
    tidy.tick(NOON + HOUR)
    assert world.rows("medium_prior") == []

    tidy.tick(NOON + DAY)

    assert [row["medium"] for row in world.rows("medium_prior")] == ["email"]


def test_the_call_that_brought_special_data_goes_before_all_others(
    world: World, customer_id: int
) -> None:
    """The words of a customer stand on a note; those of a stranger in the call alone."""
    assert customer_id
    mails = {
        "dana@example.com": "I want to kill myself",
        "stranger@example.com": "I want to end my life",
        "dana@example.com ": "Please send me the invoice",
    }
    for number, (writer, words) in enumerate(mails.items()):
        mail = (
            f"From: <{writer.strip()}>\r\nTo: noa@carmel.example\r\nSubject: hello\r\n"
            f"Message-ID: <{number}@mail.example>\r\n\r\n{words}\r\n"
        )
        receive(world.database, PipedMail(SECRET), mail.encode(), {}, now=NOON)
    assert [row["special"] for row in world.rows("inbound")] == ["noted", "unnoted", None]

    def kept() -> list[bool]:
        return [row["body"] != "" for row in world.rows("inbound")]

    _tidy(world).tick(NOON + DAY / 2)
    assert kept() == [True, True, True]
    _tidy(world).tick(NOON + 2 * DAY)
    assert kept() == [False, True, True]
    _tidy(world).tick(NOON + 91 * DAY)
    assert kept()[:2] == [False, False]
    assert len(world.rows("inbound")) == 3, "so that the same call still lands once"


def test_what_nobody_has_read_by_its_day_is_raised_once(world: World, customer_id: int) -> None:
    due = {"customer_id": customer_id, "team": "collections", "title": "read", "created_at": NOON}
    for kind, day in (("reply", NOON + DAY), ("reply", NOON + 9 * DAY), ("rating", NOON + DAY)):
        add(world.database, Task, key=f"{kind}:{day}", kind=kind, due_at=day, **due)
    add(world.database, Task, key="done", kind="reply", due_at=NOON, state="done", **due)

    for hours in (12, 36, 37):
        _tidy(world).tick(NOON + hours * HOUR)

    assert [row["title"] for row in world.rows("task")] == ["OVERDUE: read", *["read"] * 3]
    assert len(world.rows("event", "kind = 'task_overdue'")) == 1
