"""Hardship, complaints and disputes as people end them: once, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from app.intake.complaints import ComplaintAnswered, answer_complaint, complaint_of_reply
from app.intake.disputes import (
    DisputeKind,
    NotPart,
    credit_note_booked,
    dispute_invoice,
    resolve_dispute,
)
from app.intake.hardship import report_hardship
from app.intake.help import HardshipOver, Help, end_hardship, give_help, helps_given
from app.intake.plan_offers import Rhythm, Terms
from app.intake.plan_wishes import UnknownWish, Wish, decline_wish, wish_for_plan
from app.intake.replies import Written, receive_reply
from app.payments.claimable import claimable
from app.store.engines import Database
from campaigns.money import Money
from campaigns.vocabulary import Medium
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene
from tests.databases import on_both_stores
from tests.factories import NOON


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def hardship(scene: Scene) -> int:
    with scene.database.write() as session:
        return report_hardship(
            session, customer_id=scene.customer_id, kind="illness", words=None, now=NOON
        )


@on_both_stores
def test_help_is_put_on_record_and_a_pause_lengthens_the_silence(scene: Scene) -> None:
    report = hardship(scene)
    with scene.database.write() as session:
        give_help(session, report, Help.REFERRAL, by="noa", now=NOON)
        give_help(session, report, Help.PAUSE, by="noa", now=NOON, pause=timedelta(days=60))

    (hold,) = scene.rows("hold", "released_at IS NULL")
    assert str(hold["until"])[:10] == "2026-07-31"
    with scene.database.read() as session:
        told = [row.payload["help"] for row in helps_given(session, scene.customer_id)]
    assert told == ["referral", "pause"]


def test_a_pause_has_a_length_that_ends(scene: Scene) -> None:
    report = hardship(scene)
    for days in (None, 0, 181):
        pause = timedelta(days=days) if days is not None else None
        with scene.database.write() as session, pytest.raises(ValueError, match="a pause lasts"):
            give_help(session, report, Help.PAUSE, by="noa", now=NOON, pause=pause)


@on_both_stores
def test_a_hardship_that_is_over_frees_the_person_once(scene: Scene) -> None:
    report = hardship(scene)
    with scene.database.write() as session:
        end_hardship(session, report, by="noa", now=NOON)

    assert scene.rows("hold", "released_at IS NULL") == []
    assert scene.tasks() == []
    assert "hold_released" in scene.signals()
    with scene.database.write() as session, pytest.raises(HardshipOver):
        end_hardship(session, report, by="dan", now=NOON)


def complained(scene: Scene) -> int:
    """The number of a reply that is a complaint."""
    text = "This is a formal complaint about your conduct"
    with scene.database.write() as session:
        receive_reply(session, Written("c:1", Medium.SMS, PHONE, OUR_NUMBER, text, NOON), now=NOON)
    (task,) = scene.rows("task", "kind = 'complaint'")
    assert task["team"] == "service"
    return int(scene.rows("reply")[0]["id"])


@on_both_stores
def test_a_complaint_is_answered_once_and_its_silence_ends(scene: Scene) -> None:
    reply = complained(scene)
    with scene.database.write() as session:
        row = complaint_of_reply(session, reply, "complaint")
        assert row is not None
        answer_complaint(session, row.id, reply_id=reply, words="We are sorry.", by="noa", now=NOON)

    (kept,) = scene.rows("complaint")
    assert (kept["answered_by"], kept["answered_at"] is not None) == ("noa", True)
    assert [row["words"] for row in scene.rows("staff_answer")] == ["We are sorry."]
    assert "complaint" not in scene.tasks()
    assert scene.rows("hold", "released_at IS NULL") == []
    with scene.database.write() as session, pytest.raises(ComplaintAnswered):
        answer_complaint(session, row.id, reply_id=reply, words="Sorry!", by="dan", now=NOON)


def disputed(scene: Scene) -> int:
    with scene.database.write() as session:
        return dispute_invoice(
            session,
            customer_id=scene.customer_id,
            invoice_id=scene.small,
            kind=DisputeKind.WRONG_AMOUNT,
            words="The meter was read wrongly",
            now=NOON,
        )


def asked(scene: Scene) -> set[int]:
    with scene.database.read() as session:
        return {one.id for one in claimable(session, scene.customer_id, "ILS")}


@on_both_stores
def test_a_dispute_upheld_in_part_comes_back_once_its_credit_note_is_booked(scene: Scene) -> None:
    dispute = disputed(scene)
    with scene.database.write() as session:
        part = Money(4_050, "ILS")
        assert resolve_dispute(
            session, dispute_id=dispute, upheld=True, credited=part, by="noa", now=NOON
        )

    assert scene.tasks() == ["credit_note"]
    assert "40.50 ILS" in scene.rows("task", "kind = 'credit_note'")[0]["title"]
    assert asked(scene) == {scene.large}

    with scene.database.write() as session:
        assert credit_note_booked(session, dispute_id=dispute, by="dan", now=NOON)
    assert asked(scene) == {scene.small, scene.large}
    assert scene.tasks() == []
    with scene.database.write() as session:
        assert not credit_note_booked(session, dispute_id=dispute, by="dan", now=NOON)


def test_all_of_it_or_nothing_is_no_part(scene: Scene) -> None:
    dispute = disputed(scene)
    for minor in (0, 24_050):
        with scene.database.write() as session, pytest.raises(NotPart, match="is no part of"):
            resolve_dispute(
                session,
                dispute_id=dispute,
                upheld=True,
                credited=Money(minor, "ILS"),
                now=NOON,
            )
    assert scene.rows("dispute")[0]["state"] == "open"


def at_once(decide: Callable[[str], bool]) -> list[bool]:
    """Two people do it at the same moment: whether each was first."""
    both = Barrier(2)

    def one(by: str) -> bool:
        both.wait()
        return decide(by)

    with ThreadPoolExecutor(2) as people:
        return sorted(people.map(one, ("noa", "dan")))


@on_both_stores
def test_of_two_who_decide_the_same_thing_at_once_one_does(scene: Scene) -> None:
    dispute, report = disputed(scene), hardship(scene)
    terms = Terms(10, Rhythm.MONTHLY, NOON.date() + timedelta(days=5))
    with scene.database.write() as session:
        wanted = Wish(Money(100_000, "ILS"), terms)
        whose = scene.customer_id
        wish = wish_for_plan(session, customer_id=whose, wish=wanted, said=None, now=NOON)

    def resolve(by: str) -> bool:
        with scene.database.write() as session:
            return resolve_dispute(session, dispute_id=dispute, upheld=by == "noa", by=by, now=NOON)

    def decline(by: str) -> bool:
        try:
            with scene.database.write() as session:
                decline_wish(session, wish, decided_by=by, now=NOON)
        except UnknownWish:
            return False
        return True

    def end(by: str) -> bool:
        try:
            with scene.database.write() as session:
                end_hardship(session, report, by=by, now=NOON)
        except HardshipOver:
            return False
        return True

    for decide in (resolve, decline, end):
        assert at_once(decide) == [False, True], decide.__name__
