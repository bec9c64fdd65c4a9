"""What customers tell of money: that they have paid, with a file that shows it, and what they live
on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, ref


class Proof(SQLModel, table=True):
    """A payment that the customer has made and the book does not show. What they wrote stands on
    the reply; `document` is the file that they added, as it was cleaned, under a name of ours.

    Of a file that is past its time (`file_gone_at`) the reference stays: it says what was there.
    """

    __tablename__ = "proof"
    __table_args__ = (
        live_index(
            "ix_proof_kept", "told_at", where="document IS NOT NULL AND file_gone_at IS NULL"
        ),
    )
    id: int | None = key()
    customer_id: int = ref("customer")
    reply_id: int = ref("reply")
    paid_on: date | None = None
    method: str | None = None
    currency: str | None = None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    document: str | None = None
    told_at: datetime
    file_gone_at: datetime | None = None


class Means(SQLModel, table=True):
    """What somebody has a month, and could pay: kept apart from all else, read through
    `app.intake.means` alone, and deleted when its time is over. Each figure may be missing."""

    __tablename__ = "means"
    id: int | None = key()
    customer_id: int = ref("customer")
    about: str  # hardship | plan
    currency: str
    income_minor: int | None = Field(default=None, sa_type=BigInteger)
    costs_minor: int | None = Field(default=None, sa_type=BigInteger)
    payable_minor: int | None = Field(default=None, sa_type=BigInteger)
    dependants: int | None = None
    told_at: datetime = Field(index=True)
