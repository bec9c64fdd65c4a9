"""What was arranged or asked for: promises, plans, disputes, hardship, holds, complaints, tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import json_column, key, live_index, long_text, ref


class Promise(SQLModel, table=True):
    """To pay `amount` by `due_on`; broken after `grace_until`. One open promise a customer and
    currency."""

    __tablename__ = "promise"
    __table_args__ = (
        live_index(
            "ix_promise_open", "customer_id", "currency", unique=True, where="state = 'open'"
        ),
        live_index("ix_promise_due", "grace_until", where="state = 'open'"),
        live_index("ix_promise_open_day", "due_on", where="state = 'open'"),
    )
    id: int | None = key()
    customer_id: int = ref("customer")
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    invoice_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    due_on: date
    grace_until: datetime
    state: str = "open"  # open | kept | broken | withdrawn
    made_at: datetime = Field(index=True)
    made_by: str  # page | reply | staff
    paid_before_minor: int = Field(default=0, sa_type=BigInteger)
    ended_at: datetime | None = Field(default=None, index=True)


class Plan(SQLModel, table=True):
    __tablename__ = "plan"
    __table_args__ = (live_index("ix_plan_running", "customer_id", where="state = 'running'"),)
    id: int | None = key()
    customer_id: int = ref("customer")
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    invoice_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    state: str = "running"  # offered | running | completed | broken | withdrawn
    agreed_at: datetime = Field(index=True)
    agreed_by: str
    resumed_at: datetime | None = None  # it was completed, and money went back
    last_allocation_id: int = 0  # of any ledger, when it was agreed: later ones are paid into it
    ended_at: datetime | None = Field(default=None, index=True)


class PlanWish(SQLModel, table=True):
    """A plan that a customer asked for and could not agree alone: a person decides on it.

    It is for all that was open in `currency`, which was `amount_minor`: so many `parts`, or as many
    as it takes at `part_minor` each. `answer_by` is the day that the customer was told.
    """

    __tablename__ = "plan_wish"
    __table_args__ = (
        live_index("ix_plan_wish_open", "customer_id", where="state = 'open'"),
        live_index("ix_plan_wish_countered", "customer_id", where="state = 'countered'"),
    )
    id: int | None = key()
    customer_id: int = ref("customer")
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    parts: int
    part_minor: int | None = Field(default=None, sa_type=BigInteger)
    rhythm: str  # weekly | fortnightly | monthly
    first_on: date
    reply_id: int | None = ref("reply", null=True)  # what they wrote beside it
    wished_at: datetime = Field(index=True)
    answer_by: date
    state: str = "open"  # open | agreed | declined | countered | replaced
    decided_at: datetime | None = Field(default=None, index=True)
    decided_by: str | None = None
    plan_id: int | None = ref("plan", null=True)
    # Countered: what the team would agree to instead, as of a day on which that offer ends.
    offered_parts: int | None = None
    offered_rhythm: str | None = None
    offered_first_on: date | None = None
    offered_until: date | None = None


class Instalment(SQLModel, table=True):
    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        live_index("ix_instalment_due", "grace_until", where="state = 'due'"),
        live_index("ix_instalment_rescue", "breaks_at", where="state = 'missed'"),
    )
    id: int | None = key()
    plan_id: int = ref("plan", index=False)
    number: int
    amount_minor: int = Field(sa_type=BigInteger)
    due_on: date
    grace_until: datetime
    breaks_at: datetime | None = None  # the end of its rescue; None: it has none, or is over
    state: str = "due"  # due | paid | missed | moved


class Dispute(SQLModel, table=True):
    """An invoice that the customer contests: carved out until somebody resolves it."""

    __tablename__ = "dispute"
    __table_args__ = (
        live_index("ix_dispute_open", "invoice_id", unique=True, where="state = 'open'"),
    )
    id: int | None = key()
    customer_id: int = ref("customer")
    invoice_id: int = ref("invoice")
    kind: str = "other"
    words: str | None = long_text(null=True)
    state: str = "open"  # open | upheld | partly | rejected | settled
    opened_at: datetime = Field(index=True)
    resolved_at: datetime | None = None
    credited_minor: int | None = Field(
        default=None, sa_type=BigInteger
    )  # partly: what is taken off
    contested_minor: int | None = Field(default=None, sa_type=BigInteger)  # None: all of it


class Hardship(SQLModel, table=True):
    """Somebody cannot pay now. Why is told by a `SpecialNote`; older rows have it themselves."""

    __tablename__ = "hardship"
    __table_args__ = (live_index("ix_hardship_open", "customer_id", where="ended_at IS NULL"),)
    id: int | None = key()
    customer_id: int = ref("customer")
    kind: str = "hardship"
    words: str | None = long_text(null=True)
    reported_at: datetime = Field(index=True)
    ended_at: datetime | None = None


class SpecialNote(SQLModel, table=True):
    """What somebody told of illness, of a death, of their means, of danger to themselves: kept
    apart from all else, read through `app.intake.special` alone, and not for long."""

    __tablename__ = "special_note"
    __table_args__ = (live_index("ix_special_note_kept", "noted_at", where="kind IS NOT NULL"),)
    id: int | None = key()
    customer_id: int = ref("customer")
    kind: str | None = None
    words: str | None = long_text(null=True)
    noted_at: datetime


class Hold(SQLModel, table=True):
    """Nobody writes until `until` (None: until a person releases it). Bounded by its task.

    `renewed_at` is when it was placed last: what the customer did before that passes it no more.
    `errand_id` names the act on many that placed it, which is taken back as a whole.
    """

    __tablename__ = "hold"
    __table_args__ = (
        live_index("ix_hold_open", "person_id", where="released_at IS NULL"),
        live_index(
            "ix_hold_errand",
            "errand_id",
            "id",
            where="errand_id IS NOT NULL AND released_at IS NULL",
        ),
    )
    id: int | None = key()
    person_id: int = ref("person", index=False)
    customer_id: int | None = ref("customer", null=True)
    kind: str
    placed_at: datetime = Field(index=True)
    renewed_at: datetime
    until: datetime | None = None
    released_at: datetime | None = None
    why: str | None = None
    rule: str | None = None  # the row of a pack that its end was worked out from
    freezes: list[str] = Field(default_factory=list, sa_type=JSON)  # interest, fees
    errand_id: int | None = None


class Complaint(SQLModel, table=True):
    """What has to be answered by a day, and by whom."""

    __tablename__ = "complaint"
    id: int | None = key()
    customer_id: int = ref("customer")
    kind: str = "complaint"  # complaint | data_request
    words: str | None = long_text(null=True)
    received_at: datetime = Field(index=True)
    answer_by: date
    rule: str | None = None  # the row of a pack that its day was counted by
    owner: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


class Task(SQLModel, table=True):
    """Work for a person: a team, an owner, a date. Its key is derived, so it is given once."""

    __tablename__ = "task"
    __table_args__ = (
        live_index("ix_task_open", "team", "due_at", where="state = 'open'"),
        live_index("ix_task_open_due", "due_at", where="state = 'open'"),
        live_index("ix_task_open_kind", "kind", "due_at", where="state = 'open'"),
        live_index("ix_task_open_owner", "owner", "due_at", where="state = 'open'"),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    team: str
    owner: str | None = None
    kind: str
    title: str
    customer_id: int | None = ref("customer", null=True)
    case_id: int | None = ref("dunning_case", null=True, index=False)
    detail: dict[str, Any] = json_column()
    state: str = "open"  # open | done
    created_at: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    escalated_at: datetime | None = None  # its day passed, and nobody had done it


class Notice(SQLModel, table=True):
    """Something that the law counts time from, or waits for: an act of `campaigns.duties`. Each is
    on record once; a second notice of the same kind is another row."""

    __tablename__ = "notice"
    id: int | None = key()
    key: str = Field(unique=True)
    customer_id: int = ref("customer")
    act: str
    at: datetime
    made_by: str  # message | staff
    message_id: int | None = None


class MediumPrior(SQLModel, table=True):
    """How often a creditor's customers answer on a medium: the prior of the channel's score."""

    __tablename__ = "medium_prior"
    __table_args__ = (UniqueConstraint("creditor_id", "medium"),)
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    medium: str
    asked: int = 0
    answered: int = 0
    counted_at: datetime
