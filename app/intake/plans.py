"""Plans: agreed inside the creditor's envelope, and rescued inside it when an instalment stays out.

A running plan keeps the journeys of what is overdue silent. An instalment that gets another date is
`moved` and another one takes its place, so that what was agreed stays on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, exists, select, update
from sqlmodel import Session

from app.book.envelope import House, PlanEnvelope, house_of
from app.book.holders import wake_customers
from app.book.instalments import last_allocation
from app.intake.concerned import stop_customer
from app.intake.places import Place, told_of
from app.intake.promises import MadeBy
from app.payments.claimable import ClaimableInvoice, claimable, total_of
from app.store.bulk import insert_returning_ids, insert_rows, update_rows
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Instalment, Plan, Promise
from campaigns.money import Money
from campaigns.vocabulary import Signal

_PLAN, _INSTALMENT, _PROMISE = table_of(Plan), table_of(Instalment), table_of(Promise)


class PlanProblem(StrEnum):
    """Why a plan was not agreed or changed. Stable: pages choose their words by it."""

    NOT_OFFERED = "not_offered"
    NOTHING_OPEN = "nothing_open"
    LIMITATION_PASSED = "limitation_passed"
    OTHER_AMOUNT = "other_amount"
    BAD_DATES = "bad_dates"
    ARRANGED_ALREADY = "arranged_already"
    NO_PLAN = "no_plan"
    TOO_MANY_MOVES = "too_many_moves"
    NOTHING_FOLLOWS = "nothing_follows"


class PlanRefused(Exception):
    """It lies outside of the envelope. `code` is for pages, the sentence for staff."""

    def __init__(self, code: PlanProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment as it is agreed."""

    amount: Money
    due_on: date


def agree_plan(
    session: Session,
    *,
    customer_id: int,
    parts: Sequence[Part],
    agreed_by: MadeBy,
    now: datetime,
    bounds: PlanEnvelope | None = None,
    said_from: Place | None = None,
) -> int:
    """A plan for all that is claimable in the currency of its parts; answers its id. It lies in the
    creditor's envelope, or in wider `bounds` where a person of the team decides. It is confirmed
    where it was `said_from`.

    Raises `PlanRefused`, `UnknownCustomer` and `EnvelopeError`.
    """
    concerned = stop_customer(session, customer_id)
    house = house_of(session, concerned.creditor_id)
    _ensure_parts(bounds or house.plans, parts, house.today(now))
    _ensure_free(session, customer_id)
    invoices = _plannable(session, customer_id, parts, house.today(now))
    row = {
        "customer_id": customer_id,
        "currency": parts[0].amount.currency,
        "amount_minor": sum(part.amount.minor for part in parts),
        "invoice_ids": [invoice.id for invoice in invoices],
        "agreed_at": now,
        "agreed_by": agreed_by,
        "last_allocation_id": last_allocation(session),
    }
    (plan_id,) = insert_returning_ids(session, Plan, [row])
    numbered = enumerate(parts, 1)
    insert_rows(session, Instalment, [_row(house, plan_id, n, part) for n, part in numbered])
    agreed = Happened(
        Signal.PLAN_AGREED,
        at=now,
        customer_id=customer_id,
        own_act=agreed_by is not MadeBy.STAFF,
        payload={"plan_id": plan_id, "agreed_by": agreed_by, **told_of(said_from)},
    )
    record(session, [agreed], now=now)
    return plan_id


def move_instalment(session: Session, *, customer_id: int, to: date, now: datetime) -> None:
    """Gives the first unpaid instalment of the running plan another date.

    Raises `PlanRefused`, `UnknownCustomer` and `EnvelopeError`.
    """
    rescue = _rescue(session, customer_id)
    today = rescue.house.today(now)
    last = today + timedelta(days=rescue.house.plans.move_days)
    taken = {row.due_on for row in rescue.instalments if row.state != "moved"}
    if not today < to <= last or to in taken:
        raise PlanRefused(
            PlanProblem.BAD_DATES, f"{to} is not between {today} and {last}, or is taken"
        )
    part = Part(Money(rescue.first.amount_minor, rescue.plan.currency), to)
    number = max(row.number for row in rescue.instalments) + 1
    insert_rows(session, Instalment, [_row(rescue.house, rescue.plan.id, number, part)])
    _set_aside(session, rescue, "instalment_moved", now)


def spread_instalment(session: Session, *, customer_id: int, now: datetime) -> None:
    """Adds the first unpaid instalment to those that follow, in equal shares; what cannot be
    divided goes to the first of them.

    Raises `PlanRefused`, `UnknownCustomer` and `EnvelopeError`.
    """
    rescue = _rescue(session, customer_id)
    later = [row for row in rescue.unpaid[1:] if row.state == "due"]
    if not later:
        raise PlanRefused(PlanProblem.NOTHING_FOLLOWS, "no instalment follows to spread it over")
    share, rest = divmod(rescue.first.amount_minor, len(later))
    amounts = [
        {"id": row.id, "amount_minor": row.amount_minor + share + (rest if not at else 0)}
        for at, row in enumerate(later)
    ]
    update_rows(session, Instalment, amounts)
    _set_aside(session, rescue, "instalment_spread", now)


