"""Gates with time: what waits for a notice, and for how long."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from campaigns.decide import decide
from campaigns.duties import Act, Frozen, Term, Unit
from campaigns.facts import Facts, HoldFact, NoticeFact
from campaigns.notices import blocked, earliest, overdue, overshadows, owed_from_first
from campaigns.stops import frozen, stops
from campaigns.vocabulary import Category, HoldKind, Outcome, SenderRole
from tests.campaigns.casefacts import Played, end, journey, on_day, owing, send
from tests.campaigns.policyfacts import DAY, MINUTE, facts, invoice, ruleset

RULES = ruleset()
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def american(*notices: NoticeFact, role: SenderRole = SenderRole.THIRD_PARTY) -> Facts:
    return facts("US", "America/Chicago", region="IL", role=role, notices=notices)


FIRST = NoticeFact(Act.FIRST_MESSAGE, NOON)


def test_a_validation_notice_is_owed_within_five_days_of_the_first_message() -> None:
    (row,) = owed_from_first(american(), RULES, NOON)
    assert (row.id, str(row.within)) == ("US-REGF-VALID", "5d")
    assert owed_from_first(american(role=SenderRole.FIRST_PARTY), RULES, NOON) == ()


def test_once_it_is_overdue_nothing_more_is_sent_until_it_is_given() -> None:
    assert overdue(american(FIRST), RULES, NOON + 5 * DAY - MINUTE) is None
    late = overdue(american(FIRST), RULES, NOON + 5 * DAY)
    assert late is not None
    assert (late.rule, late.reason) == ("US-REGF-VALID", "notice_missing")
    assert late.params["by"] == "2026-06-15"
    given = NoticeFact(Act.VALIDATION_NOTICE, NOON + 2 * DAY)
    assert overdue(american(FIRST, given), RULES, NOON + 9 * DAY) is None


def test_nothing_is_overdue_before_a_first_message() -> None:
    assert overdue(american(), RULES, NOON + 99 * DAY) is None


def test_a_lithuanian_claim_is_handed_over_thirty_days_after_its_notice() -> None:
    notice = NoticeFact(Act.PRE_TRANSFER_NOTICE, NOON)
    told = facts("LT", notices=(notice,))
    act = Act.THIRD_PARTY_HANDOVER

    untold = blocked(act, facts("LT"), RULES, NOON)
    assert untold is not None
    assert (untold.reason, untold.look_again_at) == ("notice_missing", None)
    early = blocked(act, told, RULES, NOON + 30 * DAY - MINUTE)
    assert early is not None
    assert (early.rule, early.reason) == ("LT-30D", "notice_running")
    assert early.look_again_at == NOON + 30 * DAY
    assert blocked(act, told, RULES, NOON + 30 * DAY) is None
    assert earliest(act, facts("LT"), RULES, NOON) == NOON + 30 * DAY
    assert blocked(act, facts("IL", "Asia/Jerusalem"), RULES, NOON) is None


LADDER = journey(send("last", 0), end("over", 10, Outcome.HANDED_OVER))


def test_a_journey_waits_for_the_notice_with_its_date_and_then_hands_over() -> None:
    notice = NoticeFact(Act.PRE_TRANSFER_NOTICE, on_day(1))
    played = Played(LADDER, owing(notices=(notice,)))
    played.look(on_day(0))
    played.accepted(delivered=True)
    waiting = decide(played.case, played.facts, LADDER, played.policy, on_day(12))
    assert (waiting.reason, waiting.event) == ("notice_running", None)
    assert waiting.look_at == on_day(1) + 30 * DAY


def test_a_journey_without_the_notice_gives_a_task_and_goes_on_waiting() -> None:
    played = Played(LADDER, owing(notices=()))
    played.look(on_day(0))
    played.accepted(delivered=True)
    waiting = decide(played.case, played.facts, LADDER, played.policy, on_day(12))
    assert (waiting.reason, waiting.event) == ("notice_missing", None)
    assert waiting.action is not None
    assert waiting.look_at == on_day(12) + 7 * DAY


@pytest.mark.parametrize(
    ("at", "free"),
    [
        (datetime(2026, 4, 30, tzinfo=UTC), False),  # before the debt fell due
        (datetime(2026, 5, 20, tzinfo=UTC), True),
        (datetime(2026, 9, 1, tzinfo=UTC), True),  # the last instant of four months
        (datetime(2026, 9, 2, tzinfo=UTC), False),
    ],
)
def test_costs_of_collection_need_a_written_notice_within_four_months(
    at: datetime, *, free: bool
) -> None:
    owed = (invoice(due_on=date(2026, 5, 1)),)
    notices = (NoticeFact(Act.WRITTEN_DEBT_NOTICE, at),)
    person = facts("IL", "Asia/Jerusalem", invoices=owed, notices=notices)
    refusal = blocked(Act.COLLECTION_COSTS, person, RULES, NOON + 99 * DAY)
    assert (refusal is None) is free
    assert refusal is None or refusal.rule == "IL-13B2"


def test_every_debt_needs_its_own() -> None:
    owed = (invoice(1, due_on=date(2026, 5, 1)), invoice(2, due_on=date(2026, 5, 30)))
    notices = (NoticeFact(Act.WRITTEN_DEBT_NOTICE, datetime(2026, 5, 20, tzinfo=UTC)),)
    person = facts("IL", "Asia/Jerusalem", invoices=owed, notices=notices)
    assert blocked(Act.COLLECTION_COSTS, person, RULES, NOON) is not None


@pytest.mark.parametrize(
    ("term", "end"),
    [
        (Term(90, Unit.MINUTES), datetime(2026, 10, 31, 13, 30, tzinfo=UTC)),
        (Term(5, Unit.DAYS), datetime(2026, 11, 5, 12, tzinfo=UTC)),
        (Term(4, Unit.MONTHS), datetime(2027, 2, 28, 12, tzinfo=UTC)),
        (Term(3, Unit.YEARS), datetime(2029, 10, 31, 12, tzinfo=UTC)),
    ],
)
def test_a_term_ends_as_the_calendar_says(term: Term, end: datetime) -> None:
    assert term.after(datetime(2026, 10, 31, 12, tzinfo=UTC)) == end


def test_business_days_are_counted_on_a_calendar() -> None:
    with pytest.raises(ValueError, match="10bd"):
        Term(10, Unit.BUSINESS_DAYS).after(NOON)


def test_a_breathing_space_stops_receipts_and_answers_too_and_freezes_interest() -> None:
    freezes = frozenset({"interest", "fees"})
    hold = HoldFact(HoldKind.BREATHING_SPACE, NOON + DAY, since=NOON - DAY, freezes=freezes)
    held = facts("GB", "Europe/London", holds=(hold,))
    for category in Category:
        assert stops(held, NOON, category=category, acted_at=NOON) is not None
        assert stops(held, NOON + DAY, category=category) is None
    for what in Frozen:
        refusal = frozen(held, what, NOON)
        assert refusal is not None
        assert refusal.look_again_at == NOON + DAY
        assert frozen(held, what, NOON + DAY) is None


def test_other_holds_freeze_nothing() -> None:
    held = facts(holds=(HoldFact(HoldKind.STAFF, None),))
    assert frozen(held, Frozen.FEES, NOON) is None


VALIDATED = NoticeFact(Act.VALIDATION_NOTICE, NOON)  # a Wednesday: received by Wednesday the 17th


@pytest.mark.parametrize(
    ("person", "at", "reason"),
    [
        (american(), NOON, "notice_missing"),
        (american(FIRST), NOON, "notice_missing"),
        (american(VALIDATED), datetime(2026, 7, 18, 11, 59, tzinfo=UTC), "notice_running"),
        (american(VALIDATED), datetime(2026, 7, 18, 12, tzinfo=UTC), None),
        (american(VALIDATED, role=SenderRole.FIRST_PARTY), NOON, None),
        (facts("GB", "Europe/London", role=SenderRole.THIRD_PARTY), NOON, None),
    ],
)
def test_nothing_overshadows_the_days_after_the_validation_notice(
    person: Facts, at: datetime, reason: str | None
) -> None:
    """US-REGF-VALIDEND: 30 days from its receipt, which is taken for five business days later."""
    found = overshadows(person, RULES, at)

    assert (found.reason if found else None) == reason
    if reason == "notice_running":
        assert found is not None
        assert found.look_again_at == datetime(2026, 7, 18, 12, tzinfo=UTC)


def test_a_holiday_is_no_business_day_of_the_receipt() -> None:
    given = NoticeFact(Act.VALIDATION_NOTICE, datetime(2026, 6, 15, 12, tzinfo=UTC))  # a Monday

    found = overshadows(american(given), RULES, given.at)

    assert found is not None  # Juneteenth is on Friday: the fifth is Tuesday the 23rd, not Monday
    assert found.look_again_at == datetime(2026, 7, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", [HoldKind.ATTORNEY, HoldKind.CEASE])
@pytest.mark.parametrize("category", Category)
def test_who_has_an_attorney_or_wants_to_be_left_alone_hears_nothing(
    kind: HoldKind, category: Category
) -> None:
    held = owing(holds=(HoldFact(kind, None, NOON),))

    stopped = stops(held, NOON, category=category, acted_at=NOON + MINUTE)

    assert stopped is not None
    assert stopped.params["kind"] == kind


def test_a_bank_in_israel_gives_notice_before_it_speaks_of_court() -> None:
    """IL-BOI450-CHANCE."""
    bank = facts("IL", "Asia/Jerusalem", sector="bank")
    given = facts(
        "IL", "Asia/Jerusalem", sector="bank",
        notices=(NoticeFact(Act.WRITTEN_DEBT_NOTICE, NOON),),
    )  # fmt: skip

    refusal = blocked(Act.LEGAL_ACTION, bank, RULES, NOON)
    assert refusal is not None
    assert (refusal.rule, refusal.reason) == ("IL-BOI450-CHANCE", "notice_missing")
    assert blocked(Act.LEGAL_ACTION, given, RULES, NOON) is None
    assert blocked(Act.LEGAL_ACTION, facts("IL", "Asia/Jerusalem"), RULES, NOON) is None
