"""Promise 1: nothing is sent twice, under a kill anywhere, with two workers, and with a provider
that accepts and then times out."""

from contextlib import suppress
from datetime import timedelta

import pytest

from app.delivery.deliver import Pace
from app.delivery.reconcile import Reconciliation
from app.intake.receipts import take_receipts
from app.store.rows import Attempt, Case, ContactPoint, Event, Message, Task
from channels.sandbox_faults import Faults
from tests.databases import on_both_stores
from tests.promises.stage import PHASES, Died, Stage, die, staging, together
from tests.world import SECRET

NAMES = ("Ada", "Ben", "Cyd")
WAITS = (timedelta(seconds=61), timedelta(hours=1), timedelta(hours=12), timedelta(hours=13))


@pytest.fixture
def waiting(stage: Stage) -> Stage:
    """Three customers, each with a text that waits to be sent."""
    for name in NAMES:
        stage.owe(name)
    stage.decide()
    return stage


def wait(stage: Stage) -> None:
    """Long enough for every lease and every doubt to be over, with a look now and then."""
    for delta in WAITS:
        stage.clock.move_to(stage.now + delta)
        stage.loops.reconciliation.tick(stage.now)
        stage.loops.settle(stage.now)


@on_both_stores
@pytest.mark.parametrize("phase", PHASES[:-1])
def test_what_a_killed_worker_left_is_finished_and_not_repeated(waiting: Stage, phase: str) -> None:
    with suppress(Died):
        waiting.deliver(after=phase, act=die, delivery=waiting.worker().delivery)
    before = len(waiting.sent())
    waiting.pass_by(seconds=59)
    waiting.loops.settle(waiting.now)
    assert len(waiting.sent()) == before  # its lease is not over

    wait(waiting)

    killed_before_the_call = phase == "gate"
    assert waiting.said_twice() == []
    assert len(waiting.sent()) == (0 if killed_before_the_call else len(NAMES))
    known = "assumed_sent" if killed_before_the_call else "accepted"
    assert {row.state for row in waiting.get(Message)} == {known}
    assert {row.phase for row in waiting.get(Case)} == {"ready"}  # the journey goes on


@on_both_stores
def test_two_workers_at_once_send_each_message_once(stage: Stage) -> None:
    people = [stage.owe(f"P{number}") for number in range(40)]
    stage.decide()
    workers = [stage.worker(batch=7) for _ in range(2)]

    def work(number: int) -> None:
        while workers[number].delivery.tick(stage.now).claimed:
            continue

    together(lambda: work(0), lambda: work(1))

    assert sorted(sent.customer_id for sent in stage.sent()) == people
    assert {row.state for row in stage.get(Message)} == {"accepted"}


@on_both_stores
def test_two_workers_with_one_claim_gate_it_once(waiting: Stage) -> None:
    one, other = waiting.worker().delivery, waiting.worker().delivery
    claimed = one.claim(waiting.now)
    drafts = [one.prepare(claimed, waiting.now), other.prepare(claimed, waiting.now)]

    together(lambda: one.gate(drafts[0]), lambda: other.gate(drafts[1]))

    assert len(waiting.get(Attempt)) == len(NAMES)


@on_both_stores
def test_a_receipt_settles_what_a_killed_worker_sent(waiting: Stage) -> None:
    with suppress(Died):
        waiting.deliver(after="dispatch", act=die)
    waiting.pass_by(seconds=20)

    waiting.hear()

    assert {row.state for row in waiting.get(Message)} == {"accepted"}
    wait(waiting)
    assert len(waiting.sent()) == len(NAMES)


@on_both_stores
def test_a_late_answer_of_a_worker_that_was_given_up_still_counts(waiting: Stage) -> None:
    delivery = waiting.loops.delivery
    drafts = delivery.prepare(delivery.claim(waiting.now), waiting.now)
    tried = delivery.dispatch(delivery.gate(drafts))
    waiting.pass_by(seconds=61)
    waiting.worker(channels={}).reconciliation.tick(waiting.now)
    assert {row.state for row in waiting.get(Message)} == {"unclear"}

    delivery.settle(tried)

    assert {row.state for row in waiting.get(Message)} == {"accepted"}


DOUBTS = (
    (Faults(timeout_after=1.0), "accepted"),  # the provider is asked, and has it
    (Faults(timeout_after=1.0, hidden=1.0, hidden_for=10_000), "assumed_sent"),
    (Faults(timeout_before=1.0), "assumed_sent"),
)


@on_both_stores
@pytest.mark.parametrize(("faults", "known"), DOUBTS, ids=["found", "hidden", "never-taken"])
def test_a_try_that_timed_out_is_never_repeated(
    migrated_url: str, faults: Faults, known: str
) -> None:
    with staging(migrated_url, faults=faults) as stage:
        stage.owe("Ada", media=("sms",))
        stage.owe("Ben", media=("email",))
        stage.tick()
        assert {row.state for row in stage.get(Message)} == {"unclear"}

        wait(stage)

        assert {(row.state, row.attempts) for row in stage.get(Message)} == {(known, 1)}
        assert stage.said_twice() == []
        asked = [row.customer_id for row in stage.get(Task, kind="unclear")]
        assert asked == ([stage.case_of(1).customer_id] if known == "assumed_sent" else [])


