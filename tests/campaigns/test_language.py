"""What a journey file means once it is read."""

from datetime import timedelta

import pytest

from campaigns.fact_table import FactType
from campaigns.findings import Finding
from campaigns.journey import (
    After,
    Branch,
    Day,
    End,
    GiveTask,
    Journey,
    Reaction,
    Send,
    SendPolicy,
    WaitFor,
)
from campaigns.language import JourneyError, check_journey, read_journey
from campaigns.vocabulary import Category, Medium, Outcome, Signal, SubjectKind

WHOLE = """\
journey: whole_language
title: "Everything at once"
subject: customer
steps:
  - id: due_today
    day: 0
    send: due_today
    category: notice
    channels: [whatsapp, sms, email]
    fallback: {on_refusal: false, on_no_delivery: 1d, on_no_click: 36h}
    valid_for: 2w
    when: balance >= 5
  - id: plain
    day: 3
    send: plain
    channels: best
  - id: wait
    after: 0d
    wait_for: {signal: promise_made, for: 3d, then: call, otherwise: choose}
  - id: choose
    day: 21
    branch:
      - {when: promises_broken >= 2, go: hand_over}
      - {when: custom.vip, go: call}
    otherwise: call
  - id: call
    day: 30
    shift: next_business_day
    task: {team: collections, title: Call the customer, call: true}
    when: >-
      balance >= 50 and
      kind == 'consumer'
  - id: hand_over
    after: 90m
    end: handed_over
on:
  promise_broken: {send: promise_broken}
  payment_received:
    send: payment_received
    category: receipt
    channels: [email]
    valid_for: 4h
    when: balance > 0
"""


def whole() -> Journey:
    return read_journey(WHOLE, "whole.yaml", custom={"vip": FactType.FLAG})


def test_the_head_names_the_journey_and_its_subject() -> None:
    journey = whole()

    assert journey.name == "whole_language"
    assert journey.title == "Everything at once"
    assert journey.subject is SubjectKind.CUSTOMER
    assert [step.id for step in journey.steps] == [
        "due_today", "plain", "wait", "choose", "call", "hand_over",
    ]  # fmt: skip


def test_a_send_says_a_template_by_a_policy() -> None:
    first = whole().steps[0]

    assert isinstance(first, Send)
    assert first.template == "due_today"
    assert first.category is Category.NOTICE
    assert first.anchor == Day(0)
    assert first.valid_for == timedelta(weeks=2)
    assert first.when is not None
    assert first.when.source == "balance >= 5"
    assert first.policy == SendPolicy(
        (Medium.WHATSAPP, Medium.SMS, Medium.EMAIL), False, timedelta(days=1), timedelta(hours=36)
    )


def test_a_send_and_an_answer_may_name_who_approves_them() -> None:
    text = WHOLE.replace("    send: plain\n", "    send: plain\n    approval: Key accounts\n")
    text = text.replace("promise_broken: {", "promise_broken: {approval: care, ")
    journey = read_journey(text, "whole.yaml", custom={"vip": FactType.FLAG})

    first, plain, *_ = journey.steps
    assert isinstance(first, Send)
    assert isinstance(plain, Send)
    assert (first.approval, plain.approval) == (None, "Key accounts")
    assert journey.reactions[Signal.PROMISE_BROKEN].approval == "care"
    assert journey.reactions[Signal.PAYMENT_RECEIVED].approval is None


def test_a_send_has_the_defaults_of_the_contract() -> None:
    assert whole().steps[1] == Send("plain", Day(3), "plain", Category.REMINDER)


def test_a_wait_names_a_signal_a_limit_and_its_ways_out() -> None:
    assert whole().steps[2] == WaitFor(
        "wait", After(timedelta(0)), Signal.PROMISE_MADE, timedelta(days=3), "call", "choose"
    )


def test_a_branch_has_arms_in_order_and_another_way() -> None:
    branch = whole().steps[3]

    assert isinstance(branch, Branch)
    assert [(condition.source, go) for condition, go in branch.arms] == [
        ("promises_broken >= 2", "hand_over"),
        ("custom.vip", "call"),
    ]
    assert branch.otherwise == "call"


def test_a_task_has_a_team_and_a_condition_over_several_lines() -> None:
    call = whole().steps[4]

    assert isinstance(call, GiveTask)
    assert (call.team, call.title, call.call) == ("collections", "Call the customer", True)
    assert call.anchor == Day(30, "next_business_day")
    assert call.when is not None
    assert call.when.source == "balance >= 50 and kind == 'consumer'"


def test_an_end_has_an_outcome() -> None:
    last = whole().steps[5]

    assert last == End("hand_over", After(timedelta(minutes=90)), Outcome.HANDED_OVER)


def test_reactions_answer_signals_with_defaults_of_their_own() -> None:
    reactions = whole().reactions

    assert set(reactions) == {Signal.PROMISE_BROKEN, Signal.PAYMENT_RECEIVED}
    assert reactions[Signal.PROMISE_BROKEN] == Reaction(
        Signal.PROMISE_BROKEN, "promise_broken", Category.REMINDER
    )
    receipt = reactions[Signal.PAYMENT_RECEIVED]
    assert receipt.valid_for == timedelta(hours=4)
    assert receipt.policy.order == (Medium.EMAIL,)
    assert receipt.when is not None


def test_reactions_cannot_be_changed_after_reading() -> None:
    with pytest.raises(TypeError):
        whole().reactions[Signal.PROMISE_MADE] = None  # type: ignore[index]  # that is the point


def test_a_journey_without_reactions_has_none() -> None:
    silent, _, _ = WHOLE.partition("on:\n")

    assert read_journey(silent, "f", custom={"vip": FactType.FLAG}).reactions == {}


def test_reading_raises_with_every_finding_and_checking_returns_them() -> None:
    text = WHOLE.replace("send: plain", "send: Plain text").replace("day: 30", "day: thirty")
    journey, findings = check_journey(text, "whole.yaml", custom={"vip": FactType.FLAG})

    with pytest.raises(JourneyError) as caught:
        read_journey(text, "whole.yaml", custom={"vip": FactType.FLAG})

    assert journey is None
    assert [finding.line for finding in findings] == [15, 27]
    assert caught.value.findings == findings
    assert str(caught.value) == "\n".join(map(str, findings))


def test_a_finding_reads_as_a_place_a_problem_and_a_remedy() -> None:
    plain = Finding("a.yaml", 3, 5, "the step does nothing", "Give it a verb.")
    caused = Finding("a.yaml", 3, 5, "no path leads to `b`", "Delete it.", "`a` ends the journey")

    assert str(plain) == "a.yaml:3:5: the step does nothing. Give it a verb."
    assert str(caused) == ("a.yaml:3:5: no path leads to `b` (`a` ends the journey). Delete it.")


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter() -> None:
    windows = "\ufeff" + WHOLE.replace("\n", "\r\n")

    assert read_journey(windows, "f", custom={"vip": FactType.FLAG}).hash == whole().hash


def test_any_template_will_do_when_none_are_given_and_only_known_ones_when_they_are() -> None:
    known = {"due_today", "plain", "promise_broken"}
    _, findings = check_journey(WHOLE, "f", custom={"vip": FactType.FLAG}, templates=known)

    assert [(finding.line, finding.problem) for finding in findings] == [
        (39, "there is no template `payment_received`")
    ]
