"""The creditors' books: once a day, at five in the morning, each tells Duly what is new in its ERP.

New bills, transfers that came in, debits that went back; and that the book is fresh as of now. Now
and then a file does not come, and Duly has to stay silent for that creditor until the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlmodel import Session

from app.book.ledger import (
    InvoiceIn,
    PaymentIn,
    ReversalIn,
    ReversalKind,
    post_payments,
    post_reversal,
    upsert_invoices,
)
from app.lab.book import Account, Bill, House
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Creditor, Payment
from campaigns.calendar import at_local, local_date
from campaigns.keys import draw
from campaigns.money import Money
from campaigns.vocabulary import DebtClass

AT: Final = time(5)
MISSED: Final = 0.02  # of the days of a creditor
_CREDITOR, _PAYMENT = table_of(Creditor), table_of(Payment)


@dataclass(frozen=True, slots=True)
class _Transfer:
    key: str
    who: str
    minor: int
    paid_on: date


class Feed:
    """The ERP and the bank of both creditors, as far as Duly hears of them."""

    def __init__(
        self,
        database: Database,
        accounts: Iterable[Account],
        creditors: Mapping[str, int],
        customers: Mapping[str, int],
        *,
        houses: Mapping[str, House],
        seed: int,
    ) -> None:
        self._houses = houses
        self._database = database
        self._accounts = {account.who: account for account in accounts}
        self._creditors = creditors
        self._customers = customers
        self._seed = seed
        self._bills = sorted(
            ((bill.issued_on, who, bill) for who, a in self._accounts.items() for bill in a.bills),
            key=lambda entry: (entry[0], entry[1], entry[2].number),
        )
        self._told: dict[str, int] = dict.fromkeys(houses, 0)
        self._transfers: dict[str, list[_Transfer]] = {key: [] for key in houses}
        self._returned: dict[str, list[str]] = {key: [] for key in houses}
        self._latest: dict[str, str] = {}
        self._count = 0

    def transfer(self, who: str, minor: int, now: datetime) -> None:
        """Money is on its way: Duly hears of it with the next file."""
        account = self._accounts[who]
        self._count += 1
        key = f"feed:{who}:{self._count}"
        paid_on = local_date(now, ZoneInfo(account.creditor.zone))
        self._transfers[account.house].append(_Transfer(key, who, minor, paid_on))
        self._latest[who] = key

    def take_back(self, who: str) -> None:
        """The latest transfer of this account is returned by the bank."""
        key = self._latest.pop(who, None)
        if key is not None:
            self._returned[self._accounts[who].house].append(key)

    def next_at(self, house: str, after: datetime) -> datetime:
        """When this creditor's next file comes, later than `after`. One that is missed is late by
        a day."""
        zone = ZoneInfo(self._houses[house].zone)
        day = local_date(after, zone)
        while (at := at_local(day, AT, zone)) <= after or self._misses(house, day):
            day += timedelta(days=1)
        return at

    def tell(self, house: str, now: datetime) -> list[tuple[str, Bill]]:
        """Imports what is new, and answers the bills, which also go out by post."""
        today = local_date(now, ZoneInfo(self._houses[house].zone))
        bills = self._new_bills(house, today)
        with self._database.write() as session:
            upsert_invoices(
                session, self._creditors[house], [self._invoice(*b) for b in bills], now=now
            )
            payments = [self._payment(each, now) for each in self._transfers[house]]
            post_payments(session, payments, now=now)
            for key in self._returned[house]:
                self._return(session, key, today, now)
            session.connection().execute(
                update(_CREDITOR)
                .where(_CREDITOR.c.id == self._creditors[house])
                .values(ledger_as_of=now)
            )
        self._transfers[house], self._returned[house] = [], []
        return bills

    def _misses(self, house: str, day: date) -> bool:
        return draw(self._seed, "feed", house, day) < MISSED

    def _new_bills(self, house: str, today: date) -> list[tuple[str, Bill]]:
        found, index = [], self._told[house]
        while index < len(self._bills) and self._bills[index][0] <= today:
            _, who, bill = self._bills[index]
            if self._accounts[who].house == house:
                found.append((who, bill))
            index += 1
        self._told[house] = index
        return found

    def _invoice(self, who: str, bill: Bill) -> InvoiceIn:
        return InvoiceIn(
            customer_id=self._customers[who],
            external_id=bill.number,
            number=bill.number,
            amount=Money(bill.minor, self._accounts[who].creditor.currency),
            issued_on=bill.issued_on,
            due_on=bill.due_on,
            debt_class=DebtClass(self._accounts[who].creditor.debt_class),
        )

    def _payment(self, transfer: _Transfer, now: datetime) -> PaymentIn:
        return PaymentIn(
            key=transfer.key,
            customer_id=self._customers[transfer.who],
            amount=Money(transfer.minor, self._accounts[transfer.who].creditor.currency),
            paid_on=transfer.paid_on,
            received_at=now,
        )

    def _return(self, session: Session, key: str, today: date, now: datetime) -> None:
        query = select(_PAYMENT).where(_PAYMENT.c.key == key)
        payment = session.connection().execute(query).one()
        post_reversal(
            session,
            ReversalIn(
                key=f"returned:{key}",
                kind=ReversalKind.RETURNED_DEBIT,
                customer_id=payment.customer_id,
                amount=Money(payment.amount_minor, payment.currency),
                reversed_on=today,
                received_at=now,
                payment_id=payment.id,
            ),
            now=now,
        )


def rest(database: Database) -> None:
    """No file comes any more: the books count as true as they are. Else the gate would refuse
    all of them a day later, as it should where a feed has fallen silent."""
    with database.write() as session:
        session.connection().execute(update(_CREDITOR).values(ledger_max_age_s=None))
