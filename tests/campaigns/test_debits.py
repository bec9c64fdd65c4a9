"""The days of a debit: when it is tried, when again, and when never again."""

from datetime import date, timedelta

import pytest

from campaigns.debits import (
    MOST_TRIES,
    NO_DEBIT,
    Debit,
    DebitState,
    DebitTerms,
    Declined,
    Tried,
    debit,
)

DUE = date(2026, 6, 10)
TERMS = DebitTerms()
CARD, OLD_CARD = 7, 3


def _soft(*days: int, card: int = CARD) -> list[Tried]:
    return [Tried(DUE + timedelta(days=day), card, Declined.SOFT) for day in days]


@pytest.mark.parametrize(("ahead", "late"), [(9, 0), (2, 0), (1, 1), (0, 2)])
def test_it_is_made_on_its_day_or_as_late_as_its_notice_wants(ahead: int, late: int) -> None:
    today = DUE - timedelta(days=ahead)
    on = DUE + timedelta(days=late)

    assert debit(DUE, [], CARD, TERMS, today=today) == Debit(DebitState.PLANNED, on)
    announced = debit(DUE, [], CARD, TERMS, today=DUE, announced_on=today)
    assert announced == Debit(DebitState.ANNOUNCED, on)


def test_it_waits_for_the_bank_while_a_try_runs() -> None:
    assert debit(DUE, [Tried(DUE, CARD)], CARD, TERMS, today=DUE) == Debit(DebitState.RUNNING)


def test_a_soft_no_is_tried_again_some_days_later_and_at_last_not_any_more() -> None:
    assert debit(DUE, _soft(0), CARD, TERMS, today=DUE) == Debit(
        DebitState.RETRY, date(2026, 6, 13)
    )
    assert debit(DUE, _soft(0, 3), CARD, TERMS, today=DUE) == Debit(
        DebitState.RETRY, date(2026, 6, 16)
    )
    assert debit(DUE, _soft(0, 3, 6), CARD, TERMS, today=DUE) == Debit(DebitState.REPLACE)


@pytest.mark.parametrize(
    ("said", "state"),
    [(Declined.HARD, DebitState.REPLACE), (Declined.CONFIRM, DebitState.CONFIRM)],
)
def test_a_no_for_good_is_never_tried_again(said: Declined, state: DebitState) -> None:
    assert debit(DUE, [Tried(DUE, CARD, said)], CARD, TERMS, today=DUE) == Debit(state)


def test_another_card_is_tried_on_the_next_day_and_has_its_own_tries() -> None:
    tried = [*_soft(0, card=OLD_CARD), Tried(DUE + timedelta(days=3), OLD_CARD, Declined.HARD)]

    assert debit(DUE, tried, CARD, TERMS, today=DUE) == Debit(DebitState.RETRY, date(2026, 6, 14))
    tried += _soft(4)
    assert debit(DUE, tried, CARD, TERMS, today=DUE) == Debit(DebitState.RETRY, date(2026, 6, 17))


def test_it_is_never_tried_twice_on_one_day_whatever_the_terms_say() -> None:
    terms = DebitTerms(retry_days=0)

    assert debit(DUE, _soft(0), CARD, terms, today=DUE).on == DUE + timedelta(days=1)


def test_new_cards_do_not_make_endless_tries() -> None:
    tried = [Tried(DUE + timedelta(days=n), n, Declined.SOFT) for n in range(MOST_TRIES)]

    assert debit(DUE, tried, CARD, TERMS, today=DUE) == Debit(DebitState.REPLACE)


def test_a_creditor_that_allows_no_tries_debits_nobody() -> None:
    assert debit(DUE, [], CARD, DebitTerms(most_tries=0), today=DUE) == NO_DEBIT
