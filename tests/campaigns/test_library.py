"""The journeys that we ship: clean, readable, and kind to the customer."""

from io import StringIO
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import campaigns
from campaigns.journey import Day, End, GiveTask, Journey, Send, WaitFor, day_of
from campaigns.language import check_journey, read_journey
from campaigns.vocabulary import AnchorKind, Category, Outcome, Signal, SubjectKind

LIBRARY = Path(campaigns.__file__).parent / "library"
FILES = sorted(LIBRARY.glob("*.yaml"))
TEMPLATES = frozenset(
    {
        "due_soon",
        "due_today",
        "reminder_first",
        "reminder_second",
        "reminder_third",
        "offer_help",
        "notice_handover",
        "payment_received",
        "payment_failed",
        "payment_returned",
        "checkout_abandoned",
        "promise_confirmed",
        "plan_agreed",
        "plan_changed",
        "promise_broken",
        "dispute_received",
        "hardship_received",
        "thank_you",
        "statement",
        "statement_second",
        "statement_manager",
        "card_failed",
        "card_failed_again",
        "small_balance",
        "instalment_soon",
        "instalment_missed",
        "debit_soon",
        "card_retry",
        "card_replace",
        "card_confirm",
        "plan_rescue",
        "details_check",
        "details_noted",
        "opt_out_confirmed",
        "who_writes",
        "address_closed",
        "answer_written",
        "call_arranged",
        "call_cancelled",
        "call_promised",
        "choose_a_day",
        "choose_parts",
        "crisis_line",
        "invoice_link",
        "payment_looked_for",
        "plain_words",
        "preference_noted",
        "request_received",
    }
)


def load(name: str) -> Journey:
    text = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8")
    return read_journey(text, name, templates=TEMPLATES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_journey_is_clean_and_named_like_its_file(path: Path) -> None:
    journey, findings = check_journey(
        path.read_text(encoding="utf-8"), path.name, templates=TEMPLATES
    )

    assert findings == ()
    assert journey is not None
    assert journey.name == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_journey_comes_back_to_the_letter_when_it_is_loaded_and_written(
    path: Path,
) -> None:
    text = path.read_text(encoding="utf-8")
    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100
    written = StringIO()

    yaml.dump(yaml.load(text), written)

    assert written.getvalue() == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_journey_tells_its_designer_what_it_is_for(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]

    assert first.startswith("# ")


def test_together_they_say_every_agreed_template() -> None:
    said = {name for path in FILES for name in load(path.stem).templates()}

    assert said == TEMPLATES


def test_the_gentle_journey_speaks_on_the_agreed_days() -> None:
    journey = load("consumer_gentle")
    said = [(step.template, day_of(step)) for step in journey.steps if isinstance(step, Send)]

    assert journey.subject is SubjectKind.CUSTOMER
    assert said == [
        ("due_today", 0),
        ("reminder_first", 3),
        ("reminder_second", 10),
        ("reminder_third", 21),
        ("offer_help", 35),
        ("offer_help", None),
        ("notice_handover", 50),
    ]


def test_the_team_calls_before_the_hand_over() -> None:
    *_, call, last = load("consumer_gentle").steps

    assert isinstance(call, GiveTask)
    assert day_of(call) == 55
    assert call.call
    assert isinstance(last, End)
    assert (day_of(last), last.outcome) == (60, Outcome.HANDED_OVER)


def test_small_debts_are_not_handed_over_and_no_reminder_has_a_condition() -> None:
    journey = load("consumer_gentle")
    sources = {step.id: step.when.source for step in journey.steps if step.when}

    assert sources == {"due_today": "balance >= 5", "small_debt": "balance < 20"}


def test_both_ways_out_of_the_wait_lead_past_the_second_offer_of_help() -> None:
    journey = load("consumer_gentle")
    wait = journey.steps[journey.index_of("time_to_answer") or 0]

    assert isinstance(wait, WaitFor)
    assert (wait.then, wait.otherwise) == ("small_debt", "small_debt")
    assert (journey.index_of("offer_help_early") or 0) < (journey.index_of("small_debt") or 0)


def test_what_the_customer_did_is_answered_with_a_receipt() -> None:
    reactions = load("consumer_gentle").reactions
    receipts = {signal for signal, said in reactions.items() if said.category is Category.RECEIPT}

    assert receipts == {
        Signal.PAYMENT_RECEIVED,
        Signal.PROMISE_MADE,
        Signal.PLAN_AGREED,
        Signal.INVOICE_DISPUTED,
        Signal.HARDSHIP_REPORTED,
    }
    assert {
        signal: [way.template for way in said.ways()] for signal, said in reactions.items()
    } == {
        Signal.PAYMENT_RECEIVED: ["thank_you", "payment_received"],
        Signal.PAYMENT_DECLINED: ["payment_failed"],
        Signal.PAYMENT_REVERSED: ["payment_returned"],
        Signal.CHECKOUT_ABANDONED: ["checkout_abandoned"],
        Signal.PROMISE_MADE: ["promise_confirmed"],
        Signal.PLAN_AGREED: ["plan_agreed"],
        Signal.PROMISE_BROKEN: ["promise_broken"],
        Signal.INVOICE_DISPUTED: ["dispute_received"],
        Signal.HARDSHIP_REPORTED: ["hardship_received"],
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_the_journeys_of_what_is_overdue_hand_over(path: Path) -> None:
    journey = load(path.stem)
    ends = {step.outcome for step in journey.steps if isinstance(step, End)}

    assert (Outcome.HANDED_OVER in ends) == (path.stem in ("consumer_gentle", "business_net30"))


def test_a_business_hears_on_business_days_and_its_manager_later() -> None:
    said = [step for step in load("business_net30").steps if isinstance(step, Send)]

    assert {step.anchor.shift for step in said if isinstance(step.anchor, Day)} == {
        "next_business_day"
    }
    assert [str(step.to) for step in said] == ["payables"] * 2 + ["manager"] * 3


def test_the_yearly_question_is_counted_from_the_anniversary() -> None:
    journey = load("details_check")

    assert (journey.subject, journey.anchor) == (SubjectKind.CUSTOMER, AnchorKind.ANNIVERSARY)


def test_the_journey_before_the_due_date_speaks_once_and_stops_on_the_due_date() -> None:
    journey = load("consumer_before_due")
    first, last = journey.steps

    assert journey.subject is SubjectKind.INVOICE
    assert isinstance(first, Send)
    assert (day_of(first), day_of(last)) == (-5, 0)
    assert isinstance(last, End)
    assert last.outcome is Outcome.EXHAUSTED
