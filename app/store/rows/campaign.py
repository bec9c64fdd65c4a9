"""Published words and journeys by content hash; campaigns, cases and what woke them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import json_column, key, live_index, long_text, ref


class Revision(SQLModel, table=True):
    """A published journey, template, brand or pack: its text, under the hash of its content."""

    __tablename__ = "revision"
    hash: str = Field(primary_key=True)
    kind: str  # journey | template | pack | brand
    name: str
    content: str = long_text()
    published_at: datetime


class Publication(SQLModel, table=True):
    """Which revision of a name is current. The history is the sequence of rows."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("kind", "name", "sequence"),)
    id: int | None = key()
    kind: str
    name: str
    sequence: int
    hash: str = Field(index=True)
    published_at: datetime


class Campaign(SQLModel, table=True):
    """An audience, a subject, a journey, a goal, a control arm."""

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("creditor_id", "name"),)
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    name: str
    subject: str  # customer | invoice | subscription | plan
    journey: str
    audience: str | None = None  # a condition of the journey language
    goal: str = "settled"
    control_share: float = 0.0
    priority: int = 0
    active: bool = True
    enrolled_on: date | None = None
    enrolled_at: datetime | None = None


class Case(SQLModel, table=True):
    """One run of a campaign for one subject. The row is the fold of its events.

    `look_at` is the next instant at which anything can change, so the walk is one indexed query.
    """

    __tablename__ = "dunning_case"
    __table_args__ = (
        UniqueConstraint("campaign_id", "subject_id", "episode"),
        Index("ix_case_opened", "opened_at", "id"),
        live_index("ix_case_due", "look_at", "id", where="phase <> 'closed'"),
        live_index("ix_case_anchor", "anchor_on", "id", where="phase <> 'closed'"),
        live_index(
            "ix_case_anchor_of", "creditor_id", "anchor_on", "id", where="phase <> 'closed'"
        ),
        live_index(
            "ix_case_one_open", "campaign_id", "subject_id", unique=True, where="phase <> 'closed'"
        ),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    campaign_id: int = ref("campaign", index=False)
    creditor_id: int = ref("creditor", index=False)
    customer_id: int = ref("customer")
    person_id: int = ref("person")
    subject_id: int
    episode: int
    anchor: str = "due_date"  # due_date | anniversary
    anchor_on: date
    anchor_invoice_id: int | None = None
    journey_hash: str
    arm: str = "treatment"
    arm_probability: float = 1.0
    done: list[str] = Field(default_factory=list, sa_type=JSON)
    reached: int | None = None
    next_step: str | None = None
    phase: str = "ready"  # ready | pending | waiting | closed
    since: datetime
    origin: str | None = None
    ordinal: int = 0
    tried: list[str] = Field(default_factory=list, sa_type=JSON)
    reacting: str | None = None
    message_key: str | None = None
    spoken_step: str | None = None
    spoke_at: datetime | None = None
    waiting_for: str | None = None
    wait_until: datetime | None = None
    outcome: str | None = None
    look_at: datetime | None = None
    reason: str | None = None
    reason_params: dict[str, Any] = json_column()
    revision: int = 0
    opened_at: datetime
    closed_at: datetime | None = None
    closed_on: date | None = None


class CaseSignal(SQLModel, table=True):
    """Something that happened and that the case has yet to answer."""

    __tablename__ = "case_signal"
    __table_args__ = (
        UniqueConstraint("case_id", "event_id"),
        live_index("ix_signal_open", "case_id", where="handled_at IS NULL"),
    )
    id: int | None = key()
    case_id: int = ref("dunning_case", index=False)
    event_id: int = ref("event", index=False)
    signal: str
    at: datetime
    own_act: bool = False
    handled_at: datetime | None = None


class Event(SQLModel, table=True):
    """A fact, past tense, append-only. `payload` holds ids and codes, never personal data."""

    __tablename__ = "event"
    __table_args__ = (
        live_index("ix_event_key", "key", unique=True, where="key IS NOT NULL"),
        live_index("ix_event_help", "at", where="kind = 'help_given'"),
    )
    id: int | None = key()
    key: str | None = None  # for facts that may be told twice
    kind: str
    at: datetime
    customer_id: int | None = ref("customer", null=True)
    case_id: int | None = ref("dunning_case", null=True)
    message_id: int | None = Field(default=None)
    payload: dict[str, Any] = json_column()


class Refused(SQLModel, table=True):
    """A medium or a moment that policy, the address or the sender refused: evidence for staff."""

    __tablename__ = "refusal"
    id: int | None = key()
    case_id: int = ref("dunning_case")
    message_id: int | None = ref("message", null=True, index=False)
    at: datetime = Field(index=True)
    asked_by: str  # decide | gate
    step: str | None = None
    medium: str | None = None
    rule: str
    reason: str
    params: dict[str, Any] = json_column()
    look_again_at: datetime | None = None
