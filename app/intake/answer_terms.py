"""By when a complaint or a request for data is answered: as the strictest rule says that binds
the customer. The rows stand in the packs, with their sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import Row
from sqlmodel import Session

from app.book.packs import published_packs
from app.intake.bound import bound_facts
from app.store.given import rows_by_id
from app.store.rows import Creditor, Customer
from campaigns.calendar import BusinessCalendar
from campaigns.duties import Act, Term, Unit
from campaigns.notices import deadlines
from campaigns.ruleset import RuleSet
from campaigns.signing import of_creditor

SHORTEST: Final = {Act.COMPLAINT: Term(15, Unit.DAYS), Act.DATA_REQUEST: Term(28, Unit.DAYS)}
"""Where no row can be read: the house's own, which no country is known to be shorter than."""


@dataclass(frozen=True, slots=True)
class AnswerBy:
    """The last day, and the row that it was counted by; None where no row could be read."""

    on: date
    rule: str | None


def answer_by(
    session: Session, customer_id: int, asked: Act, *, received_on: date, now: datetime
) -> AnswerBy:
    """The earliest of all that bind. A term in business days is left to whoever reads the row."""
    customer = rows_by_id(session, Customer, [customer_id])[customer_id]
    creditor = rows_by_id(session, Creditor, [customer.creditor_id])[customer.creditor_id]
    found = _bound(session, customer, creditor, asked, received_on, now)
    own = AnswerBy(_last_day(SHORTEST[asked], received_on), None)
    return min(found, key=lambda each: each.on, default=own)


def _bound(
    session: Session,
    customer: Row[Any],
    creditor: Row[Any],
    asked: Act,
    received_on: date,
    now: datetime,
) -> Iterator[AnswerBy]:
    packs = of_creditor(published_packs(session), creditor.external_id)
    if not packs:
        return
    rules = RuleSet(packs, BusinessCalendar(creditor.country, creditor.region))
    for row in deadlines(bound_facts(customer, creditor), rules, now):
        if row.after is not asked or row.within is None or row.within.unit is Unit.BUSINESS_DAYS:
            continue
        yield AnswerBy(_last_day(row.within, received_on), row.head.id)


def _last_day(term: Term, start: date) -> date:
    return term.after(datetime.combine(start, time(), UTC)).date()
