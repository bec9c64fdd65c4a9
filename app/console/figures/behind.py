"""The lists behind figures: messages, what was refused, payments. They only read.

Each goes along the index that its figure is counted by, inside the days that the URL names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, case, func, literal, select

from app.book.days import end_of, start_of
from app.console.figures.scope import LONGEST
from app.console.lists import Filter, Listing, Sort
from app.figures.messages import FAILED
from app.figures.names import OUTCOME_WITHIN, PAID_AFTER
from app.figures.open_items import AHEAD, hour_named
from app.store.columns import word
from app.store.given import table_of
from app.store.hours import HourIn
from app.store.rows import (
    Address,
    Attempt,
    Campaign,
    Case,
    Creditor,
    Customer,
    Message,
    Payment,
    Refused,
)

_MESSAGE, _ATTEMPT, _CASE = table_of(Message), table_of(Attempt), table_of(Case)
_CUSTOMER, _REFUSED = table_of(Customer), table_of(Refused)
_CAMPAIGN, _PAYMENT = table_of(Campaign), table_of(Payment)
_ADDRESS, _CREDITOR = table_of(Address), table_of(Creditor)

USUAL_DAYS: Final = 7
_LONGEST: Final = LONGEST + timedelta(days=31)  # some reports go by whole months
WITHOUT: Final = "-"
"""What is asked for in a list of those that have none."""
STATES: Final = ("sent", "visited", "unsent", "refused", "waiting")


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a list, on the clock of `zone`."""

    first: date
    last: date
    zone: str

    def hold(self, at: Column[Any]) -> ColumnElement[bool]:
        return (at >= start_of(self.first, self.zone)) & (at < end_of(self.last, self.zone))

    def paid_after(self, at: Column[Any]) -> ColumnElement[Any]:
        """`PAID_AFTER` before the beginning of its day."""
        return self._by_day(at, lambda day: start_of(day, self.zone) - PAID_AFTER)

    def ripe(self, at: Column[Any]) -> ColumnElement[Any]:
        """When all has come that counts for a message of its day."""
        return self._by_day(at, lambda day: end_of(day, self.zone) + OUTCOME_WITHIN)

    def _by_day(self, at: Column[Any], told: Callable[[date], datetime]) -> ColumnElement[Any]:
        """An instant for each day; the last days come first, as lists have them."""
        later = [self.last - timedelta(days=n) for n in range((self.last - self.first).days)]
        instants = [(at >= start_of(day, self.zone), literal(told(day), at.type)) for day in later]
        first = literal(told(self.first), at.type)
        return case(*instants, else_=first) if instants else first


def days_of(asked: Mapping[str, str], today: date, zone: str) -> Days:
    """From `from` to `to`, both with them; else the last days."""
    last = _day(asked.get("to", "")) or today
    first = _day(asked.get("from", "")) or last - timedelta(days=USUAL_DAYS - 1)
    if first > last or last - first > _LONGEST:
        first = last - _LONGEST
    return Days(first, last, zone)


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


def messages(state: str, days: Days, now: datetime) -> Listing:
    """Messages by what became of them, the latest first; those that wait, the next first."""
    match state:
        case "refused":
            return _refusals(days)
        case "waiting":
            return _waiting(now)
        case "unsent":
            at, ended = _MESSAGE.c.updated_at, ("refused", "stopped", "expired")
            there = _MESSAGE.c.state.in_([word(each) for each in ended])
        case "visited":
            at = _MESSAGE.c.clicked_at
            there = at.is_not(None)
        case _:
            at = _MESSAGE.c.accepted_at
            there = at.is_not(None)
    filters = {**_OF_MESSAGES, "outcome": lambda told: _came(told, days)}
    return _latest(_messages(at), at, there & days.hold(at), filters)


def _waiting(now: datetime) -> Listing:
    """What may leave in the next 24 hours, as it is counted: what is due already belongs to the
    hour that runs."""
    at = _MESSAGE.c.due_at

    def hour(told: str) -> ColumnElement[bool] | None:
        start = hour_named(told)
        if start is None:
            return None
        until = at < start + timedelta(hours=1)
        return until if start <= now else until & (at >= start)

    query = _messages(at).where(_MESSAGE.c.state == word("waiting"), at <= now + AHEAD)
    filters = {**_OF_MESSAGES, "hour": hour}
    return Listing(query, {"next": Sort((at, _MESSAGE.c.id))}, filters)


def _messages(at: Column[Any]) -> Select[Any]:
    return (
        select(
            at,
            _MESSAGE.c.id,
            _MESSAGE.c.customer_id,
            _MESSAGE.c.medium,
            _MESSAGE.c.template,
            _MESSAGE.c.state,
            _MESSAGE.c.reason,
            _MESSAGE.c.delivery,
            _MESSAGE.c.clicked_at,
            _MESSAGE.c.answered_at,
            _CUSTOMER.c.name,
            _CUSTOMER.c.external_id.label("number"),
            _ATTEMPT.c.locale,
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _MESSAGE.c.customer_id)
        .join(
            _ATTEMPT,
            (_ATTEMPT.c.message_id == _MESSAGE.c.id) & (_ATTEMPT.c.number == _MESSAGE.c.attempts),
            isouter=True,
        )
    )


