"""Machines that call us: their keys, and the calls that they may repeat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, long_text, ref


class ApiKey(SQLModel, table=True):
    """A key of the API. The key itself is nowhere: `digest` is its hash, `hint` its first letters.

    `creditor_id` None: all creditors of this house. `replaces_id` is the key that it was made to
    take over from; that one ends by itself.
    """

    __tablename__ = "api_key"
    id: int | None = key()
    name: str
    creditor_id: int | None = ref("creditor", null=True, index=False)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    hint: str
    digest: str = Field(unique=True)
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None
    replaces_id: int | None = ref("api_key", null=True, index=False)


class ApiCall(SQLModel, table=True):
    """A call that named itself (`Idempotency-Key`), and its answer. `request` is a hash of what was
    asked: another question under the same name is refused."""

    __tablename__ = "api_call"
    __table_args__ = (UniqueConstraint("api_key_id", "name"),)
    id: int | None = key()
    api_key_id: int = ref("api_key", index=False)
    name: str
    request: str
    status: int
    body: str = long_text()
    at: datetime = Field(index=True)


class Endpoint(SQLModel, table=True):
    """An address that is told of events. Its secret is derived from ours, its id and `generation`.

    All events up to `low_id` are on its log or not for it; above, up to `high_id`, which was the
    highest at `marked_at`, some may still be missing. A replay is told again of what happened from
    `replay_since` on; it has gone over the events up to `replay_after_id`, and ends at
    `replay_to_id`.
    """

    __tablename__ = "endpoint"
    id: int | None = key()
    creditor_id: int | None = ref("creditor", null=True, index=False)  # None: of all creditors
    url: str
    kinds: list[str] = Field(default_factory=list, sa_type=JSON)  # none: all
    generation: int = 1
    state: str = "active"  # active | paused | ended
    created_at: datetime
    created_by: str
    low_id: int
    high_id: int
    marked_at: datetime
    failing_since: datetime | None = None
    replay_since: datetime | None = None
    replay_after_id: int | None = Field(default=None, sa_type=BigInteger)
    replay_to_id: int | None = Field(default=None, sa_type=BigInteger)


class EndpointCall(SQLModel, table=True):
    """One event for one endpoint: the log of telling it."""

    __tablename__ = "endpoint_call"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        live_index("ix_endpoint_call_due", "endpoint_id", "due_at", where="state = 'waiting'"),
    )
    id: int | None = key()
    endpoint_id: int = ref("endpoint", index=False)
    event_id: int = ref("event")
    state: str = "waiting"  # waiting | told | failed
    tries: int = 0
    due_at: datetime
    told_at: datetime | None = None
    status: int | None = None  # of the last answer
    problem: str | None = None  # why the last try failed
    took_ms: int | None = None
