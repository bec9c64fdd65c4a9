"""Debits of kept cards, as production makes them: announced, exact, once, and stopped by all that
stops a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest

from app.intake.hardship import report_hardship
from app.intake.plans import spread_instalment
from app.loops.debits import Debits
from app.payments.choice import Gateways
from app.payments.external_gateway import ExternalGateway
from app.payments.gateway import ASKED_FOR
from app.payments.sandbox_cards import CardCourse
from tests.app.loops.debtor import FIRST, PARTS, SECOND, Debtor, debtor
from tests.databases import on_both_stores


def _at(day: date, hour: int) -> datetime:
    """This hour of UTC: Vilnius is three ahead in June and July."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


MORNING = _at(FIRST, 7)  # 10:00 in Vilnius


@pytest.fixture
def dana(migrated_url: str) -> Iterator[Debtor]:
    with debtor(migrated_url) as made:
        made.keep_card()
        yield made


def test_each_part_is_announced_debited_on_its_day_and_nothing_else_is_asked_for(
    dana: Debtor,
) -> None:
    dana.live(_at(FIRST, 5))
    assert dana.said() == ["debit_soon"]
    assert dana.charges() == [], "it is night in Vilnius"

    dana.live(_at(FIRST, 8))
    (charge,) = dana.charges()
    assert (charge["state"], charge["amount_minor"]) == ("paid", PARTS[0])
    assert dana.states() == ["paid", "due"]
    assert dana.said() == ["debit_soon", "payment_received"]

    dana.live(_at(SECOND, 12))
    assert dana.taken() == list(PARTS), dana.withheld()
    assert dana.open_minor() == 0
    assert dana.states() == ["paid", "paid"]
    assert [row["state"] for row in dana.world.rows("plan")] == ["completed"]
    assert [row["revoked_by"] for row in dana.world.rows("mandate")] == ["plan"]
    assert dana.said()[2:] == ["debit_soon", "thank_you"]
    assert dana.tasks() == []


def test_a_soft_no_is_tried_on_later_days_each_told_and_then_the_usual_path_follows(
    dana: Debtor,
) -> None:
    dana.plays(CardCourse.INSUFFICIENT_FUNDS)

    dana.live(_at(FIRST + timedelta(days=9), 12))

    days = [str(row["created_at"])[:10] for row in dana.charges()]
    assert days == ["2026-06-10", "2026-06-15", "2026-06-18"], "business days, three apart"
    assert len({row["key"] for row in dana.charges()}) == 3
    assert {row["declined"] for row in dana.charges()} == {"soft"}
    assert dana.said() == ["debit_soon", "card_retry", "plan_rescue", "card_retry", "card_replace"]
    assert dana.taken() == []
    assert dana.states() == ["missed", "due"]


@pytest.mark.parametrize(
    ("course", "answer"),
    [
        (CardCourse.LOST_CARD, "card_replace"),
        (CardCourse.AUTHENTICATION_REQUIRED, "card_confirm"),
    ],
)
def test_a_no_for_good_is_never_tried_again_until_there_is_another_card(
    dana: Debtor, course: CardCourse, answer: str
) -> None:
    dana.plays(course)
    dana.live(MORNING + timedelta(days=3))
    assert len(dana.charges()) == 1
    assert dana.said()[:2] == ["debit_soon", answer]

    dana.plays(CardCourse.PAYS)
    dana.keep_card("mandate-2")
    dana.live(MORNING + timedelta(days=5))

    assert [row["state"] for row in dana.charges()] == ["declined", "paid"]
    assert dana.taken() == [PARTS[0]]
    mandates = dana.world.rows("mandate")
    assert [row["revoked_by"] for row in mandates] == ["replaced", None]


def _revoked(dana: Debtor) -> None:
    dana.revoke()


def _paid_otherwise(dana: Debtor) -> None:
    dana.pay(PARTS[0])


def _disputed(dana: Debtor) -> None:
    dana.dispute(dana.small)


def _hard_times(dana: Debtor) -> None:
    with dana.world.database.write() as session:
        report_hardship(
            session,
            customer_id=dana.customer_id,
            kind="hardship",
            words=None,
            now=dana.world.now,
        )


def _halted(dana: Debtor) -> None:
    dana.world.run(
        "INSERT INTO halt (placed_at, placed_by, note)"
        " VALUES ('2026-06-01 00:00:00', 'noa', 'a test')"
    )


def _other_gateway(dana: Debtor) -> None:
    dana.world.run("UPDATE creditor SET gateway = 'external'")


def _notice_bounced(dana: Debtor) -> None:
    dana.world.run("UPDATE message SET delivery = 'bounced'")


def _stale_book(dana: Debtor) -> None:
    dana.world.run("UPDATE creditor SET ledger_max_age_s = 60")


STOPS: list[tuple[Callable[[Debtor], None], str | None]] = [
    (_revoked, None),
    (_paid_otherwise, None),
    (_disputed, "dispute_open"),
    (_hard_times, "hold"),
    (_halted, "halted"),
    (_other_gateway, "other_gateway"),
    (_notice_bounced, None),
    (_stale_book, "ledger_stale"),
]


