"""What a creditor gives to those who pay in time. Terms never change: one ends, another begins."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, ref


class Offer(SQLModel, table=True):
    """One of a kind a creditor at a time."""

    __tablename__ = "offer"
    __table_args__ = (
        live_index("ix_offer_live", "creditor_id", "kind", unique=True, where="ended_at IS NULL"),
    )
    id: int | None = key()
    creditor_id: int = ref("creditor")
    kind: str  # early_payment | thank_you
    percent: str  # exact, as it was told
    ends_on: date | None = None
    within_days: int | None = None  # of the invoice's own date
    allows: list[str] = Field(default_factory=list, sa_type=JSON)  # dispute, hardship, limited
    added_at: datetime
    added_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
