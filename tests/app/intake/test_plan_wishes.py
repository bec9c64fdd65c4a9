"""Plans that are asked for: exact, decided on once, and only as they were asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.plan_offers import Rhythm, Terms
from app.intake.plan_wishes import (
    UnknownWish,
    Wish,
    agree_offer,
    agree_wish,
    counter_wish,
    decline_wish,
    schedule,
    standing_offer,
    wish_for_plan,
)
from app.intake.plans import PlanRefused
from app.store.engines import Database
from campaigns.money import Money
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON

TODAY = NOON.date()


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


@given(
    total=st.integers(1, 10**9),
    each=st.integers(1, 10**9),
    rhythm=st.sampled_from(list(Rhythm)),
    ahead=st.integers(0, 200),
)
def test_the_parts_of_an_amount_are_exact_and_rise(
    total: int, each: int, rhythm: Rhythm, ahead: int
) -> None:
    terms = Terms(0, rhythm, TODAY + timedelta(days=ahead))

    parts = schedule(Wish(Money(total, "EUR"), terms, Money(each, "EUR")), TODAY)

    if parts is not None:
        assert sum(part.amount.minor for part in parts) == total
        assert {part.amount.minor for part in parts[:-1]} == {each}
        assert 0 < parts[-1].amount.minor <= each
        days = [part.due_on for part in parts]
        assert days == sorted(set(days))
        assert 2 <= len(parts) <= 120


def wish(scene: Scene, *, parts: int = 10) -> int:
    terms = Terms(parts, Rhythm.MONTHLY, TODAY + timedelta(days=5))
    with scene.database.write() as session:
        wanted = Wish(Money(124_050, "ILS"), terms)
        return wish_for_plan(
            session, customer_id=scene.customer_id, wish=wanted, said=None, now=NOON
        )


def decide(scene: Scene, wish_id: int) -> int:
    with scene.database.write() as session:
        return agree_wish(session, wish_id, decided_by="Noa", now=NOON)


@on_both_stores
def test_a_person_agrees_to_what_was_asked_for_and_nobody_decides_twice(scene: Scene) -> None:
    wish_id = wish(scene)

    plan_id = decide(scene, wish_id)

    (row,) = scene.rows("plan_wish")
    assert (row["state"], row["decided_by"], row["plan_id"]) == ("agreed", "Noa", plan_id)
    (plan,) = scene.rows("plan")
    assert (plan["agreed_by"], plan["amount_minor"]) == ("staff", 124_050)
    assert len(scene.rows("instalment")) == 10
    assert [task["state"] for task in scene.rows("task")] == ["done"]
    with pytest.raises(UnknownWish, match="is agreed already"):
        decide(scene, wish_id)


def test_a_wish_that_is_declined_leaves_nothing_agreed(scene: Scene) -> None:
    wish_id = wish(scene)

    with scene.database.write() as session:
        decline_wish(session, wish_id, decided_by="Noa", now=NOON)

    assert scene.rows("plan") == []
    with pytest.raises(UnknownWish, match="there is no wish 99"):
        decide(scene, 99)


def test_what_was_paid_since_is_no_part_of_the_plan(scene: Scene) -> None:
    wish_id = wish(scene)
    scene.run("UPDATE invoice SET open_minor = open_minor - 50 WHERE id = 1")

    decide(scene, wish_id)

    assert sum(row["amount_minor"] for row in scene.rows("instalment")) == 124_000


def test_another_sum_than_what_is_open_is_no_wish(scene: Scene) -> None:
    scene.run("UPDATE invoice SET open_minor = open_minor - 50 WHERE id = 1")

    with pytest.raises(PlanRefused):
        wish(scene)


def counter(scene: Scene, wish_id: int, *, parts: int = 4, days: int = 7) -> None:
    terms = Terms(parts, Rhythm.MONTHLY, TODAY + timedelta(days=10))
    with scene.database.write() as session:
        counter_wish(
            session,
            wish_id,
            terms,
            until=TODAY + timedelta(days=days),
            decided_by="Noa",
            now=NOON,
        )


def take_offer(scene: Scene, *, at: datetime = NOON) -> int:
    with scene.database.write() as session:
        row = standing_offer(session, scene.customer_id, at.date())
        assert row is not None
        return agree_offer(session, row, now=at)


@on_both_stores
def test_a_counter_offer_holds_until_its_day_and_is_agreed_to_as_it_was_offered(
    scene: Scene,
) -> None:
    wish_id = wish(scene)

    counter(scene, wish_id)

    assert scene.tasks() == []  # it is the customer's turn
    (hold,) = scene.rows("hold", "released_at IS NULL")
    assert str(hold["until"])[:10] == "2026-06-08"  # midnight in Haifa, after the 8th
    with pytest.raises(UnknownWish, match="is countered already"):
        decide(scene, wish_id)

    plan_id = take_offer(scene)

    (row,) = scene.rows("plan_wish")
    assert (row["state"], row["decided_by"], row["plan_id"]) == ("agreed", "Noa", plan_id)
    assert [row["amount_minor"] for row in scene.rows("instalment")] == [31_014, *[31_012] * 3]
    assert scene.rows("plan")[0]["agreed_by"] == "page"


def test_a_counter_offer_ends_with_its_day_and_with_another_wish(scene: Scene) -> None:
    counter(scene, wish(scene), days=3)

    with scene.database.read() as session:
        assert standing_offer(session, scene.customer_id, TODAY + timedelta(days=3)) is not None
        assert standing_offer(session, scene.customer_id, TODAY + timedelta(days=4)) is None

    wish(scene, parts=8)
    assert [row["state"] for row in scene.rows("plan_wish")] == ["replaced", "open"]


@pytest.mark.parametrize(("parts", "days"), [(1, 5), (121, 5), (4, 31), (4, -1)])
def test_what_nobody_could_agree_to_is_not_offered(scene: Scene, parts: int, days: int) -> None:
    wish_id = wish(scene)

    with pytest.raises(PlanRefused):
        counter(scene, wish_id, parts=parts, days=days)

    assert [row["state"] for row in scene.rows("plan_wish")] == ["open"]
