"""Episodes: where the next one begins, and what joins the one that runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from app.book.ledger import ReversalIn, ReversalKind, post_reversal
from campaigns.money import Money
from tests.app.delivery.cast import creditor, intend, owing
from tests.app.delivery.stops import commit, dispute, pay, pay_oldest
from tests.databases import on_both_stores
from tests.factories import NOON, add_invoice
from tests.world import World


def test_the_oldest_invoice_is_paid_and_the_next_episode_begins_where_it_should(
    world: World,
) -> None:
    """The anchor is paid at day 35; another invoice is at day 2 and begins its own journey."""
    owed = creditor(world)
    customer = owing(world, owed, "C1", due_on=date(2026, 6, 1))
    add_invoice(world.database, customer, "INV-2", due_on=date(2026, 7, 4))
    world.live(until=NOON + timedelta(days=35), step=timedelta(days=1))
    commit(world.database, pay_oldest, customer, world.now)
    world.live(until=NOON + timedelta(days=38), step=timedelta(days=1))

    first, second = world.rows("dunning_case")
    assert (first["outcome"], first["anchor_on"]) == ("settled", first["anchor_on"])
    assert str(second["anchor_on"]) == "2026-07-04"
    assert second["phase"] != "closed"
    said = [row["origin"] for row in world.rows("message", f"case_id = {second['id']}")]
    assert all("offer_help" not in origin and "handover" not in origin for origin in said)


def test_a_new_invoice_joins_the_text_and_not_the_anchor(world: World) -> None:
    owed = creditor(world)
    customer = owing(world, owed, "C1")
    world.loops.settle(world.now)
    add_invoice(world.database, customer, "INV-2", due_on=date(2026, 6, 2))

    world.live(until=NOON + timedelta(days=4), step=timedelta(hours=6))

    (case,) = world.rows("dunning_case")
    assert str(case["anchor_on"]) == "2026-06-01"
    texts = [row["text"] for row in world.rows("attempt")]
    assert "INV-2" not in texts[0]
    assert "INV-2" in texts[-1]


def test_who_pays_every_month_is_asked_every_month_from_the_start(world: World) -> None:
    customer = owing(world, creditor(world), "C1")
    for month in (7, 8):
        world.live(until=world.now + timedelta(days=4), step=timedelta(hours=12))
        commit(world.database, pay, customer, world.now)
        add_invoice(world.database, customer, f"INV-{month}", due_on=date(2026, month, 1))
        until = datetime(2026, month, 1, 12, tzinfo=UTC)
        world.live(until=until, step=timedelta(days=1))

    cases = world.rows("dunning_case")
    assert [str(case["anchor_on"]) for case in cases] == ["2026-06-01", "2026-07-01", "2026-08-01"]
    assert [case["outcome"] for case in cases] == ["settled", "settled", None]


def test_a_reversal_after_the_end_opens_a_new_episode(world: World) -> None:
    customer = owing(world, creditor(world))
    world.loops.settle(world.now)
    commit(world.database, pay, customer, world.now)
    world.live(until=world.now + timedelta(days=10), step=timedelta(hours=6))
    assert world.rows("dunning_case")[0]["outcome"] == "settled"
    with world.database.write() as session:
        (payment,) = world.rows("payment")
        post_reversal(
            session,
            ReversalIn(
                key="back",
                kind=ReversalKind.RETURNED_DEBIT,
                customer_id=customer,
                amount=Money(payment["amount_minor"], "ILS"),
                reversed_on=world.now.date(),
                received_at=world.now,
                payment_id=payment["id"],
            ),
            now=world.now,
        )

    world.live(until=world.now + timedelta(days=2), step=timedelta(hours=6))

    cases = world.rows("dunning_case")
    assert [case["episode"] for case in cases] == [1, 2]
    assert cases[1]["phase"] != "closed"
    assert cases[1]["anchor_on"] == cases[0]["anchor_on"]


@on_both_stores
def test_a_dispute_whose_invoice_is_paid_before_the_answer_leaves_is_not_answered(
    world: World,
) -> None:
    customer = owing(world, creditor(world), "C1")
    world.loops.settle(world.now)
    commit(world.database, dispute, customer, world.now)
    intend(world)
    (answer,) = world.rows("message", "template = 'dispute_received'")
    assert answer["state"] == "waiting"
    commit(world.database, pay, customer, world.now)

    world.move(minutes=1)
    world.loops.settle(world.now)

    (answer,) = world.rows("message", "template = 'dispute_received'")
    assert (answer["state"], answer["reason"]) == ("stopped", "paid_meanwhile")
    (case,) = world.rows("dunning_case")
    assert (case["phase"], case["outcome"]) == ("closed", "settled")
