"""What customers asked for or told on their page: plans, calls, payments, an opinion."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import Field
from sqlalchemy import and_, func, select

from app.api.listing import Noun
from app.api.nouns.arrangements import OfCustomerInStateAsked
from app.api.nouns.book import OfCustomerAsked
from app.api.scopes import Scope
from app.api.shape import Currency, Id, Instant, Minor, Shape
from app.store.given import table_of
from app.store.rows import Address, CallWish, Customer, Feedback, PlanWish, Proof, Task

_ADDRESS, _CUSTOMER, _TASK = table_of(Address), table_of(Customer), table_of(Task)
_CALL, _FEEDBACK = table_of(CallWish), table_of(Feedback)
_PROOF, _WISH = table_of(Proof), table_of(PlanWish)


class PlanWishShape(Shape):
    """A plan that goes past the creditor's limits: somebody decides on it by `answer_by`. It is of
    so many `parts`, or of as many as it takes at `part_minor` each."""

    id: Id
    customer_id: Id
    currency: Currency
    amount_minor: Minor
    parts: int = Field(examples=[6])
    part_minor: int | None
    rhythm: str = Field(examples=["monthly"])
    first_on: date
    wished_at: Instant
    answer_by: date
    state: str = Field(examples=["open"])
    decided_at: Instant | None
    plan_id: int | None = Field(description="The plan that it became.")


PLAN_WISHES: Final = Noun(
    path="plan-wishes",
    one="plan wish",
    scope=Scope.ARRANGEMENTS_READ,
    shape=PlanWishShape,
    rows=select(_WISH).join(_CUSTOMER, _CUSTOMER.c.id == _WISH.c.customer_id),
    id=_WISH.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerInStateAsked,
    where={"customer_id": _WISH.c.customer_id, "state": _WISH.c.state},
    found_by=frozenset({"customer_id"}),
)


class CallWishShape(Shape):
    """When and where a customer wants to be called. It is over when it is cancelled, or when its
    task is done; a number that was typed for it alone is gone then."""

    id: Id
    customer_id: Id
    number: str | None = Field(examples=["+972525550199"])
    starts_at: Instant
    ends_at: Instant
    asked_at: Instant
    cancelled_at: Instant | None
    task_id: int | None


CALL_WISHES: Final = Noun(
    path="call-wishes",
    one="call wish",
    scope=Scope.ARRANGEMENTS_READ,
    shape=CallWishShape,
    rows=select(
        *(column for column in _CALL.c if column.name != "number"),
        func.coalesce(_CALL.c.number, _ADDRESS.c.value).label("number"),
        _TASK.c.id.label("task_id"),
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _CALL.c.customer_id)
    .outerjoin(_ADDRESS, _ADDRESS.c.id == _CALL.c.address_id)
    .outerjoin(_TASK, _TASK.c.key == _CALL.c.task_key),
    id=_CALL.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerAsked,
    where={"customer_id": _CALL.c.customer_id},
    found_by=frozenset({"customer_id"}),
)


class ProofShape(Shape):
    """A payment that a customer says they made: finance looks for it, and nobody asks meanwhile.
    The file itself is had by `duly proof export` alone."""

    id: Id
    customer_id: Id
    paid_on: date | None
    method: str | None = Field(examples=["bank"])
    currency: str | None = Field(examples=["ILS"])
    amount_minor: int | None = Field(examples=[124050])
    has_file: bool = Field(description="Whether a file that shows it is still kept.")
    told_at: Instant


PROOFS: Final = Noun(
    path="proofs",
    one="proof",
    scope=Scope.ARRANGEMENTS_READ,
    shape=ProofShape,
    rows=select(
        _PROOF,
        and_(_PROOF.c.document.is_not(None), _PROOF.c.file_gone_at.is_(None)).label("has_file"),
    ).join(_CUSTOMER, _CUSTOMER.c.id == _PROOF.c.customer_id),
    id=_PROOF.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerAsked,
    where={"customer_id": _PROOF.c.customer_id},
    found_by=frozenset({"customer_id"}),
)


class FeedbackShape(Shape):
    """What a customer answered to: did you understand your options?"""

    id: Id
    customer_id: Id
    answer: str = Field(examples=["partly"])
    words: str | None = Field(description="The customer's own.")
    locale: str = Field(examples=["he"])
    given_at: Instant


FEEDBACK: Final = Noun(
    path="feedback",
    one="feedback",
    scope=Scope.ARRANGEMENTS_READ,
    shape=FeedbackShape,
    rows=select(_FEEDBACK),
    id=_FEEDBACK.c.id,
    owner=_FEEDBACK.c.creditor_id,
    asked=OfCustomerAsked,
    where={"customer_id": _FEEDBACK.c.customer_id},
    found_by=frozenset({"customer_id"}),
)
