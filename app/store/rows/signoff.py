"""Who has switched a rule pack on for a creditor, and who may be written to before that."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, long_text, ref


class SignOff(SQLModel, table=True):
    """Somebody answers for a version of a pack for a creditor. Withdrawn ones stay on record."""

    __tablename__ = "sign_off"
    __table_args__ = (
        live_index("ix_sign_off_in_force", "creditor_id", where="withdrawn_at IS NULL"),
    )
    id: int | None = key()
    creditor_id: int = ref("creditor")
    pack: str
    version: str  # the hash of the pack's content; comments and layout do not change it
    revision: str  # the published text, by its hash
    signed_at: datetime
    signed_by: str
    note: str = long_text()
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


class AllowedRecipient(SQLModel, table=True):
    """An address of our own, to which a real provider may carry before all packs are signed."""

    __tablename__ = "allowed_recipient"
    id: int | None = key()
    address: str = Field(unique=True)
    added_at: datetime
    added_by: str
    note: str = long_text()
