"""What goes out and why: campaigns, cases with their facts, messages and every try of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from pydantic import Field
from sqlalchemy import ColumnElement, Row, and_, select
from sqlmodel import Session

from app.api.listing import Asked, Noun
from app.api.scopes import Scope
from app.api.shape import Id, IdTold, Instant, Shape, WordTold
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Attempt, Campaign, Case, Customer, Event, Message, Refused
from app.wording.links import mask
from campaigns.reasons import REASONS
from campaigns.vocabulary import Medium

_ATTEMPT, _CAMPAIGN, _CASE = table_of(Attempt), table_of(Campaign), table_of(Case)
_CUSTOMER, _EVENT = table_of(Customer), table_of(Event)
_MESSAGE, _REFUSED = table_of(Message), table_of(Refused)


class CampaignShape(Shape):
    """Who is written to: an audience, what it is about, and the journey that each case walks."""

    id: Id
    creditor_id: Id
    name: str = Field(examples=["consumer_gentle"])
    subject: str = Field(examples=["customer"])
    journey: str = Field(examples=["consumer_gentle"])
    audience: str | None = Field(description="A condition over the facts of a customer.")
    goal: str
    control_share: float = Field(description="The share of cases that nobody is written to for.")
    priority: int
    active: bool


class CampaignsAsked(Asked):
    creditor_id: IdTold | None = None
    active: bool | None = None


CAMPAIGNS: Final = Noun(
    path="campaigns",
    one="campaign",
    scope=Scope.CASES_READ,
    shape=CampaignShape,
    rows=select(_CAMPAIGN),
    id=_CAMPAIGN.c.id,
    owner=_CAMPAIGN.c.creditor_id,
    asked=CampaignsAsked,
    where={
        "creditor_id": _CAMPAIGN.c.creditor_id,
        "active": _CAMPAIGN.c.active,
    },
)


class Why(Shape):
    """A reason: a stable code, and the sentence that it makes here."""

    code: str = Field(examples=["not_yet"])
    sentence: str = Field(examples=["The next step, friendly, is due on 2026-03-05."])


class CaseShape(Shape):
    """One run of a campaign for one subject, and why it stands where it stands."""

    id: Id
    creditor_id: Id
    campaign_id: Id
    customer_id: Id
    subject_id: Id
    episode: int
    phase: str = Field(examples=["ready"])
    arm: str = Field(examples=["treatment"])
    anchor_on: date = Field(description="The day that the journey's days are counted from.")
    next_step: str | None
    waiting_for: str | None
    wait_until: Instant | None
    look_at: Instant | None = Field(description="When it is looked at next.")
    why: Why | None
    outcome: str | None
    opened_at: Instant
    closed_at: Instant | None


class CasesAsked(Asked):
    customer_id: IdTold | None = None
    campaign_id: IdTold | None = None
    phase: WordTold | None = None
    open: bool | None = None


def _cases(_: Session, rows: Sequence[Row[Any]]) -> list[CaseShape]:
    return [
        CaseShape.model_validate({**row._mapping, "why": why_of(row.reason, row.reason_params)})
        for row in rows
    ]


def why_of(code: str | None, params: Mapping[str, str]) -> Why | None:
    if code is None:
        return None
    return Why(code=code, sentence=REASONS[code].say(params) if code in REASONS else code)


CASES: Final = Noun(
    path="cases",
    one="case",
    scope=Scope.CASES_READ,
    shape=CaseShape,
    rows=select(_CASE),
    id=_CASE.c.id,
    owner=_CASE.c.creditor_id,
    asked=CasesAsked,
    where={
        "customer_id": _CASE.c.customer_id,
        "campaign_id": _CASE.c.campaign_id,
        "phase": _CASE.c.phase,
        "open": lambda value: (_CASE.c.phase != word("closed")) == value,
    },
    found_by=frozenset({"customer_id"}),
    fill=_cases,
)


class EventShape(Shape):
    """A fact, in the past tense. `payload` holds ids and codes, never anybody's data."""

    id: Id
    kind: str = Field(examples=["promise_made"])
    at: Instant
    customer_id: int | None
    case_id: int | None
    message_id: int | None
    payload: dict[str, Any]


class EventsAsked(Asked):
    customer_id: IdTold | None = None
    case_id: IdTold | None = None
    kind: WordTold | None = None


EVENTS: Final = Noun(
    path="events",
    one="event",
    scope=Scope.EVENTS_READ,
    shape=EventShape,
    rows=select(_EVENT).outerjoin(_CUSTOMER, _CUSTOMER.c.id == _EVENT.c.customer_id),
    id=_EVENT.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=EventsAsked,
    where={
        "customer_id": _EVENT.c.customer_id,
        "case_id": _EVENT.c.case_id,
        "kind": _EVENT.c.kind,
    },
    found_by=frozenset({"customer_id", "case_id"}),
)


