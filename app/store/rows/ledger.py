"""What is owed and what came in. Append-only, exact: minor units beside their ISO currency.

`Invoice.open_minor` is the sum that allocations leave; `duly check` proves it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, ref


class Invoice(SQLModel, table=True):
    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("customer_id", "external_id"),
        Index("ix_invoice_external", "external_id"),
        CheckConstraint("open_minor >= 0", name="open_is_never_negative"),
        live_index(
            "ix_invoice_open", "creditor_id", "due_on", "customer_id", where="open_minor > 0"
        ),
        Index("ix_invoice_due", "due_on", "id"),
        live_index("ix_invoice_number", "number", where="number <> external_id"),
        live_index("ix_invoice_filed", "customer_id", where="document IS NOT NULL"),
    )
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    customer_id: int = ref("customer", index=False)
    external_id: str
    number: str
    order_number: str | None = None
    payment_reference: str | None = None  # what the payer is asked to write
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    open_minor: int = Field(sa_type=BigInteger)
    issued_on: date | None = None
    due_on: date
    debt_class: str = "consumer"
    limitation_on: date | None = None
    document: str | None = None  # file or URL of the invoice itself
    known_at: datetime  # when the book told us


class Payment(SQLModel, table=True):
    """Money that came in, from a feed or a gateway. What it settled is in its allocations."""

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_received", "creditor_id", "received_at"),)
    id: int | None = key()
    key: str = Field(unique=True)
    creditor_id: int = ref("creditor", index=False)
    customer_id: int = ref("customer")
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    paid_on: date
    received_at: datetime = Field(index=True)
    method: str = "feed"
    reference: str | None = None
    checkout_id: int | None = ref("checkout", null=True)


class Reversal(SQLModel, table=True):
    """What went back: a refund, chargeback or returned debit of a payment; or what settled an
    invoice without money: a credit note, or a discount (`invoice_id`) that a payment earned, which
    is withdrawn when the payment goes back."""

    __tablename__ = "reversal"
    id: int | None = key()
    key: str = Field(unique=True)
    kind: str  # refund | chargeback | returned_debit | credit_note | discount | discount_withdrawn
    customer_id: int = ref("customer")
    payment_id: int | None = ref("payment", null=True)
    invoice_id: int | None = ref("invoice", null=True)
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    reversed_on: date
    received_at: datetime = Field(index=True)
    offer_id: int | None = ref("offer", null=True, index=False)  # of a discount


class Allocation(SQLModel, table=True):
    """How much of a payment, credit note or discount settled an invoice; negative when it was taken
    back."""

    __tablename__ = "allocation"
    id: int | None = key()
    invoice_id: int = ref("invoice")
    payment_id: int | None = ref("payment", null=True)
    reversal_id: int | None = ref("reversal", null=True)
    amount_minor: int = Field(sa_type=BigInteger)
    at: datetime


class Checkout(SQLModel, table=True):
    """A payment page at a gateway, or a charge of a kept card, which has no page. One live checkout
    per case and currency.

    A charge has a `mandate_id` and its instalment; `asked_at` is when the gateway was asked last.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        live_index(
            "ix_checkout_live", "customer_id", "currency", unique=True, where="state = 'open'"
        ),
        live_index("ix_checkout_charge", "instalment_id", where="mandate_id IS NOT NULL"),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    customer_id: int = ref("customer")
    case_id: int | None = Field(default=None, index=True)
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    ledger_revision: int
    gateway: str
    session_id: str | None = Field(default=None, unique=True)
    url: str | None = None
    state: str = "open"  # open | expiring | pending | paid | declined | expired
    invoice_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    mandate_id: int | None = ref("mandate", null=True, index=False)
    instalment_id: int | None = ref("instalment", null=True, index=False)
    asked_at: datetime | None = None
    declined: str | None = None  # soft | hard | confirm
    decline_code: str | None = None  # the gateway's own word
    discount_minor: int | None = Field(default=None, sa_type=BigInteger)  # given if this is paid


class ImportRun(SQLModel, table=True):
    """One import of a file: what was in it, what went in, what was refused."""

    __tablename__ = "import_run"
    id: int | None = key()
    creditor_id: int | None = ref("creditor", null=True)
    file_name: str
    content_hash: str
    mapping_hash: str
    as_of: datetime
    started_at: datetime
    finished_at: datetime | None = None
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
