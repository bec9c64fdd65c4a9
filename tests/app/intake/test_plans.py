"""Plans: inside the envelope, moved or spread when an instalment stays out, broken after that."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.book.envelope import EnvelopeError, PlanEnvelope, read_plan_envelope
from app.book.ledger import PaymentIn, post_payment
from app.intake.instalments import miss_instalments
from app.intake.plans import (
    Part,
    PlanProblem,
    PlanRefused,
    agree_plan,
    move_instalment,
    spread_instalment,
)
from app.intake.promises import MadeBy, make_promise
from app.store.engines import Database
from campaigns.money import Money
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON, add_invoice

DAYS = (date(2026, 6, 10), date(2026, 7, 10), date(2026, 8, 10))
THIRDS = (41_350, 41_350, 41_350)


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def agree(scene: Scene, minors: tuple[int, ...] = THIRDS, days: Any = DAYS) -> int:
    parts = [Part(Money(minor, "ILS"), day) for minor, day in zip(minors, days, strict=True)]
    with scene.database.write() as session:
        return agree_plan(
            session,
            customer_id=scene.customer_id,
            parts=parts,
            agreed_by=MadeBy.PAGE,
            now=NOON,
        )


def instalments(scene: Scene) -> list[tuple[str, int, str]]:
    rows = sorted(scene.rows("instalment"), key=lambda row: str(row["due_on"]))
    return [(str(row["due_on"])[:10], row["amount_minor"], row["state"]) for row in rows]


def miss(scene: Scene, now: datetime) -> int:
    with scene.database.write() as session:
        return miss_instalments(session, now)


def pay(scene: Scene, minor: int, now: datetime) -> None:
    with scene.database.write() as session:
        told = PaymentIn(f"bank:{now}", scene.customer_id, Money(minor, "ILS"), now.date(), now)
        post_payment(session, told, now=now)


def test_a_plan_covers_all_that_is_open_and_is_the_customers_own_act(scene: Scene) -> None:
    agree(scene)

    (plan,) = scene.rows("plan")
    assert (plan["state"], plan["amount_minor"]) == ("running", 124_050)
    assert scene.signals() == ["plan_agreed"]
    first = scene.rows("instalment")[0]
    assert str(first["grace_until"]).startswith("2026-06-11 21:00")  # the end of Thursday in Haifa
    assert str(first["breaks_at"]).startswith("2026-06-22 21:00")  # seven business days later


@pytest.mark.parametrize(
    ("minors", "days", "problem"),
    [
        (THIRDS[:1], DAYS[:1], PlanProblem.NOT_OFFERED),
        (
            (20_675,) * 6 + (0,),
            [date(2026, 6, day) for day in range(2, 9)],
            PlanProblem.NOT_OFFERED,
        ),
        (THIRDS[:2], DAYS[:2], PlanProblem.OTHER_AMOUNT),
        ((124_050, 0, 0), DAYS, PlanProblem.OTHER_AMOUNT),
        (THIRDS, DAYS[::-1], PlanProblem.BAD_DATES),
        (THIRDS, (date(2026, 5, 31), *DAYS[1:]), PlanProblem.BAD_DATES),
        (THIRDS, (*DAYS[:2], date(2027, 6, 1)), PlanProblem.BAD_DATES),
    ],
)
def test_a_plan_outside_of_the_envelope_is_refused(
    scene: Scene, minors: Any, days: Any, problem: PlanProblem
) -> None:
    with pytest.raises(PlanRefused) as refused:
        agree(scene, minors, days)

    assert refused.value.code is problem
    assert scene.rows("plan") == []


def test_one_arrangement_at_a_time(scene: Scene) -> None:
    with scene.database.write() as session:
        make_promise(
            session,
            customer_id=scene.customer_id,
            amount=Money(124_050, "ILS"),
            due_on=DAYS[0],
            made_by=MadeBy.PAGE,
            now=NOON,
        )

    with pytest.raises(PlanRefused) as refused:
        agree(scene)

    assert refused.value.code is PlanProblem.ARRANGED_ALREADY


def test_a_debt_past_its_limitation_date_is_not_planned(scene: Scene) -> None:
    add_invoice(scene.database, scene.customer_id, "OLD", amount=1, limitation_on=date(2026, 6, 1))

    with pytest.raises(PlanRefused) as refused:
        agree(scene, (41_350, 41_350, 41_351))

    assert refused.value.code is PlanProblem.LIMITATION_PASSED


def test_a_missed_instalment_leaves_time_to_rescue_the_plan(scene: Scene) -> None:
    agree(scene)

    assert miss(scene, NOON + timedelta(days=11)) == 1
    assert instalments(scene)[0][2] == "missed"
    assert scene.rows("plan")[0]["state"] == "running"
    assert scene.signals() == ["plan_agreed", "instalment_missed"]
    assert miss(scene, NOON + timedelta(days=12)) == 0

    pay(scene, 41_350, NOON + timedelta(days=13))
    assert [state for *_, state in instalments(scene)] == ["paid", "due", "due"]
    assert miss(scene, NOON + timedelta(days=30)) == 0


def test_a_plan_breaks_when_its_rescue_is_over(scene: Scene) -> None:
    agree(scene)

    assert miss(scene, NOON + timedelta(days=11)) == 1
    assert miss(scene, NOON + timedelta(days=22)) == 1

    assert scene.rows("plan")[0]["state"] == "broken"
    assert [state for *_, state in instalments(scene)] == ["missed", "due", "due"]
    assert scene.signals()[1:] == ["instalment_missed", "plan_broken"]


@on_both_stores
def test_an_instalment_gets_another_day(scene: Scene) -> None:
    agree(scene)
    now = NOON + timedelta(days=11)
    miss(scene, now)

    with scene.database.write() as session:
        move_instalment(session, customer_id=scene.customer_id, to=date(2026, 6, 25), now=now)

    assert instalments(scene) == [
        ("2026-06-10", 41_350, "moved"),
        ("2026-06-25", 41_350, "due"),
        ("2026-07-10", 41_350, "due"),
        ("2026-08-10", 41_350, "due"),
    ]
    assert miss(scene, NOON + timedelta(days=22)) == 0
    pay(scene, 124_050, NOON + timedelta(days=23))
    assert scene.rows("plan")[0]["state"] == "completed"


@pytest.mark.parametrize("to", [date(2026, 6, 1), date(2026, 6, 23), date(2026, 7, 10)])
def test_a_day_that_is_past_too_far_or_taken_is_refused(scene: Scene, to: date) -> None:
    agree(scene, days=(date(2026, 6, 10), date(2026, 6, 20), date(2026, 7, 10)))

    with pytest.raises(PlanRefused) as refused, scene.database.write() as session:
        move_instalment(session, customer_id=scene.customer_id, to=to, now=NOON)

    assert refused.value.code is PlanProblem.BAD_DATES


def test_an_instalment_is_spread_over_those_that_follow_to_the_cent(scene: Scene) -> None:
    agree(scene, (41_351, 41_350, 41_349))

    with scene.database.write() as session:
        spread_instalment(session, customer_id=scene.customer_id, now=NOON)

    assert instalments(scene) == [
        ("2026-06-10", 41_351, "moved"),
        ("2026-07-10", 41_350 + 20_676, "due"),
        ("2026-08-10", 41_349 + 20_675, "due"),
    ]


@on_both_stores
def test_a_plan_is_changed_only_as_often_as_the_envelope_says(scene: Scene) -> None:
    agree(scene)

    with scene.database.write() as session:
        spread_instalment(session, customer_id=scene.customer_id, now=NOON)
        spread_instalment(session, customer_id=scene.customer_id, now=NOON)
        with pytest.raises(PlanRefused) as refused:
            spread_instalment(session, customer_id=scene.customer_id, now=NOON)

    assert refused.value.code is PlanProblem.TOO_MANY_MOVES
    assert [state for *_, state in instalments(scene)] == ["moved", "moved", "due"]


def test_without_a_plan_there_is_nothing_to_rescue(scene: Scene) -> None:
    with pytest.raises(PlanRefused) as refused, scene.database.write() as session:
        spread_instalment(session, customer_id=scene.customer_id, now=NOON)

    assert refused.value.code is PlanProblem.NO_PLAN


def test_the_envelope_is_the_creditors_own() -> None:
    told = {"plan": {"most_parts": 12, "most_moves": 0}}

    assert read_plan_envelope(told, "carmel") == PlanEnvelope(most_parts=12, most_moves=0)
    for wrong in ({"plan": {"parts": 1}}, {"plan": {"most_parts": -1}}, {"plan": 3}):
        with pytest.raises(EnvelopeError, match="plan"):
            read_plan_envelope(wrong, "carmel")
