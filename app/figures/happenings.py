"""Counts what happened on a day besides the messages: what came back, was arranged and collected.

Each figure is one statement over the rows that it stands for, by the index of their instant. The
lists behind figures are made of the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlmodel import Session

from app.figures.messages import Key
from app.figures.names import NOBODY, PAID_AFTER, Daily
from app.intake.help import GIVEN, Help
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import (
    CallWish,
    Case,
    Complaint,
    ContactPoint,
    Customer,
    Dispute,
    Event,
    Hardship,
    Hold,
    Message,
    Payment,
    Plan,
    PlanWish,
    Promise,
    Refused,
    Reply,
    Reversal,
    StaffAnswer,
    Suppression,
)
from campaigns.events import Arm
from campaigns.origins import OPTED_OUT
from campaigns.vocabulary import HoldKind

_CUSTOMER, _MESSAGE, _REPLY = table_of(Customer), table_of(Message), table_of(Reply)
_CASE, _REFUSED, _PAYMENT = table_of(Case), table_of(Refused), table_of(Payment)
_REVERSAL, _PROMISE, _PLAN = table_of(Reversal), table_of(Promise), table_of(Plan)
_WISH, _DISPUTE, _COMPLAINT = table_of(PlanWish), table_of(Dispute), table_of(Complaint)
_EVENT = table_of(Event)
_HARDSHIP, _CALL, _HOLD = table_of(Hardship), table_of(CallWish), table_of(Hold)
_ANSWER, _SUPPRESSION, _POINT = table_of(StaffAnswer), table_of(Suppression), table_of(ContactPoint)

PAUSES: Final = (
    HoldKind.HARDSHIP,
    HoldKind.BREATHING_SPACE,
    HoldKind.MENTAL_HEALTH_CRISIS,
    HoldKind.DEBT_ADVICE,
)
"""The holds that give somebody in trouble time."""

_NONE: Final = literal("")
_NO_DAY: Final = literal(None, _PROMISE.c.due_on.type)


class Span(Protocol):
    """Some days, as conditions on the column of an instant."""

    def hold(self, at: Column[Any]) -> ColumnElement[bool]:
        """Whether it lies in them."""

    def paid_after(self, at: Column[Any]) -> ColumnElement[Any]:
        """`PAID_AFTER` before the beginning of its day."""


class _Day:
    """The day that is counted."""

    def hold(self, at: Column[Any]) -> ColumnElement[bool]:
        return (at >= bindparam("start")) & (at < bindparam("end"))

    def paid_after(self, _: Column[Any]) -> ColumnElement[Any]:
        return bindparam("since")


Rows = Callable[[Span], Select[Any]]
"""What a figure counts, row by row: `at`, `id`, `creditor_id`, `customer_id`, `medium`, `about`,
`currency`, `amount` and `due_on`."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A figure, or a part of one, and the rows that it counts."""

    figure: Daily
    rows: Rows

    @property
    def counted(self) -> Select[Any]:
        """Creditor, currency, medium, about, number and amount of what happened from `start` to
        before `end`; `since` is `PAID_AFTER` before `start`."""
        return _counted(self.rows)


@cache
def _counted(rows: Rows) -> Select[Any]:
    """Put together once: each day is asked the same, and that took longer than the answer."""
    found = rows(_Day()).subquery()
    by = (found.c.creditor_id, found.c.currency, found.c.medium, found.c.about)
    number, amount = func.count().label("number"), func.sum(found.c.amount).label("amount")
    return select(*by, number, amount).group_by(*by)


def count_happenings(
    session: Session, start: datetime, end: datetime
) -> tuple[Counter[Key], Counter[Key]]:
    """Of every creditor, what happened from `start` to before `end`: how often, and the money."""
    numbers: Counter[Key] = Counter()
    amounts: Counter[Key] = Counter()
    asked = {"start": start, "end": end, "since": start - PAID_AFTER}
    for one in HAPPENED:
        for row in session.connection().execute(one.counted, asked):
            key = (row[0], one.figure, row.currency, row.medium, "", -1, row.about)
            numbers[key] += row.number
            amounts[key] += int(row.amount)
    return numbers, amounts