def may_be_planned(invoices: Sequence[ClaimableInvoice], today: date) -> bool:
    """Whether none of them is past its limitation date: the law wants its notice first. Of two
    readings of the date itself, the stricter."""
    return all(i.limitation_on is None or i.limitation_on > today for i in invoices)


def is_arranged(session: Session, customer_id: int) -> bool:
    """Whether a plan is running or a promise open: there is one arrangement at a time."""
    whose = {"customer_id": customer_id}
    return bool(session.connection().execute(_ARRANGED, whose).scalar_one())


_WHOSE: BindParameter[int] = bindparam("customer_id")
_ARRANGED = select(
    exists().where(_PLAN.c.customer_id == _WHOSE, _PLAN.c.state == "running")
    | exists().where(_PROMISE.c.customer_id == _WHOSE, _PROMISE.c.state == word("open"))
)


@dataclass(frozen=True, slots=True)
class _Rescue:
    plan: Row[Any]
    house: House
    instalments: Sequence[Row[Any]]

    @property
    def unpaid(self) -> list[Row[Any]]:
        return [row for row in self.instalments if row.state in ("due", "missed")]

    @property
    def first(self) -> Row[Any]:
        return self.unpaid[0]


def _rescue(session: Session, customer_id: int) -> _Rescue:
    concerned = stop_customer(session, customer_id)
    house = house_of(session, concerned.creditor_id)
    running = select(_PLAN).where(_PLAN.c.customer_id == customer_id, _PLAN.c.state == "running")
    plan = session.connection().execute(running).first()
    if plan is None:
        raise PlanRefused(PlanProblem.NO_PLAN, f"customer {customer_id} has no plan running")
    query = select(_INSTALMENT).where(_INSTALMENT.c.plan_id == plan.id)
    query = query.order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
    rescue = _Rescue(plan, house, session.connection().execute(query).all())
    if not rescue.unpaid:
        raise PlanRefused(PlanProblem.NO_PLAN, f"plan {plan.id} has nothing left to pay")
    moves = sum(row.state == "moved" for row in rescue.instalments)
    if moves >= house.plans.most_moves:
        raise PlanRefused(
            PlanProblem.TOO_MANY_MOVES,
            f"plan {plan.id} was changed {moves} times, as often as the envelope allows",
        )
    return rescue


def _set_aside(session: Session, rescue: _Rescue, kind: str, now: datetime) -> None:
    session.connection().execute(
        update(_INSTALMENT).where(_INSTALMENT.c.id == rescue.first.id).values(state="moved")
    )
    payload = {"plan_id": rescue.plan.id, "instalment_id": rescue.first.id}
    customer_id = rescue.plan.customer_id
    record(session, [Happened(kind, at=now, customer_id=customer_id, payload=payload)], now=now)
    wake_customers(session, [customer_id], now=now)


def _ensure_parts(envelope: PlanEnvelope, parts: Sequence[Part], today: date) -> None:
    if not 2 <= len(parts) <= envelope.most_parts:
        raise PlanRefused(
            PlanProblem.NOT_OFFERED,
            f"a plan has 2 to {envelope.most_parts} parts, not {len(parts)}",
        )
    first = today + timedelta(days=envelope.first_within_days)
    last = today + timedelta(days=envelope.furthest_days)
    days = [part.due_on for part in parts]
    if not today <= days[0] <= first or days[-1] > last or any(a >= b for a, b in pairwise(days)):
        raise PlanRefused(
            PlanProblem.BAD_DATES,
            f"the dates must rise from {today}, or {first} at the latest, to {last} at the latest",
        )
    if any(part.amount.minor <= 0 for part in parts):
        raise PlanRefused(PlanProblem.OTHER_AMOUNT, "every part is more than nothing")


def _ensure_free(session: Session, customer_id: int) -> None:
    if is_arranged(session, customer_id):
        raise PlanRefused(
            PlanProblem.ARRANGED_ALREADY,
            f"customer {customer_id} has a plan running or a promise open",
        )


def _plannable(
    session: Session, customer_id: int, parts: Sequence[Part], today: date
) -> list[ClaimableInvoice]:
    currency = parts[0].amount.currency
    invoices = claimable(session, customer_id, currency)
    if not invoices:
        raise PlanRefused(PlanProblem.NOTHING_OPEN, f"nothing undisputed is owed in {currency}")
    if not may_be_planned(invoices, today):
        raise PlanRefused(
            PlanProblem.LIMITATION_PASSED, "a part of the debt is past its limitation date"
        )
    planned = sum(part.amount.minor for part in parts)
    mixed = any(part.amount.currency != currency for part in parts)
    if mixed or planned != total_of(invoices):
        raise PlanRefused(
            PlanProblem.OTHER_AMOUNT,
            f"the parts are {Money(planned, currency)}, and {Money(total_of(invoices), currency)}"
            " is open",
        )
    return invoices


def _row(house: House, plan_id: int, number: int, part: Part) -> dict[str, Any]:
    grace, rescue = house.plans.grace_business_days, house.plans.rescue_business_days
    return {
        "plan_id": plan_id,
        "number": number,
        "amount_minor": part.amount.minor,
        "due_on": part.due_on,
        "grace_until": house.end_of(part.due_on, grace),
        "breaks_at": house.end_of(part.due_on, grace + rescue),
    }
