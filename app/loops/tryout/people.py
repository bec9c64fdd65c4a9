"""The samples that a journey is tried on: somebody who owes one invoice, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlmodel import Session

from app.store.bulk import insert_rows
from app.store.rows import Address, Consent, ContactPoint, Customer, Invoice, Person

SAMPLE_ID = 1
_AMOUNT = 24_000
_MAIL = "customer@sample.example"


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    country: str
    zone: str
    phone: str
    email: str


SAMPLES: Mapping[str, _Sample] = MappingProxyType(
    {
        "en": _Sample("Dana Reed", "GB", "Europe/London", "+447400000001", _MAIL),
        "he": _Sample("דנה לוי", "IL", "Asia/Jerusalem", "+972520000001", _MAIL),
        "ar": _Sample("لينا حداد", "IL", "Asia/Jerusalem", "+972520000002", _MAIL),
        "lt": _Sample("Rūta Kazienė", "LT", "Europe/Vilnius", "+37060000001", _MAIL),
    }
)
"""One for each language of the console, by it: consents to all media, owes one invoice."""


def bring_sample(
    session: Session, language: str, creditor: Mapping[str, Any], due_on: date, starts_at: datetime
) -> None:
    """Puts the sample of a language there, with an invoice that falls due on `due_on`."""
    sample = SAMPLES[language]
    own = {"id": SAMPLE_ID, "creditor_id": creditor["id"], "person_id": SAMPLE_ID}
    words = {"external_id": "SAMPLE", "name": sample.name, "locale": language}
    place = {"country": sample.country, "zone": sample.zone, "created_at": starts_at}
    insert_rows(session, Person, [{"id": SAMPLE_ID, "key": "sample"}])
    insert_rows(session, Customer, [{**own, **words, **place}])
    addresses = (("phone", sample.phone), ("email", sample.email))
    numbered = [
        {"id": number, "kind": kind, "value": value}
        for number, (kind, value) in enumerate(addresses, 1)
    ]
    insert_rows(session, Address, numbered)
    for medium, address_id in (("sms", 1), ("whatsapp", 1), ("email", 2)):
        reach = {"customer_id": SAMPLE_ID, "medium": medium, "address_id": address_id}
        insert_rows(session, ContactPoint, [reach])
        told = {"given": True, "at": starts_at, "source": "contract", "method": "written"}
        insert_rows(session, Consent, [{"customer_id": SAMPLE_ID, "medium": medium, **told}])
    owed = {"currency": creditor["currency"], "amount_minor": _AMOUNT, "open_minor": _AMOUNT}
    named = {"external_id": "1001", "number": "1001", "due_on": due_on, "known_at": starts_at}
    of = {"id": 1, "creditor_id": creditor["id"], "customer_id": SAMPLE_ID}
    insert_rows(session, Invoice, [{**of, **named, **owed, "issued_on": due_on - timedelta(30)}])
