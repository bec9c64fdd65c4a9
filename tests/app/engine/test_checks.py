"""`duly check` finds nothing wrong with what Duly did, and finds every wrong that is planted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.engine.checks import PromiseCheck, check
from app.intake.receipts import take_receipts
from app.store.bulk import insert_rows
from app.store.publishing import contents, current, publish
from app.store.rows import Dispute, Hold, Inbound, Promise, Refused, Suppression
from channels.sandbox_faults import Faults
from tests.app.delivery.cast import creditor, owing
from tests.app.delivery.stops import commit, dispute, hold, pay, promise, withdraw
from tests.world import World

BAD_DAYS = Faults(
    refuse=0.1,
    later=0.15,
    timeout_before=0.1,
    timeout_after=0.1,
    lost=0.1,
    fail=0.1,
    doubled=0.3,
    late=0.3,
    hidden=0.3,
)


def hear(world: World) -> None:
    """The provider's receipts that are due by now."""
    due = world.ledger.receipts(until=world.now)
    with world.database.write() as session:
        take_receipts(session, [each.receipt for each in due], now=world.now)
    world.ledger.mark_handed([each.sequence for each in due], at=world.now)


def by_number(world: World) -> dict[int, PromiseCheck]:
    return {one.number: one for one in check(world.database, world.now)}


