"""What makes a message moot, and what another case has answered already."""

from dataclasses import replace
from datetime import date

import pytest

from campaigns.facts import Facts, PastContact
from campaigns.stops import answered_already, moot
from campaigns.vocabulary import Category
from tests.campaigns.casefacts import ANCHOR, EMAIL, invoice, on_day, owing

NOW = on_day(3)
ACT = f"signal:payment_received:%d:own:{NOW.isoformat()}"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (owing(), None),
        (owing(invoices=()), "paid_meanwhile"),
        (owing(anchor_open=False), "paid_meanwhile"),
        (owing(invoices=(invoice(disputed=True),)), "dispute_open"),
        (owing(invoices=(invoice(limitation_on=ANCHOR),)), "limitation_passed"),
        (owing(is_over=True), "subject_over"),
        (owing(is_claim=False, invoices=()), None),
        (owing(is_claim=False, is_over=True, invoices=()), "subject_over"),
    ],
)
def test_what_there_is_to_ask_for(facts: Facts, reason: str | None) -> None:
    assert moot(facts, date(2026, 3, 5)) == reason


def said(slot: str, *, failed: bool = False) -> Facts:
    contact = PastContact(NOW, EMAIL, Category.RECEIPT, 1, slot, failed=failed)
    return replace(owing(), contacts=(contact,))


def test_one_case_answers_an_event_for_all() -> None:
    assert answered_already(said("other:" + ACT % 1), "case:" + ACT % 2)


@pytest.mark.parametrize(
    "facts",
    [
        owing(),
        said("case:" + ACT % 1),
        said("other:" + ACT % 1, failed=True),
        said("other:step:payment_received:1"),
        said(f"other:signal:promise_made:1:own:{NOW.isoformat()}"),
        said(f"other:signal:payment_received:1:own:{on_day(2).isoformat()}"),
    ],
)
def test_its_own_answer_a_failed_one_and_another_event_are_none(facts: Facts) -> None:
    assert not answered_already(facts, "case:" + ACT % 2)


def test_a_step_is_never_answered_already() -> None:
    assert not answered_already(said("other:step:first:1"), "case:step:first:1")
