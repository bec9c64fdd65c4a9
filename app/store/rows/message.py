"""The intent to say something once, each try of it, the links in it, and what came back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import json_column, key, live_index, long_text, ref


class Message(SQLModel, table=True):
    """One template to one customer once. `key` is derived (case, origin, ordinal), never random.

    waiting → sending → accepted | refused | unclear → (accepted | assumed_sent);
    waiting → stopped (a fact came between) | expired (not said in time), always with a reason.
    """

    __tablename__ = "message"
    __table_args__ = (
        live_index("ix_message_due", "due_at", "id", where="state = 'waiting'"),
        live_index(
            "ix_message_open", "state", "updated_at", where="state IN ('sending', 'unclear')"
        ),
        live_index("ix_message_said", "accepted_at", "id", where="accepted_at IS NOT NULL"),
        live_index(
            "ix_message_unapproved",
            "id",
            where="state = 'waiting' AND approval IS NOT NULL AND approved_at IS NULL",
        ),
        live_index("ix_message_visited", "clicked_at", where="clicked_at IS NOT NULL"),
        live_index(
            "ix_message_unsaid",
            "updated_at",
            "id",
            where="state IN ('refused', 'stopped', 'expired')",
        ),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    case_id: int = ref("dunning_case")
    creditor_id: int = ref("creditor", index=False)
    customer_id: int = ref("customer")
    person_id: int = ref("person", index=False)
    template: str
    category: str
    origin: str
    slot: str
    ordinal: int
    medium: str
    contact_point_id: int = ref("contact_point", index=False)
    address_id: int = ref("address")
    sender_id: int = ref("sender", index=False)
    answers_event_at: datetime | None = None
    approval: str | None = None  # the team of which somebody has to approve it
    approved_at: datetime | None = None  # by an approval that still stands
    choice_probability: float = 1.0
    state: str = "waiting"
    reason: str | None = None
    reason_params: dict[str, Any] = json_column()
    due_at: datetime
    valid_until: datetime
    lease_until: datetime | None = None
    fence: int = 0
    attempts: int = 0
    created_at: datetime
    updated_at: datetime
    accepted_at: datetime | None = None
    delivery: str | None = None
    delivered_at: datetime | None = None
    clicked_at: datetime | None = None
    answered_at: datetime | None = None


class MessageApproval(SQLModel, table=True):
    """What somebody decided of one message: of which template's version, and of which facts.

    An approval whose facts changed before the gate is void; the message waits for another.
    """

    __tablename__ = "message_approval"
    id: int | None = key()
    message_id: int = ref("message")
    customer_id: int = ref("customer")
    outcome: str  # approved | refused
    decided_by: str
    decided_at: datetime
    template_hash: str
    facts: dict[str, Any] = json_column()  # amounts, invoices and dates; the recipient is hashed
    note: str | None = long_text(null=True)  # why it was refused
    void_at: datetime | None = None
    changed: list[str] = Field(default_factory=list, sa_type=JSON)  # what made it void


class Attempt(SQLModel, table=True):
    """One try: frozen text, address, the gate's evidence, the provider's id.

    Frozen text holds `{{link:ID}}`; the token is made when sending and masked for staff.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("message_id", "number"),
        live_index("ix_attempt_person", "person_id", "gated_at", where="state <> 'void'"),
        live_index("ix_attempt_sending", "gated_at", where="state IN ('sending', 'unclear')"),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    message_id: int = ref("message", index=False)
    person_id: int = ref("person", index=False)
    creditor_id: int = ref("creditor", index=False)
    number: int
    state: str  # sending | accepted | refused | later | unclear | assumed_sent | void
    medium: str
    category: str
    place: str | None = None  # where the address is: rules count contacts at work apart
    slot: str
    exempt: bool = False
    failed: bool = False
    sender_id: int = ref("sender", index=False)
    address_id: int = ref("address", index=False)
    recipient: str
    copied_to: list[str] = Field(default_factory=list, sa_type=JSON)
    locale: str
    template_hash: str
    subject: str | None = None
    text: str = long_text()
    html: str | None = long_text(null=True)
    head: dict[str, Any] = json_column()  # of a mail: sender, its name, headers
    segments: int | None = None
    invoice_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    evidence: dict[str, Any] = json_column()  # guard revision, rules, facts, versions, clock
    gated_at: datetime
    valid_until: datetime
    provider_id: str | None = Field(default=None, index=True)
    error: dict[str, Any] = json_column()
    finished_at: datetime | None = None
    erased_at: datetime | None = None  # its text and its recipient are gone


class Link(SQLModel, table=True):
    """A personal link of one message, or of one page that led to another. Of its token and of its
    short code only hashes are stored. `tries` are the wrong answers to its light check."""

    __tablename__ = "link"
    __table_args__ = (live_index("ix_link_code", "code_hash", where="code_hash IS NOT NULL"),)
    id: int | None = key()
    token_hash: str | None = Field(default=None, unique=True)
    customer_id: int = ref("customer")
    message_id: int | None = ref("message", null=True)
    purpose: str  # pay | unsubscribe | card
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    code_hash: str | None = None
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class ApprovedText(SQLModel, table=True):
    """A text with blanks that a provider was asked to approve, and what it says of it now.

    Only `approved` may leave. `template` and `locale` are those that it was made of.
    """

    __tablename__ = "approved_text"
    id: int | None = key()
    provider: str
    content_id: str = Field(unique=True)
    name: str
    template: str = Field(index=True)
    template_hash: str
    locale: str
    body: str = long_text()
    status: str
    category: str = ""
    reason: str = ""  # the provider's own, of a rejection
    created_at: datetime
    checked_at: datetime


class Inbound(SQLModel, table=True):
    """A callback as it came: stored raw before anything is made of it. Each lands once."""

    __tablename__ = "inbound"
    __table_args__ = (
        live_index("ix_inbound_open", "id", where="handled_at IS NULL"),
        live_index("ix_inbound_special", "received_at", where="special IS NOT NULL"),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    source: str
    received_at: datetime
    body: str = long_text()
    headers: dict[str, Any] = json_column()
    handled_at: datetime | None = None
    problem: str | None = None
    special: str | None = None  # it holds special data: noted | unnoted, until that is gone


class Reply(SQLModel, table=True):
    """What a customer wrote back. One that nobody has classed halts the case.

    `meant` is all that was read in it, the gravest first: intent, confidence, rule and details.
    What is special data stands in none of these columns: see `SpecialNote`.
    """

    __tablename__ = "reply"
    id: int | None = key()
    customer_id: int = ref("customer")
    message_id: int | None = ref("message", null=True, index=False)
    medium: str
    address_id: int | None = ref("address", null=True, index=False)  # from where it came
    sender_id: int | None = ref("sender", null=True, index=False)  # to which of ours it went
    text: str = long_text()
    received_at: datetime = Field(index=True)
    intent: str | None = None
    meant: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    classed_at: datetime | None = None
    classed_by: str | None = None  # duly, or who of the staff
    answer_by: date | None = None  # by when a person answers, as the customer was told
