"""What acts share: the path's id, versions that must still hold, whose customer it is, and what a
creditor does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Header, Path
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import Session

from app.api.keys import Caller
from app.api.listing import Noun, etag_of
from app.api.nouns.book import CUSTOMERS
from app.api.problems import Problem
from app.api.shape import LARGEST_ID
from app.book.envelope import EnvelopeError
from app.intake.plans import PlanRefused
from app.intake.promises import PromiseRefused

PathId = Annotated[int, Path(alias="id", ge=1, le=LARGEST_ID)]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="An `ETag`: change it only while it is that version."),
]


class Told(BaseModel):
    """A body of an act. What it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


def ensure_own_customer(session: Session, caller: Caller, customer_id: int) -> None:
    """Raises `Problem` for a customer whom this caller does not have."""
    CUSTOMERS.find(session, caller, customer_id)


def ensure_version(
    session: Session, caller: Caller, noun: Noun[Any], id_: int, version: str | None
) -> None:
    """Raises `Problem` unless there is such a thing for the caller, as they know it.

    It is locked first: of two who change the same version at once, one is late.
    """
    locking = select(noun.id).where(noun.id == id_).with_for_update(key_share=True)
    session.connection().execute(locking)
    found = noun.find(session, caller, id_)
    if version is None or version.strip() == "*":
        return
    now = etag_of(found.model_dump_json().encode())
    if now not in {each.strip() for each in version.split(",")}:
        raise Problem(
            412,
            "changed_since",
            "It has changed since you read it",
            "Read it again, and decide anew.",
            headers={"etag": now},
        )


@contextmanager
def within_the_envelope() -> Iterator[None]:
    """Tells what lies outside of it as a problem with the reason's own code."""
    try:
        yield
    except (PromiseRefused, PlanRefused) as problem:
        title = "The creditor's limits do not allow that"
        raise Problem(409, problem.code.value, title, problem.sentence) from None
    except EnvelopeError as problem:
        title = "The creditor's limits cannot be read"
        raise Problem(409, "limits_unreadable", title, str(problem)) from None
