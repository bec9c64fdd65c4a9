"""Taking and finishing tasks in a system of one's own."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import IfMatch, PathId, Told, ensure_version
from app.api.bookings.shapes import Text
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.arrangements import TASKS, TaskShape
from app.api.problems import ACT_PROBLEMS
from app.api.scopes import Scope
from app.intake.tasks import change_task


class TaskChange(Told):
    """What may change of a task. What is left out stays."""

    owner: Text | None = None
    state: Literal["open", "done"] = Field(default="open", examples=["done"])


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["tasks"])
    may_write = needs(Scope.TASKS_WRITE)

    @routes.patch(
        "/tasks/{id}",
        response_model=TaskShape,
        summary="Takes a task, or finishes it",
        operation_id="change_task",
        responses=ACT_PROBLEMS,
    )
    def change(
        id_: PathId,
        told: TaskChange,
        call: NamedCall,
        caller: Annotated[Caller, may_write],
        if_match: IfMatch = None,
    ) -> Response:
        def work(session: Session, now: datetime) -> TaskShape:
            ensure_version(session, caller, TASKS, id_, if_match)
            change_task(session, id_, told.model_dump(exclude_unset=True), now)
            return TASKS.find(session, caller, id_)

        return do(desk, caller, call, work)

    return routes
