"""What happened in a case, and why: facts, steps that were passed and refusals, in their order."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Row, and_, or_, select
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import PathId
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.listing import ETAG, IfNoneMatch, told
from app.api.nouns.outreach import CASES, CaseShape, Why, why_of
from app.api.problems import PROBLEMS
from app.api.scopes import Scope
from app.api.shape import Id, Instant
from app.store.given import table_of
from app.store.rows import Event, Refused
from campaigns.vocabulary import Medium

MOST: Final = 1000
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

_EVENT, _REFUSED = table_of(Event), table_of(Refused)


class Line(BaseModel):
    """One thing that happened, or was refused. `payload` holds ids and codes."""

    at: Instant
    kind: str = Field(description="An event's kind, or `refused`.", examples=["StepPassed"])
    event_id: int | None = None
    refusal_id: int | None = None
    message_id: int | None = None
    step: str | None = None
    medium: Medium | None = None
    why: Why | None = None
    payload: dict[str, Any] = Field(default_factory=dict)


class Timeline(BaseModel):
    """The latest lines of a case, the earliest first, and why it stands where it stands now."""

    case_id: Id
    lines: list[Line]
    now: Why | None


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["cases"])

    @routes.head("/cases/{id}/timeline", include_in_schema=False)
    @routes.get(
        "/cases/{id}/timeline",
        response_model=Timeline,
        summary="What happened in a case, and why",
        description=f"The latest {MOST} events and refusals. What concerns the customer and no case"
        " (a payment, a stop) is in it from the case's opening to its end.",
        operation_id="get_case_timeline",
        responses={**PROBLEMS, 200: {"headers": ETAG}, 304: {"description": "As you have it."}},
    )
    def timeline(
        id_: PathId,
        caller: Annotated[Caller, needs(Scope.CASES_READ)],
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        with desk.database.read() as session:
            case = CASES.find(session, caller, id_)
            lines = [*_events(session, case), *_refusals(session, case)]
        lines.sort(key=lambda line: (line.at, line.event_id or 0, line.refusal_id or 0))
        found = Timeline(case_id=case.id, lines=lines[-MOST:], now=case.why)
        return told(found, if_none_match)

    return routes


def _events(session: Session, case: CaseShape) -> list[Line]:
    of_customer = and_(
        _EVENT.c.customer_id == case.customer_id,
        _EVENT.c.case_id.is_(None),
        _EVENT.c.at.between(case.opened_at, case.closed_at or _NEVER),
    )
    query = select(_EVENT).where(or_(_EVENT.c.case_id == case.id, of_customer))
    rows = session.connection().execute(query.order_by(_EVENT.c.id.desc()).limit(MOST)).all()
    return [_event(row) for row in rows]


def _event(row: Row[Any]) -> Line:
    said: dict[str, Any] = row.payload
    return Line(
        at=row.at,
        kind=row.kind,
        event_id=row.id,
        message_id=row.message_id,
        step=said.get("step"),
        why=why_of(said.get("reason"), {"step": said.get("step", ""), **said.get("params", {})}),
        payload=said,
    )


def _refusals(session: Session, case: CaseShape) -> list[Line]:
    query = select(_REFUSED).where(_REFUSED.c.case_id == case.id)
    rows = session.connection().execute(query.order_by(_REFUSED.c.id.desc()).limit(MOST)).all()
    return [
        Line(
            at=row.at,
            kind="refused",
            refusal_id=row.id,
            message_id=row.message_id,
            step=row.step,
            medium=row.medium,
            why=why_of(row.reason, row.params),
            payload={"rule": row.rule, "asked_by": row.asked_by},
        )
        for row in rows
    ]