@pytest.mark.parametrize(("stop", "why"), STOPS, ids=lambda each: getattr(each, "__name__", each))
def test_what_comes_after_the_notice_stops_the_debit(
    dana: Debtor, stop: Callable[[Debtor], None], why: str | None
) -> None:
    dana.live(_at(FIRST, 5))
    stop(dana)
    dana.world.clock.move_to(MORNING)
    gateways = Gateways.of(dana.gateway, [ExternalGateway(secret="a secret of the tests")])
    debits = Debits(dana.world.database, gateways)

    assert debits.tick(MORNING) == 0
    assert debits.tick(MORNING) == 0

    assert dana.charges() == []
    assert dana.withheld() == ([why] if why else [])


@pytest.mark.slow
def test_an_amount_that_was_changed_after_its_notice_is_not_debited(dana: Debtor) -> None:
    """The second part takes over the first, after its own notice."""
    dana.live(_at(SECOND - timedelta(days=2), 12))
    assert dana.taken() == [PARTS[0]]
    dana.world.run("UPDATE instalment SET state = 'missed' WHERE number = 1")
    with dana.world.database.write() as session:
        spread_instalment(session, customer_id=dana.customer_id, now=dana.world.now)

    dana.world.clock.move_to(_at(SECOND, 7))
    dana.tick()

    assert dana.withheld() == ["changed_since_notice"]


def test_what_has_come_in_part_is_not_taken_twice(dana: Debtor) -> None:
    dana.live(_at(FIRST, 5))
    dana.pay(15_001)

    dana.live(_at(FIRST, 8))

    assert dana.taken() == [PARTS[0] - 15_001]
    assert dana.states() == ["paid", "due"]


def test_a_card_that_was_kept_too_late_for_its_notice_waits_for_the_next_part(
    migrated_url: str,
) -> None:
    with debtor(migrated_url) as dana:
        dana.live(_at(FIRST - timedelta(days=1), 6))
        dana.keep_card()
        dana.live(_at(FIRST, 12))

        assert dana.charges() == []
        assert dana.said() == ["instalment_soon"]


@pytest.mark.parametrize("course", [CardCourse.SILENT, CardCourse.DOWN])
def test_an_answer_that_was_lost_is_asked_for_again_under_its_own_key(
    dana: Debtor, course: CardCourse
) -> None:
    dana.live(_at(FIRST, 5))
    dana.plays(course)
    dana.world.clock.move_to(MORNING)
    dana.debits.tick(MORNING)  # no callback has come yet
    (charge,) = dana.charges()
    assert (charge["state"], charge["session_id"]) == ("open", None)
    assert dana.debits.tick(MORNING) == 0, "not at once"

    dana.plays(CardCourse.PAYS)
    later = MORNING + timedelta(minutes=11)
    dana.world.clock.move_to(later)
    assert dana.debits.tick(later) == 1
    dana.hand()

    assert [row["state"] for row in dana.charges()] == ["paid"]
    assert dana.taken() == [PARTS[0]]


def test_what_nobody_hears_of_in_time_is_given_to_a_person_and_never_charged_again(
    dana: Debtor,
) -> None:
    dana.live(_at(FIRST, 5))
    dana.plays(CardCourse.DOWN)
    at = MORNING
    while at < MORNING + ASKED_FOR + timedelta(days=3):
        dana.world.clock.move_to(at)
        dana.tick()
        at += timedelta(hours=1)

    assert [row["state"] for row in dana.charges()] == ["pending"]
    assert dana.tasks() == ["debit_unclear"]
    assert [row["kind"] for row in dana.world.rows("hold", "released_at IS NULL")] == ["payment"]


@pytest.mark.slow
def test_a_debit_that_the_bank_takes_back_ends_the_mandate(dana: Debtor) -> None:
    dana.live(_at(FIRST, 8))
    ((_, reference, _),) = dana.gateway.payments()

    dana.gateway.charge_back(reference, dana.world.now)
    dana.hand()
    dana.live(_at(SECOND, 12))

    assert dana.taken() == [PARTS[0]], "neither that part nor the next is debited again"
    assert [row["revoked_by"] for row in dana.world.rows("mandate")] == ["bank"]


@on_both_stores
def test_two_workers_and_the_payer_at_once_take_it_once_at_most(dana: Debtor) -> None:
    dana.live(_at(FIRST, 5))
    dana.world.clock.move_to(MORNING)
    acts: list[Callable[[], object]] = [
        *[lambda: Debits(dana.world.database, Gateways.of(dana.gateway)).tick(MORNING)] * 3,
        lambda: dana.pay(PARTS[0]),
        dana.revoke,
        lambda: dana.dispute(dana.large),
    ]
    ready = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()
    dana.hand()
    dana.tick()

    assert len(dana.taken()) == len(dana.charges()) <= 1
    assert len(dana.world.rows("payment")) == 1 + len(dana.taken())
