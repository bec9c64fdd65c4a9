"""Of what must be kept the longest counts, of what must go the soonest; the first wins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.duties import Act, Records, Retention, Term, Unit
from campaigns.retention import FAR, Keeping, keeping, latest_start, outreach
from campaigns.rulehead import Head, Level, Status

LAST = datetime(2026, 3, 1, 12, tzinfo=UTC)
COUNTED = {Act.LAST_COLLECTION_ACTIVITY: LAST}


def row(
    id_: str,
    *,
    least: Term | None = None,
    most: Term | None = None,
    records: Records = Records.CONTACTS,
    counted_from: Act = Act.LAST_COLLECTION_ACTIVITY,
) -> Retention:
    head = Head(
        id=id_,
        pack="xx",
        level=Level.LAW,
        source="test",
        status=Status.HOUSE,
        checked=date(2026, 1, 1),
    )
    return Retention(head, "", records, counted_from, least, most)


def days(count: int) -> Term:
    return Term(count, Unit.DAYS)


def test_the_longest_duty_to_keep_and_the_soonest_to_let_go() -> None:
    rows = [row("A", least=days(10)), row("B", least=days(20))]
    rows += [row("C", most=days(40)), row("D", most=days(30))]

    found = keeping(rows, COUNTED)

    assert found == Keeping(LAST + timedelta(days=20), "B", LAST + timedelta(days=30), "D")


def test_what_must_be_kept_stays_whoever_wants_it_gone() -> None:
    rows = [row("KEEP", least=Term(3, Unit.YEARS)), row("GO", most=days(0))]

    assert keeping(rows, COUNTED).goes_at == datetime(2029, 3, 1, 12, tzinfo=UTC)
    assert keeping(rows, COUNTED).goes_for == "KEEP"


def test_before_an_act_what_must_be_kept_has_no_end_and_nothing_must_go() -> None:
    rows = [row("KEEP", least=days(1)), row("GO", most=days(1))]

    assert keeping(rows, {}) == Keeping(FAR, "KEEP")
    assert keeping([], COUNTED) == Keeping()


def test_the_ledger_and_recordings_are_no_outreach() -> None:
    kept = {each.records for each in outreach(row("X", records=r) for r in Records)}

    assert kept == {Records.COMPLIANCE, Records.CONTACTS, Records.MANDATE_DATA}


@pytest.mark.parametrize("unit", [Unit.DAYS, Unit.MONTHS, Unit.YEARS])
@given(count=st.integers(0, 30), ago=st.integers(0, 12_000))
def test_nobody_whose_time_is_over_is_passed_over(unit: Unit, count: int, ago: int) -> None:
    term, start = Term(count, unit), LAST - timedelta(days=ago)
    before = latest_start([term], LAST)

    assert before is not None
    assert term.after(start) > LAST or start <= before
