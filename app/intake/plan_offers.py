"""The plans that a customer may agree alone: proposals from what is open and from the envelope.

Nothing here is binding: `plans.agree_plan` judges what comes back.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from sqlmodel import Session

from app.book.envelope import House, PlanEnvelope
from app.intake.plans import Part, is_arranged, may_be_planned
from app.payments.claimable import claimable, total_of
from campaigns.calendar import next_day_of_month
from campaigns.money import Money

_COUNTS: Final = (2, 3, 4, 6, 12)
_AHEAD: Final = (0, 7, 14)


class Rhythm(StrEnum):
    """How far the instalments of a plan are apart."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"

    def after(self, first: date, steps: int) -> date:
        """The day so many steps after the first. A month that lacks the day takes its last."""
        match self:
            case Rhythm.WEEKLY:
                return first + timedelta(weeks=steps)
            case Rhythm.FORTNIGHTLY:
                return first + timedelta(weeks=2 * steps)
            case Rhythm.MONTHLY:
                years, month = divmod(first.month - 1 + steps, 12)
                year = first.year + years
                return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer chooses of a plan."""

    count: int
    rhythm: Rhythm
    first_on: date


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """All that is open in one currency, and what the envelope leaves to choose from."""

    total: Money
    today: date
    envelope: PlanEnvelope
    pay_day: int | None = None  # of the month, on which the customer likes to pay

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of instalments worth proposing: each is more than nothing, and has its time."""
        weeks = self.envelope.furthest_days // 7
        most = min(self.envelope.most_parts, self.total.minor, weeks + 1)
        return tuple(count for count in _COUNTS if count <= most)

    @property
    def rhythms(self) -> tuple[Rhythm, ...]:
        return tuple(each for each in Rhythm if each.after(self.today, 1) <= self.latest)

    @property
    def latest_first(self) -> date:
        return self.today + timedelta(days=self.envelope.first_within_days)

    @property
    def latest(self) -> date:
        return self.today + timedelta(days=self.envelope.furthest_days)

    @property
    def days(self) -> tuple[date, ...]:
        """First days worth proposing: today, soon, and the customer's usual one; where that is not
        known, the first of next month, when pay has come."""
        usual = next_day_of_month(self.pay_day or 1, self.today)
        days = {self.today + timedelta(days=ahead) for ahead in _AHEAD} | {usual}
        return tuple(sorted(day for day in days if day <= self.latest_first))

    def share(self, count: int) -> Money:
        """What each instalment but the first is; the first also takes what cannot be divided."""
        return Money(self.total.minor // count, self.total.currency)

    def schedule(self, terms: Terms) -> tuple[Part, ...] | None:
        """The instalments, exact to the last minor unit; None outside of the envelope."""
        inside = 2 <= terms.count <= min(self.envelope.most_parts, self.total.minor)
        if not inside or not self.today <= terms.first_on <= self.latest_first:
            return None
        share, rest = divmod(self.total.minor, terms.count)
        minors = [share + rest, *[share] * (terms.count - 1)]
        parts = laid_out(minors, self.total.currency, terms)
        return parts if self.permits(parts) else None

    def permits(self, parts: Sequence[Part]) -> bool:
        """Whether so many instalments, on these days, lie inside the envelope."""
        first_on, last_on = parts[0].due_on, parts[-1].due_on
        is_soon = self.today <= first_on <= self.latest_first and last_on <= self.latest
        return is_soon and 2 <= len(parts) <= self.envelope.most_parts


def laid_out(minors: Sequence[int], currency: str, terms: Terms) -> tuple[Part, ...]:
    """Instalments of these amounts, one after the other in the rhythm of the terms."""
    return tuple(
        Part(Money(minor, currency), terms.rhythm.after(terms.first_on, step))
        for step, minor in enumerate(minors)
    )


def plan_offer(
    session: Session,
    house: House,
    customer_id: int,
    currency: str,
    *,
    pay_day: int | None,
    now: datetime,
) -> PlanOffer | None:
    """What may be agreed in this currency now; None where nothing can even be asked for, or the
    envelope offers no plans."""
    offer = askable(session, house, customer_id, currency, pay_day=pay_day, now=now)
    return offer if offer is not None and offer.counts and offer.rhythms else None


def askable(
    session: Session,
    house: House,
    customer_id: int,
    currency: str,
    *,
    pay_day: int | None,
    now: datetime,
) -> PlanOffer | None:
    """What may be asked for in this currency now; None where something is arranged already, nothing
    undisputed is open, or a debt is past its limitation date."""
    invoices = claimable(session, customer_id, currency)
    today = house.today(now)
    if not may_be_planned(invoices, today) or is_arranged(session, customer_id):
        return None
    return PlanOffer(Money(total_of(invoices), currency), today, house.plans, pay_day)
