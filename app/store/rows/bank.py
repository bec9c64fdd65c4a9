"""What banks told of our accounts: statements, and the money in them, each movement once.

Payers' names, accounts and words live here, in rows that can be erased; events hold ids.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from app.store.columns import json_column, key, live_index, long_text, ref


class BankStatement(SQLModel, table=True):
    """A statement as it was taken in. `credited` and `reversed` are what it brought that no other
    had, in minor units by currency: `duly check` holds its entries against them."""

    __tablename__ = "bank_statement"
    __table_args__ = (Index("ix_bank_statement_account", "account"),)
    id: int | None = key()
    key: str = Field(unique=True)
    creditor_id: int = ref("creditor")
    account: str
    name: str  # the bank's number for it
    file_name: str
    closed_on: date | None = None
    credited: dict[str, Any] = json_column()
    reversed: dict[str, Any] = json_column()
    taken_at: datetime


class BankEntry(SQLModel, table=True):
    """Money that came in, or that came in and went back; never a debit of the creditor's own.

    Booked: it is the payment or reversal that it names. Waiting: somebody has a task to decide.
    Unmatched: credit that nobody can be named for. Aside: somebody said that it is no customer's.
    """

    __tablename__ = "bank_entry"
    __table_args__ = (
        Index("ix_bank_entry_end_to_end", "creditor_id", "end_to_end_id"),
        Index("ix_bank_entry_payer", "creditor_id", "payer_account"),
        live_index("ix_bank_entry_open", "creditor_id", "booked_on", where="settled_at IS NULL"),
        live_index("ix_bank_entry_open_day", "booked_on", where="settled_at IS NULL"),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    statement_id: int = ref("bank_statement")
    creditor_id: int = ref("creditor", index=False)
    kind: str  # payment | reversal
    state: str  # booked | waiting | unmatched | aside
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    booked_on: date
    value_on: date | None = None
    bank_id: str | None = None
    end_to_end_id: str | None = None
    reference: str | None = None
    text: str | None = long_text(null=True)
    payer: str | None = None
    payer_account: str | None = None
    payment_id: int | None = ref("payment", null=True)
    reversal_id: int | None = ref("reversal", null=True)
    settled_at: datetime | None = None  # booked or put aside