@on_both_stores
def test_every_page_of_what_is_unclear_is_settled(migrated_url: str) -> None:
    with staging(migrated_url, faults=Faults(timeout_after=1.0)) as stage:
        for number in range(5):
            stage.owe(f"P{number}")
        stage.tick()
        stage.pass_by(hours=25)
        silent = Reconciliation(stage.database, {}, secret=SECRET, batch=2)

        assert [silent.tick(stage.now) for _ in range(3)] == [2, 2, 1]


@on_both_stores
def test_days_with_a_bad_provider_repeat_nothing(migrated_url: str) -> None:
    bad = Faults(timeout_before=0.2, timeout_after=0.3, later=0.2, doubled=1.0, late=0.5, fail=0.1)
    with staging(migrated_url, faults=bad) as stage:
        for number in range(8):
            stage.owe(f"P{number}", media=("sms", "email"))

        for _ in range(16):
            stage.pass_by(hours=6)
            stage.tick()

        tries = stage.get(Attempt)
        assert len(tries) > len(stage.get(Message)) > 8
        assert stage.said_twice() == []


@on_both_stores
def test_receipts_told_twice_land_once(waiting: Stage) -> None:
    waiting.deliver()
    waiting.pass_by(minutes=1)
    receipts = [each.receipt for each in waiting.ledger.receipts(until=waiting.now)]

    landed = []
    for _ in range(2):
        with waiting.database.write() as session:
            landed.append(take_receipts(session, receipts, now=waiting.now).landed)

    assert landed == [len(receipts), 0]
    waiting.loops.settle(waiting.now)
    assert len(waiting.sent()) == len(NAMES)


@on_both_stores
def test_a_slow_worker_whose_lease_is_over_passes_no_gate(waiting: Stage) -> None:
    slow, other = waiting.loops.delivery, waiting.worker().delivery
    drafts = slow.prepare(slow.claim(waiting.now), waiting.now)
    waiting.pass_by(seconds=61)
    assert slow.gate(drafts) == []

    theirs = other.prepare(other.claim(waiting.now), waiting.now)

    assert slow.gate(drafts) == []
    assert len(other.gate(theirs)) == len(NAMES)
    assert slow.gate(drafts) == []
    assert len(waiting.get(Attempt)) == len(NAMES)


@on_both_stores
def test_a_gate_older_than_two_seconds_is_void_and_asked_again(waiting: Stage) -> None:
    waiting.deliver(after="gate", act=lambda: waiting.pass_by(seconds=2.1))

    assert waiting.sent() == []
    assert {row.reason for row in waiting.get(Message)} == {"gate_void"}
    waiting.loops.settle(waiting.now)
    assert len(waiting.sent()) == len(NAMES)
    assert {row.state for row in waiting.get(Attempt, number=1)} == {"void"}
    assert {row.state for row in waiting.get(Attempt, number=2)} == {"accepted"}


@on_both_stores
def test_a_gate_of_two_seconds_is_still_good(waiting: Stage) -> None:
    assert Pace().fresh_for == timedelta(seconds=2)

    waiting.deliver(after="gate", act=lambda: waiting.pass_by(seconds=2))

    assert len(waiting.sent()) == len(NAMES)


@on_both_stores
def test_two_loops_at_once_open_each_case_once_and_say_each_step_once(stage: Stage) -> None:
    people = [stage.owe(f"P{number}") for number in range(30)]
    one, other = stage.worker(), stage.worker()

    together(lambda: one.enrolment.tick(stage.now), lambda: other.enrolment.tick(stage.now))
    together(lambda: one.walk.tick(stage.now), lambda: other.walk.tick(stage.now))
    stage.decide()

    cases = stage.get(Case)
    assert sorted(row.customer_id for row in cases) == people
    assert sorted(row.case_id for row in stage.get(Message)) == [row.id for row in cases]
    assert len(stage.get(Event, kind="MessageIntended")) == len(people)


@on_both_stores
def test_the_same_tick_twice_says_nothing_more(waiting: Stage) -> None:
    other = waiting.worker()

    for loops in (waiting.loops, other, waiting.loops):
        loops.settle(waiting.now)

    assert len(waiting.sent()) == len(waiting.get(Message)) == len(NAMES)


@on_both_stores
def test_an_outcome_told_twice_counts_once(waiting: Stage) -> None:
    delivery = waiting.loops.delivery
    drafts = delivery.prepare(delivery.claim(waiting.now), waiting.now)
    tried = delivery.dispatch(delivery.gate(drafts))

    assert [delivery.settle(tried), delivery.settle(tried)] == [len(NAMES), 0]
    assert [row.asked for row in waiting.get(ContactPoint)] == [1] * len(NAMES)
    assert len(waiting.get(Event, kind="message_accepted")) == len(NAMES)
