"""Holds that a law knows: their ends come from the packs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.book.snapshot_parts import holds
from app.engine.catalogue import Catalogue
from app.intake.due_notices import give_due_notices
from app.intake.legal_holds import HoldRefused, Placed, end_legal_hold, place_legal_hold
from app.loops.assembly import publish_shipped
from app.store.engines import Database
from app.store.rows import Payment
from campaigns.duties import Frozen
from campaigns.stops import frozen, stops
from campaigns.vocabulary import Category, HoldKind
from tests.app.delivery.cast import creditor
from tests.app.delivery.cast import owing as owes
from tests.app.intake.make import Scene
from tests.campaigns.casefacts import owing
from tests.databases import on_both_stores
from tests.factories import NOON
from tests.world import World

LONDON = ZoneInfo("Europe/London")
START = date(2026, 6, 1)


@pytest.fixture
def scene(database: Database) -> Scene:
    made = Scene.of(database, country="GB", zone="Europe/London")
    publish_shipped(database, NOON)
    with database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE customer SET country = 'GB', zone = 'Europe/London'"
        )
    return made


def _place(scene: Scene, kind: HoldKind, start: date = START, now: datetime = NOON) -> Placed:
    catalogue = Catalogue()
    with scene.database.write() as session:
        catalogue.refresh(session)
        return place_legal_hold(session, catalogue, scene.customer_id, kind, start, now)


def _end(scene: Scene, kind: HoldKind, over: date) -> Placed:
    catalogue = Catalogue()
    with scene.database.write() as session:
        catalogue.refresh(session)
        return end_legal_hold(session, catalogue, scene.customer_id, kind, over, NOON)


def _night(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


@on_both_stores
def test_a_breathing_space_lasts_sixty_days_and_freezes_fees(scene: Scene) -> None:
    placed = _place(scene, HoldKind.BREATHING_SPACE)
    assert (placed.rule, placed.ends_on) == ("UK-BREATHE", date(2026, 7, 30))
    assert placed.until == _night(date(2026, 7, 31))

    with scene.database.read() as session:
        (fact,) = holds(session, [1], NOON)[1]
    facts = owing(holds=(fact,))
    day_60, day_61 = _night(date(2026, 7, 30)), _night(date(2026, 7, 31))
    for category in Category:
        assert stops(facts, day_60, category=category) is not None
        assert stops(facts, day_61, category=category) is None
    for what in Frozen:
        assert frozen(facts, what, day_60) is not None
        assert frozen(facts, what, day_61) is None
    (task,) = scene.rows("task", "kind = 'hold'")
    assert str(task["due_at"])[:10] == "2026-07-30"  # 23:00 in UTC is the night of the 31st


@on_both_stores
def test_a_crisis_lasts_until_thirty_days_after_the_treatment(scene: Scene) -> None:
    placed = _place(scene, HoldKind.MENTAL_HEALTH_CRISIS)
    assert (placed.rule, placed.until) == ("UK-BREATHE-CRISIS", None)
    assert len(scene.rows("task", "kind = 'hold'")) == 1  # so that it is bounded

    over = _end(scene, HoldKind.MENTAL_HEALTH_CRISIS, date(2026, 7, 1))
    assert over.ends_on == date(2026, 7, 30)
    with pytest.raises(HoldRefused, match="no end"):
        _end(scene, HoldKind.MENTAL_HEALTH_CRISIS, date(2026, 7, 1))


def test_debt_advice_holds_for_thirty_days_and_is_extended_once(scene: Scene) -> None:
    assert _place(scene, HoldKind.DEBT_ADVICE).ends_on == date(2026, 6, 30)
    later = NOON + timedelta(days=25)
    assert _place(scene, HoldKind.DEBT_ADVICE, now=later).ends_on == date(2026, 7, 30)
    with pytest.raises(HoldRefused, match="extended once"):
        _place(scene, HoldKind.DEBT_ADVICE, now=later)


def test_a_hold_that_no_rule_knows_is_refused(scene: Scene) -> None:
    with pytest.raises(HoldRefused, match="staff"):
        _place(scene, HoldKind.STAFF)
    with scene.database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE customer SET country = 'LT', zone = 'Europe/Vilnius'"
        )
    with pytest.raises(HoldRefused, match="breathing_space"):
        _place(scene, HoldKind.BREATHING_SPACE)


@on_both_stores
def test_the_written_notice_of_israel_is_asked_for_before_its_four_months_are_over(
    migrated_url: str,
) -> None:
    world = World(migrated_url)
    carmel = creditor(world)
    due = owes(world, carmel, due_on=date(2026, 2, 20))
    owes(world, carmel, "C2", due_on=date(2026, 5, 20))
    world.loops.settle(world.now)

    catalogue = Catalogue()
    with world.database.write() as session:
        catalogue.refresh(session)
        assert give_due_notices(session, catalogue, world.now) == 1
        assert give_due_notices(session, catalogue, world.now) == 0
    (task,) = world.rows("task", "kind = 'notice'")
    assert (task["customer_id"], str(task["due_at"])[:10]) == (due, "2026-06-20")
    world.close()


@pytest.mark.parametrize("kind", [HoldKind.ATTORNEY, HoldKind.CEASE])
def test_an_attorney_and_a_wish_to_be_left_alone_hold_until_somebody_lifts_them(
    scene: Scene, kind: HoldKind
) -> None:
    placed = _place(scene, kind)
    assert (placed.rule, placed.until) == (f"HOUSE-{kind.upper()}", None)

    ended = _end(scene, kind, START + timedelta(days=20))
    assert ended.until == _night(START + timedelta(days=20))


@on_both_stores
def test_a_payment_to_an_israeli_bank_is_a_task_to_report_it(database: Database) -> None:
    """IL-BOI450."""
    scene = Scene.of(database, country="IL", zone="Asia/Jerusalem", sector="bank")
    publish_shipped(database, NOON)
    catalogue = Catalogue()
    paid = Payment(
        key="p1", creditor_id=scene.creditor_id, customer_id=scene.customer_id, currency="ILS",
        amount_minor=5_00, paid_on=START, received_at=NOON - timedelta(days=1),
    )  # fmt: skip
    with database.write() as session:
        session.add(paid)
    with database.write() as session:
        catalogue.refresh(session)
        assert [give_due_notices(session, catalogue, NOON) for _ in range(2)] == [1, 0]
    (task,) = scene.rows("task", "kind = 'notice'")
    assert "execution office report" in task["title"]
