"""What a case will do if nothing else happens is what it then does."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import campaigns
from campaigns.case import Phase
from campaigns.decision import Say
from campaigns.events import CaseClosed
from campaigns.facts import HoldFact, PromiseFact
from campaigns.journey import Journey
from campaigns.language import read_journey
from campaigns.money import Money
from campaigns.outlook import Ahead, ahead
from campaigns.vocabulary import Category, HoldKind, Medium, Outcome, Signal
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    EMAIL,
    HOUR,
    SMS,
    Played,
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

SHIPPED = [
    read_journey(path.read_text("utf-8"), path.name)
    for path in sorted((Path(campaigns.__file__).parent / "library").glob("*.yaml"))
]
FAR = timedelta(days=120)


def seen(played: Played, *, days: int = 120) -> list[Ahead]:
    until = played.now + days * DAY
    return list(
        ahead(played.case, played.facts, played.journey, played.policy, played.now, until=until)
    )


def said(coming: list[Ahead]) -> list[tuple[str, datetime]]:
    return [
        (step.decision.action.template, step.at)
        for step in coming
        if isinstance(step.decision.action, Say)
    ]


@settings(max_examples=60)
@given(
    shipped=st.sampled_from(SHIPPED),
    country=st.sampled_from(["LT", "IL"]),
    minor=st.sampled_from([300, 1_900, 2_000, 100_00]),
    media=st.sets(st.sampled_from(list(Medium)), min_size=1),
    broken=st.integers(0, 1),
    start=st.integers(-8 * 24 * 4, 30 * 24 * 4),
    looks=st.integers(0, 12),
)
def test_what_it_says_is_what_the_case_then_does(
    shipped: Journey,
    country: str,
    minor: int,
    media: set[Medium],
    broken: int,
    start: int,
    looks: int,
) -> None:
    facts = owing(*sorted(media), country=country, promises_broken=broken)
    facts = replace(facts, invoices=(invoice(minor=minor),))
    began = on_day(0, "00:00", country) + start * timedelta(minutes=15)
    played = Played(shipped, facts, country=country, now=began)
    played.look()
    for _ in range(looks):
        if not played.closed:
            played.move_on()

    coming, before = seen(played), len(played.said)
    times = []
    while not played.closed:
        spoken = len(played.said)
        played.move_on()
        times += [played.now] * (len(played.said) - spoken)

    assert said(coming) == list(zip(played.templates[before:], times, strict=True))
    if coming:
        closing = coming[-1].decision.event
        assert isinstance(closing, CaseClosed)
        assert closing.outcome is played.case.outcome


def test_it_takes_no_more_looks_than_are_asked_for() -> None:
    played = Played(journey(send("a", 1), send("b", 900)), owing())
    coming = ahead(
        played.case, played.facts, played.journey, played.policy, played.now, until=played.now + FAR
    )

    first, second = next(coming), next(coming)

    assert (first.decision.reason, first.says) == ("not_yet", None)
    assert (second.says, second.at) == (Category.REMINDER, on_day(1, "09:00"))


def test_a_message_that_waits_already_leaves_when_the_gate_opens() -> None:
    played = Played(journey(send("a", 0), send("b", 3)), owing(SMS), now=on_day(0))
    played.look()
    played.now = on_day(0, "23:00")  # it could not leave until now, and the night has begun

    coming = seen(played)

    assert coming[0].decision.reason == "message_pending"
    assert coming[0].says is Category.REMINDER
    assert coming[0].at == on_day(1, "08:00")
    assert said(coming)[0][0] == "b"


def test_an_answer_that_waits_already_is_of_the_kind_that_is_said() -> None:
    receipt = reaction(Signal.PROMISE_BROKEN, Category.RECEIPT, when=when("balance > 1000"))
    instead = reaction(Signal.PROMISE_BROKEN)[Signal.PROMISE_BROKEN]
    answers = {kind: replace(first, otherwise=instead) for kind, first in receipt.items()}
    played = Played(journey(end("over", 60), on=answers), owing(SMS), now=on_day(0))
    played.signalled(signal(Signal.PROMISE_BROKEN, on_day(0)))
    played.look()
    played.now = on_day(0, "23:00")

    coming = seen(played, days=2)

    assert coming[0].says is Category.REMINDER
    assert coming[0].at == on_day(1, "08:00")  # a receipt could leave at night


def test_a_message_that_a_hold_has_stopped_is_decided_again_after_it() -> None:
    played = Played(journey(send("a", 0)), owing(SMS), now=on_day(0))
    played.look()
    played.know(holds=(HoldFact(HoldKind.STAFF, on_day(2)),))

    coming = seen(played)

    assert played.case.phase is Phase.PENDING
    assert [reason.decision.reason for reason in coming][:2] == ["message_stopped", "hold"]
    assert said(coming) == [("a", on_day(2))]


def test_a_promise_breaks_when_its_grace_is_over_and_that_is_answered() -> None:
    steps = journey(
        send("a", 7), end("over", 60), on=reaction(Signal.PROMISE_BROKEN, valid_for=2 * DAY)
    )
    played = Played(steps, owing(EMAIL), now=on_day(0))
    promise = PromiseFact(ANCHOR + 2 * DAY, on_day(3, "00:00"), Money(100_00, "EUR"))
    played.know(promise=promise)

    assert said(seen(played)) == [
        ("on_promise_broken", on_day(3, "08:00")),
        ("a", on_day(7, "09:00")),
    ]


def test_a_hold_that_ends_is_heard_of_and_what_is_unanswered_stays() -> None:
    steps = journey(send("a", 6), on=reaction(Signal.HOLD_RELEASED))
    played = Played(steps, owing(EMAIL), now=on_day(0))
    played.know(holds=(HoldFact(HoldKind.REPLY, on_day(4)),))
    played.signalled(signal(Signal.REPLY_RECEIVED, on_day(0), own_act=True))

    assert [template for template, _ in said(seen(played))] == ["on_hold_released", "a"]


def test_what_is_known_to_come_falls_due() -> None:
    coming = invoice(2, minor=50_00, due_on=ANCHOR + 4 * DAY)
    rich = "balance >= 120"
    steps = journey(send("a", 2, when=when(rich)), send("b", 5, when=when(rich)))
    played = Played(steps, owing(EMAIL, coming=(coming,)), now=on_day(0))

    assert [template for template, _ in said(seen(played))] == ["b"]


def test_a_book_that_is_old_is_taken_to_be_renewed() -> None:
    facts = owing(EMAIL, ledger_as_of=on_day(-9), ledger_max_age=26 * HOUR)

    assert said(seen(Played(journey(send("a", 1)), facts))) == [("a", on_day(1, "09:00"))]


def test_nothing_is_ahead_of_a_closed_case() -> None:
    played = Played(journey(end("over", 0, Outcome.EXHAUSTED)), owing(), now=on_day(1))
    played.look()

    assert played.closed
    assert seen(played) == []


@pytest.mark.parametrize("days", [3, 30])
def test_it_looks_no_further_than_it_is_asked_to(days: int) -> None:
    played = Played(SHIPPED[-1], owing(EMAIL), now=on_day(0))

    assert max(step.at for step in seen(played, days=days)) <= played.now + days * DAY
