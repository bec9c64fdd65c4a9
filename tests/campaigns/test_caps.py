"""Caps and gaps: what counts, for how long, and what is exempt."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.caps import alike, limits
from campaigns.facts import PastContact
from campaigns.proposal import Proposal
from campaigns.rules import Cap, Gap
from campaigns.vocabulary import Category, Medium
from tests.campaigns.policyfacts import (
    DAY,
    HOUR,
    MINUTE,
    contact,
    facts,
    invoice,
    local,
    pack_of,
    proposal,
)

NOW = local("2026-06-10 12:00")
VILNIUS = "Europe/Vilnius"
DAILY = "{id: A, kind: cap, n: 1, per: 1d}"
WEEKLY = "{id: A, kind: cap, n: 3, per: 7d}"
LENIENT = "exempts: [failed, fallbacks, answers, receipts]"


def earliest(
    rule: str,
    *contacts: PastContact,
    asked: Proposal | None = None,
    at: datetime = NOW,
    zones: tuple[str, ...] = (VILNIUS,),
    **more: Any,
) -> datetime:
    (row,) = pack_of(rule).rules
    assert isinstance(row, Cap | Gap)
    known = facts(contacts=contacts, **more)
    said = sorted((contact.at for contact in known.contacts), reverse=True)
    in_zones = tuple(map(ZoneInfo, zones))
    bound = limits(alike([row])[0], asked or proposal(), known, at, in_zones, said)
    return max((one.earliest(at) for one in bound), default=at)


def test_a_day_is_the_recipients_calendar_day_and_not_24_hours() -> None:
    yesterday_late = contact(local("2026-06-09 23:59"))

    assert earliest(DAILY, yesterday_late) == NOW
    assert earliest(DAILY, contact(local("2026-06-10 00:00"))) == local("2026-06-11 00:00")


def test_a_day_must_be_over_in_every_zone_that_may_be_the_recipients() -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    said = contact(local("2026-06-09 23:30", "America/Los_Angeles"))
    at = said.at + HOUR  # still the 10th in New York, the 10th in Los Angeles

    assert earliest(DAILY, said, at=at, zones=zones) == local(
        "2026-06-11 00:00", "America/New_York"
    )


def test_without_a_zone_a_day_is_24_hours() -> None:
    said = contact(NOW - HOUR)

    assert earliest(DAILY, said, zones=()) == said.at + DAY


def test_a_week_is_any_seven_days_to_the_instant() -> None:
    said = [contact(NOW - 7 * DAY + n * HOUR) for n in (1, 2, 3)]

    assert earliest(WEEKLY, *said) == NOW + HOUR
    assert earliest(WEEKLY, *said, at=NOW + HOUR - MINUTE) == NOW + HOUR
    assert earliest(WEEKLY, *said, at=NOW + HOUR) == NOW + HOUR


def test_a_gap_counts_from_the_last_message() -> None:
    gap = "{id: A, kind: gap, least: 20h}"

    assert earliest(gap, contact(NOW - 30 * HOUR), contact(NOW - 5 * HOUR)) == NOW + 15 * HOUR
    assert earliest(gap, contact(NOW - 20 * HOUR)) == NOW


@pytest.mark.parametrize(
    "more",
    [{"failed": True}, {"exempt": True}, {"slot": "case:step"}, {"category": Category.RECEIPT}],
    ids=["failed", "answer", "fallback", "receipt"],
)
def test_the_law_counts_everything_and_a_row_may_exempt_it(more: dict[str, object]) -> None:
    said = contact(NOW - HOUR, **more)

    assert earliest(DAILY, said) > NOW
    assert earliest(f"{DAILY.removesuffix('}')}, {LENIENT}}}", said) == NOW


def test_fallbacks_of_another_step_take_one_place_together() -> None:
    said = [contact(NOW - n * DAY, slot="other") for n in (1, 2, 3)]
    rule = "{id: A, kind: cap, n: 2, per: 7d, exempts: [fallbacks]}"

    assert earliest(rule, *said) == NOW
    assert earliest(rule, *said, contact(NOW - 4 * DAY)) == NOW + 3 * DAY
    assert earliest("{id: A, kind: cap, n: 2, per: 7d}", *said) > NOW


@pytest.mark.parametrize(("age", "exempt"), [(24 * HOUR - MINUTE, True), (24 * HOUR, False)])
def test_an_answer_within_24_hours_is_exempt_where_the_row_says_so(
    age: timedelta, exempt: bool
) -> None:
    asked = proposal(answers_own_act_at=NOW - age)
    said = contact(NOW - HOUR)

    assert (earliest(f"{DAILY[:-1]}, {LENIENT}}}", said, asked=asked) == NOW) is exempt
    assert earliest(DAILY, said, asked=asked) > NOW


def test_a_receipt_is_exempt_where_the_row_says_so() -> None:
    asked = proposal(category=Category.RECEIPT)

    assert earliest(f"{DAILY[:-1]}, {LENIENT}}}", contact(NOW - HOUR), asked=asked) == NOW
    assert earliest(DAILY, contact(NOW - HOUR), asked=asked) > NOW


def test_a_row_for_one_medium_or_category_counts_that_alone() -> None:
    sms = "{id: A, kind: cap, n: 1, per: 1d, applies: {media: [sms]}}"
    notices = "{id: A, kind: cap, n: 1, per: 1d, applies: {categories: [notice]}}"

    assert earliest(sms, contact(NOW - HOUR, medium=Medium.EMAIL)) == NOW
    assert earliest(sms, contact(NOW - HOUR)) > NOW
    assert earliest(notices, contact(NOW - HOUR)) == NOW


def test_the_person_is_counted_over_all_creditors_unless_the_row_says_otherwise() -> None:
    by_another = contact(NOW - HOUR, creditor_id=2)

    assert earliest(DAILY, by_another) > NOW
    assert earliest("{id: A, kind: cap, n: 1, per: 1d, scope: creditor}", by_another) == NOW


def test_a_cap_on_the_debt_is_reached_when_one_debt_reaches_it() -> None:
    rule = "{id: A, kind: cap, n: 2, per: 7d, scope: debt}"
    first = contact(NOW - DAY, invoice_ids=(1,))
    unsaid = contact(NOW - 2 * DAY)
    other = contact(NOW - 3 * DAY, invoice_ids=(2,))

    assert earliest(rule, first, other, invoices=(invoice(1), invoice(2))) == NOW
    assert earliest(rule, first, unsaid, invoices=(invoice(1),)) == unsaid.at + 7 * DAY
    assert earliest(rule, first, other, invoices=()) == other.at + 7 * DAY


@given(
    hours=st.lists(st.integers(0, 24 * 20), max_size=12),
    n=st.integers(1, 4),
    days=st.integers(2, 10),
)
def test_no_period_of_the_rows_length_ever_holds_more_than_the_cap(
    hours: list[int], n: int, days: int
) -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    sent: list[datetime] = []
    for wish in sorted(hours):
        said = [contact(at) for at in sent]
        asked_at = max([start + wish * HOUR, *sent])
        at = earliest(f"{{id: A, kind: cap, n: {n}, per: {days}d}}", *said, at=asked_at)
        sent.append(at)

    assert all(sum(at <= s < at + days * DAY for s in sent) <= n for at in sent)


@given(
    hours=st.lists(st.integers(0, 24 * 9), max_size=8),
    zones=st.lists(
        st.sampled_from([VILNIUS, "America/New_York", "Pacific/Auckland"]), min_size=1, unique=True
    ),
)
def test_no_calendar_day_of_any_zone_ever_holds_more_than_the_cap(
    hours: list[int], zones: list[str]
) -> None:
    start = datetime(2026, 3, 25, tzinfo=UTC)
    sent: list[datetime] = []
    for wish in sorted(hours):
        said = [contact(at) for at in sent]
        asked_at = max([start + wish * HOUR, *sent])
        sent.append(earliest(DAILY, *said, at=asked_at, zones=tuple(zones)))

    for zone in zones:
        dates = [at.astimezone(ZoneInfo(zone)).date() for at in sent]
        assert len(dates) == len(set(dates))
