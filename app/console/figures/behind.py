"""The lists behind figures: messages, what was refused, payments, open invoices. They only read.

Each goes along the index that its figure is counted by, inside the days that the URL names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, and_, func, select

from app.book.days import end_of, start_of
from app.console.lists import Filter, Listing, Sort
from app.console.times import day_asked
from app.figures.open_items import AHEAD, hour_named
from app.store.columns import NOTHING, word
from app.store.given import table_of
from app.store.rows import Attempt, Campaign, Case, Customer, Invoice, Message, Payment, Refused

_MESSAGE, _ATTEMPT, _CASE = table_of(Message), table_of(Attempt), table_of(Case)
_CUSTOMER, _REFUSED = table_of(Customer), table_of(Refused)
_CAMPAIGN, _PAYMENT, _INVOICE = table_of(Campaign), table_of(Payment), table_of(Invoice)

USUAL_DAYS: Final = 7
LONGEST: Final = timedelta(days=92)
"""A rare reason is looked for among all messages of the time: it must not be endless."""
STATES: Final = ("sent", "visited", "unsent", "refused", "waiting")


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a list, on the clock of `zone`."""

    first: date
    last: date
    zone: str

    def hold(self, at: Column[Any]) -> ColumnElement[bool]:
        return (at >= start_of(self.first, self.zone)) & (at < end_of(self.last, self.zone))


def days_of(asked: Mapping[str, str], today: date, zone: str) -> Days:
    """From `from` to `to`, both with them; else the last days."""
    last = day_asked(asked.get("to", "")) or today
    first = day_asked(asked.get("from", "")) or last - timedelta(days=USUAL_DAYS - 1)
    if first > last or last - first > LONGEST:
        first = last - LONGEST
    return Days(first, last, zone)


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
    return _latest(_messages(at), at, there & days.hold(at), _OF_MESSAGES)


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
        "reason": equal(_REFUSED.c.reason),
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


def invoices(creditor_id: int) -> Listing:
    """A creditor's open invoices, the oldest first."""
    of = and_(_INVOICE.c.open_minor > NOTHING, _INVOICE.c.creditor_id == creditor_id)
    query = (
        select(
            _INVOICE.c.due_on,
            _INVOICE.c.customer_id,
            _INVOICE.c.id,
            _INVOICE.c.number.label("invoice"),
            _INVOICE.c.currency,
            _INVOICE.c.open_minor,
            _CUSTOMER.c.name,
            _CUSTOMER.c.external_id.label("number"),
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _INVOICE.c.customer_id)
        .where(of)
    )
    filters: dict[str, Filter] = {
        "creditor": lambda _: None,
        "currency": equal(_INVOICE.c.currency),
        "due_from": on(lambda day: _INVOICE.c.due_on >= day),
        "due_to": on(lambda day: _INVOICE.c.due_on <= day),
    }
    by = (_INVOICE.c.due_on, _INVOICE.c.customer_id, _INVOICE.c.id)
    sorts = {"oldest": Sort(by), "newest": Sort(by, descending=True)}
    along, found = select(*by).where(of), frozenset({"creditor", "due_from", "due_to"})
    return Listing(query, sorts, filters, along=along, found=found)


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


def number(column: Column[Any]) -> Filter:
    def narrowed(told: str) -> ColumnElement[bool] | None:
        is_number = told.isascii() and told.isdecimal() and len(told) < 10
        return column == int(told) if is_number else None

    return narrowed


def equal(column: Column[Any]) -> Filter:
    return lambda told: column == told[:80]


def on(condition: Callable[[date], ColumnElement[bool]]) -> Filter:
    def narrowed(told: str) -> ColumnElement[bool] | None:
        day = day_asked(told)
        return None if day is None else condition(day)

    return narrowed


def _came(told: str) -> ColumnElement[bool] | None:
    """What came of a message."""
    match told:
        case "delivered":
            return _MESSAGE.c.delivered_at.is_not(None)
        case "failed":
            return _MESSAGE.c.delivery.in_(("failed", "bounced"))
        case "visited":
            return _MESSAGE.c.clicked_at.is_not(None)
        case "answered":
            return _MESSAGE.c.answered_at.is_not(None)
        case "paid":
            return _PAID_AFTER_IT
        case _:
            return None


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
    "reason": equal(_MESSAGE.c.reason),
    "language": equal(_ATTEMPT.c.locale),
    "sender": number(_MESSAGE.c.sender_id),
    "journey": _of_journey,
    "step": _of_step,
    "outcome": _came,
}