class RefusalShape(Shape):
    """A medium or a moment that was refused: why something was not sent."""

    id: Id
    case_id: Id
    message_id: int | None
    at: Instant
    asked_by: str = Field(description="`decide`, or `gate` for the last question.")
    step: str | None
    medium: Medium | None
    rule: str = Field(description="The row of a rule pack.", examples=["IL-COM-5"])
    why: Why
    look_again_at: Instant | None


class RefusalsAsked(Asked):
    case_id: IdTold | None = None
    message_id: IdTold | None = None


def _case_of(message_id: int) -> ColumnElement[int]:
    return select(_MESSAGE.c.case_id).where(_MESSAGE.c.id == message_id).scalar_subquery()


def _refusals(_: Session, rows: Sequence[Row[Any]]) -> list[RefusalShape]:
    return [
        RefusalShape.model_validate({**row._mapping, "why": why_of(row.reason, row.params)})
        for row in rows
    ]


REFUSALS: Final = Noun(
    path="refusals",
    one="refusal",
    scope=Scope.CASES_READ,
    shape=RefusalShape,
    rows=select(_REFUSED).join(_CASE, _CASE.c.id == _REFUSED.c.case_id),
    id=_REFUSED.c.id,
    owner=_CASE.c.creditor_id,
    asked=RefusalsAsked,
    where={
        "case_id": _REFUSED.c.case_id,
        "message_id": lambda value: and_(
            _REFUSED.c.case_id == _case_of(value), _REFUSED.c.message_id == value
        ),
    },
    found_by=frozenset({"case_id", "message_id"}),
    fill=_refusals,
)


class MessageShape(Shape):
    """The intent to say one template to one customer once, and what became of it."""

    id: Id
    creditor_id: Id
    customer_id: Id
    case_id: Id
    template: str = Field(examples=["reminder_first"])
    category: str = Field(examples=["reminder"])
    medium: Medium
    state: str = Field(examples=["accepted"])
    why: Why | None
    due_at: Instant
    valid_until: Instant
    attempts: int
    accepted_at: Instant | None
    delivery: str | None = Field(examples=["delivered"])
    delivered_at: Instant | None
    clicked_at: Instant | None
    answered_at: Instant | None
    created_at: Instant


class MessagesAsked(Asked):
    customer_id: IdTold | None = None
    case_id: IdTold | None = None
    medium: Medium | None = None
    state: WordTold | None = None


def _messages(_: Session, rows: Sequence[Row[Any]]) -> list[MessageShape]:
    return [
        MessageShape.model_validate({**row._mapping, "why": why_of(row.reason, row.reason_params)})
        for row in rows
    ]


MESSAGES: Final = Noun(
    path="messages",
    one="message",
    scope=Scope.MESSAGES_READ,
    shape=MessageShape,
    rows=select(_MESSAGE),
    id=_MESSAGE.c.id,
    owner=_MESSAGE.c.creditor_id,
    asked=MessagesAsked,
    where={
        "customer_id": _MESSAGE.c.customer_id,
        "case_id": _MESSAGE.c.case_id,
        "medium": _MESSAGE.c.medium,
        "state": _MESSAGE.c.state,
    },
    found_by=frozenset({"customer_id", "case_id"}),
    fill=_messages,
)


class AttemptShape(Shape):
    """One try of a message: the frozen text, to whom, and the evidence of its gate.

    Links are masked: whoever holds one can act as the customer.
    """

    id: Id
    creditor_id: Id
    message_id: Id
    number: int
    state: str = Field(examples=["accepted"])
    medium: Medium
    recipient: str
    locale: str = Field(examples=["he"])
    subject: str | None
    text: str
    segments: int | None
    provider_id: str | None
    error: dict[str, Any]
    evidence: dict[str, Any] = Field(description="Rules, facts, versions and the clock.")
    gated_at: Instant
    finished_at: Instant | None
    erased_at: Instant | None


class AttemptsAsked(Asked):
    message_id: IdTold | None = None
    provider_id: WordTold | None = None


def _attempts(_: Session, rows: Sequence[Row[Any]]) -> list[AttemptShape]:
    return [
        AttemptShape.model_validate(
            {
                **row._mapping,
                "text": mask(row.text),
                "subject": None if row.subject is None else mask(row.subject),
            }
        )
        for row in rows
    ]


ATTEMPTS: Final = Noun(
    path="attempts",
    one="attempt",
    scope=Scope.MESSAGES_READ,
    shape=AttemptShape,
    rows=select(_ATTEMPT),
    id=_ATTEMPT.c.id,
    owner=_ATTEMPT.c.creditor_id,
    asked=AttemptsAsked,
    where={
        "message_id": _ATTEMPT.c.message_id,
        "provider_id": _ATTEMPT.c.provider_id,
    },
    found_by=frozenset({"message_id", "provider_id"}),
    fill=_attempts,
)
