"""What is charged again and again: subscriptions, and how their last charge went."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, ref


class Subscription(SQLModel, table=True):
    """A regular charge of a customer's card. A charge that failed is an invoice: it is named here
    until it is paid or released, and meanwhile no journey of what is overdue speaks of it."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("customer_id", "external_id"),
        live_index("ix_subscription_open", "customer_id", where="open_invoice_id IS NOT NULL"),
    )
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    customer_id: int = ref("customer", index=False)
    external_id: str
    name: str
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    card_state: str = "valid"  # valid | expiring | declined | none
    next_charge_on: date | None = None
    declined_on: date | None = None
    open_invoice_id: int | None = ref("invoice", null=True, index=False)
    changed_at: datetime
