"""One question at the end: did you understand your options? Asked once, counted for the team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlmodel import Session

from app.intake.concerned import Concerned
from app.intake.replies.typed import heed
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Creditor, Feedback

ASKED_AGAIN_AFTER: Final = timedelta(days=90)

_CREDITOR, _FEEDBACK = table_of(Creditor), table_of(Feedback)


class Understood(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


def may_ask(session: Session, customer_id: int, link_id: int, now: datetime) -> bool:
    """Whether the customer has not been heard lately, nor through this link."""
    asked = {"customer_id": customer_id, "link_id": link_id, "since": now - ASKED_AGAIN_AFTER}
    return session.connection().execute(_HEARD, asked).first() is None


_HEARD = (
    select(_FEEDBACK.c.id)
    .where(
        _FEEDBACK.c.customer_id == bindparam("customer_id"),
        or_(
            _FEEDBACK.c.link_id == bindparam("link_id"),
            _FEEDBACK.c.given_at > bindparam("since"),
        ),
    )
    .limit(1)
)


def give_feedback(
    session: Session,
    user: Concerned,
    answer: Understood,
    words: str,
    *,
    link_id: int,
    message_id: int | None,
    locale: str,
    now: datetime,
) -> bool:
    """Keeps the answer, once; words are read for danger first. Answers whether it was the first.
    The guard is held by the caller."""
    if not may_ask(session, user.customer_id, link_id, now):
        return False
    typed = words.strip() or None
    row = {
        "customer_id": user.customer_id,
        "creditor_id": user.creditor_id,
        "link_id": link_id,
        "answer": answer,
        "words": heed(session, user.customer_id, typed, message_id=message_id, now=now),
        "locale": locale,
        "given_at": now,
    }
    insert_rows(session, Feedback, [row])
    given = Happened(
        "feedback_given", at=now, customer_id=user.customer_id, payload={"answer": answer}
    )
    record(session, [given], now=now)
    return True


def feedback_figures(session: Session, *, since: datetime) -> Sequence[Row[Any]]:
    """How many answered what, by creditor and language."""
    by = (_CREDITOR.c.external_id.label("creditor"), _FEEDBACK.c.locale, _FEEDBACK.c.answer)
    query = (
        select(*by, func.count().label("times"))
        .join(_CREDITOR, _CREDITOR.c.id == _FEEDBACK.c.creditor_id)
        .where(_FEEDBACK.c.given_at >= since)
        .group_by(*by)
        .order_by(*by)
    )
    return session.connection().execute(query).all()


def feedback_words(session: Session, *, since: datetime) -> Sequence[Row[Any]]:
    """What those wrote who wrote anything, the newest first, without who they are."""
    query: Select[Any] = (
        select(_FEEDBACK.c.given_at, _FEEDBACK.c.answer, _FEEDBACK.c.locale, _FEEDBACK.c.words)
        .where(_FEEDBACK.c.given_at >= since, _FEEDBACK.c.words.is_not(None))
        .order_by(_FEEDBACK.c.id.desc())
    )
    return session.connection().execute(query).all()
