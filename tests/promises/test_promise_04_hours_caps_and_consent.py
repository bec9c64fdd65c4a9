"""Promise 4: nothing leaves outside the allowed hours, above a cap, without consent, or from a book
that is too old. Hours are judged here by the recipient's wall clock alone, not by our rules' code.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.engine.checks.policy import nothing_outside_policy
from app.store.bulk import insert_rows
from app.store.rows import Consent, Creditor, Message, PhoneCall
from tests.databases import on_both_stores
from tests.factories import NOON, add
from tests.promises.stage import Stage, staging, together

HAIFA, VILNIUS = ZoneInfo("Asia/Jerusalem"), ZoneInfo("Europe/Vilnius")
LITHUANIAN = {"country": "LT", "zone": "Europe/Vilnius", "locale": "lt"}


def two_debts_of_one_person(stage: Stage) -> tuple[int, int]:
    """One person owes two creditors; both reminders are due on the same day."""
    other = stage.second_creditor()
    due_on = date(2026, 5, 31)  # so that the step has days, not one, to be said
    return (
        stage.owe("Ada", person="ada", due_on=due_on - timedelta(days=3)),
        stage.owe("Ada2", person="ada", creditor=other, due_on=due_on - timedelta(days=3)),
    )


@on_both_stores
def test_two_workers_at_once_do_not_pass_one_persons_cap(stage: Stage) -> None:
    two_debts_of_one_person(stage)
    stage.decide()
    assert len(stage.get(Message, state="waiting")) == 2
    workers = [stage.worker(), stage.worker()]

    together(*(lambda each=each: each.delivery.tick(stage.now) for each in workers))
    stage.loops.settle(stage.now)

    assert len(stage.sent()) == 1
    (loser,) = stage.get(Message, state="waiting")
    assert loser.reason in ("cap_reached", "gap_not_over")
    assert loser.due_at > stage.now


def test_the_loser_is_decided_again_and_speaks_later(stage: Stage) -> None:
    debts = two_debts_of_one_person(stage)

    stage.play(days=3)

    first, second = stage.sent()
    assert {first.customer_id, second.customer_id} == set(debts)
    assert second.at - first.at >= timedelta(hours=20)


def test_one_persons_messages_are_never_in_one_batch(stage: Stage) -> None:
    two_debts_of_one_person(stage)
    stage.decide()

    assert len(stage.loops.delivery.claim(stage.now)) == 1


@on_both_stores
@pytest.mark.parametrize("round_", range(2))
def test_a_race_for_one_persons_cap_has_one_winner(stage: Stage, round_: int) -> None:
    """Both workers hold a draft, and ask the gate at the same instant."""
    two_debts_of_one_person(stage)
    stage.decide()
    deliveries = [stage.worker(batch=1).delivery for _ in range(2)]
    drafts = [each.prepare(each.claim(stage.now), stage.now) for each in deliveries]
    assert [len(each) for each in drafts] == [1, 1]

    passed = together(
        lambda: len(deliveries[0].gate(drafts[0])), lambda: len(deliveries[1].gate(drafts[1]))
    )

    assert sorted(map(str, passed)) == ["0", "1"]


def test_a_whole_journey_of_two_debts_keeps_hours_and_caps(stage: Stage) -> None:
    other = stage.second_creditor()
    stage.owe("Ada", person="ada", media=("sms", "email"))
    stage.owe("Ada2", person="ada", creditor=other, due_on=date(2026, 6, 2))

    stage.play(days=64)

    instants = [sent.at for sent in stage.sent()]
    assert len(instants) >= 10
    days = Counter(at.astimezone(HAIFA).date() for at in instants)
    assert set(days.values()) == {1}
    for first, fourth in zip(instants, instants[3:], strict=False):
        assert fourth - first >= timedelta(days=7)
    for earlier, later in pairwise(instants):
        assert later - earlier >= timedelta(hours=20)
    for at in instants:
        assert is_open_in_israel(at)


@pytest.mark.parametrize(
    ("minutes_before", "asked_for", "wrong"), [(60, False, 1), (60, True, 0), (-60, False, 0)]
)
def test_a_call_before_a_message_counts_when_it_is_asked_again_whether_it_was_right(
    stage: Stage, minutes_before: int, asked_for: bool, wrong: int
) -> None:
    customer = stage.owe("Ada")
    stage.tick()
    (sent,) = stage.sent()
    call = {
        "customer_id": customer, "person_id": sent.person_id, "creditor_id": stage.creditor,
        "called_at": sent.at - timedelta(minutes=minutes_before), "called_by": "noa",
        "outcome": "refuses", "asked_for": asked_for,
    }  # fmt: skip
    with stage.database.write() as session:
        insert_rows(session, PhoneCall, [call])

    with stage.database.read() as session:
        found = nothing_outside_policy(session, stage.now)

    assert (found.examined, found.violations) == (1, wrong)


def is_open_in_israel(at: datetime) -> bool:
    """Sunday to Thursday 08:00-20:00, Friday to 13:00."""
    local = at.astimezone(HAIFA)
    closes = {4: time(13), 5: time(0)}.get(local.weekday(), time(20))
    return time(8) <= local.time() < closes


# Day-light saving: (country, the Friday or the Sunday of the change, the first open instant)
CHANGES: tuple[tuple[str, dict[str, Any], ZoneInfo, date, str], ...] = (
    ("gap in Haifa", {}, HAIFA, date(2026, 3, 27), "2026-03-27T05:00"),
    ("fold in Haifa", {}, HAIFA, date(2026, 10, 25), "2026-10-25T06:00"),
    ("gap in Vilnius", LITHUANIAN, VILNIUS, date(2026, 3, 29), "2026-03-30T05:00"),
    ("fold in Vilnius", LITHUANIAN, VILNIUS, date(2026, 10, 25), "2026-10-26T06:00"),
)


@pytest.mark.parametrize(
    ("_", "place", "zone", "day", "opens"), CHANGES, ids=[c[0] for c in CHANGES]
)
def test_on_the_day_the_clocks_change_it_waits_for_the_wall_clock(
    migrated_url: str, _: str, place: dict[str, Any], zone: ZoneInfo, day: date, opens: str
) -> None:
    night = datetime.combine(day, time(0, 30), zone).astimezone(UTC)
    creditor = {"currency": "EUR", **place} if place else {}
    with staging(migrated_url, start=night, creditor=creditor) as stage:
        stage.owe("Ada", due_on=day - timedelta(days=4), **place)

        stage.play(days=2)

        first = stage.sent()[0]
        assert first.at == datetime.fromisoformat(opens).replace(tzinfo=UTC)
        assert first.at.astimezone(zone).time() == time(8)


@pytest.mark.parametrize(
    ("day", "closes"),
    [(date(2026, 3, 27), "13:00"), (date(2026, 10, 25), "20:00"), (date(2026, 10, 23), "13:00")],
    ids=["gap", "fold", "the Friday before"],
)
def test_around_the_change_the_evening_closes_by_the_wall_clock(
    migrated_url: str, day: date, closes: str
) -> None:
    shut = datetime.combine(day, time.fromisoformat(closes), HAIFA).astimezone(UTC)
    with staging(migrated_url, start=shut - timedelta(minutes=2)) as stage:
        stage.owe("Early", due_on=day - timedelta(days=3))
        stage.loops.settle(stage.now)
        assert len(stage.sent()) == 1

        stage.pass_by(minutes=1)
        stage.run("UPDATE campaign SET enrolled_on = NULL")
        stage.owe("Late", due_on=day - timedelta(days=3))
        stage.loops.settle(stage.now)

        assert len(stage.sent()) == 1
        assert stage.case_of(2).reason in ("outside_hours", "rest_day")


def test_what_was_claimed_before_the_window_closed_is_not_sent_behind_it(migrated_url: str) -> None:
    evening = datetime(2026, 6, 1, 16, 58, 50, tzinfo=UTC)  # 19:58:50 in Haifa
    with staging(migrated_url, start=evening) as stage:
        stage.owe("Ada", due_on=date(2026, 5, 29))
        stage.decide()

        stage.deliver(after="prepare", act=lambda: stage.pass_by(seconds=40))

        assert stage.sent() == []
        held = stage.one(Message)
        assert (held.state, held.reason) == ("waiting", "outside_hours")
        assert held.due_at == datetime(2026, 6, 2, 5, 0, tzinfo=UTC)
        stage.play(days=1)
        assert [sent.at for sent in stage.sent()] == [held.due_at]


def test_what_passed_the_gate_before_the_window_closed_is_not_sent_behind_it(
    migrated_url: str,
) -> None:
    evening = datetime(2026, 6, 1, 16, 58, 59, tzinfo=UTC)
    with staging(migrated_url, start=evening) as stage:
        stage.owe("Ada", due_on=date(2026, 5, 29))
        stage.decide()

        stage.deliver(after="gate", act=lambda: stage.pass_by(seconds=1.5))

        assert stage.sent() == []
        assert stage.one(Message).reason == "gate_void"


def test_on_a_friday_afternoon_nothing_leaves_in_israel_until_sunday(migrated_url: str) -> None:
    friday = datetime(2026, 6, 5, 12, 10, tzinfo=UTC)  # 15:10 in Haifa
    with staging(migrated_url, start=friday) as stage:
        stage.owe("Ada", due_on=date(2026, 6, 2))

        stage.tick()
        case = stage.case_of(1)
        assert stage.sent() == []
        assert case.reason in ("outside_hours", "rest_day")
        assert case.look_at == datetime(2026, 6, 7, 5, 0, tzinfo=UTC)

        stage.play(days=3)
        assert [sent.at for sent in stage.sent()] == [case.look_at]


def test_a_traveller_is_written_to_only_where_both_places_are_open(stage: Stage) -> None:
    stage.owe("Ada", due_on=date(2026, 5, 29))
    stage.run("UPDATE address SET zone = 'America/New_York'")

    stage.play(days=2)

    (sent,) = stage.sent()
    assert is_open_in_israel(sent.at)
    assert 8 <= sent.at.astimezone(ZoneInfo("America/New_York")).hour < 20


def test_a_book_that_is_too_old_is_a_stop(migrated_url: str) -> None:
    old = {"ledger_as_of": NOON - timedelta(hours=26, minutes=1), "ledger_max_age_s": 26 * 3600}
    with staging(migrated_url, creditor=old) as stage:
        stage.owe("Ada")
        stage.tick()
        assert stage.sent() == []
        assert stage.case_of(1).reason == "ledger_stale"

        stage.put(Creditor, ledger_as_of=stage.now)
        stage.play(hours=7)

        assert stage.said(1) == ["due_today"]


def test_a_book_that_grows_too_old_before_the_gate_is_a_stop(migrated_url: str) -> None:
    fresh = {"ledger_as_of": NOON - timedelta(hours=26), "ledger_max_age_s": 26 * 3600}
    with staging(migrated_url, creditor=fresh) as stage:
        stage.owe("Ada")
        stage.decide()

        stage.deliver(after="prepare", act=lambda: stage.pass_by(seconds=1))

        assert stage.sent() == []
        assert stage.one(Message).reason == "ledger_stale"


def test_consent_that_is_withdrawn_before_the_gate_stops(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.decide()

    def withdraw() -> None:
        word = {"given": False, "at": stage.now, "source": "phone", "method": "spoken"}
        add(stage.database, Consent, customer_id=customer, medium="sms", **word)

    stage.deliver(after="prepare", act=withdraw)
    stage.play(days=1)

    assert stage.sent() == []
    assert stage.one(Message).reason == "consent_withdrawn"


def test_without_consent_where_the_rules_ask_for_it_nothing_leaves(stage: Stage) -> None:
    """An offer is marketing: in Israel it needs consent (s. 30A)."""
    customer = stage.owe("Ada")
    stage.run("DELETE FROM consent")
    stage.decide()
    stage.run("UPDATE message SET category = 'offer'")

    stage.deliver()

    assert stage.sent() == []
    assert stage.one(Message, customer_id=customer).reason == "consent_missing"


def test_a_zone_that_is_unknown_blocks(stage: Stage) -> None:
    stage.owe("Ada", zone="Mars/Base", country=None)

    stage.play(days=2)

    assert stage.sent() == []
