"""What a customer agreed to of a card: that it may be debited, for what, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, ref


class Mandate(SQLModel, table=True):
    """Given on a page; in force once the gateway keeps the card (`kept_at`), until it is revoked.

    `text_hash` names the very words that were agreed to, in `locale`. What of the card is
    here are the gateway's own names for it; no number ever comes here.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        live_index(
            "ix_mandate_live",
            "plan_id",
            unique=True,
            where="kept_at IS NOT NULL AND revoked_at IS NULL",
        ),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    creditor_id: int = ref("creditor", index=False)
    customer_id: int = ref("customer")
    plan_id: int = ref("plan", index=False)
    currency: str
    gateway: str
    session_id: str | None = None
    customer_ref: str | None = None
    method_ref: str | None = None
    brand: str | None = None
    last_four: str | None = None
    text_hash: str
    locale: str
    given_at: datetime
    given_by: str  # page
    kept_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None  # page | staff | replaced | bank | plan | erasure
    recorded_by: str | None = None  # who of the staff
