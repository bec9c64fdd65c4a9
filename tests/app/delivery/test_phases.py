"""Each phase of the delivery alone: who is claimed, what the gate asks, what an answer comes to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.book.ledger import ReversalIn, ReversalKind, post_reversal
from app.delivery.claim import START_WITHIN
from app.delivery.dispatch import envelope
from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.rows import Creditor, Sender
from campaigns.money import Money
from channels.errors import AddressOptedOut, ProviderUnavailable
from channels.sandbox import SandboxEmail
from channels.sandbox_faults import Faults
from channels.seam import Envelope, Outcome, outcome_of
from tests.app.delivery.cast import REMINDED, creditor, gate, intend, owing, together
from tests.app.delivery.stops import commit, dispute, pay, pay_oldest
from tests.factories import NOON, add_invoice
from tests.world import World


def senders(world: World, **columns: object) -> None:
    with world.database.write() as session:
        rows = [{"id": row["id"], **columns} for row in world.rows("sender")]
        update_rows(session, Sender, rows)


# The claim


def test_a_batch_holds_one_message_a_person(world: World) -> None:
    first, second = creditor(world), creditor(world, "galil")
    owing(world, first, "A", person="one")
    owing(world, second, "B", person="one")
    intend(world)

    claimed = world.loops.delivery.claim(world.now)

    assert len(world.rows("message", "state = 'waiting'")) == 2
    assert len(claimed) == 1


def test_a_batch_holds_what_its_sender_can_start_in_time(world: World) -> None:
    owed = creditor(world)
    for number in range(10):
        owing(world, owed, f"C{number}")
    intend(world)
    senders(world, per_second=2.0)
    delivery = world.loops.delivery

    assert len(delivery.claim(world.now)) == 2 * START_WITHIN.total_seconds()
    assert delivery.claim(world.now) == [], "the sender's time is spent"
    world.clock.move_to(world.now + timedelta(seconds=1))
    assert len(delivery.claim(world.now)) == 2, "a second later, two more"


def test_two_workers_do_not_give_one_sender_the_same_time_twice(world: World) -> None:
    owed = creditor(world)
    for number in range(30):
        owing(world, owed, f"C{number}")
    intend(world)
    senders(world, per_second=5.0)
    workers = [world.worker(batch=8).delivery for _ in range(2)]

    claimed = together(*[lambda w=worker: len(w.claim(world.now)) for worker in workers])

    assert sum(claimed) <= 5 * START_WITHIN.total_seconds()


def test_a_slow_sender_does_not_hold_up_the_others(world: World) -> None:
    slow, quick = creditor(world), creditor(world, "galil")
    for number in range(5):
        owing(world, slow, f"S{number}")
    owing(world, quick, "Q")
    intend(world)
    with world.database.write() as session:
        rows = [{"id": row["id"], "per_second": 0.5} for row in world.rows("sender")[:3]]
        update_rows(session, Sender, rows)
    delivery = world.worker(batch=3).delivery

    found = [len(delivery.claim(world.now)) for _ in range(2)]

    assert found == [1, 1]


def test_nothing_is_claimed_for_a_paused_sender_until_it_is_too_late(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    senders(world, paused_until=world.now + timedelta(days=9), pause_reason="a test")
    delivery = world.loops.delivery
    assert delivery.claim(world.now) == []

    world.clock.move_to(world.now + timedelta(days=1))
    world.loops.settle(world.now)

    (message,) = world.rows("message", "id = 1")
    assert (message["state"], message["reason"]) == ("expired", "expired")


def test_an_idle_tick_takes_no_lock(world: World) -> None:
    """Another writer holds the database; whoever has nothing to do does not notice."""
    owing(world, creditor(world))
    world.loops.settle(world.now)
    world.loops.reconciliation.tick(world.now)
    other = Database(world.url)

    with other.write() as session:
        session.connection().exec_driver_sql("UPDATE person SET revision = revision + 1")
        together(
            lambda: world.loops.enrolment.tick(world.now),
            lambda: world.loops.walk.tick(world.now),
            lambda: world.loops.delivery.tick(world.now),
            lambda: world.loops.reconciliation.tick(world.now),
        )
    other.dispose()


# The gate


def test_two_campaigns_on_one_person_share_the_cap(world: World) -> None:
    """Two creditors, two workers, one person, and a house cap of one a day."""
    first, second = creditor(world), creditor(world, "galil")
    for number in range(6):
        owing(world, first, f"A{number}", person=f"p{number}", due_on=REMINDED)
        owing(world, second, f"B{number}", person=f"p{number}", due_on=REMINDED)
    intend(world)
    workers = [world.worker().delivery for _ in range(2)]
    claims = [worker.claim(world.now) for worker in workers]
    drafts = [
        worker.prepare(claim, world.now) for worker, claim in zip(workers, claims, strict=True)
    ]

    together(lambda: workers[0].gate(drafts[0]), lambda: workers[1].gate(drafts[1]))

    attempts = world.rows("attempt")
    assert len(attempts) == 6
    assert len({row["person_id"] for row in attempts}) == 6
    lost = world.rows("refusal", "asked_by = 'gate'")
    assert {row["reason"] for row in lost} <= {"cap_reached", "gap_not_over"}
    assert len(lost) == 6
    assert all(row["look_again_at"] is not None for row in lost)


def test_the_loser_of_a_cap_speaks_later(world: World) -> None:
    first, second = creditor(world), creditor(world, "galil")
    owing(world, first, "A", person="one")
    owing(world, second, "B", person="one")

    world.live(until=world.now + timedelta(days=3), step=timedelta(hours=1))

    gated = sorted(row["gated_at"] for row in world.rows("attempt"))
    assert len(gated) >= 2
    times = [datetime.fromisoformat(str(at)).replace(tzinfo=UTC) for at in gated]
    assert all(b - a >= timedelta(hours=20) for a, b in pairwise(times))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("zone", "country", "at"),
    [
        ("Europe/Vilnius", "LT", datetime(2027, 3, 28, 0, 30, tzinfo=UTC)),  # a gap at 03:00
        ("Europe/Vilnius", "LT", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # a fold at 04:00
        ("Asia/Jerusalem", "IL", datetime(2027, 3, 25, 23, 30, tzinfo=UTC)),  # a gap at 02:00
    ],
)
def test_a_night_with_a_gap_or_a_fold_has_its_morning(
    migrated_url: str, zone: str, country: str, at: datetime
) -> None:
    world = World(migrated_url, start=at - timedelta(days=1))
    owed = creditor(world, country=country, zone=zone)
    owing(world, owed, due_on=at.date(), country=country, zone=zone)

    world.live(until=at + timedelta(days=4), step=timedelta(hours=1))  # over Easter Monday

    for attempt in world.rows("attempt"):
        gated = datetime.fromisoformat(str(attempt["gated_at"])).replace(tzinfo=UTC)
        assert 8 <= gated.astimezone(ZoneInfo(zone)).hour < 20
    assert len(world.rows("attempt")) >= 1
    world.close()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("start", "closes"),
    [
        (datetime(2026, 3, 27, 9, tzinfo=UTC), 18),  # the Friday before a gap
        (datetime(2026, 3, 30, 9, tzinfo=UTC), 17),
        (datetime(2026, 10, 23, 9, tzinfo=UTC), 17),  # the Friday before a fold
        (datetime(2026, 10, 26, 9, tzinfo=UTC), 18),
    ],
)
def test_the_provider_may_deliver_until_the_hours_close_on_the_recipients_wall(
    migrated_url: str, start: datetime, closes: int
) -> None:
    world = World(migrated_url, start=start)
    vilnius = {"country": "LT", "zone": "Europe/Vilnius"}
    owing(world, creditor(world, **vilnius), due_on=start.date(), **vilnius)
    intend(world)

    (passed,) = gate(world)
    letter = envelope(passed, world.addresses, world.now)

    assert letter.deliver_before == start.replace(hour=closes) - timedelta(minutes=1)
    (attempt,) = world.rows("attempt")
    assert datetime.fromisoformat(str(attempt["valid_until"])).replace(tzinfo=UTC) == (
        letter.deliver_before
    )
    world.close()


def test_a_stale_book_is_a_stop(world: World) -> None:
    as_of = world.now - timedelta(hours=20)
    owed = creditor(world, ledger_max_age_s=26 * 3600, ledger_as_of=as_of)
    owing(world, owed, due_on=REMINDED)
    intend(world)
    world.clock.move_to(world.now + timedelta(hours=6, minutes=1))  # 18:01 in Haifa

    world.loops.settle(world.now)

    assert world.rows("attempt") == []
    assert world.rows("message")[0]["reason"] == "ledger_stale"
    with world.database.write() as session:
        update_rows(session, Creditor, [{"id": owed, "ledger_as_of": world.now}])
    world.live(until=world.now + timedelta(days=1), step=timedelta(hours=1))
    assert len(world.accepted()) == 1


# The providers


def test_a_message_that_may_be_tried_later_is_a_new_attempt_of_the_same_message(
    migrated_url: str,
) -> None:
    world = World(migrated_url, faults=Faults(later=0.6, retry_after=timedelta(minutes=1)))
    owed = creditor(world)
    for number in range(12):
        owing(world, owed, f"C{number}")

    world.live(until=world.now + timedelta(hours=4), step=timedelta(minutes=20))

    assert len(world.rows("message")) == 12
    assert len(world.rows("attempt")) > 12
    assert len(world.accepted()) == 12
    world.close()


class Down(SandboxEmail):
    async def send(self, envelope: Envelope) -> Outcome:
        return outcome_of(ProviderUnavailable("sandbox", "down"))


def test_errors_of_a_provider_open_its_breaker_and_time_closes_it(world: World) -> None:
    owed = creditor(world)
    for number in range(6):
        owing(world, owed, f"C{number}")
    down = world.worker(channels={("email", "sandbox"): Down(world.ledger)})
    down.settle(world.now)

    sender = next(row for row in world.rows("sender") if row["medium"] == "email")
    assert sender["errors_in_row"] >= 5
    assert sender["paused_until"] is not None
    world.live(until=world.now + timedelta(minutes=30), step=timedelta(minutes=2))

    assert len(world.accepted()) == 6
    sender = next(row for row in world.rows("sender") if row["medium"] == "email")
    assert sender["errors_in_row"] == 0


class OptedOut(SandboxEmail):
    async def send(self, envelope: Envelope) -> Outcome:
        return outcome_of(AddressOptedOut("sandbox", "21610"))


def test_an_opt_out_that_only_the_provider_knows_is_a_stop_for_every_creditor(
    world: World,
) -> None:
    first, second = creditor(world), creditor(world, "galil")
    owing(world, first, "A", person="one", email="same@people.example")
    owing(world, second, "B", person="two")
    with world.database.write() as session:  # the same mailbox, owed by two people
        session.connection().exec_driver_sql("UPDATE contact_point SET address_id = 1")
    channels = {**world.channels, ("email", "sandbox"): OptedOut(world.ledger)}

    world.worker(channels=channels).settle(world.now)

    assert len(world.rows("suppression")) == 1
    assert min(row["revision"] for row in world.rows("person")) >= 2  # the gate, and the stop
    assert not [row for row in world.rows("message") if row["state"] in ("waiting", "accepted")]
    assert {row["given"] for row in world.rows("consent", "source = 'provider'")} == {False}
    world.live(until=world.now + timedelta(days=4), step=timedelta(days=1))
    assert world.accepted() == []


def test_faults_beside_a_success_are_not_in_a_row(migrated_url: str) -> None:
    world = World(migrated_url, faults=Faults(later=0.5, later_kinds=("provider_unavailable",)))
    owed = creditor(world)
    for number in range(20):
        owing(world, owed, f"C{number}")

    world.loops.settle(world.now)

    assert len(world.rows("message", "state = 'waiting'")) >= 5
    assert {row["paused_until"] for row in world.rows("sender")} == {None}
    world.close()


def test_a_refusal_for_good_takes_the_next_medium(migrated_url: str) -> None:
    world = World(migrated_url, faults=Faults(dead_endings=(".example",)))
    owing(world, creditor(world), phone="+972521234567", preferred_medium="email")

    world.loops.settle(world.now)

    told = [(row["medium"], row["state"], row["ordinal"]) for row in world.rows("message")]
    assert told[0] == ("email", "refused", 0)
    assert told[1][1:] == ("accepted", 1)
    assert not world.rows("address", "kind = 'email'")[0]["valid"]
    world.close()


# Episodes


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
