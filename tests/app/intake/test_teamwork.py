"""Tasks among people and teams: taken once, asked about, answered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from app.intake.questions import (
    AnsweredAlready,
    Asking,
    NotAsked,
    answer_question,
    ask_team,
    asked_for,
    question_of,
    thread_of,
    withdraw_question,
)
from app.intake.tasks import Team, give_task, team_named
from app.intake.teamwork import (
    Changed,
    ChangedSince,
    Seen,
    ensure_seen,
    finish,
    move,
    own,
    reopen,
    task_of,
)
from app.store.engines import Database
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def task(scene: Scene, key: str = "t:1", team: Team = Team.COLLECTIONS) -> int:
    with scene.database.write() as session:
        give_task(
            session,
            key=key,
            team=team,
            kind="wrong_person",
            title="An address belongs to somebody else",
            now=NOON,
            due_in=timedelta(days=1),
            customer_id=scene.customer_id,
        )
    return int(scene.rows("task", f"key = '{key}'")[0]["id"])


def seen(scene: Scene, *task_ids: int) -> dict[int, str]:
    with scene.database.read() as session:
        return {one: Seen.of(task_of(session, one)).word for one in task_ids}


def test_a_team_is_known_by_other_names_and_nothing_waits_with_nobody() -> None:
    assert team_named("Key accounts") is Team.SALES
    assert team_named(" accounting ") is Team.FINANCE
    assert team_named("finance") is Team.FINANCE
    assert team_named("the back office") is Team.COLLECTIONS


@on_both_stores
def test_a_task_is_taken_moved_done_and_opened_again(scene: Scene) -> None:
    one = task(scene)
    with scene.database.write() as session:
        own(session, seen(scene, one), "noa")
    assert scene.rows("task")[0]["owner"] == "noa"
    with scene.database.write() as session:
        move(session, seen(scene, one), Team.SALES)
    assert (scene.rows("task")[0]["team"], scene.rows("task")[0]["owner"]) == ("sales", None)
    with scene.database.write() as session:
        finish(session, seen(scene, one), NOON)
    assert scene.tasks() == []
    with scene.database.write() as session:
        reopen(session, seen(scene, one))
    (row,) = scene.rows("task")
    assert (row["state"], row["done_at"]) == ("open", None)


@on_both_stores
def test_of_two_who_take_the_same_tasks_at_once_one_has_each(scene: Scene) -> None:
    ids = [task(scene, f"t:{n}") for n in range(3)]
    known, both = seen(scene, *ids), Barrier(2)

    def take(name: str) -> Changed:
        both.wait()
        with scene.database.write() as session:
            return own(session, known, name)

    with ThreadPoolExecutor(2) as people:
        noa, dan = people.map(take, ("noa", "dan"))

    assert sorted((*noa.done, *dan.done)) == ids
    assert sorted((*noa.late, *dan.late)) == ids
    owners = {row["owner"] for row in scene.rows("task")}
    assert owners == {"noa" if noa.done else "dan"}


def test_whoever_acts_on_what_has_changed_since_is_told(scene: Scene) -> None:
    one = task(scene)
    known = seen(scene, one)
    with scene.database.write() as session:
        own(session, known, "noa")

    with scene.database.write() as session, pytest.raises(ChangedSince, match="is noa's now"):
        ensure_seen(session, one, known[one])
    with scene.database.write() as session:
        assert finish(session, known, NOON) == Changed([], [one])


def ask(scene: Scene, task_id: int, words: str = "May we give them until August?") -> int:
    asking = Asking("noa", Team.COLLECTIONS, Team.FINANCE, NOON + timedelta(days=2))
    with scene.database.write() as session:
        return ask_team(session, asking, words, now=NOON, task_id=task_id)


@on_both_stores
def test_another_team_is_asked_and_its_answer_comes_back(scene: Scene) -> None:
    one = task(scene)

    question = ask(scene, one)

    (theirs,) = scene.rows("task", "kind = 'question'")
    assert (theirs["team"], theirs["state"]) == ("finance", "open")
    assert str(theirs["due_at"])[:10] == "2026-06-03"
    with scene.database.write() as session:
        answer_question(session, question, "Until the 10th.", by="dan", now=NOON)
    with scene.database.read() as session:
        (row,) = thread_of(session, one)
        assert (row.answer, row.answered_by) == ("Until the 10th.", "dan")
        assert asked_for(session, [one, 99]) == {one: "answered"}
    assert [row["id"] for row in scene.rows("task", "state = 'open'")] == [one]
    told = [row["kind"] for row in scene.rows("event") if row["customer_id"] == scene.customer_id]
    assert told == ["task_question_asked", "task_question_answered"]


@on_both_stores
def test_of_two_answers_one_counts(scene: Scene) -> None:
    question, both = ask(scene, task(scene)), Barrier(2)

    def answer(name: str) -> bool:
        both.wait()
        try:
            with scene.database.write() as session:
                answer_question(session, question, f"{name} says yes", by=name, now=NOON)
        except AnsweredAlready:
            return False
        return True

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(answer, ("dan", "avi"))) == [False, True]
    assert len(scene.rows("event", "kind = 'task_question_answered'")) == 1


def test_a_question_is_taken_back_and_says_something(scene: Scene) -> None:
    one = task(scene)
    question = ask(scene, one)
    with scene.database.write() as session:
        withdraw_question(session, question, by="noa", now=NOON)
    with scene.database.read() as session:
        assert question_of(session, question).state == "withdrawn"
    assert [row["id"] for row in scene.rows("task", "state = 'open'")] == [one]

    with pytest.raises(NotAsked, match="write what you want to say"):
        ask(scene, one, "  ")
