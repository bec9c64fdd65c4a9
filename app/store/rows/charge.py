"""Statutory charges of late invoices, and the reference rates that a person added.

A charge is an invoice of its own, so that all else takes it as one; `Charge` says of what it is.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from app.store.columns import json_column, key, ref


class Charge(SQLModel, table=True):
    __tablename__ = "charge"
    __table_args__ = (UniqueConstraint("invoice_id"),)
    id: int | None = key()
    invoice_id: int = ref("invoice", index=False)  # the charge itself
    late_invoice_id: int = ref("invoice")  # what it is for
    kind: str  # cost | interest
    claimed_on: date
    working: dict[str, Any] = json_column()


class ReferenceRate(SQLModel, table=True):
    """A rate of a half-year. One that Duly ships stands back for it."""

    __tablename__ = "reference_rate"
    __table_args__ = (UniqueConstraint("reference", "starts_on"),)
    id: int | None = key()
    reference: str
    starts_on: date
    percent: str  # exact, as it was told
    source: str
    added_by: str
    added_at: datetime