def _refusals(days: Days) -> Listing:
    query = (
        select(
            _REFUSED.c.at,
            _REFUSED.c.id,
            _CASE.c.customer_id,
            func.coalesce(_REFUSED.c.medium, "").label("medium"),
            _REFUSED.c.step.label("template"),
            _REFUSED.c.reason,
            _REFUSED.c.look_again_at,
            _CUSTOMER.c.name,
            _CUSTOMER.c.external_id.label("number"),
        )
        .join(_CASE, _CASE.c.id == _REFUSED.c.case_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _CASE.c.customer_id)
    )
    filters = {
        **KEPT,
        "creditor": number(_CASE.c.creditor_id),
        "medium": equal(_REFUSED.c.medium),
        "reason": equal_or_none(_REFUSED.c.reason),
    }
    return _latest(query, _REFUSED.c.at, days.hold(_REFUSED.c.at), filters)


def payments(days: Days) -> Listing:
    """Payments by when they reached the book, the latest first."""
    query = select(
        _PAYMENT.c.received_at,
        _PAYMENT.c.id,
        _PAYMENT.c.customer_id,
        _PAYMENT.c.currency,
        _PAYMENT.c.amount_minor,
        _PAYMENT.c.paid_on,
        _PAYMENT.c.method,
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
    ).join(_CUSTOMER, _CUSTOMER.c.id == _PAYMENT.c.customer_id)
    filters = {
        **KEPT,
        "creditor": number(_PAYMENT.c.creditor_id),
        "currency": equal(_PAYMENT.c.currency),
        "method": equal(_PAYMENT.c.method),
    }
    at = _PAYMENT.c.received_at
    return _latest(query, at, days.hold(at), filters, found=frozenset({"creditor"}))


def _latest(
    query: Select[Any],
    at: Column[Any],
    within: ColumnElement[bool],
    filters: Mapping[str, Filter],
    *,
    found: frozenset[str] = frozenset(),
) -> Listing:
    """What is within, by this instant, which an index has in order; filters that are `found` have
    one that begins with them."""
    sort = Sort((at, at.table.c.id), descending=True)
    return Listing(
        query.where(within),
        {"latest": sort},
        filters,
        along=select(*sort.by).where(within),
        found=found | KEPT.keys(),
    )


def number(column: ColumnElement[Any]) -> Filter:
    def narrowed(told: str) -> ColumnElement[bool] | None:
        is_number = told.isascii() and told.isdecimal() and len(told) < 10
        return column == int(told) if is_number else None

    return narrowed


def equal(column: Column[Any]) -> Filter:
    return lambda told: column == told[:80]


def on(condition: Callable[[date], ColumnElement[bool]]) -> Filter:
    def narrowed(told: str) -> ColumnElement[bool] | None:
        day = _day(told)
        return None if day is None else condition(day)

    return narrowed


def equal_or_none(column: Column[Any]) -> Filter:
    return lambda told: column.is_(None) if told == WITHOUT else column == told[:80]


def _came(told: str, days: Days) -> ColumnElement[bool] | None:
    """What came of a message; in time: as the figures of its day count it."""
    ripe = days.ripe(_MESSAGE.c.accepted_at)
    match told:
        case "delivered":
            return _MESSAGE.c.delivered_at.is_not(None)
        case "delivered_in_time":
            return (_MESSAGE.c.delivered_at < ripe) & ~FAILED
        case "failed":
            return FAILED
        case "visited":
            return _MESSAGE.c.clicked_at.is_not(None)
        case "visited_in_time":
            return _MESSAGE.c.clicked_at < ripe
        case "answered":
            return _MESSAGE.c.answered_at.is_not(None)
        case "answered_in_time":
            return _MESSAGE.c.answered_at < ripe
        case "paid":
            return _PAID_AFTER_IT
        case _:
            return None


def _of_clock(told: str) -> ColumnElement[bool] | None:
    """Messages that were taken in this hour of the recipient's clock."""
    address = select(_ADDRESS.c.zone).where(_ADDRESS.c.id == _MESSAGE.c.address_id)
    creditor = select(_CREDITOR.c.zone).where(_CREDITOR.c.id == _MESSAGE.c.creditor_id)
    known = (_CUSTOMER.c.zone, address.scalar_subquery(), creditor.scalar_subquery())
    return number(HourIn(_MESSAGE.c.accepted_at, func.coalesce(*known)))(told)


def _besides(told: str) -> ColumnElement[bool]:
    """All reasons but these."""
    return func.coalesce(_MESSAGE.c.reason, "").not_in(told[:400].split(","))


def _of_journey(told: str) -> ColumnElement[bool]:
    campaigns = select(_CAMPAIGN.c.id).where(_CAMPAIGN.c.journey == told[:80])
    cases = select(_CASE.c.id).where(_CASE.c.campaign_id.in_(campaigns))
    return _MESSAGE.c.case_id.in_(cases)


def _of_step(told: str) -> ColumnElement[bool]:
    """Messages of a step, however often it was visited."""
    return _MESSAGE.c.origin.startswith(f"step:{told[:80]}:", autoescape=True)


def _no_condition(_: str) -> None:
    return None


KEPT: Final[Mapping[str, Filter]] = dict.fromkeys(("from", "to", "state"), _no_condition)
"""What narrows the query itself; here so that the URL keeps it."""
_PAID_AFTER_IT: Final = (
    select(_CASE.c.id)
    .where(
        _CASE.c.id == _MESSAGE.c.case_id,
        _CASE.c.outcome == "settled",
        _CASE.c.origin == _MESSAGE.c.origin,
    )
    .exists()
)
_OF_MESSAGES: Final[Mapping[str, Filter]] = {
    **KEPT,
    "creditor": number(_MESSAGE.c.creditor_id),
    "medium": equal(_MESSAGE.c.medium),
    "reason": equal_or_none(_MESSAGE.c.reason),
    "besides": _besides,
    "language": equal_or_none(_ATTEMPT.c.locale),
    "clock": _of_clock,
    "sender": number(_MESSAGE.c.sender_id),
    "journey": _of_journey,
    "step": _of_step,
}
