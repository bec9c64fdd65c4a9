"""Late steps: the last one that is due speaks, and those before it are superseded."""

from datetime import timedelta
from typing import Any

from campaigns.facts import MessageStage
from campaigns.journey import Branch, GiveTask, Journey, WaitFor
from campaigns.vocabulary import Category, Signal
from tests.campaigns.casefacts import (
    Played,
    anchored,
    end,
    invoice,
    journey,
    on_day,
    owing,
    reaction,
    send,
    signal,
    when,
)

AT_ONCE = timedelta(0)
ANSWERED = reaction(Signal.PROMISE_BROKEN)


def late(steps: Journey, day: int, **more: Any) -> Played:
    """A case that is looked at for the first time on `day`."""
    played = Played(steps, owing(**more))
    played.look(on_day(day))
    return played


def test_after_an_outage_the_last_due_step_speaks_alone() -> None:
    steps = journey(send("a", 0), send("b", 3), send("c", 10), send("d", 20), end("over", 30))
    played = late(steps, 14)
    assert played.reasons == ["superseded", "superseded", "step_due"]
    assert played.templates == ["c"]


def test_a_legal_step_is_never_superseded() -> None:
    steps = journey(
        send("a", 0), send("b", 3, category=Category.LEGAL), send("c", 10), end("over", 30)
    )
    played = late(steps, 14)
    assert played.templates == ["b"]
    assert played.case.done == ("a",)
    played.accepted(delivered=True)
    played.look(on_day(22))
    assert played.templates == ["b"]
    assert played.reasons.count("superseded") == 2


def test_what_fell_due_before_the_last_word_that_asked_is_overtaken_by_it() -> None:
    """A step that a promise held back says nothing new on the day after its answer."""
    played = Played(journey(send("a", 3), send("b", 11), end("over", 30), on=ANSWERED), owing())
    played.signalled(signal(Signal.PROMISE_BROKEN, on_day(8, "10:00")))
    played.look(on_day(8, "10:00"))
    passed = played.accepted(delivered=True).decisions[1]
    assert (passed.reason, passed.params) == ("superseded", {"step": "a", "by": "promise_broken"})
    played.look(on_day(11, "12:00"))
    assert played.templates == ["on_promise_broken", "b"]


def test_a_notice_is_overtaken_by_no_word_nor_by_what_that_has_overtaken() -> None:
    notice = send("notice", 2, category=Category.NOTICE)
    steps = journey(notice, send("a", 3), end("over", 30), on=ANSWERED)
    played = Played(steps, owing())
    played.signalled(signal(Signal.PROMISE_BROKEN, on_day(8, "10:00")))
    played.look(on_day(8, "10:00"))
    played.accepted(delivered=True)
    played.look(on_day(10, "12:00"))
    assert played.templates == ["on_promise_broken", "notice"]
    played.accepted(delivered=True)
    assert played.case.done == ("notice", "a")


def test_a_step_behind_a_branch_that_is_late_fell_due_with_it() -> None:
    branch = Branch("fork", anchored(3), ((when("balance >= 5"), "b"),), None)
    steps = journey(branch, send("a", 9), send("b", AT_ONCE), end("over", 30), on=ANSWERED)
    played = Played(steps, owing())
    played.signalled(signal(Signal.PROMISE_BROKEN, on_day(4, "10:00")))
    played.look(on_day(4, "10:00"))
    played.accepted(delivered=True)
    assert played.templates == ["on_promise_broken"]
    assert played.case.done == ("fork", "b")


def test_a_receipt_overtakes_nothing() -> None:
    thanks = reaction(Signal.PAYMENT_RECEIVED, Category.RECEIPT)
    played = Played(journey(send("a", 3), end("over", 30), on=thanks), owing())
    played.signalled(signal(Signal.PAYMENT_RECEIVED, on_day(4, "10:00")))
    played.look(on_day(4, "10:00"))
    played.accepted(delivered=True)
    assert played.templates == ["on_payment_received", "a"]


def test_a_step_is_superseded_by_the_one_that_speaks_and_says_so() -> None:
    legal = send("b", 3, category=Category.LEGAL)
    played = Played(journey(send("a", 0), legal, send("c", 10), end("over", 30)), owing())
    first = played.look(on_day(14)).decisions[0]
    assert (first.reason, first.params) == ("superseded", {"step": "a", "by": "b"})


def test_a_reminder_with_a_condition_can_be_superseded() -> None:
    steps = journey(send("a", 0, when=when("balance >= 5")), send("b", 3), end("over", 30))
    assert late(steps, 4).templates == ["b"]


def test_a_later_step_supersedes_only_when_its_condition_holds() -> None:
    steps = journey(
        send("a", 0),
        send("b", 3, when=when("balance >= 500")),
        send("c", 10),
        end("over", 30),
    )
    assert late(steps, 4).templates == ["a"]
    assert late(steps, 14).templates == ["c"]
    assert late(steps, 4, invoices=(invoice(minor=600_00),)).templates == ["b"]


def test_a_conditional_end_that_does_not_hold_is_looked_past() -> None:
    steps = journey(
        send("a", 0), end("small", 5, when=when("balance < 20")), send("b", 5), end("over", 30)
    )
    assert late(steps, 7).templates == ["b"]
    assert late(steps, 7, invoices=(invoice(minor=10_00),)).templates == ["a"]


def test_a_branch_is_followed_the_way_that_the_facts_take() -> None:
    steps = journey(
        send("a", 0),
        Branch("choose", anchored(5), ((when("promises_broken >= 1"), "help"),), "b"),
        send("b", 5),
        WaitFor("rest", anchored(AT_ONCE), Signal.PROMISE_MADE, timedelta(days=3), "over", "over"),
        send("help", AT_ONCE),
        end("over", 30),
    )
    assert late(steps, 7).templates == ["b"]
    broke = late(steps, 7, promises_broken=1)
    assert broke.templates == ["help"]
    assert broke.reasons == ["superseded", "branch_taken", "step_due"]


def test_a_wait_is_not_looked_past() -> None:
    wait = WaitFor("rest", anchored(5), Signal.PROMISE_MADE, timedelta(days=3))
    steps = journey(send("a", 0), wait, send("b", 5), end("over", 30))
    assert late(steps, 7).templates == ["a"]


def test_what_counts_from_the_outcome_of_a_message_does_not_supersede_it() -> None:
    steps = journey(send("a", 0), send("b", AT_ONCE), end("over", 30))
    assert late(steps, 4).templates == ["a"]


def test_a_task_between_two_late_reminders_is_still_given() -> None:
    call = GiveTask("call", anchored(2), "collections", "Call")
    steps = journey(send("a", 0), call, send("b", 3), end("over", 30))
    assert late(steps, 4).reasons == ["superseded", "task_given", "step_due"]


def test_an_end_that_is_due_lets_the_last_message_speak_first() -> None:
    steps = journey(send("a", 0), send("b", 20), end("over", 30))
    played = late(steps, 45)
    assert played.templates == ["b"]
    played.accepted(delivered=True)
    assert played.look_at == on_day(45) + timedelta(days=10)


def test_a_step_that_was_refused_and_is_still_to_be_tried_is_superseded_too() -> None:
    steps = journey(send("a", 3), send("b", 4), end("over", 30))
    played = late(steps, 3)
    played.look(on_day(4))
    assert played.templates == ["a"]
    played.outcome(MessageStage.REFUSED, on_day(4))
    assert played.templates == ["a", "b"]
