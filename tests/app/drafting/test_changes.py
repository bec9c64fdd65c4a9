"""What a draft changes is told in lines and, of journeys, step by step."""

from importlib.resources import files

import pytest

from app.drafting.changes import Change, What, changes
from app.drafting.difference import Mark, difference
from campaigns.journey import Journey
from campaigns.language import read_journey

TEXT = files("campaigns").joinpath("library", "consumer_gentle.yaml").read_text("utf-8")


def _journey(*edits: tuple[str, str]) -> Journey:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return read_journey(text, "consumer_gentle.yaml")


def _changed(*edits: tuple[str, str]) -> list[Change]:
    return changes(_journey(), _journey(*edits))


def test_comments_change_nothing() -> None:
    assert _changed(("# Gentle reminders", "# Very gentle reminders")) == []


def test_what_is_changed_of_a_step_is_told_by_aspect() -> None:
    found = _changed(
        ("day: 3\n    send: reminder_first\n    fallback: {on_no_delivery: 1d}",
         "day: 4\n    send: reminder_second\n    fallback: {on_no_delivery: 2d}"),
    )  # fmt: skip
    assert found == [
        Change(What.DAY, "reminder_first", "3", "4"),
        Change(What.TEMPLATE, "reminder_first", "reminder_first", "reminder_second"),
        Change(What.FALLBACK, "reminder_first", "on_no_delivery: 1d", "on_no_delivery: 2d"),
    ]


def test_steps_that_come_and_go_are_told_with_their_day() -> None:
    found = _changed(("  - id: reminder_first\n", "  - id: reminder_early\n"))
    assert found == [
        Change(What.REMOVED, "reminder_first", "3", None),
        Change(What.ADDED, "reminder_early", None, "3"),
    ]


def test_conditions_ways_and_answers_are_told() -> None:
    found = _changed(
        ("{when: promises_broken >= 1", "{when: promises_broken >= 2"),
        ("when: balance >= 5", "when: balance >= 8"),
    )
    assert [(each.what, each.step) for each in found] == [
        (What.CONDITION, "due_today"),
        (What.WAYS, "third_or_help"),
    ]
    assert (found[0].was, found[0].now) == ("balance >= 5", "balance >= 8")


def test_an_answer_that_is_taken_out_is_told() -> None:
    without = TEXT[: TEXT.index("\non:")] + "\n"
    found = changes(_journey(), read_journey(without, "consumer_gentle.yaml"))
    assert {each.what for each in found} == {What.ANSWER_REMOVED}
    assert "payment_received" in {each.step for each in found}


SMALL = """\
journey: small
title: Small
subject: customer
steps:
  - {id: word, day: 1, send: x, category: notice, valid_for: 2d, to: manager, channels: [sms],
     when: balance > 5, fallback: {on_no_delivery: 1d}, approval: finance}
  - {id: ring, day: 2, shift: next_business_day, task: {team: service, title: Ring, call: true}}
  - {id: wait, after: 1d, wait_for: {signal: promise_made, for: 3d, then: over, otherwise: fork}}
  - {id: fork, day: 5, branch: [{when: balance > 9, go: over}], otherwise: last}
  - {id: last, day: 6, send: y}
  - {id: over, day: 9, end: exhausted}
on:
  payment_received: {send: z, category: receipt, approval: service}
"""
EDITS = [
    ("title: Small", "title: Smaller"), ("day: 1,", "day: 0,"), ("send: x", "send: y"),
    ("category: notice", "category: legal"), ("valid_for: 2d", "valid_for: its_day"),
    ("to: manager", "to: payables"), ("channels: [sms]", "channels: [email]"),
    ("balance > 5", "balance > 6"), ("on_no_delivery: 1d", "on_refusal: false"),
    ("shift: next_business_day", "shift: previous_business_day"), ("call: true", "call: false"),
    ("title: Ring", "title: Write"), ("after: 1d", "after: 2d"), ("for: 3d", "for: 4d"),
    ("signal: promise_made", "signal: promise_kept"), ("balance > 9", "balance > 8"),
    ("go: over", "go: last"), ("end: exhausted", "end: handed_over"),
    ("then: over", "then: last"), ("send: z", "send: y"), (", approval: finance", ""),
    ("approval: finance", "approval: care"), ("approval: service", "approval: care"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), EDITS)
def test_whatever_changes_what_is_done_is_told(old: str, new: str) -> None:
    assert old in SMALL
    before = read_journey(SMALL, "small.yaml")
    after = read_journey(SMALL.replace(old, new, 1), "small.yaml")
    assert before.hash != after.hash
    assert len(changes(before, after)) == 1


def test_steps_in_another_order_are_told_once() -> None:
    head = "journey: j\ntitle: t\nsubject: customer\nsteps:\n"
    end = "  - {id: over, day: 9, end: exhausted}\n"
    steps = ["  - {id: a, day: 1, send: x}\n", "  - {id: b, day: 1, send: y}\n"]
    before, after = head + "".join(steps) + end, head + "".join(reversed(steps)) + end
    found = changes(read_journey(before, "j.yaml"), read_journey(after, "j.yaml"))
    assert found == [Change(What.MOVED, "a", None, "b")]


def test_lines_carry_the_numbers_of_both_sides() -> None:
    before = "".join(f"{n}\n" for n in range(1, 21))
    after = before.replace("10\n", "ten\nten and a half\n")
    (found,) = difference({"a": before, "b": "same"}, {"a": after, "b": "same"})
    changed = [(each.mark, each.text, each.before, each.after) for each in found.lines]
    assert changed[0] == (Mark.GAP, "", None, None)
    assert changed[1] == (Mark.SAME, "7", 7, 7)
    assert changed[4:7] == [
        (Mark.REMOVED, "10", 10, None),
        (Mark.ADDED, "ten", None, 10),
        (Mark.ADDED, "ten and a half", None, 11),
    ]
    assert changed[-1][0] is Mark.GAP


def test_a_file_on_one_side_only_is_named_so() -> None:
    new, gone = difference({"b": "x\n"}, {"a": "y\n"})
    assert (new.file, new.is_new, new.is_gone) == ("a", True, False)
    assert (gone.file, gone.is_new, gone.is_gone) == ("b", False, True)
