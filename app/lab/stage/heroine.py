"""The customer of the stage, her creditor and her two invoices. All of it is invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlmodel import Session

from app.book.customers import Owner, upsert_customers
from app.book.entries.shapes import CustomerEntry
from app.book.ledger import InvoiceIn, upsert_invoices
from app.lab.book import HAIFA, Account
from app.lab.names import FullName
from app.lab.stock import stock
from app.store.given import table_of
from app.store.rows import Campaign, Creditor
from campaigns.money import Money

WHO: Final = "M1007"
ZONE: Final = ZoneInfo(HAIFA.zone)
MORNING: Final = time(7)
NOON: Final = time(12)
FRIDAY: Final = 4
AHEAD: Final = 5  # days to the due date: the friendly word goes out on the first morning
OWED: Final = (("M1007-1", 24_050), ("M1007-2", 100_000))

# As she writes it herself in each language. Lithuanian calls people by a form of their name.
NAMES: Final[Mapping[str, FullName]] = {
    "he": FullName("שירה", "כהן", "f"),
    "ar": FullName("شيرا", "كوهين", "f"),
    "en": FullName("Shira", "Cohen", "f"),
    "lt": FullName("Šira", "Kohen", "f", "Šira"),
}
_CREDITOR, _CAMPAIGN = table_of(Creditor), table_of(Campaign)


def first_day(today: date) -> date:
    """The Friday from `today` on: her invoices are due on the Wednesday after it, so that the
    third day past due is a Sabbath."""
    return today + timedelta(days=(FRIDAY - today.weekday()) % 7)


def move_in(session: Session, day: date, now: datetime) -> int:
    """Writes her, her creditor and her invoices into an empty book. Answers her id."""
    creditors, customers = stock(session, [_account()], now)
    connection = session.connection()
    # Her creditor tells of everything at once, and nobody is kept out of the reminders.
    connection.execute(
        update(_CREDITOR)
        .where(_CREDITOR.c.id == creditors[HAIFA.key])
        .values(ledger_as_of=now, ledger_max_age_s=None)
    )
    connection.execute(update(_CAMPAIGN).values(control_share=0.0))
    connection.execute(
        update(_CAMPAIGN)
        .where(_CAMPAIGN.c.creditor_id != creditors[HAIFA.key])
        .values(active=False)
    )
    due = day + timedelta(days=AHEAD)
    invoices = [
        InvoiceIn(
            customer_id=customers[WHO],
            external_id=number,
            number=number,
            amount=Money(minor, HAIFA.currency),
            issued_on=due - timedelta(days=HAIFA.days_to_pay),
            due_on=due,
        )
        for number, minor in OWED
    ]
    upsert_invoices(session, creditors[HAIFA.key], invoices, now=now)
    return customers[WHO]


def tell(session: Session, now: datetime, **values: Any) -> None:
    """Her creditor's book says something new of her, as an import would."""
    query = select(_CREDITOR).where(_CREDITOR.c.external_id == HAIFA.key)
    creditor = session.connection().execute(query).one()
    owner = Owner(creditor.id, creditor.external_id, creditor.zone, creditor.currency)
    entry = CustomerEntry(WHO, None, values, {}, (), ())
    upsert_customers(session, owner, [entry], now=now)


def spoken_in(language: str) -> dict[str, Any]:
    """What the book says of her when she speaks this language."""
    name = NAMES[language]
    return {
        "locale": language,
        "name": name.full,
        "given_name": name.given,
        "family_name": name.family,
        "vocative": name.vocative,
    }


def _account() -> Account:
    return Account(
        who=WHO,
        creditor=HAIFA,
        person=f"person-{WHO}",
        name=NAMES["he"],
        gender_known=True,
        locale="he",
        country=HAIFA.country,
        zone=HAIFA.zone,
        phone=f"{HAIFA.mobile}01007",
        email="shira@mail.example",
        media=("sms", "whatsapp", "email"),
        preferred="whatsapp",
        consented=True,
        bills=(),
    )