def _columns(
    at: Column[Any],
    creditor: Column[Any],
    customer: ColumnElement[Any],
    *,
    medium: ColumnElement[Any] = _NONE,
    about: ColumnElement[Any] = _NONE,
    money: bool = False,
) -> Select[Any]:
    table: Any = at.table
    return select(
        at.label("at"),
        table.c.id.label("id"),
        creditor.label("creditor_id"),
        customer.label("customer_id"),
        func.coalesce(medium, "").label("medium"),
        func.coalesce(about, "").label("about"),
        (table.c.currency if money else _NONE).label("currency"),
        (table.c.amount_minor if money else literal(0)).label("amount"),
        (table.c.due_on if table is _PROMISE else _NO_DAY).label("due_on"),
    ).select_from(table)


def rows_of(
    at: Column[Any],
    *where: ColumnElement[bool],
    customer: ColumnElement[bool] | None = None,
    **told: Any,
) -> Rows:
    """Rows of the table of `at`, which has its creditor itself or by its customer: the one that it
    names, or those who stand to it as `customer` says. `told` is what `_columns` tells apart."""
    table: Any = at.table
    if "creditor_id" in table.c:
        query = _columns(at, table.c.creditor_id, table.c.customer_id, **told)
    else:
        whose = _CUSTOMER.c.id == table.c.customer_id if customer is None else customer
        query = _columns(at, _CUSTOMER.c.creditor_id, _CUSTOMER.c.id, **told)
        query = query.join(_CUSTOMER, whose)
    return lambda days: query.where(days.hold(at), *where)


def _refusals(days: Span) -> Select[Any]:
    creditor, customer = _CASE.c.creditor_id, _CASE.c.customer_id
    medium, reason = _REFUSED.c.medium, _REFUSED.c.reason
    return (
        _columns(_REFUSED.c.at, creditor, customer, medium=medium, about=reason)
        .join(_CASE, _CASE.c.id == _REFUSED.c.case_id)
        .where(days.hold(_REFUSED.c.at))
    )


