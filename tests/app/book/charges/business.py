"""A business that owes a late invoice, under a law that lets its creditor claim charges."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

from sqlmodel import Session

from app.book.charges.claiming import Claiming, claim
from app.book.charges.terms import ChargeKind, set_terms
from app.book.customers import Owner
from app.book.ledger import InvoiceIn, balance, post_payment, upsert_invoices
from app.store.publishing import publish
from app.store.rows import Creditor
from campaigns.money import Money
from campaigns.vocabulary import DebtClass
from tests.app.book.make import a_creditor, a_customer, a_payment, made

PACK = """\
schema: duly-rules/1
pack: xx
title: Somewhere
level: law
countries: [LT, DE]
rules:
  - {id: FEE, kind: fee, applies: {debt_classes: [commercial]}, currency: EUR,
     bands: [{fixed: 40}], source: test, status: P, checked: 2026-01-01}
  - {id: RATE, kind: interest, applies: {debt_classes: [commercial]}, reference: ecb_mro,
     points: "8.0", day_count: actual_365, rate_of: each_half_year, source: test, status: P,
     checked: 2026-01-01}
"""


NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
DUE, AUGUST = date(2026, 5, 31), date(2026, 8, 31)
BOTH = frozenset(ChargeKind)
_numbers = count(1)


@dataclass(frozen=True)
class Business:
    """A customer of a creditor who claims charges, with one late invoice of 10,000.00 EUR."""

    owner: Owner
    customer_id: int
    invoice_id: int

    def claim(self, session: Session, on: date = AUGUST) -> Claiming:
        return claim(session, self.owner, [self.customer_id], on, now=NOW)


def late(session: Session, customer_id: int, creditor_id: int, minor: int, due_on: date) -> int:
    told = InvoiceIn(
        customer_id=customer_id,
        external_id=f"L-{next(_numbers)}",
        amount=Money(minor, "EUR"),
        due_on=due_on,
        number="L-1",
        debt_class=DebtClass.COMMERCIAL,
    )
    return made(upsert_invoices(session, creditor_id, [told], now=NOW).ids[0])


def a_business(session: Session, *, law: str = "LT", minor: int = 1_000_000) -> Business:
    publish(session, "pack", "xx", PACK, now=NOW)
    creditor_id = a_creditor(session, country="LT", zone="Europe/Vilnius", currency="EUR")
    set_terms(session, creditor_id, law=law, kinds=BOTH)
    external_id = session.get_one(Creditor, creditor_id).external_id
    customer_id = a_customer(session, creditor_id, kind="business")
    return Business(
        Owner(creditor_id, external_id, "Europe/Vilnius", "EUR"),
        customer_id,
        late(session, customer_id, creditor_id, minor, DUE),
    )


def amounts(claiming: Claiming) -> list[tuple[str, int]]:
    return [(str(each.kind), each.amount.minor) for each in claiming.posted]


def paid(session: Session, business: Business, on: date) -> None:
    owed = balance(session, business.customer_id)["EUR"]
    payment = a_payment(business.customer_id, owed, currency="EUR", paid_on=on)
    post_payment(session, payment, now=NOW)
