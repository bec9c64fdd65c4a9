"""The drill would see it: each broken promise is planted, and found."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from app.clock import VirtualClock
from app.delivery.approving import Approver
from app.delivery.dispatch import Addresses
from app.engine.catalogue import Catalogue
from app.lab.drill_compare import (
    Acceptance,
    Tried,
    after_stop,
    attempts,
    fell_back,
    imagined,
    sent_twice,
    stuck,
    unknown,
    without_word,
)
from app.lab.drill_field import BASE_URL, SANDBOX, SECRET, Fighter, call_up, lay_out
from app.lab.drill_heard import Wrote, heard, misheard
from app.lab.drill_stops import Stop, StopKind, stop
from app.loops.assembly import assemble, publish_shipped
from app.loops.assumed import APPROVED_AFTER, approve_assumed
from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.rows import Case, Message, Person
from channels.sandbox import SandboxSms
from channels.sandbox_ledger import Ledger

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = Tried(SANDBOX.name, "a1", "m1", 1, "accepted", False, "delivered", "reminder", 4, NOW)
SECOND = replace(FIRST, key="a2", guard=5)


def _taken(*keys: str) -> list[Acceptance]:
    return [
        Acceptance(SANDBOX.name, f"SB{number}", key) for number, key in enumerate(keys, start=1)
    ]


def test_one_acceptance_a_message_is_fine() -> None:
    other = replace(SECOND, message="m2")

    assert sent_twice(_taken("a1", "a2"), {"a1": FIRST, "a2": other}) == []


def test_two_acceptances_of_one_message_are_found() -> None:
    assert len(sent_twice(_taken("a1", "a2"), {"a1": FIRST, "a2": SECOND})) == 1


def test_two_acceptances_of_one_attempt_are_found_even_if_it_failed() -> None:
    failed = replace(FIRST, failed=True)

    assert len(sent_twice(_taken("a1", "a1"), {"a1": failed})) == 1


def test_a_second_try_is_fine_when_the_first_certainly_failed() -> None:
    failed = replace(FIRST, failed=True)

    assert sent_twice(_taken("a1", "a2"), {"a1": failed, "a2": SECOND}) == []


def test_an_acceptance_without_an_attempt_is_lost() -> None:
    assert len(unknown(_taken("a1"), {})) == 1


@pytest.mark.parametrize("state", ["sending", "unclear", "refused", "later", "void"])
def test_an_acceptance_that_duly_takes_for_something_else_is_lost(state: str) -> None:
    assert len(unknown(_taken("a1"), {"a1": replace(FIRST, state=state)})) == 1


def test_an_attempt_that_is_called_accepted_and_that_nobody_took_is_lost() -> None:
    unsure = replace(SECOND, state="assumed_sent")

    assert imagined(_taken("a1"), {"a1": FIRST}) == []
    assert imagined([], {"a2": unsure}) == []
    assert len(imagined(_taken("a2"), {"a1": FIRST, "a2": unsure})) == 1


def test_an_acceptance_on_record_is_not_lost() -> None:
    assert unknown(_taken("a1"), {"a1": FIRST}) == []


@pytest.mark.parametrize(("delivery", "found"), [("sent", 1), ("failed", 1), ("read", 0)])
def test_a_delivery_that_a_late_call_undid_is_found(delivery: str, found: int) -> None:
    late = replace(FIRST, delivery=delivery)

    assert len(fell_back({"a1": late}, {"a1"})) == found
    assert fell_back({"a1": late}, set()) == []
    assert len(fell_back({"a1": replace(FIRST, delivery=None, failed=True)}, {"a1"})) == 1
    assert fell_back({"a1": replace(FIRST, delivery=None)}, {"a1"}) == []


@pytest.mark.parametrize(("revision", "found"), [(3, 1), (4, 1), (5, 0)])
def test_a_gate_that_saw_the_stop_is_found(revision: int, found: int) -> None:
    stops = [Stop(StopKind.PAYMENT, 1, revision)]

    assert len(after_stop(_taken("a1"), {"a1": FIRST}, stops)) == found


def test_a_gate_after_a_stop_that_was_over_is_fine() -> None:
    bounded = Stop("reply", 1, 3, until=NOW)

    assert after_stop(_taken("a1"), {"a1": FIRST}, [bounded]) == []
    assert len(after_stop(_taken("a1"), {"a1": FIRST}, [replace(bounded, until=NOW + HOUR)])) == 1


@pytest.mark.parametrize(("wants", "has", "found"), [(True, False, 1), (True, True, 0)])
def test_what_goes_without_the_word_that_it_wants_is_found(
    wants: bool, has: bool, found: int
) -> None:
    asked = replace(FIRST, wants_word=wants, has_word=has)

    assert len(without_word(_taken("a1"), {"a1": asked})) == found
    assert without_word(_taken("a1"), {"a1": FIRST}) == []


def test_the_earliest_stop_of_a_person_counts() -> None:
    stops = [Stop(StopKind.OPT_OUT, 1, 9), Stop(StopKind.DISPUTE, 1, 4)]

    assert len(after_stop(_taken("a1"), {"a1": FIRST}, stops)) == 1


def test_a_receipt_may_follow_the_stop_that_it_answers() -> None:
    receipt = replace(FIRST, category="receipt")

    assert after_stop(_taken("a1"), {"a1": receipt}, [Stop(StopKind.DISPUTE, 1, 1)]) == []


@dataclass
class Ground:
    """A field of the drill that is walked by a clock of the test's, without processes."""

    database: Database
    ledger: Ledger
    people: list[Fighter]

    def settle(self) -> None:
        clock = VirtualClock(NOW + timedelta(minutes=1))
        channels = {("sms", "sandbox"): SandboxSms(self.ledger)}
        loops = assemble(self.database, channels, Addresses(BASE_URL, SECRET), clock.now)
        loops.settle(clock.now())
        clock.move_to(clock.now() + APPROVED_AFTER)
        approve_assumed(self.database, Approver(Catalogue(), BASE_URL), clock.now())
        loops.settle(clock.now())

    def taken(self) -> list[Acceptance]:
        return [
            Acceptance(SANDBOX.name, one.provider_id, one.attempt_key)
            for one in self.ledger.acceptances()
        ]

    def revision(self) -> int:
        with self.database.read() as session:
            return session.exec(select(Person.revision).order_by(col(Person.id))).all()[0]


