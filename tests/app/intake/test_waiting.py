"""What waits for a person: in which order, who is at it, and what they may do with it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlmodel import Session

from app.console.inbox.listing import INBOX, NOBODYS
from app.console.lists import Listed
from app.hearing.intents import Intent
from app.intake.alarms import alarms
from app.intake.concerned import stop_customer
from app.intake.leases import Lease, TakenByAnother, ensure, give_back, leases, take
from app.intake.replies.classing import class_by_person
from app.intake.replies.handling import (
    NotHandled,
    assign,
    match_by_hand,
    note_in_confidence,
    notes_about,
    read_and_done,
    set_deadline,
    still_theirs,
    take_item,
)
from app.intake.replies.to_team import write_to_team
from app.intake.staff_answers import answer_reply
from app.store.engines import Database
from campaigns.teamhours import AnswerBy
from tests.app.intake.make import Scene, add_message
from tests.app.intake.reader import Understands
from tests.app.intake.saying import WORDS, says
from tests.databases import on_both_stores
from tests.factories import NOON

SOON = timedelta(minutes=5)


@pytest.fixture
def scene(database: Database) -> Scene:
    made = Scene.of(database)
    add_message(made)
    return made


def _page(scene: Scene, *, most: int = 50, **asked: str) -> Listed:
    with scene.database.read() as session:
        return replace(INBOX, page=most).read(session, asked)


def _item(scene: Scene) -> int:
    return int(_page(scene).rows[0].id)


def _takes(scene: Scene, by: str, item_id: int, after: timedelta = SOON) -> Lease:
    with scene.database.write() as session:
        return take_item(session, item_id, by=by, now=NOON + after)


def _does(scene: Scene, act: Callable[[Session], Any]) -> Any:
    with scene.database.write() as session:
        return act(session)


@on_both_stores
def test_the_gravest_is_read_first_and_of_a_kind_the_nearest_deadline(scene: Scene) -> None:
    for number, intent in enumerate(
        (Intent.UNCLEAR, Intent.PROMISE, Intent.HARDSHIP, Intent.DISPUTE, Intent.LAWYER)
    ):
        says(scene, intent, key=f"sandbox:{number}")
    says(scene, Intent.UNCLEAR, key="sandbox:late")
    says(scene, Intent.SELF_HARM, key="sandbox:danger")
    _does(scene, lambda session: set_deadline(session, 6, NOON + SOON, now=NOON))

    page = _page(scene)

    assert [row.urgency for row in page.rows] == [0, 1, 2, 3, 4, 5, 5]
    assert [row.id for row in page.rows][-2:] == [6, 1]
    pages: list[int] = []
    behind: dict[str, str] | None = {}
    while behind is not None:
        one = _page(scene, most=3, **behind)
        pages += [row.id for row in one.rows]
        behind = dict(parse_qsl(one.older[1:])) if one.older else None
    assert pages == [row.id for row in page.rows]


def test_what_a_machine_has_done_wholly_waits_for_nobody(scene: Scene) -> None:
    says(scene, Intent.THANKS, key="sandbox:1")
    says(scene, Intent.PROMISE, key="sandbox:2", on=date(2026, 6, 4))

    assert _page(scene).rows == []


@on_both_stores
def test_of_two_who_open_it_at_once_one_has_it(scene: Scene) -> None:
    says(scene, Intent.UNCLEAR)
    item_id, ready = _item(scene), Barrier(2)

    def run(by: str) -> Lease | TakenByAnother:
        ready.wait()
        try:
            return _takes(scene, by, item_id)
        except TakenByAnother as refused:
            return refused

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run, ("noa", "dan"))

    (lease,) = [each for each in (first, second) if isinstance(each, Lease)]
    (refused,) = [each for each in (first, second) if isinstance(each, TakenByAnother)]
    assert refused.by == lease.by
    with scene.database.read() as session:
        assert leases(session, ["reply:1"], NOON)["reply:1"].by == lease.by


@on_both_stores
def test_of_two_who_answer_at_once_one_has_answered(scene: Scene) -> None:
    """Both hold it in their browsers: one since before it ran out, one since after."""
    says(scene, Intent.UNCLEAR)
    item_id, ready = _item(scene), Barrier(2)
    late = timedelta(hours=1)
    fences = {"noa": _takes(scene, "noa", item_id).fence}
    fences["dan"] = _takes(scene, "dan", item_id, late).fence

    def answer(by: str) -> bool:
        ready.wait()
        now = NOON + late + SOON
        try:
            with scene.database.write() as session:
                item = still_theirs(session, item_id, fences[by], by=by, now=now)
                answer_reply(session, item.reply_id, "We look into it.", by=by, now=now)
        except (TakenByAnother, NotHandled):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(fences, pool.map(answer, fences), strict=True))

    assert done == {"noa": False, "dan": True}
    assert [row["written_by"] for row in scene.rows("staff_answer")] == ["dan"]
    assert _page(scene).rows == []


def test_what_ran_out_or_was_given_back_is_anybodys(scene: Scene) -> None:
    def begun(session: Session) -> Lease:
        return take(session, "reply:1", by="noa", lasts=SOON, now=NOON)

    lease = _does(scene, begun)
    again = _does(scene, begun)
    assert again.fence == lease.fence
    assert _does(scene, lambda s: give_back(s, "reply:1", by="dan", now=NOON)) is False
    assert _does(scene, lambda s: give_back(s, "reply:1", by="noa", now=NOON)) is True
    assert _does(scene, lambda s: leases(s, ["reply:1"], NOON)) == {}
    after = _does(scene, lambda s: take(s, "reply:1", by="dan", lasts=SOON, now=NOON))
    assert after.fence == lease.fence + 1
    with pytest.raises(TakenByAnother) as refused:
        _does(scene, lambda s: ensure(s, "reply:1", lease.fence, by="noa", now=NOON + 2 * SOON))
    assert refused.value.until is None


def test_whoever_takes_what_tells_of_danger_has_the_alarm(scene: Scene) -> None:
    says(scene, Intent.SELF_HARM)

    _takes(scene, "noa", _item(scene))

    with scene.database.read() as session:
        assert alarms(session, open_only=True) == []
    (task,) = scene.rows("task")
    assert task["owner"] == "noa"


def test_it_is_given_to_a_colleague_with_its_tasks(scene: Scene) -> None:
    says(scene, Intent.UNCLEAR)

    _does(scene, lambda session: assign(session, _item(scene), "dan", by="noa", now=NOON))

    assert [row["owner"] for row in scene.rows("task")] == ["dan"]
    assert len(_page(scene, owner="dan").rows) == 1
    assert _page(scene, owner="noa").rows == []
    assert _page(scene, owner=NOBODYS).rows == []


def test_what_asks_for_nothing_is_done_and_what_halted_goes_on(scene: Scene) -> None:
    says(scene, Intent.UNCLEAR)
    lease = _takes(scene, "noa", _item(scene))

    def done(session: Session) -> None:
        item = still_theirs(session, _item(scene), lease.fence, by="noa", now=NOON)
        read_and_done(session, item, by="noa", now=NOON)

    _does(scene, done)

    assert _page(scene).rows == []
    assert scene.tasks() == []
    assert scene.rows("hold", "released_at IS NULL") == []


def test_an_answer_that_was_promised_is_owed_until_it_is_given(scene: Scene) -> None:
    tomorrow = NOON + timedelta(days=1)

    def write(session: Session) -> int:
        user = stop_customer(session, scene.customer_id)
        told = AnswerBy(tomorrow.date(), tomorrow)
        reader = Understands(Intent.UNCLEAR)
        return write_to_team(
            session, user, "Why?", message_id=None, answer=told, now=NOON, reader=reader
        )

    reply_id = _does(scene, write)
    (row,) = _page(scene).rows
    assert row.due_at == tomorrow
    with pytest.raises(NotHandled, match="2026-06-02"):
        _does(scene, lambda session: read_and_done(session, row, by="noa", now=NOON))
    later = NOON + timedelta(days=3)
    with pytest.raises(NotHandled, match="that day or sooner"):
        _does(scene, lambda session: set_deadline(session, row.id, later, now=NOON))
    _does(
        scene,
        lambda session: class_by_person(session, reply_id, Intent.THANKS, by="noa", now=NOON),
    )
    assert len(_page(scene).rows) == 1
    _does(scene, lambda session: answer_reply(session, reply_id, "Soon.", by="noa", now=NOON))
    assert _page(scene).rows == []


def test_what_nobody_known_wrote_is_matched_by_hand_and_done(scene: Scene) -> None:
    says(scene, Intent.DISPUTE, sender="+972500000999", text="INV-1 is wrong, says Dana")
    (row,) = _page(scene).rows
    assert (row.words, row.customer_id) == ("INV-1 is wrong, says Dana", None)

    def match(session: Session) -> None:
        match_by_hand(session, row, scene.customer_id, by="noa", now=NOON)

    _does(scene, match)

    (matched,) = _page(scene).rows
    assert (matched.customer_id, matched.text) == (scene.customer_id, row.words)
    (before,) = scene.rows("inbox_item", f"id = {row.id}")
    assert (before["words"], before["from_address"]) == (None, None)
    assert "unknown_writer" not in scene.tasks()
    with pytest.raises(NotHandled):
        _does(scene, lambda s: match_by_hand(s, matched, scene.customer_id, by="noa", now=NOON))


def test_a_note_in_confidence_is_kept_apart(scene: Scene) -> None:
    said = "He lost his job in May"
    note_id = _does(scene, lambda s: note_in_confidence(s, scene.customer_id, said, NOON))

    with scene.database.read() as session:
        (note,) = notes_about(session, scene.customer_id)
    assert note.id == note_id
    assert said not in repr([scene.rows(table) for table in ("event", "task", "inbox_item")])


def test_no_word_of_it_is_in_a_task_or_an_event(scene: Scene) -> None:
    says(scene, Intent.DISPUTE)

    assert WORDS not in repr(scene.rows("task") + scene.rows("event") + scene.rows("inbox_item"))
