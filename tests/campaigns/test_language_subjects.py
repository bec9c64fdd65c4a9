"""What a journey is about, whom it writes to, and several answers to one event."""

from datetime import timedelta

import pytest

from campaigns.findings import JourneyError
from campaigns.journey import Send
from campaigns.language import check_journey, read_journey
from campaigns.vocabulary import AnchorKind, ContactRole, Signal

END = "  - {id: last, day: 60, end: exhausted}\n"


def written(head: str = "subject: customer", *, step: str = "", on: str = "") -> str:
    first = f"  - {{id: first, day: 3, send: due_today{step}}}\n"
    return f"journey: a\ntitle: A\n{head}\nsteps:\n{first}{END}{on}"


def problems(text: str) -> list[str]:
    return [finding.problem for finding in check_journey(text, "a.yaml")[1]]


def test_days_are_counted_from_the_due_date_unless_it_says_so() -> None:
    assert read_journey(written(), "a.yaml").anchor is AnchorKind.DUE_DATE
    yearly = read_journey(written("subject: customer\nanchor: anniversary"), "a.yaml")
    assert yearly.anchor is AnchorKind.ANNIVERSARY
    assert yearly.hash != read_journey(written(), "a.yaml").hash


@pytest.mark.parametrize("subject", ["invoice", "plan", "subscription"])
def test_only_a_customer_has_an_anniversary(subject: str) -> None:
    found = problems(written(f"subject: {subject}\nanchor: anniversary"))

    assert found == [f"a {subject} has no anniversary"]


def test_a_step_names_the_role_that_it_is_for() -> None:
    step = read_journey(written(step=", to: manager"), "a.yaml").steps[0]

    assert isinstance(step, Send)
    assert step.to is ContactRole.MANAGER


def test_the_role_that_is_meant_anyway_changes_no_hash() -> None:
    named = read_journey(written(step=", to: payables"), "a.yaml")

    assert named.hash == read_journey(written(), "a.yaml").hash


@pytest.mark.parametrize(
    ("step", "problem"),
    [(", to: copy", "nobody is written to as `copy`"), (", to: boss", "`to` cannot be `boss`")],
)
def test_a_role_that_cannot_be_written_to_is_found(step: str, problem: str) -> None:
    assert problems(written(step=step)) == [problem]


TWO_WAYS = """on:
  payment_received:
    - {when: open_invoices == 0, send: thank_you, category: receipt}
    - {send: payment_received, category: receipt, valid_for: 3d}
"""


def test_a_signal_may_have_several_answers_in_their_order() -> None:
    journey = read_journey(written(on=TWO_WAYS), "a.yaml")
    first, second = journey.reactions[Signal.PAYMENT_RECEIVED].ways()

    assert (first.template, second.template) == ("thank_you", "payment_received")
    assert first.when is not None
    assert second.valid_for == timedelta(days=3)
    assert journey.templates() == {"due_today", "thank_you", "payment_received"}


def test_one_answer_in_a_list_is_one_answer() -> None:
    listed = "on:\n  payment_received: [{send: thank_you, category: receipt}]\n"
    plain = "on:\n  payment_received: {send: thank_you, category: receipt}\n"

    hashes = {read_journey(written(on=on), "a.yaml").hash for on in (listed, plain)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("on", "problem"),
    [
        ("[{send: a}, {send: b}]", "an answer without `when` hides the later"),
        ("[words]", "this answer is a text"),
        ("[]", "`payment_received` is empty"),
        ("[{send: a, to: manager}]", "a reaction has no key `to`"),
    ],
)
def test_answers_that_cannot_be_meant_are_found(on: str, problem: str) -> None:
    assert problems(written(on=f"on:\n  payment_received: {on}\n")) == [problem]


def test_a_broken_list_of_answers_is_no_journey() -> None:
    with pytest.raises(JourneyError):
        read_journey(written(on="on:\n  payment_received: [words]\n"), "a.yaml")
