"""Promises: inside the creditor's envelope, once, and broken only after their grace."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.book.envelope import Envelope, EnvelopeError, read_envelope
from app.book.ledger import (
    PaymentIn,
    ReversalIn,
    ReversalKind,
    UnknownCustomer,
    post_payment,
    post_reversal,
)
from app.intake.promises import MadeBy, PromiseMade, PromiseProblem, PromiseRefused, make_promise
from app.intake.tidy import break_promises
from app.store.engines import Database
from campaigns.money import Money
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_invoice

TODAY = date(2026, 6, 1)
THURSDAY = date(2026, 6, 4)


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _promise(scene: Scene, minor: int = 124_050, due_on: date = THURSDAY, **told: Any) -> Any:
    with scene.database.write() as session:
        return make_promise(
            session,
            customer_id=told.get("customer_id", scene.customer_id),
            amount=Money(minor, told.get("currency", "ILS")),
            due_on=due_on,
            made_by=told.get("made_by", MadeBy.PAGE),
            now=told.get("now", NOON),
        )


def _refusal(scene: Scene, minor: int = 124_050, due_on: date = THURSDAY, **told: Any) -> str:
    before = scene.guard()
    with pytest.raises(PromiseRefused) as refused:
        _promise(scene, minor, due_on, **told)
    assert refused.value.sentence
    assert scene.guard() == before
    return refused.value.code


def test_a_promise_pauses_and_is_the_customers_own_act(scene: Scene) -> None:
    before = scene.guard()

    made = _promise(scene)

    (row,) = scene.rows("promise")
    assert made == PromiseMade(row["id"], made.grace_until)
    assert (row["state"], row["amount_minor"], row["made_by"]) == ("open", 124_050, "page")
    assert scene.signals() == ["promise_made"]
    assert scene.rows("case_signal")[0]["own_act"]
    assert scene.guard() > before


def test_what_staff_writes_down_is_not_the_customers_act(scene: Scene) -> None:
    _promise(scene, made_by=MadeBy.STAFF)

    assert not scene.rows("case_signal")[0]["own_act"]


def test_grace_ends_with_the_last_business_day_on_the_creditors_wall(scene: Scene) -> None:
    # Thursday's promise in Haifa: Friday and Saturday rest, so Sunday is the day of grace.
    assert _promise(scene).grace_until == datetime(2026, 6, 7, 21, 0, tzinfo=UTC)


def test_the_creditors_own_closed_days_are_no_days_of_grace(database: Database) -> None:
    scene = Scene.of(database, calendar={"closed": ["2026-06-07"]})

    assert _promise(scene).grace_until == datetime(2026, 6, 8, 21, 0, tzinfo=UTC)


def test_the_same_promise_twice_is_one(scene: Scene) -> None:
    first, second = _promise(scene), _promise(scene)

    assert (first.promise_id, first.is_new) == (second.promise_id, not second.is_new)
    assert scene.signals() == ["promise_made"]


def test_a_second_promise_is_refused_while_one_is_open(scene: Scene) -> None:
    _promise(scene)

    assert _refusal(scene, 100_000) == PromiseProblem.PROMISE_OPEN


@pytest.mark.parametrize(
    ("minor", "due_on", "code"),
    [
        (0, THURSDAY, PromiseProblem.AMOUNT_NOT_POSITIVE),
        (-5, THURSDAY, PromiseProblem.AMOUNT_NOT_POSITIVE),
        (124_051, THURSDAY, PromiseProblem.MORE_THAN_OPEN),
        (24_809, THURSDAY, PromiseProblem.TOO_LITTLE),
        (124_050, TODAY - timedelta(days=1), PromiseProblem.IN_THE_PAST),
        (124_050, TODAY + timedelta(days=31), PromiseProblem.TOO_FAR),
    ],
)
def test_what_lies_outside_the_envelope_is_refused(
    scene: Scene, minor: int, due_on: date, code: PromiseProblem
) -> None:
    assert _refusal(scene, minor, due_on) == code
    assert scene.rows("promise") == []


@pytest.mark.parametrize(
    ("minor", "due_on"),
    [(24_810, THURSDAY), (124_050, TODAY), (124_050, TODAY + timedelta(days=30))],
)
def test_the_edges_of_the_envelope_are_inside(scene: Scene, minor: int, due_on: date) -> None:
    assert _promise(scene, minor, due_on).is_new


def test_today_is_the_creditors_today(scene: Scene) -> None:
    late = datetime(2026, 6, 1, 22, 0, tzinfo=UTC)  # past midnight in Haifa

    assert _refusal(scene, due_on=TODAY, now=late) == PromiseProblem.IN_THE_PAST


def test_nothing_owed_in_a_currency_is_nothing_to_promise(scene: Scene) -> None:
    assert _refusal(scene, 1, currency="EUR") == PromiseProblem.NOTHING_OPEN


def test_an_unknown_customer_is_named(scene: Scene) -> None:
    with pytest.raises(UnknownCustomer, match="4711"):
        _promise(scene, customer_id=4711)


def test_a_debt_past_its_limitation_date_is_not_promised(scene: Scene) -> None:
    scene.run("UPDATE invoice SET limitation_on = '2026-05-31'")

    assert _refusal(scene) == PromiseProblem.LIMITATION_PASSED


def test_a_promise_that_would_reach_into_an_old_debt_is_refused(scene: Scene) -> None:
    scene.run(f"UPDATE invoice SET limitation_on = '2026-05-31' WHERE id = {scene.large}")

    assert _refusal(scene, 24_051) == PromiseProblem.LIMITATION_PASSED
    _promise(scene, 24_050)
    assert scene.rows("promise")[0]["invoice_ids"] in ([scene.small], f"[{scene.small}]")


def test_the_last_day_before_limitation_counts(scene: Scene) -> None:
    scene.run("UPDATE invoice SET limitation_on = '2026-06-02'")

    assert _promise(scene).is_new


def test_too_many_broken_promises_close_the_door_for_a_while(scene: Scene) -> None:
    for days in (1, 100):
        add(
            scene.database,
            _row("Promise"),
            customer_id=scene.customer_id,
            currency="ILS",
            amount_minor=1,
            due_on=TODAY,
            grace_until=NOON,
            state="broken",
            made_at=NOON,
            made_by="page",
            ended_at=NOON - timedelta(days=days),
        )

    assert _refusal(scene) == PromiseProblem.TOO_MANY_BROKEN
    later = NOON + timedelta(days=90)
    assert _promise(scene, due_on=date(2026, 9, 1), now=later).is_new


def test_a_running_plan_leaves_no_room_for_a_promise(scene: Scene) -> None:
    add(
        scene.database,
        _row("Plan"),
        customer_id=scene.customer_id,
        currency="ILS",
        amount_minor=1,
        agreed_at=NOON,
        agreed_by="page",
    )

    assert _refusal(scene) == PromiseProblem.PLAN_RUNNING


def test_a_creditor_may_offer_none(database: Database) -> None:
    scene = Scene.of(database, envelope={"promise": {"max_open": 0}})

    assert _refusal(scene) == PromiseProblem.NOT_OFFERED


def test_an_envelope_is_read_with_its_defaults() -> None:
    assert read_envelope({}, "carmel") == Envelope()
    told = read_envelope({"promise": {"furthest_days": 10, "least_share": 0.5}}, "carmel")
    assert (told.furthest_days, str(told.least_share), told.max_open) == (10, "0.5", 1)


@pytest.mark.parametrize(
    "promise",
    [
        {"furthest": 10},
        {"max_open": -1},
        {"max_open": "many"},
        {"least_share": 2},
        {"least_share": "NaN"},
        {"furthest_days": 1.5},
        [],
    ],
)
def test_an_envelope_that_cannot_be_read_names_its_creditor(promise: Any) -> None:
    with pytest.raises(EnvelopeError, match="carmel"):
        read_envelope({"promise": promise}, "carmel")


def _row(name: str) -> Any:
    from app.store import rows

    return getattr(rows, name)


def _pay(scene: Scene, minor: int, key: str = "p1") -> int | None:
    with scene.database.write() as session:
        payment = PaymentIn(key, scene.customer_id, Money(minor, "ILS"), TODAY, NOON)
        return post_payment(session, payment, now=NOON).payment_id


def _break(scene: Scene, at: datetime) -> int:
    with scene.database.write() as session:
        return break_promises(session, at)


def _state(scene: Scene) -> str:
    return str(scene.rows("promise")[0]["state"])


def test_a_promise_is_broken_once_when_its_grace_is_over(scene: Scene) -> None:
    grace = _promise(scene).grace_until

    assert _break(scene, grace - timedelta(seconds=1)) == 0
    assert _break(scene, grace) == 1
    assert _break(scene, grace) == 0
    assert _state(scene) == "broken"
    assert scene.signals() == ["promise_made", "promise_broken"]


def test_money_that_came_in_time_keeps_it(scene: Scene) -> None:
    grace = _promise(scene, 50_000).grace_until
    _pay(scene, 50_000)

    _break(scene, grace)

    assert _state(scene) == "kept"
    assert "promise_broken" not in scene.signals()


@on_both_stores
def test_money_that_came_before_the_promise_does_not_count(scene: Scene) -> None:
    _pay(scene, 50_000)
    grace = _promise(scene, 50_000).grace_until

    _break(scene, grace)

    assert _state(scene) == "broken"


def test_less_than_promised_does_not_keep_it(scene: Scene) -> None:
    grace = _promise(scene, 50_000).grace_until
    _pay(scene, 49_999)

    _break(scene, grace)

    assert _state(scene) == "broken"


def test_money_that_went_back_does_not_keep_it(scene: Scene) -> None:
    made = _promise(scene, 50_000)
    payment_id = _pay(scene, 49_999)
    with scene.database.write() as session:
        back = ReversalIn(
            "r1",
            ReversalKind.REFUND,
            scene.customer_id,
            Money(49_999, "ILS"),
            TODAY,
            NOON,
            payment_id=payment_id,
        )
        post_reversal(session, back, now=NOON)
    _pay(scene, 1, "p2")

    _break(scene, made.grace_until)

    assert _state(scene) == "broken"


def test_a_promise_of_what_is_no_longer_owed_ends_quietly(scene: Scene) -> None:
    grace = _promise(scene).grace_until
    scene.run("UPDATE invoice SET open_minor = 0")

    _break(scene, grace)

    assert _state(scene) == "withdrawn"
    assert scene.signals() == ["promise_made"]


def test_a_batch_takes_no_more_than_its_limit(scene: Scene) -> None:
    grace = _promise(scene).grace_until
    add_invoice(scene.database, scene.customer_id, "INV-3", currency="EUR", amount=500)
    scene.run(
        "INSERT INTO promise (customer_id, currency, amount_minor, invoice_ids, due_on,"
        " grace_until, state, made_at, made_by, paid_before_minor) SELECT customer_id, 'EUR', 500,"
        " invoice_ids, due_on, grace_until, 'open', made_at, made_by, 0 FROM promise"
    )

    with scene.database.write() as session:
        assert break_promises(session, grace, limit=1) == 1
    assert sorted(row["state"] for row in scene.rows("promise")) == ["broken", "open"]
    assert _break(scene, grace) == 1
