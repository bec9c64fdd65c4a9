"""What was arranged or asked for: promises, plans with instalments, disputes, holds, tasks."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from pydantic import Field
from sqlalchemy import func, select

from app.api.listing import Asked, Noun
from app.api.nouns.book import OfCustomerAsked
from app.api.scopes import Scope
from app.api.shape import Currency, Id, IdTold, Instant, Minor, Shape, WordTold
from app.store.given import table_of
from app.store.rows import Case, Customer, Dispute, Hold, Instalment, Plan, Promise, Task

_CASE, _CUSTOMER = table_of(Case), table_of(Customer)
_DISPUTE, _HOLD, _INSTALMENT = table_of(Dispute), table_of(Hold), table_of(Instalment)
_PLAN, _PROMISE, _TASK = table_of(Plan), table_of(Promise), table_of(Task)


class OfCustomerInStateAsked(OfCustomerAsked):
    state: WordTold | None = None


class PromiseShape(Shape):
    """To pay so much by a day. It is broken after its days of grace."""

    id: Id
    customer_id: Id
    currency: Currency
    amount_minor: Minor
    invoice_ids: list[int]
    due_on: date
    grace_until: Instant
    state: str = Field(examples=["open"])
    made_at: Instant
    made_by: str = Field(examples=["page"])
    ended_at: Instant | None


PROMISES: Final = Noun(
    path="promises",
    one="promise",
    scope=Scope.ARRANGEMENTS_READ,
    shape=PromiseShape,
    rows=select(_PROMISE).join(_CUSTOMER, _CUSTOMER.c.id == _PROMISE.c.customer_id),
    id=_PROMISE.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerInStateAsked,
    where={
        "customer_id": _PROMISE.c.customer_id,
        "state": _PROMISE.c.state,
    },
    found_by=frozenset({"customer_id"}),
)


class PlanShape(Shape):
    """What is paid in parts. Its parts are `/instalments?plan_id=…`."""

    id: Id
    customer_id: Id
    currency: Currency
    amount_minor: Minor
    invoice_ids: list[int]
    state: str = Field(examples=["running"])
    agreed_at: Instant
    agreed_by: str
    ended_at: Instant | None


PLANS: Final = Noun(
    path="plans",
    one="plan",
    scope=Scope.ARRANGEMENTS_READ,
    shape=PlanShape,
    rows=select(_PLAN).join(_CUSTOMER, _CUSTOMER.c.id == _PLAN.c.customer_id),
    id=_PLAN.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerInStateAsked,
    where={
        "customer_id": _PLAN.c.customer_id,
        "state": _PLAN.c.state,
    },
    found_by=frozenset({"customer_id"}),
)


class InstalmentShape(Shape):
    """One part of a plan."""

    id: Id
    plan_id: Id
    number: int
    amount_minor: Minor
    due_on: date
    grace_until: Instant
    state: str = Field(examples=["due"])


class InstalmentsAsked(Asked):
    plan_id: IdTold | None = None


INSTALMENTS: Final = Noun(
    path="instalments",
    one="instalment",
    scope=Scope.ARRANGEMENTS_READ,
    shape=InstalmentShape,
    rows=select(_INSTALMENT)
    .join(_PLAN, _PLAN.c.id == _INSTALMENT.c.plan_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _PLAN.c.customer_id),
    id=_INSTALMENT.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=InstalmentsAsked,
    where={"plan_id": lambda value: _INSTALMENT.c.plan_id == value},
    found_by=frozenset({"plan_id"}),
)


class DisputeShape(Shape):
    """An invoice that the customer contests: nobody asks for it until somebody decides."""

    id: Id
    customer_id: Id
    invoice_id: Id
    kind: str = Field(examples=["wrong_amount"])
    words: str | None = Field(description="The customer's own.")
    state: str = Field(examples=["open"])
    opened_at: Instant
    resolved_at: Instant | None


DISPUTES: Final = Noun(
    path="disputes",
    one="dispute",
    scope=Scope.ARRANGEMENTS_READ,
    shape=DisputeShape,
    rows=select(_DISPUTE).join(_CUSTOMER, _CUSTOMER.c.id == _DISPUTE.c.customer_id),
    id=_DISPUTE.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerInStateAsked,
    where={
        "customer_id": _DISPUTE.c.customer_id,
        "state": _DISPUTE.c.state,
    },
    found_by=frozenset({"customer_id"}),
)


class HoldShape(Shape):
    """Nobody writes to the customer meanwhile. `until` null: until somebody says so."""

    id: Id
    customer_id: Id
    kind: str = Field(examples=["breathing_space"])
    placed_at: Instant
    until: Instant | None
    released_at: Instant | None
    rule: str | None = Field(description="The row of a rule pack that its end comes from.")
    freezes: list[str] = Field(description="What does not grow meanwhile.", examples=[["interest"]])


class HoldsAsked(OfCustomerAsked):
    kind: WordTold | None = None
    open: bool | None = None


HOLDS: Final = Noun(
    path="holds",
    one="hold",
    scope=Scope.ARRANGEMENTS_READ,
    shape=HoldShape,
    rows=select(_HOLD).join(_CUSTOMER, _CUSTOMER.c.id == _HOLD.c.customer_id),
    id=_HOLD.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=HoldsAsked,
    where={
        "customer_id": _HOLD.c.customer_id,
        "kind": _HOLD.c.kind,
        "open": lambda value: _HOLD.c.released_at.is_(None) == value,
    },
    found_by=frozenset({"customer_id"}),
)


class TaskShape(Shape):
    """Work for a person."""

    id: Id
    team: str = Field(examples=["collections"])
    owner: str | None
    kind: str = Field(examples=["reply"])
    title: str
    customer_id: int | None
    case_id: int | None
    detail: dict[str, Any]
    state: str = Field(examples=["open"])
    created_at: Instant
    due_at: Instant | None
    done_at: Instant | None


class TasksAsked(OfCustomerInStateAsked):
    team: WordTold | None = None
    kind: WordTold | None = None


TASKS: Final = Noun(
    path="tasks",
    one="task",
    scope=Scope.TASKS_READ,
    shape=TaskShape,
    rows=select(_TASK)
    .outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id)
    .outerjoin(
        _CUSTOMER, _CUSTOMER.c.id == func.coalesce(_TASK.c.customer_id, _CASE.c.customer_id)
    ),
    id=_TASK.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=TasksAsked,
    where={
        "customer_id": _TASK.c.customer_id,
        "state": _TASK.c.state,
        "team": _TASK.c.team,
        "kind": _TASK.c.kind,
    },
    found_by=frozenset({"customer_id"}),
)