@pytest.fixture
def ground(migrated_url: str) -> Iterator[Ground]:
    """Three people of the drill, to whom nothing was said yet."""
    database, ledger = Database(migrated_url), Ledger()
    publish_shipped(database, NOW, kinds=("template",))
    with database.write() as session:
        (place,) = lay_out(session, [SANDBOX], NOW)
        people = call_up(session, place, range(3), today=NOW.date(), now=NOW)
    yield Ground(database, ledger, people)
    ledger.close()
    database.dispose()


@pytest.fixture
def settled(ground: Ground) -> Database:
    """Everybody was told all four messages."""
    ground.settle()
    return ground.database


def test_what_has_settled_is_not_stuck(settled: Database, ground: Ground) -> None:
    with settled.read() as session:
        assert stuck(session) == []
        tried = attempts(session)
    taken = ground.taken()

    assert unknown(taken, tried) == []
    assert sent_twice(taken, tried) == []
    assert len(tried) == len(taken) == 12


@pytest.mark.parametrize("state", ["waiting", "sending", "unclear"])
def test_a_message_that_nothing_will_move_is_found(settled: Database, state: str) -> None:
    with settled.write() as session:
        update_rows(session, Message, [{"id": 1, "state": state}])
        assert len(stuck(session)) == 1


def test_an_open_case_without_a_look_is_found(settled: Database) -> None:
    with settled.write() as session:
        update_rows(
            session,
            Case,
            [{"id": 1, "phase": "ready", "look_at": None}, {"id": 2, "phase": "ready",
             "look_at": NOW}],
        )  # fmt: skip
        update_rows(session, Case, [{"id": 3, "phase": "pending", "look_at": NOW,
                                     "message_key": "gone"}])  # fmt: skip
        assert len(stuck(session)) == 2


@pytest.mark.parametrize("kind", list(StopKind))
def test_every_stop_raises_the_guard_and_silences_its_person(
    ground: Ground, kind: StopKind
) -> None:
    before, someone = ground.revision(), ground.people[0]
    with ground.database.write() as session:
        told = stop(session, kind, someone, today=NOW.date(), now=NOW)

    assert told.revision > before
    assert ground.revision() == told.revision
    ground.settle()
    with ground.database.read() as session:
        tried = attempts(session)
    assert {attempt.person_id for attempt in tried.values()} == {
        other.person_id for other in ground.people[1:]
    }
    assert after_stop(ground.taken(), tried, [told]) == []


def test_a_text_that_left_no_trace_or_two_is_found(ground: Ground) -> None:
    """A promise was made, and only of one of the two who wrote one."""
    promising = [Wrote(someone, "I will pay on Friday") for someone in ground.people[:2]]
    asking = Wrote(ground.people[2], "Who is this?")
    with ground.database.write() as session:
        stop(session, StopKind.PROMISE, ground.people[0], today=NOW.date(), now=NOW)
        told, nothing = heard(session, promising[0]), heard(session, asking)
        found = misheard(session, [*promising, asking])

    assert told is not None
    assert told.until is not None
    assert told.until > NOW
    assert nothing is None
    (finding,) = found
    assert finding.sentence == "customer 2 wrote one promise: 0 are on record"
