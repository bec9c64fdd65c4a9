"""Episodes: a new one enters where its anchor stands, and nobody is reminded from the beginning."""

from dataclasses import replace
from datetime import timedelta

from campaigns.case import opened
from campaigns.events import Arm, CaseOpened
from campaigns.facts import InvoiceFact
from campaigns.money import Money
from campaigns.position import entry
from campaigns.vocabulary import Outcome
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    Played,
    end,
    journey,
    on_day,
    owing,
    policy,
    send,
)

LADDER = journey(send("a", 0), send("b", 3), send("c", 10), send("d", 21), end("over", 60))


def next_episode(anchor: InvoiceFact, today: int, *, spoken_lately: bool = True) -> Played:
    """The episode that opens on day `today` of the first one, anchored on another invoice."""
    day = ANCHOR + today * DAY
    done, reached = entry(
        LADDER,
        anchor.due_on,
        day,
        spoken_lately=spoken_lately,
        calendar=policy().calendar,
    )
    played = Played(LADDER, owing(invoices=(anchor,)), now=on_day(today))
    event = CaseOpened("case2", anchor.due_on, Arm.TREATMENT, done, reached)
    played.case = opened(event, on_day(today))
    return played


def other(due_on_day: int) -> InvoiceFact:
    return InvoiceFact(2, "INV-2", Money(50_00, "EUR"), ANCHOR + due_on_day * DAY)


def test_the_case_closes_when_its_anchor_is_paid_though_another_invoice_is_open() -> None:
    played = Played(LADDER, owing(invoices=(other(33),), anchor_open=False))
    played.look(on_day(35))
    assert played.case.outcome is Outcome.SETTLED


def test_the_next_episode_enters_at_the_place_of_its_own_anchor() -> None:
    played = next_episode(other(33), 35)  # two days late
    assert played.case.done == ("a",)
    played.look()
    assert played.look_at == on_day(36, "09:00")


def test_the_next_episode_says_what_is_past_only_when_nothing_was_said_lately() -> None:
    lately = next_episode(other(18), 32)  # 14 days late: a, b and c are past
    lately.look()
    assert lately.said == []
    assert lately.case.done == ("a", "b", "c")
    silent = next_episode(other(18), 32, spoken_lately=False)
    silent.look()
    assert silent.templates == ["c"]


def test_a_reversal_reopens_the_debt_where_it_stands_and_not_at_the_beginning() -> None:
    played = next_episode(replace(other(0)), 28)  # paid on day 12, taken back on day 28
    assert played.case.done == ("a", "b", "c", "d")
    played.look()
    assert played.look_at == on_day(60, "09:00")


def test_an_old_debt_without_any_contact_gets_its_last_reminder_and_its_notice_time() -> None:
    played = next_episode(replace(other(0)), 80, spoken_lately=False)
    played.look()
    assert played.templates == ["d"]
    played.accepted(delivered=True)
    assert played.look_at == on_day(80) + timedelta(days=39)


def test_a_monthly_payer_meets_the_same_few_steps_each_month() -> None:
    for month in (0, 30, 61):
        played = next_episode(other(month), month, spoken_lately=False)
        assert played.case.done == ()
        played.look()
        assert played.templates in (["a"], [])
        assert played.last is not None
        assert played.last.reason in ("step_due", "outside_hours", "rest_day")
