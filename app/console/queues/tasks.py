"""One task: what it is about, whose it is, what other teams were asked; and acts on it alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from app.console.colleagues import colleagues
from app.console.door import Visit, acts, looks
from app.console.office import Doing, Office
from app.console.queues.lines import Id, line_of, teams
from app.console.queues.lists import HOME, NO_LATER_DAY, ROOM, NoLaterDay, colleague, deadline
from app.console.queues.panels import panel_of
from app.console.queues.words import TEAMS
from app.intake import teamwork
from app.intake.questions import (
    AnsweredAlready,
    Asking,
    NotAsked,
    UnknownQuestion,
    answer_question,
    ask_team,
    thread_of,
    withdraw_question,
)
from app.intake.queues import shown_task
from app.intake.tasks import Team, team_named
from app.intake.teamwork import ChangedSince
from app.staff.roles import Right
from app.web.catalogues import N_

ANSWER_DAYS: Final = (1, 2, 3, 5, 10)
CHANGED: Final = N_("Somebody has changed this meanwhile. This is how it stands now.")


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/tasks/{id_}")
    def one(id_: Id, v: Annotated[Visit, looks()]) -> Response:
        return task_page(office, v, id_)

    @routes.post("/tasks/{id_}/take")
    def take(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        return _change(
            office, v, id_, "task.taken", N_("It is yours."),
            lambda doing, seen: teamwork.own(doing.session, seen, v.by),
        )  # fmt: skip

    @routes.post("/tasks/{id_}/give")
    def give(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        def work(doing: Doing, seen: teamwork.Seens) -> teamwork.Changed:
            whose = colleague(doing.session, v.typed.get("to", ""))
            return teamwork.own(doing.session, seen, whose)

        return _change(office, v, id_, "task.given", N_("Assigned."), work)

    @routes.post("/tasks/{id_}/move")
    def move(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        def work(doing: Doing, seen: teamwork.Seens) -> teamwork.Changed:
            return teamwork.move(doing.session, seen, Team(v.typed.get("team", "")))

        return _change(office, v, id_, "task.moved", N_("Moved to the other team."), work)

    @routes.post("/tasks/{id_}/date")
    def date(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        def work(doing: Doing, seen: teamwork.Seens) -> teamwork.Changed:
            return teamwork.date(doing.session, seen, deadline(v, doing.now))

        return _change(office, v, id_, "task.dated", N_("It has another deadline."), work)

    @routes.post("/tasks/{id_}/done")
    def done(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        return _change(
            office, v, id_, "task.done", N_("Done."),
            lambda doing, seen: teamwork.finish(doing.session, seen, doing.now),
            undo=f"{HOME}/tasks/{id_}/undo",
        )  # fmt: skip

    @routes.post("/tasks/{id_}/reopen")
    def reopen(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        return _change(
            office, v, id_, "task.reopened", N_("It is open again."),
            lambda doing, seen: teamwork.reopen(doing.session, seen),
        )  # fmt: skip

    @routes.post("/tasks/{id_}/undo")
    def undo(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Opens a task again that was just finished; a notice carries no more than the path."""

        def work(doing: Doing, _: teamwork.Seens) -> teamwork.Changed:
            seen = teamwork.Seen.of(teamwork.task_of(doing.session, id_)).word
            return teamwork.reopen(doing.session, {id_: seen})

        return _change(office, v, id_, "task.reopened", N_("It is open again."), work)

    @routes.post("/tasks/{id_}/ask")
    def ask(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Asks another team; the answer comes back here."""
        to_team, days = v.typed.get("team", ""), v.typed.get("days", "")
        if to_team not in tuple(Team) or days not in map(str, ANSWER_DAYS):
            return task_page(office, v, id_, N_("Choose a team and a day."))
        try:
            with office.act(v, "team.asked", about=("task", id_)) as doing:
                task = teamwork.task_of(doing.session, id_)
                by = doing.now + timedelta(days=int(days))
                asking = Asking(v.by, team_named(task.team), Team(to_team), by)
                words = v.typed.get("words", "")
                number = ask_team(doing.session, asking, words, now=doing.now, task_id=id_)
                doing.detail.update({"question": number, "team": to_team})
        except NotAsked:
            return task_page(office, v, id_, N_("Write what you want to ask."))
        except teamwork.UnknownTask:
            raise HTTPException(404) from None
        return office.back(f"{HOME}/tasks/{id_}", N_("Asked. The answer comes back here."))

    @routes.post("/tasks/{id_}/answer")
    def answer(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """The asked team answers; the asker sees it on their own task."""

        def work(doing: Doing) -> None:
            question_id = teamwork.task_of(doing.session, id_).detail.get("question_id", 0)
            words = v.typed.get("words", "")
            answer_question(doing.session, question_id, words, by=v.by, now=doing.now)

        said = N_("Answered: the asker sees it on their task.")
        return _end_question(office, v, id_, "question.answered", said, work)

    @routes.post("/tasks/{id_}/questions/{question_id}/withdraw")
    def withdraw(id_: Id, question_id: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        def work(doing: Doing) -> None:
            withdraw_question(doing.session, question_id, by=v.by, now=doing.now)

        return _end_question(office, v, id_, "question.withdrawn", N_("Taken back."), work)


def task_page(
    office: Office, v: Visit, id_: int, problem: str = "", *, told: dict[str, Any] | None = None
) -> Response:
    """The page of a task; `told` are facts that were read in confidence, shown once."""
    now = office.clock.now()
    with office.database.read() as session:
        row = shown_task(session, id_)
        if row is None:
            raise HTTPException(404)
        thread = thread_of(session, id_)
        asked = thread[-1].state if thread else None
        facts = {
            "line": line_of(row, asked, now),
            "thread": thread,
            "colleagues": colleagues(session),
            **panel_of(session, row, v.language, now),
        }
    return office.page(
        v,
        "console/queues/task.html",
        room=ROOM,
        status=422 if problem else 200,
        problem=problem,
        told=told,
        team_words=TEAMS,
        team_named=team_named,
        teams=teams(),
        is_datable=teamwork.is_datable(row),
        answer_days=ANSWER_DAYS,
        **facts,
    )


def _change(
    office: Office,
    v: Visit,
    id_: int,
    act: str,
    said: str,
    work: Callable[[Doing, teamwork.Seens], teamwork.Changed],
    *,
    undo: str = "",
) -> Response:
    """One act on one task, as it was seen; else it is shown as it stands."""
    try:
        with office.act(v, act, about=("task", id_)) as doing:
            row = teamwork.task_of(doing.session, id_)
            if not work(doing, {id_: v.typed.get("seen", "")}).done:
                raise ChangedSince(row)
    except ChangedSince:
        return task_page(office, v, id_, CHANGED)
    except teamwork.UnknownTask:
        raise HTTPException(404) from None
    except NoLaterDay:
        return task_page(office, v, id_, NO_LATER_DAY)
    except ValueError:
        return task_page(office, v, id_, N_("Choose a colleague or a team."))
    return office.back(f"{HOME}/tasks/{id_}", said, undo=undo)


def _end_question(
    office: Office, v: Visit, id_: int, act: str, said: str, work: Callable[[Doing], None]
) -> Response:
    try:
        with office.act(v, act, about=("task", id_)) as doing:
            work(doing)
    except (UnknownQuestion, teamwork.UnknownTask):
        raise HTTPException(404) from None
    except AnsweredAlready:
        return task_page(office, v, id_, CHANGED)
    except NotAsked:
        return task_page(office, v, id_, N_("Write what you want to say."))
    return office.back(f"{HOME}/tasks/{id_}", said)
