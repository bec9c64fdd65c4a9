"""Messages that wait for somebody's word: read as they would go now, let go, or given back."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import PathId, Told
from app.api.bookings.shapes import Text
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.approvals import APPROVALS
from app.api.nouns.outreach import MESSAGES, MessageShape, Why, why_of
from app.api.problems import ACT_PROBLEMS, PROBLEMS, Fault, Problem, invalid, not_found
from app.api.scopes import Scope
from app.api.shape import Id, Shape
from app.delivery.approving import Approver, Asked, NotWaiting, SaysOtherwise
from app.delivery.prepare import Draft, Unwritten
from app.engine.catalogue import Catalogue
from app.wording.links import mask


class ApprovalMessage(Shape):
    """What would go now. `seen` names just that: say it with the decision."""

    id: Id
    seen: str = Field(examples=["9f0c2b7d41e8a6530b1c2d3e"])
    recipient: str | None
    locale: str | None = Field(examples=["he"])
    subject: str | None
    text: str | None = Field(description="Links are masked. Null: it cannot be put into words.")
    why: Why | None = Field(description="Why it cannot.")
    facts: dict[str, Any] = Field(description="What an approval binds to, by name.")
    changed: list[str] = Field(description="What has changed since it was approved before.")


class Decision(Told):
    outcome: Literal["approved", "refused"]
    seen: Text | None = Field(default=None, description="Of what is approved: as it was read.")
    note: Text | None = Field(default=None, description="Why it is refused, for colleagues.")


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["messages"])
    may_read, may_write = needs(Scope.MESSAGES_READ), needs(Scope.APPROVALS_WRITE)
    # How long a link is counts for the segments of an SMS alone, which nobody approves.
    approver = Approver(Catalogue(), "")

    @routes.get(
        "/approvals/{id}/message",
        response_model=ApprovalMessage,
        summary="Reads a message as it would go now",
        operation_id="read_approval_message",
        responses=PROBLEMS,
    )
    def message(id_: PathId, caller: Annotated[Caller, may_read]) -> ApprovalMessage:
        with desk.database.read() as session:
            APPROVALS.find(session, caller, id_)
            try:
                return _shown(approver.asked(session, id_, desk.clock.now()))
            except NotWaiting:
                raise not_found() from None

    @routes.post(
        "/approvals/{id}/decision",
        response_model=MessageShape,
        summary="Lets a message go, or not",
        operation_id="decide_approval",
        responses=ACT_PROBLEMS,
    )
    def decide(
        id_: PathId, told: Decision, call: NamedCall, caller: Annotated[Caller, may_write]
    ) -> Response:
        def work(session: Session, now: datetime) -> MessageShape:
            MESSAGES.find(session, caller, id_)
            if told.outcome == "refused" and not (told.note or "").strip():
                raise invalid([Fault(pointer="/body/note", reason="is missing: say why")])
            try:
                if told.outcome == "approved":
                    approver.approve(session, id_, seen=told.seen or "", by=caller.name, now=now)
                else:
                    note = told.note or ""
                    approver.refuse(session, id_, note=note, by=caller.name, now=now)
            except NotWaiting:
                title = "Somebody has decided on it, or it is over"
                raise Problem(409, "approval_decided", title, "Read the message.") from None
            except SaysOtherwise:
                title = "It says something else than what you saw"
                raise Problem(412, "changed_since", title, "Read it again.") from None
            return MESSAGES.find(session, caller, id_)

        return do(desk, caller, call, work)

    return routes


def _shown(asked: Asked) -> ApprovalMessage:
    told = {"id": asked.id, "seen": asked.seen, "facts": asked.facts, "changed": asked.changed}
    message = asked.message
    if isinstance(message, Unwritten):
        blank = dict.fromkeys(("recipient", "locale", "subject", "text"))
        why = why_of(message.reason, message.params)
        return ApprovalMessage.model_validate({**told, **blank, "why": why})
    return ApprovalMessage.model_validate({**told, **_words(message), "why": None})


def _words(message: Draft) -> dict[str, Any]:
    rendered = message.rendered
    return {
        "recipient": message.material.recipient,
        "locale": rendered.locale,
        "subject": None if rendered.subject is None else mask(rendered.subject),
        "text": mask(rendered.text),
    }
