"""Disputes, hardship, the wrong person, and how holds end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.book.snapshot_parts import holds
from app.intake.concerned import stop_customer
from app.intake.disputes import (
    DisputeKind,
    UnknownDispute,
    UnknownInvoice,
    dispute_invoice,
    resolve_dispute,
)
from app.intake.hardship import HOLD_FOR, report_hardship
from app.intake.holds import place_hold, release_hold
from app.intake.tidy import end_holds
from app.intake.wrong_persons import report_wrong_person
from app.payments.claimable import claimable, total_of
from app.store.engines import Database
from campaigns.stops import stops
from campaigns.vocabulary import HoldKind
from tests.app.intake.make import Scene, add_namesake
from tests.campaigns.casefacts import owing
from tests.databases import on_both_stores
from tests.factories import NOON, add_customer, add_invoice

WORDS = "I never ordered this, said Dana of Herzl street"


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _dispute(scene: Scene, **told: Any) -> int:
    with scene.database.write() as session:
        return dispute_invoice(
            session,
            customer_id=told.get("customer_id", scene.customer_id),
            invoice_id=told.get("invoice_id", scene.small),
            kind=DisputeKind.WRONG_AMOUNT,
            words=WORDS,
            now=NOON,
        )


def _resolve(scene: Scene, dispute_id: int, *, upheld: bool) -> bool:
    with scene.database.write() as session:
        return resolve_dispute(session, dispute_id=dispute_id, upheld=upheld, now=NOON)


def _claimable(scene: Scene) -> int:
    with scene.database.read() as session:
        return total_of(claimable(session, scene.customer_id, "ILS"))


def _told(scene: Scene) -> str:
    """Everything that is written where personal words must not be."""
    return repr(scene.rows("event") + scene.rows("case_signal") + scene.rows("task"))


def test_a_disputed_invoice_is_carved_out_and_the_rest_goes_on(scene: Scene) -> None:
    before = scene.guard()

    _dispute(scene)

    assert _claimable(scene) == 100_000
    assert scene.signals() == ["invoice_disputed"]
    assert scene.tasks() == ["dispute"]
    assert scene.guard() > before
    assert WORDS in repr(scene.rows("dispute"))
    assert WORDS not in _told(scene)


def test_disputing_twice_is_one_dispute(scene: Scene) -> None:
    assert _dispute(scene) == _dispute(scene)
    assert scene.signals() == ["invoice_disputed"]


def test_nobody_disputes_the_invoice_of_somebody_else(scene: Scene) -> None:
    other = add_customer(scene.database, scene.creditor_id, "C2")
    theirs = add_invoice(scene.database, other, "INV-9")

    with pytest.raises(UnknownInvoice):
        _dispute(scene, invoice_id=theirs)
    assert scene.rows("dispute") == []


@on_both_stores
def test_a_rejected_dispute_opens_the_invoice_again(scene: Scene) -> None:
    dispute_id = _dispute(scene)

    assert _resolve(scene, dispute_id, upheld=False)
    assert not _resolve(scene, dispute_id, upheld=True)
    assert _claimable(scene) == 124_050
    assert scene.tasks() == []
    assert scene.signals() == ["invoice_disputed", "dispute_resolved"]


def test_an_upheld_dispute_keeps_it_out_until_the_credit_note(scene: Scene) -> None:
    _resolve(scene, _dispute(scene), upheld=True)

    assert _claimable(scene) == 100_000
    assert scene.tasks() == ["credit_note"]


def test_a_dispute_that_does_not_exist_is_named(scene: Scene) -> None:
    with pytest.raises(UnknownDispute, match="77"):
        _resolve(scene, 77, upheld=True)


def _hardship(scene: Scene) -> int:
    with scene.database.write() as session:
        return report_hardship(
            session, customer_id=scene.customer_id, kind="illness", words=WORDS, now=NOON
        )


def test_hardship_holds_for_a_month_and_calls_a_person(scene: Scene) -> None:
    _hardship(scene)

    (hold,) = scene.rows("hold")
    assert hold["kind"] == "hardship"
    assert scene.tasks() == ["hardship"]
    assert scene.signals() == ["hardship_reported"]
    assert WORDS in repr(scene.rows("special_note"))
    assert WORDS not in repr(scene.rows("hardship"))
    assert WORDS not in _told(scene)


def test_hardship_told_twice_is_one_report(scene: Scene) -> None:
    assert _hardship(scene) == _hardship(scene)
    assert len(scene.rows("hold")) == 1
    assert scene.signals() == ["hardship_reported"]


def test_a_hold_ends_with_its_time_once(scene: Scene) -> None:
    _hardship(scene)

    for at, ended in ((HOLD_FOR - timedelta(seconds=1), 0), (HOLD_FOR, 1), (HOLD_FOR, 0)):
        with scene.database.write() as session:
            assert end_holds(session, NOON + at) == ended
    assert scene.signals() == ["hardship_reported", "hold_released"]


def _hold(scene: Scene, days: int | None) -> int:
    with scene.database.write() as session:
        concerned = stop_customer(session, scene.customer_id)
        until = None if days is None else NOON + timedelta(days=days)
        return place_hold(session, concerned, HoldKind.STAFF, until=until, why="call", now=NOON)


def test_a_second_hold_of_a_kind_lengthens_the_first(scene: Scene) -> None:
    first = _hold(scene, 3)

    assert {_hold(scene, 1), _hold(scene, 5)} == {first}
    with scene.database.write() as session:
        assert end_holds(session, NOON + timedelta(days=4)) == 0
    _hold(scene, None)
    with scene.database.write() as session:
        assert end_holds(session, NOON + timedelta(days=400)) == 0


def test_a_hold_that_is_placed_again_is_later_than_an_act_in_between(scene: Scene) -> None:
    acted_at = NOON + timedelta(hours=1)
    _hold(scene, 3)
    assert _stops_an_answer_to(scene, acted_at) is None

    with scene.database.write() as session:
        concerned = stop_customer(session, scene.customer_id)
        until, later = NOON + timedelta(days=5), NOON + timedelta(hours=2)
        place_hold(session, concerned, HoldKind.STAFF, until=until, why="call", now=later)

    assert _stops_an_answer_to(scene, acted_at) == "hold"


def _stops_an_answer_to(scene: Scene, acted_at: datetime) -> str | None:
    now = NOON + timedelta(hours=3)
    with scene.database.read() as session:
        (person_id,) = {row["person_id"] for row in scene.rows("hold")}
        (held,) = holds(session, [person_id], now).values()
    stopped = stops(replace(owing(), holds=tuple(held)), now, acted_at=acted_at)
    return stopped.reason if stopped is not None else None


@on_both_stores
def test_a_person_ends_a_hold_before_its_time(scene: Scene) -> None:
    hold_id = _hold(scene, None)

    with scene.database.write() as session:
        assert release_hold(session, hold_id, NOON)
        assert not release_hold(session, hold_id, NOON)
    assert scene.signals() == ["hold_released"]


def _wrong_person(scene: Scene) -> bool:
    with scene.database.write() as session:
        return report_wrong_person(
            session, customer_id=scene.customer_id, address_id=scene.address(), now=NOON
        )


@on_both_stores
def test_a_wrong_number_is_never_used_again_for_that_customer(scene: Scene) -> None:
    assert _wrong_person(scene)
    assert not _wrong_person(scene)

    (suppression,) = scene.rows("suppression")
    assert (suppression["creditor_id"], suppression["medium"]) == (scene.creditor_id, None)
    assert suppression["address_id"] == scene.address()
    assert [hold["kind"] for hold in scene.rows("hold")] == ["wrong_person"]
    assert scene.tasks() == ["wrong_person"]
    assert scene.signals() == ["wrong_person_reported"]


def test_another_creditor_goes_on_with_that_number(scene: Scene) -> None:
    other = add_namesake(scene)

    _wrong_person(scene)

    (point,) = scene.rows("contact_point", f"customer_id = {other}")
    assert point["active"]
    assert [s["creditor_id"] for s in scene.rows("suppression")] == [scene.creditor_id]
