"""Counts what happened on a day besides the messages: what came back, was arranged and collected.

Each figure is one statement over the rows that it stands for, by the index of their instant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    distinct,
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


@dataclass(frozen=True, slots=True)
class Happened:
    """One figure: `select` answers creditor, currency, medium, about, number and amount of what
    happened from `start` to before `end`; `since` is `PAID_AFTER` before `start`."""

    figure: Daily
    select: Select[Any]


def count_happenings(
    session: Session, start: datetime, end: datetime
) -> tuple[Counter[Key], Counter[Key]]:
    """Of every creditor, what happened from `start` to before `end`: how often, and the money."""
    numbers: Counter[Key] = Counter()
    amounts: Counter[Key] = Counter()
    asked = {"start": start, "end": end, "since": start - PAID_AFTER}
    for one in HAPPENED:
        for row in session.connection().execute(one.select, asked):
            key = (row[0], one.figure, row.currency, row.medium, "", -1, row.about)
            numbers[key] += row.number
            amounts[key] += int(row.amount)
    return numbers, amounts


def _on_the_day(at: Column[Any]) -> ColumnElement[bool]:
    return (at >= bindparam("start")) & (at < bindparam("end"))


def _counted(
    at: Column[Any],
    *where: ColumnElement[bool],
    medium: ColumnElement[Any] = _NONE,
    about: ColumnElement[Any] = _NONE,
    money: bool = False,
) -> Select[Any]:
    """Rows of the table of `at`, which has its creditor itself or by its customer."""
    table: Any = at.table
    creditor = table.c.creditor_id if "creditor_id" in table.c else _CUSTOMER.c.creditor_id
    currency = table.c.currency if money else _NONE
    amount = func.sum(table.c.amount_minor) if money else literal(0)
    query = select(
        creditor,
        currency.label("currency"),
        func.coalesce(medium, "").label("medium"),
        func.coalesce(about, "").label("about"),
        func.count().label("number"),
        amount.label("amount"),
    ).where(_on_the_day(at), *where)
    if "creditor_id" not in table.c:
        query = query.join(_CUSTOMER, _CUSTOMER.c.id == table.c.customer_id)
    told = (column for column in (currency, medium, about) if isinstance(column, Column))
    return query.group_by(creditor, *told)


_UNSENT: Final = _counted(
    _MESSAGE.c.updated_at,
    _MESSAGE.c.state.in_([word(state) for state in ("refused", "stopped", "expired")]),
    medium=_MESSAGE.c.medium,
    about=_MESSAGE.c.reason,
)
_REFUSALS: Final = (
    select(
        _CASE.c.creditor_id,
        _NONE.label("currency"),
        func.coalesce(_REFUSED.c.medium, "").label("medium"),
        _REFUSED.c.reason.label("about"),
        func.count().label("number"),
        literal(0).label("amount"),
    )
    .join(_CASE, _CASE.c.id == _REFUSED.c.case_id)
    .where(_on_the_day(_REFUSED.c.at))
    .group_by(_CASE.c.creditor_id, _REFUSED.c.medium, _REFUSED.c.reason)
)
_OPT_OUTS: Final = (
    select(
        _CUSTOMER.c.creditor_id,
        _NONE.label("currency"),
        func.coalesce(_SUPPRESSION.c.medium, "").label("medium"),
        _NONE.label("about"),
        func.count(distinct(_SUPPRESSION.c.id)).label("number"),
        literal(0).label("amount"),
    )
    .join(_POINT, _POINT.c.address_id == _SUPPRESSION.c.address_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
    .where(
        _on_the_day(_SUPPRESSION.c.at),
        _SUPPRESSION.c.reason == OPTED_OUT,
        func.coalesce(_SUPPRESSION.c.creditor_id, _CUSTOMER.c.creditor_id)
        == _CUSTOMER.c.creditor_id,
    )
    .group_by(_CUSTOMER.c.creditor_id, _SUPPRESSION.c.medium)
)


HELD_CUSTOMERS: Final = or_(
    _CUSTOMER.c.id == _HOLD.c.customer_id,
    and_(_HOLD.c.customer_id.is_(None), _CUSTOMER.c.person_id == _HOLD.c.person_id),
)
"""The customers that a hold is on: its own, or all of its person."""

_PAUSED: Final = (
    select(
        _CUSTOMER.c.creditor_id,
        _NONE.label("currency"),
        _NONE.label("medium"),
        literal("pause").label("about"),
        func.count().label("number"),
        literal(0).label("amount"),
    )
    .select_from(_HOLD)
    .join(_CUSTOMER, HELD_CUSTOMERS)
    .where(_on_the_day(_HOLD.c.placed_at), _HOLD.c.kind.in_(PAUSES))
    .group_by(_CUSTOMER.c.creditor_id)
)

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


def _helped() -> Select[Any]:
    """What a person of the team did for somebody in hardship."""
    given = (
        select(
            _CUSTOMER.c.creditor_id,
            HELPED_AS.label("about"),
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _EVENT.c.customer_id)
        .where(COUNTS_AS_HELP, _on_the_day(_EVENT.c.at))
        .subquery()
    )
    return select(
        given.c.creditor_id,
        _NONE.label("currency"),
        _NONE.label("medium"),
        given.c.about,
        func.count().label("number"),
        literal(0).label("amount"),
    ).group_by(given.c.creditor_id, given.c.about)


def _paid() -> Select[Any]:
    """Each payment with the medium of the last message before it, and the arm that it was in."""
    said = (
        select(_MESSAGE.c.medium)
        .where(
            _MESSAGE.c.customer_id == _PAYMENT.c.customer_id,
            _MESSAGE.c.accepted_at >= bindparam("since"),
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
    return select(
        _PAYMENT.c.creditor_id,
        _PAYMENT.c.currency,
        _PAYMENT.c.amount_minor,
        func.coalesce(said, "").label("medium"),
        control.label("control"),
    ).where(_on_the_day(_PAYMENT.c.received_at))


def _collected_after() -> Select[Any]:
    paid = _paid().subquery()
    arm = case(
        (paid.c.control.is_not(None), str(Arm.CONTROL)),
        (paid.c.medium != "", str(Arm.TREATMENT)),
        else_=NOBODY,
    )
    return select(
        paid.c.creditor_id,
        paid.c.currency,
        paid.c.medium,
        arm.label("about"),
        func.count().label("number"),
        func.sum(paid.c.amount_minor).label("amount"),
    ).group_by(paid.c.creditor_id, paid.c.currency, paid.c.medium, arm)


def _promises(at: Column[Any], *where: ColumnElement[bool]) -> Select[Any]:
    return _counted(at, *where, about=_PROMISE.c.made_by, money=True)


def _plans(at: Column[Any], *where: ColumnElement[bool]) -> Select[Any]:
    return _counted(at, *where, money=True)


HAPPENED: Final[Sequence[Happened]] = (
    Happened(Daily.UNSENT, _UNSENT),
    Happened(Daily.REFUSED, _REFUSALS),
    Happened(Daily.VISITS, _counted(_MESSAGE.c.clicked_at, medium=_MESSAGE.c.medium)),
    Happened(
        Daily.REPLIES,
        _counted(_REPLY.c.received_at, medium=_REPLY.c.medium, about=_REPLY.c.intent),
    ),
    Happened(
        Daily.COLLECTED, _counted(_PAYMENT.c.received_at, about=_PAYMENT.c.method, money=True)
    ),
    Happened(Daily.COLLECTED_AFTER, _collected_after()),
    Happened(
        Daily.SENT_BACK,
        _counted(
            _REVERSAL.c.received_at,
            _REVERSAL.c.payment_id.is_not(None),
            _REVERSAL.c.kind.in_(("refund", "chargeback", "returned_debit")),
            about=_REVERSAL.c.kind,
            money=True,
        ),
    ),
    Happened(Daily.PROMISES_MADE, _promises(_PROMISE.c.made_at)),
    Happened(Daily.PROMISES_KEPT, _promises(_PROMISE.c.ended_at, _PROMISE.c.state == word("kept"))),
    Happened(
        Daily.PROMISES_BROKEN, _promises(_PROMISE.c.ended_at, _PROMISE.c.state == word("broken"))
    ),
    Happened(Daily.PLANS_AGREED, _plans(_PLAN.c.agreed_at, _PLAN.c.state != word("offered"))),
    Happened(Daily.PLANS_KEPT, _plans(_PLAN.c.ended_at, _PLAN.c.state == word("completed"))),
    Happened(Daily.PLANS_BROKEN, _plans(_PLAN.c.ended_at, _PLAN.c.state == word("broken"))),
    Happened(Daily.OPTED_OUT, _OPT_OUTS),
    Happened(Daily.COMPLAINTS, _counted(_COMPLAINT.c.received_at, about=_COMPLAINT.c.kind)),
    Happened(Daily.DISPUTES, _counted(_DISPUTE.c.opened_at, about=_DISPUTE.c.kind)),
    Happened(Daily.HELP_ASKED, _counted(_HARDSHIP.c.reported_at, about=literal("hardship"))),
    Happened(Daily.HELP_ASKED, _counted(_CALL.c.asked_at, about=literal("call"))),
    Happened(Daily.HELP_ASKED, _counted(_WISH.c.wished_at, about=literal("plan"))),
    Happened(Daily.HELP_GIVEN, _counted(_ANSWER.c.written_at, about=literal("answer"))),
    Happened(
        Daily.HELP_GIVEN,
        _counted(_WISH.c.decided_at, _WISH.c.state == word("agreed"), about=literal("plan")),
    ),
    Happened(Daily.HELP_GIVEN, _PAUSED),
    Happened(Daily.HELP_GIVEN, _helped()),
)