def test_a_book_after_two_bad_months_keeps_all_its_promises(migrated_url: str) -> None:
    """Bad providers, two creditors of the same people, and everybody does something."""
    world = World(migrated_url, faults=BAD_DAYS)
    first, second = creditor(world), creditor(world, "galil")
    acts = [pay, withdraw, dispute, hold, promise]
    customers = []
    for n in range(10):
        phone = f"+97252100{n:04}"
        customers.append(owing(world, first, f"A{n}", person=f"p{n}", phone=phone))
        owing(world, second, f"B{n}", person=f"p{n}", email=f"b{n}@people.example")
    for day in range(62):
        world.live(until=world.now + timedelta(days=1), step=timedelta(hours=12))
        hear(world)
        if day < 2 * len(customers) and day % 2 == 0:
            act = acts[day // 2 % len(acts)]
            commit(world.database, act, customers[day // 2], world.now)

    found = by_number(world)

    assert sorted(found) == list(range(1, 12))
    assert {n: one.sample for n, one in found.items() if one.violations} == {}
    assert [n for n, one in found.items() if one.violations is None] == [7]
    assert [n for n, one in found.items() if not one.examined] == [7]
    assert len(world.accepted()) > 50
    world.close()


# What is planted in a world in which one message was sent


Plant = Callable[[World], None]


def run(world: World, statement: str, **values: object) -> None:
    with world.database.write() as session:
        session.connection().execute(text(statement), values)


def a_second_acceptance(world: World) -> None:
    (attempt,) = world.rows("attempt")
    copy_attempt(world, attempt, key="again", number=2)


def a_second_acceptance_that_failed(world: World) -> None:
    (attempt,) = world.rows("attempt")
    copy_attempt(world, attempt, key="again", number=2, failed=True)


def copy_attempt(world: World, attempt: dict[str, Any], **changes: Any) -> None:
    columns = {**attempt, **changes}
    del columns["id"]
    for name in ("evidence", "error", "invoice_ids"):
        if not isinstance(columns[name], str):
            columns[name] = json.dumps(columns[name])
    names = ", ".join(columns)
    run(
        world,
        f"INSERT INTO attempt ({names}) VALUES ({', '.join(f':{n}' for n in columns)})",
        **columns,
    )


def a_case_without_a_look(world: World) -> None:
    run(world, "UPDATE dunning_case SET look_at = NULL")


def a_case_without_its_message(world: World) -> None:
    run(world, "UPDATE dunning_case SET phase = 'pending', message_key = 'none'")


def a_case_that_slept_through(world: World) -> None:
    run(world, "UPDATE dunning_case SET phase = 'pending'")


def a_message_that_is_stuck(world: World) -> None:
    long_ago = world.now - timedelta(days=3)
    run(world, "UPDATE message SET state = 'unclear', updated_at = :at", at=stored(world, long_ago))


def stored(world: World, at: datetime) -> object:
    """An instant as raw SQL takes it."""
    naive = at.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(" ", "microseconds") if world.database.dialect == "sqlite" else at


def an_hour_ago(world: World) -> datetime:
    """Before the gate of the message that was sent."""
    gated = world.rows("attempt")[0]["gated_at"]
    at = datetime.fromisoformat(gated) if isinstance(gated, str) else gated
    return at.replace(tzinfo=UTC) - timedelta(hours=1)


def a_suppression_before_the_gate(world: World) -> None:
    (attempt,) = world.rows("attempt")
    row = {"address_id": attempt["address_id"], "reason": "opted_out", "at": an_hour_ago(world)}
    with world.database.write() as session:
        insert_rows(session, Suppression, [row])


def a_hold_before_the_gate(world: World) -> None:
    with world.database.write() as session:
        row = {"person_id": 1, "kind": "staff", "placed_at": an_hour_ago(world)}
        insert_rows(session, Hold, [row])


def a_promise_before_the_gate(world: World) -> None:
    made_at = an_hour_ago(world)
    row = {
        "customer_id": 1,
        "currency": "ILS",
        "amount_minor": 24050,
        "due_on": made_at.date(),
        "grace_until": made_at + timedelta(days=9),
        "made_at": made_at,
        "made_by": "page",
    }
    with world.database.write() as session:
        insert_rows(session, Promise, [row])


def a_dispute_before_the_gate(world: World) -> None:
    with world.database.write() as session:
        row = {"customer_id": 1, "invoice_id": 1, "opened_at": an_hour_ago(world)}
        insert_rows(session, Dispute, [row])


def a_payment_before_the_gate(world: World) -> None:
    commit(world.database, pay, 1, world.now)
    at = stored(world, an_hour_ago(world))
    run(world, "UPDATE allocation SET at = :at", at=at)


def a_contact_at_night(world: World) -> None:
    night = an_hour_ago(world).replace(hour=23)
    run(world, "UPDATE attempt SET gated_at = :at", at=stored(world, night))


def a_contact_too_many(world: World) -> None:
    (attempt,) = world.rows("attempt")
    run(world, "UPDATE message SET delivery = 'failed', state = 'refused', reason = 'defect'")
    run(world, "UPDATE attempt SET gated_at = :at", at=stored(world, an_hour_ago(world)))
    copy_attempt(world, attempt, key="more", number=2, slot="another", state="accepted")


def a_silence_without_a_reason(world: World) -> None:
    run(world, "UPDATE message SET state = 'stopped', reason = NULL")


def a_refusal_that_nobody_can_read(world: World) -> None:
    row = {"case_id": 1, "at": world.now, "asked_by": "gate", "rule": "R", "reason": "because"}
    with world.database.write() as session:
        insert_rows(session, Refused, [row])


def a_text_that_is_gone(world: World) -> None:
    run(world, "UPDATE attempt SET text = ''")


def a_template_that_is_gone(world: World) -> None:
    run(world, "UPDATE attempt SET template_hash = 'gone'")


def evidence_that_is_gone(world: World) -> None:
    run(world, "UPDATE attempt SET evidence = '{}'")


def a_callback_that_nobody_read(world: World) -> None:
    row = {
        "key": "callback",
        "source": "sandbox",
        "received_at": world.now - timedelta(days=3),
        "body": "{}",
    }
    with world.database.write() as session:
        insert_rows(session, Inbound, [row])


def a_delivery_that_went_back(world: World) -> None:
    at = stored(world, world.now)
    run(world, "UPDATE message SET delivery = 'sent', delivered_at = :at", at=at)


def a_case_that_is_not_its_history(world: World) -> None:
    run(world, 'UPDATE dunning_case SET done = \'["due_today", "hand_over"]\'')


def a_case_without_a_history(world: World) -> None:
    run(world, "DELETE FROM event WHERE kind = 'CaseOpened'")


def a_case_in_an_unknown_word(world: World) -> None:
    run(world, "UPDATE dunning_case SET arm = 'placebo'")


def a_campaign_without_a_journey(world: World) -> None:
    run(world, "UPDATE campaign SET journey = 'never_published'")


def a_template_in_english_alone(world: World) -> None:
    """A customer whose language no template has."""
    run(world, "UPDATE customer SET locale = 'tlh'")


def an_invoice_that_does_not_add_up(world: World) -> None:
    run(world, "UPDATE invoice SET open_minor = open_minor - 1")


def a_payment_that_settles_more_than_it_brought(world: World) -> None:
    commit(world.database, pay, 1, world.now)
    run(world, "UPDATE payment SET amount_minor = amount_minor - 1")


def money_of_two_kinds(world: World) -> None:
    commit(world.database, pay, 1, world.now)
    run(world, "UPDATE payment SET currency = 'EUR'")


PLANTS: list[tuple[int, Plant]] = [
    (1, a_second_acceptance),
    (1, a_second_acceptance_that_failed),
    (2, a_case_without_a_look),
    (2, a_case_without_its_message),
    (2, a_case_that_slept_through),
    (2, a_message_that_is_stuck),
    (3, a_suppression_before_the_gate),
    (3, a_hold_before_the_gate),
    (3, a_promise_before_the_gate),
    (3, a_dispute_before_the_gate),
    (3, a_payment_before_the_gate),
    (4, a_contact_at_night),
    (4, a_contact_too_many),
    (5, a_silence_without_a_reason),
    (5, a_refusal_that_nobody_can_read),
    (6, a_text_that_is_gone),
    (6, a_template_that_is_gone),
    (6, evidence_that_is_gone),
    (8, a_callback_that_nobody_read),
    (8, a_delivery_that_went_back),
    (9, a_case_that_is_not_its_history),
    (9, a_case_without_a_history),
    (9, a_case_in_an_unknown_word),
    (9, a_campaign_without_a_journey),
    (10, a_template_in_english_alone),
    (11, an_invoice_that_does_not_add_up),
    (11, a_payment_that_settles_more_than_it_brought),
    (11, money_of_two_kinds),
]


@pytest.mark.parametrize(
    ("number", "plant"), PLANTS, ids=[f"{n}-{plant.__name__}" for n, plant in PLANTS]
)
def test_a_wrong_that_is_planted_is_found_and_named(
    world: World, number: int, plant: Plant
) -> None:
    owing(world, creditor(world))
    world.live(until=world.now + timedelta(hours=2), step=timedelta(hours=1))
    before = by_number(world)[number]
    assert before.violations == 0

    plant(world)

    found = by_number(world)[number]
    assert found.violations
    assert found.sample


def test_an_attempt_that_certainly_failed_may_be_followed_by_another(world: World) -> None:
    owing(world, creditor(world))
    world.loops.settle(world.now)
    a_second_acceptance(world)
    run(world, "UPDATE attempt SET failed = :yes WHERE number = 1", yes=True)

    assert by_number(world)[1].violations == 0


def test_a_stop_at_the_same_instant_as_a_gate_is_no_wrong(world: World) -> None:
    """The guard knew the order; the clocks of two workers do not."""
    owing(world, creditor(world))
    world.loops.settle(world.now)
    with world.database.write() as session:
        row = {"person_id": 1, "kind": "staff", "placed_at": world.now - timedelta(seconds=1)}
        insert_rows(session, Hold, [row])

    assert by_number(world)[3].violations == 0


def test_what_left_under_other_rules_is_not_judged_by_todays(world: World) -> None:
    owing(world, creditor(world))
    world.loops.settle(world.now)
    assert by_number(world)[4].examined == 1
    with world.database.write() as session:
        digest = current(session, "pack")["house"]
        house = contents(session, [digest])[digest].replace("n: 3", "n: 2")
        publish(session, "pack", "house", house, now=world.now)

    found = by_number(world)[4]

    assert (found.examined, found.violations) == (0, 0)


def test_a_creditor_whose_rules_cannot_be_read_does_not_end_the_check(world: World) -> None:
    owing(world, creditor(world))
    world.loops.settle(world.now)
    run(world, "UPDATE creditor SET zone = 'Mars/Olympus'")

    assert by_number(world)[4].examined == 0


def test_the_check_writes_nothing(world: World) -> None:
    owing(world, creditor(world))
    world.loops.settle(world.now)
    tables = ("event", "dunning_case", "message", "attempt", "task")
    before = {table: world.rows(table) for table in tables}

    check(world.database, world.now)

    assert {table: world.rows(table) for table in tables} == before


def test_a_finding_is_plain_values(world: World) -> None:
    found = [one.as_json() for one in check(world.database, world.now)]
    assert json.loads(json.dumps(found)) == found
    assert found[6]["violations"] is None
