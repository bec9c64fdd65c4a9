"""Saying who is told of events, and reading what they were told."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import Session
from starlette.responses import Response

from app.api import listing
from app.api.acts.parts import PathId, Told
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.listing import Asked, Noun
from app.api.owner import creditor_of
from app.api.problems import ACT_PROBLEMS, Fault, Problem, invalid
from app.api.scopes import Scope
from app.api.shape import Id, IdTold, Instant, InstantTold, Shape, WordTold
from app.api.webhooks.endpoints import (
    EndpointRefused,
    add_endpoint,
    change_endpoint,
    replay,
    rotate_secret,
    secret_of_endpoint,
)
from app.api.webhooks.targets import LONGEST_URL, TargetRefused, ensure_target
from app.store.given import table_of
from app.store.rows import Endpoint, EndpointCall

_ENDPOINT, _CALL = table_of(Endpoint), table_of(EndpointCall)
Kind = Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=60)]


class EndpointShape(Shape):
    """An address that is told of events, and how that goes."""

    id: Id
    creditor_id: int | None = Field(description="Null: it is told of all creditors' events.")
    url: str = Field(examples=["https://erp.example/duly"])
    kinds: list[str] = Field(description="None: all.", examples=[["promise_made"]])
    state: str = Field(examples=["active"])
    created_at: Instant
    failing_since: Instant | None


ENDPOINTS: Final = Noun(
    path="webhook-endpoints",
    one="webhook endpoint",
    scope=Scope.WEBHOOKS,
    shape=EndpointShape,
    rows=select(_ENDPOINT),
    id=_ENDPOINT.c.id,
    owner=_ENDPOINT.c.creditor_id,
)


class CallShape(Shape):
    """One event for one endpoint: when it was told, or why not yet."""

    id: Id
    endpoint_id: Id
    event_id: Id
    state: str = Field(examples=["told"])
    tries: int
    due_at: Instant = Field(description="When it is tried next.")
    told_at: Instant | None
    status: int | None = Field(description="Of the last answer.", examples=[200])
    problem: str | None
    took_ms: int | None


class CallsAsked(Asked):
    endpoint_id: IdTold | None = None
    event_id: IdTold | None = None
    state: Literal["waiting", "told"] | None = None


CALLS: Final = Noun(
    path="webhook-calls",
    one="webhook call",
    scope=Scope.WEBHOOKS,
    shape=CallShape,
    rows=select(_CALL).join(_ENDPOINT, _ENDPOINT.c.id == _CALL.c.endpoint_id),
    id=_CALL.c.id,
    owner=_ENDPOINT.c.creditor_id,
    asked=CallsAsked,
    where={
        "endpoint_id": _CALL.c.endpoint_id,
        "event_id": _CALL.c.event_id,
        "state": _CALL.c.state,
    },
    found_by=frozenset({"event_id"}),
)


class EndpointIn(Told):
    """An address that is to be told of what happens from now on."""

    creditor: WordTold | None = Field(
        default=None, description="Its external id; a key of the house may leave it out: all."
    )
    url: WordTold = Field(max_length=LONGEST_URL, examples=["https://erp.example/duly"])
    kinds: list[Kind] = Field(default_factory=list, max_length=100)


class EndpointMade(EndpointShape):
    """The endpoint with the secret that signs its calls (Standard Webhooks)."""

    secret: str = Field(examples=["whsec_…"])


class EndpointChange(Told):
    state: Literal["active", "paused", "ended"]


class ReplayIn(Told):
    since: InstantTold = Field(description="Events from then on are told again.")


class Replayed(BaseModel):
    """What is told again, batch by batch, in the order of events."""

    since: Instant
    to_event_id: int = Field(description="The last one of the log that is gone over.")


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["webhooks"])
    may = needs(Scope.WEBHOOKS)
    for noun in (ENDPOINTS, CALLS):
        listing.serve(routes, desk, noun)

    @routes.post(
        "/webhook-endpoints",
        status_code=201,
        response_model=EndpointMade,
        summary="Has an address told of events",
        operation_id="add_webhook_endpoint",
        responses=ACT_PROBLEMS,
    )
    def add(told: EndpointIn, call: NamedCall, caller: Annotated[Caller, may]) -> Response:
        def work(session: Session, now: datetime) -> EndpointMade:
            made = add_endpoint(
                session,
                url=told.url,
                kinds=told.kinds,
                creditor_id=_creditor_id(session, caller, told),
                by=caller.name,
                now=now,
            )
            return _with_secret(session, caller, made, 1)

        try:
            ensure_target(told.url, local=desk.is_local)
            return do(desk, caller, call, work, status=201)
        except TargetRefused as problem:
            raise invalid([Fault(pointer="/body/url", reason=str(problem))]) from None
        except EndpointRefused as problem:
            raise Problem(409, "too_many_endpoints", str(problem)) from None

    @routes.patch(
        "/webhook-endpoints/{id}",
        response_model=EndpointShape,
        summary="Pauses an endpoint, lets it go on, or ends it",
        operation_id="change_webhook_endpoint",
        responses=ACT_PROBLEMS,
    )
    def change(
        id_: PathId, told: EndpointChange, call: NamedCall, caller: Annotated[Caller, may]
    ) -> Response:
        def work(session: Session, _: datetime) -> Any:
            _living(session, caller, id_)
            change_endpoint(session, id_, told.state)
            return ENDPOINTS.find(session, caller, id_)

        return do(desk, caller, call, work)

    @routes.post(
        "/webhook-endpoints/{id}/secret",
        response_model=EndpointMade,
        summary="Gives an endpoint another secret, from the next call on",
        operation_id="rotate_webhook_secret",
        responses=ACT_PROBLEMS,
    )
    def rotate(id_: PathId, call: NamedCall, caller: Annotated[Caller, may]) -> Response:
        def work(session: Session, _: datetime) -> EndpointMade:
            _living(session, caller, id_)
            return _with_secret(session, caller, id_, rotate_secret(session, id_))

        return do(desk, caller, call, work)

    @routes.post(
        "/webhook-endpoints/{id}/replay",
        status_code=202,
        response_model=Replayed,
        summary="Tells an endpoint again of all that happened since",
        operation_id="replay_webhook_events",
        responses=ACT_PROBLEMS,
    )
    def again(
        id_: PathId, told: ReplayIn, call: NamedCall, caller: Annotated[Caller, may]
    ) -> Response:
        def work(session: Session, _: datetime) -> Replayed:
            _living(session, caller, id_)
            last = replay(session, id_, told.since)
            return Replayed(since=told.since, to_event_id=last)

        return do(desk, caller, call, work, status=202)

    def _with_secret(session: Session, caller: Caller, id_: int, generation: int) -> EndpointMade:
        shape = ENDPOINTS.find(session, caller, id_)
        secret = secret_of_endpoint(desk.secret, id_, generation)
        return EndpointMade(**shape.model_dump(), secret=secret)

    return routes


def _creditor_id(session: Session, caller: Caller, told: EndpointIn) -> int | None:
    if told.creditor is None and caller.creditor_id is None:
        return None
    return int(creditor_of(session, caller, told.creditor).id)


def _living(session: Session, caller: Caller, id_: int) -> None:
    if ENDPOINTS.find(session, caller, id_).state == "ended":
        raise Problem(409, "endpoint_ended", "This endpoint has ended", "Make another one.")
