"""Whom to call now, and what each outcome of a call does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session

from app.intake.calls import Called, arrange_call, open_calls
from app.intake.concerned import stop_customer
from app.intake.holds import place_hold
from app.intake.leases import CALLING_FOR, TakenByAnother, ensure, take
from app.intake.phone.call_list import Call, CallList, call_key, call_list, call_of
from app.intake.phone.numbers import Held, NoNumber, TriedLately
from app.intake.phone.outcomes import TRIES, UNREACHED, CallOutcome, Noted, NotNoted, note_call
from app.intake.promises import PromiseRefused
from app.intake.tasks import Team, give_task
from app.store.engines import Database
from app.store.rows import ContactPoint, Suppression
from campaigns.calendar import BusinessCalendar
from campaigns.calling import CallBar, NotNow
from campaigns.money import Money
from campaigns.packs import read_pack
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import HoldKind
from tests.app.intake.make import Scene, add_message
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_creditor, add_customer, add_invoice

HOUR = timedelta(hours=1)
SAID = "what Dana told on the phone"


@lru_cache(maxsize=1)
def _house() -> RuleSet:
    folder = files("campaigns").joinpath("jurisdictions")
    packs = [
        read_pack(folder.joinpath(f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")
        for name in ("house", "il")
    ]
    return RuleSet(tuple(packs), BusinessCalendar("IL", None))


def rules(_creditor_id: int) -> RuleSet:
    return _house()


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _does(scene: Scene, act: Callable[[Session], Any]) -> Any:
    with scene.database.write() as session:
        return act(session)


def _gives(scene: Scene, customer_id: int | None = None, *, kind: str = "call") -> None:
    owner = customer_id or scene.customer_id

    def give(session: Session) -> None:
        give_task(
            session,
            key=f"{kind}:{owner}",
            team=Team.COLLECTIONS,
            kind=kind,
            title="Call the customer",
            now=NOON,
            due_in=HOUR,
            customer_id=owner,
        )

    _does(scene, give)


def _list(scene: Scene, now: Any = NOON) -> CallList:
    with scene.database.read() as session:
        return call_list(session, rules, now)


def _only(scene: Scene, now: Any = NOON) -> Call:
    (call,) = _list(scene, now).now
    return call


def _ends(scene: Scene, outcome: CallOutcome, now: Any = NOON, **told: Any) -> int:
    call = _only(scene, now)

    def note(session: Session) -> int:
        return note_call(session, call, Noted(outcome, **told), by="noa", now=now)

    return int(_does(scene, note))


@on_both_stores
def test_wished_calls_come_first_at_their_time_then_those_worth_most(scene: Scene) -> None:
    poor = add_customer(scene.database, scene.creditor_id, "C2", phone="+972500000200")
    add_invoice(scene.database, poor, "INV-3", amount=3_000)
    wishes = add_customer(scene.database, scene.creditor_id, "C3", phone="+972500000300")
    for each in (poor, scene.customer_id):
        _gives(scene, each)

    def wish(session: Session) -> None:
        user = stop_customer(session, wishes)
        slot = (NOON + HOUR, NOON + 3 * HOUR)
        arrange_call(session, user, slot, Called(number="+972500000301"), message_id=None, now=NOON)

    _does(scene, wish)

    before = [call.task.customer_id for call in _list(scene).now]
    at_its_time = _list(scene, NOON + HOUR).now

    assert before == [scene.customer_id, poor]
    assert [call.task.customer_id for call in at_its_time] == [wishes, scene.customer_id, poor]
    assert at_its_time[0].line is not None
    assert at_its_time[0].line.number.value == "+972500000301"
    worth = at_its_time[1].worth
    assert (worth.open, worth.chance) == (Money(124_050, "ILS"), 0.5)


def test_who_reacts_more_often_is_worth_more(scene: Scene) -> None:
    other = add_customer(scene.database, scene.creditor_id, "C2", phone="+972500000200")
    add_invoice(scene.database, other, "INV-3", amount=124_050)
    scene.run(f"UPDATE contact_point SET asked = 4, answered = 3 WHERE customer_id = {other}")
    for each in (scene.customer_id, other):
        _gives(scene, each)

    first, second = _list(scene).now

    assert first.task.customer_id == other
    assert (first.worth.reacted, first.worth.messages) == (6, 8)
    assert first.worth.weight > second.worth.weight


def test_nobody_is_called_outside_of_the_hours_of_their_place(scene: Scene) -> None:
    _gives(scene)
    night = NOON + 11 * HOUR

    (call,) = _list(scene, night).not_now

    assert isinstance(call.bar, NotNow)
    assert call.bar.why is CallBar.HOURS
    assert call.bar.until is not None
    assert call.bar.until > night


@on_both_stores
def test_messages_and_calls_count_together_and_what_was_asked_for_does_not(scene: Scene) -> None:
    add_message(scene)
    _gives(scene)
    (call,) = _list(scene, NOON + HOUR).not_now
    assert isinstance(call.bar, NotNow)
    assert call.bar.why is CallBar.CAP
    assert str(call.bar.rule).startswith("HOUSE-")
    _gives(scene, kind="call_me")

    asked_for = _only(scene, NOON + HOUR)

    assert asked_for.asked_for


def test_a_call_counts_for_the_messages_after_it(scene: Scene) -> None:
    _gives(scene)
    _ends(scene, CallOutcome.REFUSES)
    _gives(scene, kind="call")
    scene.run("UPDATE task SET state = 'open'")

    (call,) = _list(scene, NOON + 3 * HOUR).not_now

    assert isinstance(call.bar, NotNow)
    assert call.bar.why is CallBar.CAP


def test_who_is_held_is_not_called_unless_they_ask_for_it(scene: Scene) -> None:
    _gives(scene)

    def hold(kind: HoldKind) -> Callable[[Session], object]:
        return lambda session: place_hold(
            session, stop_customer(session, scene.customer_id), kind, until=None, why="x", now=NOON
        )

    _does(scene, hold(HoldKind.HARDSHIP))
    (call,) = _list(scene).not_now
    assert call.bar == Held(HoldKind.HARDSHIP)
    _gives(scene, kind="call_me")
    assert _only(scene).asked_for
    _does(scene, hold(HoldKind.ATTORNEY))
    assert _list(scene).now == []


def test_without_a_number_nobody_is_called(scene: Scene) -> None:
    scene.run("DELETE FROM contact_point")
    _gives(scene)

    (call,) = _list(scene).not_now

    assert call.bar == NoNumber()


@on_both_stores
def test_one_call_is_not_taken_by_two(scene: Scene) -> None:
    key, ready = call_key(scene.customer_id), Barrier(2)

    def run(by: str) -> bool:
        ready.wait()
        try:
            with scene.database.write() as session:
                lease = take(session, key, by=by, lasts=CALLING_FOR, now=NOON)
                ensure(session, key, lease.fence, by=by, now=NOON)
        except TakenByAnother:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, ("noa", "dan"))) == [False, True]


def test_a_promise_by_telephone_is_one_inside_the_envelope(scene: Scene) -> None:
    _gives(scene)
    friday = date(2026, 6, 5)
    with pytest.raises(PromiseRefused):
        _ends(scene, CallOutcome.PROMISE, amount=Money(900_000, "ILS"), on=friday)
    assert scene.rows("phone_call") == []
    with pytest.raises(NotNoted) as lacking:
        _ends(scene, CallOutcome.PROMISE, amount=Money(124_050, "ILS"))
    assert lacking.value.field == "on"

    _ends(scene, CallOutcome.PROMISE, amount=Money(124_050, "ILS"), on=friday)

    (promise,) = scene.rows("promise")
    assert (promise["made_by"], promise["amount_minor"]) == ("staff", 124_050)
    assert "promise_made" in scene.signals()
    assert scene.tasks() == []
    (made,) = scene.rows("phone_call")
    assert (made["outcome"], made["called_by"], made["asked_for"]) == ("promise", "noa", False)


def test_what_is_said_to_be_paid_is_looked_for(scene: Scene) -> None:
    _gives(scene)

    _ends(scene, CallOutcome.PAID, on=date(2026, 5, 30))

    assert scene.tasks() == ["already_paid"]
    assert [row["kind"] for row in scene.rows("hold")] == ["reply"]


def test_a_contested_invoice_is_carved_out(scene: Scene) -> None:
    _gives(scene)
    with pytest.raises(NotNoted):
        _ends(scene, CallOutcome.DISPUTE)

    _ends(scene, CallOutcome.DISPUTE, invoice_ids=[scene.small], words=SAID)

    assert [row["invoice_id"] for row in scene.rows("dispute")] == [scene.small]
    assert "invoice_disputed" in scene.signals()


@pytest.mark.parametrize(
    ("outcome", "kind", "ends"),
    [
        (CallOutcome.HARDSHIP, "hardship", True),
        (CallOutcome.BEREAVEMENT, "hardship", False),
        (CallOutcome.DANGER, "danger", False),
    ],
)
def test_what_is_personal_holds_and_stands_on_a_note_alone(
    scene: Scene, outcome: CallOutcome, kind: str, ends: bool
) -> None:
    _gives(scene)

    _ends(scene, outcome, words=SAID)

    (hold,) = scene.rows("hold")
    assert (hold["kind"], hold["until"] is not None) == (kind, ends)
    (note,) = scene.rows("special_note")
    assert note["words"] == SAID
    assert SAID not in repr([scene.rows(t) for t in ("event", "task", "phone_call", "hardship")])
    assert bool(scene.rows("alarm")) is (outcome is CallOutcome.DANGER)


def test_whoever_wants_no_more_is_not_written_to(scene: Scene) -> None:
    _gives(scene)

    _ends(scene, CallOutcome.STOP)

    assert {(row["act"], row["medium"]) for row in scene.rows("suppression")} == {("cease", None)}
    _gives(scene, kind="call")
    scene.run("UPDATE task SET state = 'open'")
    scene.run("DELETE FROM phone_call")
    (call,) = _list(scene).not_now
    assert call.bar == NoNumber()


def test_a_wrong_number_is_closed(scene: Scene) -> None:
    _gives(scene)

    _ends(scene, CallOutcome.WRONG_NUMBER)

    assert [row["address_id"] for row in scene.rows("suppression")] == [scene.address()]
    assert "wrong_person_reported" in scene.signals()


@on_both_stores
def test_a_number_is_closed_to_the_creditor_that_was_told_so(scene: Scene) -> None:
    database, both = scene.database, scene.address()
    other = add_creditor(database, external_id="galil", name="Galil Gas")
    theirs = add_customer(database, other, "G1", person="person-1")
    add(database, ContactPoint, customer_id=theirs, address_id=both, medium="sms")
    told = {"address_id": both, "creditor_id": other, "reason": "wrong_person"}
    add(database, Suppression, at=NOON, **told)
    for each in (scene.customer_id, theirs):
        _gives(scene, each)

    listed = _list(scene)

    assert [call.task.customer_id for call in listed.now] == [scene.customer_id]
    assert [(call.task.customer_id, call.bar) for call in listed.not_now] == [(theirs, NoNumber())]


def test_a_call_back_is_a_wish_at_that_time(scene: Scene) -> None:
    _gives(scene)
    slot = (NOON + 24 * HOUR, NOON + 26 * HOUR)

    _ends(scene, CallOutcome.CALL_BACK, slot=slot)

    with scene.database.read() as session:
        (wish,) = open_calls(session)
    assert (wish.starts_at, wish.address_id) == (slot[0], scene.address())


@pytest.mark.parametrize("outcome", sorted(UNREACHED))
def test_who_was_not_reached_is_tried_again_so_often(scene: Scene, outcome: CallOutcome) -> None:
    _gives(scene, kind="call_me")
    for number in range(TRIES):
        now = NOON + number * 2 * HOUR
        _ends(scene, outcome, now)
        if number < TRIES - 1:
            (call,) = _list(scene, now + HOUR).not_now
            assert call.bar == TriedLately(now + 2 * HOUR)

    assert scene.tasks() == []
    assert len(scene.rows("phone_call")) == TRIES
    with scene.database.read() as session:
        assert call_of(session, rules, 1, NOON) is None


def test_a_refusal_is_an_event_and_the_journey_goes_on(scene: Scene) -> None:
    _gives(scene)

    _ends(scene, CallOutcome.REFUSES)

    (event,) = scene.rows("event", "kind = 'phone_called'")
    assert '"refuses"' in repr(event["payload"]) or event["payload"]["outcome"] == "refuses"
    assert scene.rows("hold") == []
