"""A creditor, customers, invoices and payments as plain rows, for tests of the book."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import Session, select

from app.book.ledger import InvoiceIn, PaymentIn, ReversalIn, ReversalKind, upsert_invoices
from app.store.rows import Case, Creditor, Customer, Event, Person
from campaigns.money import Money

NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
DAY = date(2026, 9, 7)
_numbers = count(1)


def a_creditor(session: Session, **values: Any) -> int:
    number = next(_numbers)
    row = Creditor(
        **{
            "external_id": f"creditor-{number}",
            "name": "Northwind Ltd",
            "country": "IL",
            "zone": "Asia/Jerusalem",
            "locale": "he",
            "currency": "ILS",
            "created_at": NOW,
            **values,
        }
    )
    session.add(row)
    session.flush()
    return made(row.id)


def a_customer(session: Session, creditor_id: int, **values: Any) -> int:
    number = next(_numbers)
    person = Person(key=f"person-{number}")
    session.add(person)
    session.flush()
    row = Customer(
        **{
            "creditor_id": creditor_id,
            "person_id": person.id,
            "external_id": f"customer-{number}",
            "created_at": NOW,
            **values,
        }
    )
    session.add(row)
    session.flush()
    return made(row.id)


def an_invoice(
    session: Session,
    customer_id: int,
    minor: int = 10000,
    *,
    currency: str = "ILS",
    external_id: str | None = None,
    due: int = 0,
) -> int:
    """An invoice that is due `due` days after `DAY`."""
    told = InvoiceIn(
        customer_id=customer_id,
        external_id=external_id or f"INV-{next(_numbers)}",
        amount=Money(minor, currency),
        due_on=DAY + timedelta(days=due),
    )
    customer = session.get_one(Customer, customer_id)
    return made(upsert_invoices(session, customer.creditor_id, [told], now=NOW).ids[0])


def a_payment(customer_id: int, minor: int, **values: Any) -> PaymentIn:
    return PaymentIn(
        **{
            "key": f"payment-{next(_numbers)}",
            "customer_id": customer_id,
            "amount": Money(minor, values.pop("currency", "ILS")),
            "paid_on": DAY,
            "received_at": NOW,
            **values,
        }
    )


def a_reversal(
    customer_id: int, minor: int, kind: ReversalKind = ReversalKind.REFUND, **values: Any
) -> ReversalIn:
    return ReversalIn(
        **{
            "key": f"reversal-{next(_numbers)}",
            "kind": kind,
            "customer_id": customer_id,
            "amount": Money(minor, values.pop("currency", "ILS")),
            "reversed_on": DAY,
            "received_at": NOW,
            **values,
        }
    )


def a_case(session: Session, customer_id: int) -> int:
    """An open case that would be looked at in a week."""
    from app.store.rows import Campaign

    number = next(_numbers)
    customer = session.get_one(Customer, customer_id)
    campaign = Campaign(
        creditor_id=customer.creditor_id, name=f"c{number}", subject="customer", journey="j"
    )
    session.add(campaign)
    session.flush()
    case = Case(
        key=f"case-{number}",
        campaign_id=made(campaign.id),
        creditor_id=customer.creditor_id,
        customer_id=customer_id,
        person_id=customer.person_id,
        subject_id=customer_id,
        episode=1,
        anchor_on=DAY,
        journey_hash="j",
        since=NOW,
        opened_at=NOW,
        look_at=NOW + timedelta(days=7),
    )
    session.add(case)
    session.flush()
    return made(case.id)


def kinds_of_events(session: Session, customer_id: int) -> list[str]:
    query = select(Event.kind).where(Event.customer_id == customer_id).order_by(Event.id)  # type: ignore[arg-type]  # a column, to the checker an int
    return list(session.exec(query))


def made(row_id: int | None) -> int:
    assert row_id is not None
    return row_id
