"""Messages that wait for somebody's word, which their journey wants before they go."""

from __future__ import annotations

from typing import Final

from pydantic import Field
from sqlalchemy import select

from app.api.listing import Asked, Noun
from app.api.scopes import Scope
from app.api.shape import Id, IdTold, Instant, Shape, WordTold
from app.delivery.approving import UNAPPROVED
from app.store.given import table_of
from app.store.rows import Message
from campaigns.vocabulary import Medium

_MESSAGE = table_of(Message)


class ApprovalShape(Shape):
    """A message that does not go before somebody of the team has approved it. `id` is its own."""

    id: Id
    creditor_id: Id
    customer_id: Id
    case_id: Id
    team: str = Field(examples=["finance"])
    template: str = Field(examples=["reminder_first"])
    category: str = Field(examples=["legal"])
    medium: Medium
    created_at: Instant
    valid_until: Instant = Field(description="It is not said after that, approved or not.")


class ApprovalsAsked(Asked):
    customer_id: IdTold | None = None
    team: WordTold | None = None
    template: WordTold | None = None


APPROVALS: Final = Noun(
    path="approvals",
    one="approval",
    scope=Scope.MESSAGES_READ,
    shape=ApprovalShape,
    rows=select(_MESSAGE, _MESSAGE.c.approval.label("team")).where(*UNAPPROVED),
    id=_MESSAGE.c.id,
    owner=_MESSAGE.c.creditor_id,
    asked=ApprovalsAsked,
    where={
        "customer_id": _MESSAGE.c.customer_id,
        "team": _MESSAGE.c.approval,
        "template": _MESSAGE.c.template,
    },
    found_by=frozenset({"customer_id"}),
)