def _opt_outs(days: Span) -> Select[Any]:
    """An address and medium that was closed: once for each creditor whose customers have it."""
    at, creditor, medium = _SUPPRESSION.c.at, _CUSTOMER.c.creditor_id, _SUPPRESSION.c.medium
    return (
        _columns(at, creditor, func.min(_CUSTOMER.c.id), medium=medium)
        .join(_POINT, _POINT.c.address_id == _SUPPRESSION.c.address_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
        .where(
            days.hold(at),
            _SUPPRESSION.c.reason == OPTED_OUT,
            func.coalesce(_SUPPRESSION.c.creditor_id, creditor) == creditor,
        )
        .group_by(_SUPPRESSION.c.id, at, medium, creditor)
    )


HELD_CUSTOMERS: Final = or_(
    _CUSTOMER.c.id == _HOLD.c.customer_id,
    and_(_HOLD.c.customer_id.is_(None), _CUSTOMER.c.person_id == _HOLD.c.person_id),
)
"""The customers that a hold is on: its own, or all of its person."""

_HELP: Final = _EVENT.c.payload["help"].as_string()
HELPED_AS: Final = case({str(Help.PLAN): "plan_talk"}, value=_HELP, else_=_HELP)
"""What an event of help was: a plan that was talked over is none that was agreed."""
COUNTS_AS_HELP: Final = and_(
    _EVENT.c.kind == word(GIVEN),
    or_(
        _HELP.not_in((str(Help.PAUSE),)),
        ~exists().where(
            _HOLD.c.person_id == _CUSTOMER.c.person_id,
            _HOLD.c.placed_at == _EVENT.c.at,
            _HOLD.c.kind.in_(PAUSES),
        ),
    ),
)
"""A pause that a person gave is counted by its hold; by its event, if it made one longer."""


def _paid(days: Span) -> Select[Any]:
    """Each payment with the medium of the last message before it, and whether it was in the group
    that nobody contacts."""
    said = (
        select(_MESSAGE.c.medium)
        .where(
            _MESSAGE.c.customer_id == _PAYMENT.c.customer_id,
            _MESSAGE.c.accepted_at >= days.paid_after(_PAYMENT.c.received_at),
            _MESSAGE.c.accepted_at <= _PAYMENT.c.received_at,
        )
        .order_by(_MESSAGE.c.accepted_at.desc(), _MESSAGE.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    control = (
        select(_CASE.c.arm)
        .where(
            _CASE.c.customer_id == _PAYMENT.c.customer_id,
            _CASE.c.arm == str(Arm.CONTROL),
            _CASE.c.opened_at <= _PAYMENT.c.received_at,
            func.coalesce(_CASE.c.closed_at, _PAYMENT.c.received_at) >= _PAYMENT.c.received_at,
        )
        .limit(1)
        .scalar_subquery()
    )
    at, creditor, customer = _PAYMENT.c.received_at, _PAYMENT.c.creditor_id, _PAYMENT.c.customer_id
    query = _columns(at, creditor, customer, medium=said, about=control, money=True)
    return query.where(days.hold(at))


def _collected_after(days: Span) -> Select[Any]:
    paid = _paid(days).subquery()
    arm = case(
        (paid.c.about != "", str(Arm.CONTROL)),
        (paid.c.medium != "", str(Arm.TREATMENT)),
        else_=NOBODY,
    )
    return select(*(arm.label("about") if each.name == "about" else each for each in paid.c))


def _promises(at: Column[Any], *where: ColumnElement[bool]) -> Rows:
    return rows_of(at, *where, about=_PROMISE.c.made_by, money=True)


_WENT_BACK: Final = (
    _REVERSAL.c.payment_id.is_not(None),
    _REVERSAL.c.kind.in_(("refund", "chargeback", "returned_debit")),
)
_UNSENT_IN: Final = [word(state) for state in ("refused", "stopped", "expired")]

HAPPENED: Final[Sequence[Happened]] = tuple(
    Happened(figure, rows)
    for figure, rows in (
        (
            Daily.UNSENT,
            rows_of(
                _MESSAGE.c.updated_at,
                _MESSAGE.c.state.in_(_UNSENT_IN),
                medium=_MESSAGE.c.medium,
                about=_MESSAGE.c.reason,
            ),
        ),
        (Daily.REFUSED, _refusals),
        (Daily.VISITS, rows_of(_MESSAGE.c.clicked_at, medium=_MESSAGE.c.medium)),
        (
            Daily.REPLIES,
            rows_of(_REPLY.c.received_at, medium=_REPLY.c.medium, about=_REPLY.c.intent),
        ),
        (Daily.COLLECTED, rows_of(_PAYMENT.c.received_at, about=_PAYMENT.c.method, money=True)),
        (Daily.COLLECTED_AFTER, _collected_after),
        (
            Daily.SENT_BACK,
            rows_of(_REVERSAL.c.received_at, *_WENT_BACK, about=_REVERSAL.c.kind, money=True),
        ),
        (Daily.PROMISES_MADE, _promises(_PROMISE.c.made_at)),
        (
            Daily.PROMISES_KEPT,
            _promises(_PROMISE.c.ended_at, _PROMISE.c.state == word("kept")),
        ),
        (
            Daily.PROMISES_BROKEN,
            _promises(_PROMISE.c.ended_at, _PROMISE.c.state == word("broken")),
        ),
        (
            Daily.PLANS_AGREED,
            rows_of(_PLAN.c.agreed_at, _PLAN.c.state != word("offered"), money=True),
        ),
        (
            Daily.PLANS_KEPT,
            rows_of(_PLAN.c.ended_at, _PLAN.c.state == word("completed"), money=True),
        ),
        (
            Daily.PLANS_BROKEN,
            rows_of(_PLAN.c.ended_at, _PLAN.c.state == word("broken"), money=True),
        ),
        (Daily.OPTED_OUT, _opt_outs),
        (Daily.COMPLAINTS, rows_of(_COMPLAINT.c.received_at, about=_COMPLAINT.c.kind)),
        (Daily.DISPUTES, rows_of(_DISPUTE.c.opened_at, about=_DISPUTE.c.kind)),
        (Daily.HELP_ASKED, rows_of(_HARDSHIP.c.reported_at, about=literal("hardship"))),
        (Daily.HELP_ASKED, rows_of(_CALL.c.asked_at, about=literal("call"))),
        (Daily.HELP_ASKED, rows_of(_WISH.c.wished_at, about=literal("plan"))),
        (Daily.HELP_GIVEN, rows_of(_ANSWER.c.written_at, about=literal("answer"))),
        (
            Daily.HELP_GIVEN,
            rows_of(_WISH.c.decided_at, _WISH.c.state == word("agreed"), about=literal("plan")),
        ),
        (
            Daily.HELP_GIVEN,
            rows_of(
                _HOLD.c.placed_at,
                _HOLD.c.kind.in_(PAUSES),
                customer=HELD_CUSTOMERS,
                about=literal("pause"),
            ),
        ),
        (Daily.HELP_GIVEN, rows_of(_EVENT.c.at, COUNTS_AS_HELP, about=HELPED_AS)),
    )
)
