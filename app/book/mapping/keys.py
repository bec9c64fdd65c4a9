"""Every key that a mapping may hold, and what each field holds.

`docs/importing.md` explains every key; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.book.mapping.cells import CellType
from campaigns.fact_table import FactType

SCHEMA = "duly-mapping/1"
OTHERWISE = "*"

SOURCE_KEYS = ("column", "value", "default", "map", "dates", "sign")
FILE_KEYS = ("format", "encoding", "delimiter", "quote", "sheet", "skip", "decimal", "thousands",
             "minus", "dates", "blank", "as_of")  # fmt: skip
CREDITOR_KEYS = ("external_id", "name", "country", "region", "zone", "locale", "currency", "role",
                 "sector", "live")  # fmt: skip
ONLY_KEYS = ("column", "are")
CONTACT_KEYS = ("phone", "email", "media", "region", "place", "external_id", "name", "role",
                "locale")  # fmt: skip
CONSENT_KEYS = ("medium", "given", "at", "source", "method", "evidence")

CUSTOMER: Mapping[str, CellType] = MappingProxyType(
    {
        "external_id": CellType.TEXT,
        "person": CellType.TEXT,
        "name": CellType.TEXT,
        "given_name": CellType.TEXT,
        "family_name": CellType.TEXT,
        "vocative": CellType.TEXT,
        "gender": CellType.GENDER,
        "formality": CellType.FORMALITY,
        "kind": CellType.KIND,
        "locale": CellType.LOCALE,
        "country": CellType.COUNTRY,
        "region": CellType.TEXT,
        "zone": CellType.ZONE,
        "hours": CellType.HOURS,
        "birth_year": CellType.YEAR,
        "preferred_medium": CellType.MEDIUM,
        "account_owner": CellType.TEXT,
    }
)
POSTAL: Mapping[str, CellType] = MappingProxyType(
    {
        "street": CellType.TEXT,
        "more": CellType.TEXT,
        "postcode": CellType.TEXT,
        "city": CellType.TEXT,
        "region": CellType.TEXT,
        "country": CellType.COUNTRY,
    }
)
INVOICE: Mapping[str, CellType] = MappingProxyType(
    {
        "external_id": CellType.TEXT,
        "number": CellType.TEXT,
        "order_number": CellType.TEXT,
        "payment_reference": CellType.TEXT,
        "amount": CellType.AMOUNT,
        "currency": CellType.CURRENCY,
        "issued_on": CellType.DATE,
        "due_on": CellType.DATE,
        "debt_class": CellType.DEBT_CLASS,
        "limitation_on": CellType.DATE,
        "document": CellType.TEXT,
        "known_on": CellType.DATE,
    }
)
SETTLEMENT: Mapping[str, CellType] = MappingProxyType(
    {
        "paid_on": CellType.DATE,
        "amount": CellType.AMOUNT,
        "open": CellType.AMOUNT,
        "method": CellType.TEXT,
        "reference": CellType.TEXT,
    }
)
DISPUTE: Mapping[str, CellType] = MappingProxyType(
    {
        "disputed": CellType.FLAG,
        "kind": CellType.TEXT,
        "opened_on": CellType.DATE,
        "resolved_on": CellType.DATE,
        "outcome": CellType.DISPUTE_END,
    }
)
PAYMENT: Mapping[str, CellType] = MappingProxyType(
    {
        "external_id": CellType.TEXT,
        "amount": CellType.AMOUNT,
        "currency": CellType.CURRENCY,
        "paid_on": CellType.DATE,
        "invoice": CellType.TEXT,
        "method": CellType.TEXT,
        "reference": CellType.TEXT,
    }
)
CREDIT_NOTE: Mapping[str, CellType] = MappingProxyType(
    {
        "external_id": CellType.TEXT,
        "amount": CellType.AMOUNT,
        "currency": CellType.CURRENCY,
        "credited_on": CellType.DATE,
        "invoice": CellType.TEXT,
    }
)
REVERSAL: Mapping[str, CellType] = MappingProxyType(
    {
        "external_id": CellType.TEXT,
        "kind": CellType.REVERSAL,
        "amount": CellType.AMOUNT,
        "currency": CellType.CURRENCY,
        "reversed_on": CellType.DATE,
        "payment": CellType.TEXT,
        "invoice": CellType.TEXT,
    }
)
FIELDS: Mapping[str, Mapping[str, CellType]] = MappingProxyType(
    {
        "customer": CUSTOMER,
        "postal": POSTAL,
        "invoice": INVOICE,
        "settlement": SETTLEMENT,
        "dispute": DISPUTE,
        "payment": PAYMENT,
        "credit_note": CREDIT_NOTE,
        "reversal": REVERSAL,
    }
)
"""The sections that are one table of fields."""

NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "customer": ("external_id",),
        "postal": (),
        "invoice": ("external_id", "amount", "due_on"),
        "settlement": (),
        "dispute": ("disputed",),
        "payment": ("amount", "paid_on"),
        "credit_note": ("amount", "credited_on"),
        "reversal": ("kind", "amount", "reversed_on", "payment"),
    }
)
PART_SECTIONS = ("file", "only", "customer", "of_customer", "postal", "contacts", "consents",
                 "custom", "invoice", "settlement", "dispute", "payment", "credit_note",
                 "reversal")  # fmt: skip
"""What one kind of row may say."""

FILE_OF_SEVERAL_KEYS = ("name", *PART_SECTIONS)
SECTIONS = ("schema", "creditor", "files", *PART_SECTIONS)
CUSTOM_TYPES: Mapping[FactType, CellType] = MappingProxyType(
    {
        FactType.TEXT: CellType.TEXT,
        FactType.NUMBER: CellType.NUMBER,
        FactType.FLAG: CellType.FLAG,
        FactType.DATE: CellType.DATE,
    }
)
