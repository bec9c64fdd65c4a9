"""Statutory charges of a late business invoice: a fixed sum, and simple interest day by day.

ChargesRefused(ValueError)   no charges can be computed for the invoice; says why
    RateMissing              a half-year has no reference rate

Interest runs from the day after the due date to the day asked for, both included. Exact throughout:
each span is rounded down to the minor unit, so the working adds up and never exceeds the law. What
was paid on a day bears no interest on that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TypeVar, assert_never

from campaigns.duties import DayCount, Fee, Frozen, Interest, RateOf, Reference
from campaigns.money import Money
from campaigns.rates import Rate, half_year_of, next_half_year
from campaigns.vocabulary import DebtClass

R = TypeVar("R", Fee, Interest)

_DAY = timedelta(days=1)


class ChargesRefused(ValueError):
    """No charges are computed for the invoice. The sentence says why."""


class RateMissing(ChargesRefused):
    """A half-year has no reference rate: nothing is computed until somebody adds it."""

    def __init__(self, reference: Reference, starts_on: date) -> None:
        self.reference, self.starts_on = reference, starts_on
        super().__init__(
            f"the reference rate {reference} from {starts_on} is missing; add it with its source"
        )


@dataclass(frozen=True, slots=True)
class Move:
    """What was added to the principal on a day; negative for what was paid or credited."""

    on: date
    minor: int


@dataclass(frozen=True, slots=True)
class LateInvoice:
    """An invoice, and how its principal moved since; `minor` is what it was made out for."""

    minor: int
    currency: str
    due_on: date
    debt_class: DebtClass
    moves: tuple[Move, ...] = ()

    def principal_on(self, day: date) -> int:
        """What is open at the end of a day; never below nothing."""
        return max(0, self.minor + sum(move.minor for move in self.moves if move.on <= day))


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days, both included, on which charges do not grow."""

    first_on: date
    last_on: date
    what: frozenset[Frozen] = frozenset(Frozen)

    def holds(self, day: date, what: Frozen) -> bool:
        return what in self.what and self.first_on <= day <= self.last_on


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, with one principal and one rate. Rates are in per cent a year; on
    frozen days the rate is zero."""

    first_on: date
    last_on: date
    principal: Money
    reference_rate: Decimal
    points: Decimal
    rate: Decimal
    amount: Money
    rule: str

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1


@dataclass(frozen=True, slots=True)
class FixedSum:
    """The sum of the band that `principal` falls in."""

    amount: Money
    principal: Money
    rule: str


@dataclass(frozen=True, slots=True)
class Charges:
    """What the law gives on top of the invoice until the end of `on`, with its working."""

    on: date
    cost: FixedSum | None
    spans: tuple[Span, ...]
    currency: str

    @property
    def interest(self) -> Money:
        return sum((span.amount for span in self.spans), Money(0, self.currency))


@dataclass(frozen=True, slots=True)
class Statute:
    """The rows that give charges, and the reference rates that are known."""

    fees: tuple[Fee, ...]
    interests: tuple[Interest, ...]
    rates: tuple[Rate, ...] = ()

    def percent(self, reference: Reference, half_year: date) -> Decimal:
        """The reference rate. Raises `RateMissing`."""
        for rate in self.rates:
            if rate.reference is reference and rate.starts_on == half_year:
                return rate.percent
        raise RateMissing(reference, half_year)


def charges(
    invoice: LateInvoice, statute: Statute, on: date, *, frozen: Sequence[Freeze] = ()
) -> Charges:
    """The charges of an invoice at the end of `on`; none while it is not late.

    Raises `ChargesRefused` for a consumer's debt, and where two rows would give the same thing;
    `RateMissing` where a half-year has no rate.
    """
    if invoice.debt_class is not DebtClass.COMMERCIAL:
        raise ChargesRefused(
            "statutory charges are for business debts alone; this one is a consumer's"
        )
    return Charges(
        on,
        _cost(invoice, statute, on, frozen),
        tuple(_spans(invoice, statute, on, frozen)),
        invoice.currency,
    )


def _cost(
    invoice: LateInvoice, statute: Statute, on: date, frozen: Sequence[Freeze]
) -> FixedSum | None:
    """It arises on the first late day, by what was open when the due date ended."""
    arises_on = invoice.due_on + _DAY
    owed = Money(invoice.principal_on(invoice.due_on), invoice.currency)
    is_frozen = any(freeze.holds(arises_on, Frozen.FEES) for freeze in frozen)
    if on < arises_on or not owed.minor or is_frozen:
        return None
    fee = _only([fee for fee in statute.fees if fee.in_force(arises_on)])
    for band in fee.bands if fee else ():
        if band.fixed.currency != invoice.currency:
            return None  # no rate of exchange is in the law
        if band.below is None or owed.minor < band.below.minor:
            return FixedSum(band.fixed, owed, fee.id if fee else "")
    return None


def _spans(
    invoice: LateInvoice, statute: Statute, on: date, frozen: Sequence[Freeze]
) -> Iterator[Span]:
    start = invoice.due_on + _DAY
    if on < start:
        return
    for first, last in _pieces(invoice, statute.interests, start, on, frozen):
        row = _only([row for row in statute.interests if row.in_force(first)])
        principal = Money(invoice.principal_on(first), invoice.currency)
        if row is None or not principal.minor:
            continue
        if any(freeze.holds(first, Frozen.INTEREST) for freeze in frozen):
            nothing = Money(0, invoice.currency)
            zero = Decimal(0)
            yield Span(first, last, principal, zero, zero, zero, nothing, row.id)
            continue
        yield _span(row, statute, first, last, principal, start)


def _span(
    row: Interest, statute: Statute, first: date, last: date, principal: Money, start: date
) -> Span:
    percent = statute.percent(row.reference, half_year_of(_rate_day(row, first, start)))
    rate = max(percent + row.points, Decimal(0))
    days = (last - first).days + 1
    exact = principal.minor * Fraction(rate) / 100 * days / _days_of_year(row.day_count)
    amount = Money(floor(exact), principal.currency)
    return Span(first, last, principal, percent, row.points, rate, amount, row.id)


def _rate_day(row: Interest, day: date, start: date) -> date:
    match row.rate_of:
        case RateOf.EACH_HALF_YEAR:
            return day
        case RateOf.FIRST_HALF_YEAR:
            return start
        case _:
            assert_never(row.rate_of)


def _days_of_year(count: DayCount) -> int:
    match count:
        case DayCount.ACTUAL_365:
            return 365
        case DayCount.ACTUAL_360:
            return 360
        case _:
            assert_never(count)


def _pieces(
    invoice: LateInvoice,
    rows: Iterable[Interest],
    start: date,
    on: date,
    frozen: Iterable[Freeze],
) -> Iterator[tuple[date, date]]:
    """The days from `start` to `on`, cut wherever anything changes."""
    cuts = {move.on for move in invoice.moves}
    for freeze in frozen:
        cuts |= {freeze.first_on, freeze.last_on + _DAY}
    for row in rows:
        cuts |= set(_cuts_of(row, start, on))
    firsts = [start, *sorted(cut for cut in cuts if start < cut <= on)]
    yield from zip(firsts, [*(first - _DAY for first in firsts[1:]), on], strict=True)


def _cuts_of(row: Interest, start: date, on: date) -> Iterator[date]:
    if row.head.effective_from is not None:
        yield row.head.effective_from
    if row.head.effective_to is not None:
        yield row.head.effective_to + _DAY
    if row.rate_of is RateOf.FIRST_HALF_YEAR:
        return
    half_year = next_half_year(start)
    while half_year <= on:
        yield half_year
        half_year = next_half_year(half_year)


def _only(rows: Sequence[R]) -> R | None:
    if len(rows) > 1:
        ids = ", ".join(row.id for row in rows)
        raise ChargesRefused(f"{ids} give the same thing; let one of them override the others")
    return rows[0] if rows else None
