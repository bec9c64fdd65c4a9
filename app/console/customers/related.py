"""The rows that the lines of a page of the timeline name, found in one query a kind of row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session, SQLModel

from app.console.customers.timeline import MUTE, Item
from app.store.given import GIVEN, rows_by_id, rows_given, table_of
from app.store.rows import (
    Attempt,
    Campaign,
    Case,
    Invoice,
    Message,
    Payment,
    Plan,
    Promise,
    Refused,
    Reply,
    TaskQuestion,
)

Rows = Mapping[int, Row[Any]]
_ATTEMPT, _REFUSED = table_of(Attempt), table_of(Refused)


@dataclass(frozen=True, slots=True)
class Related:
    """By id; refusals by the case and the instant of the decision that they were a part of."""

    messages: Rows
    attempts: Rows
    latest: Mapping[int, Row[Any]]
    """The latest attempt of each message."""
    invoices: Rows
    payments: Rows
    promises: Rows
    plans: Rows
    replies: Rows
    cases: Rows
    questions: Rows
    journeys: Mapping[int, str]
    refusals: Mapping[tuple[int, Any], Sequence[Row[Any]]]

    def message_of(self, event: Row[Any]) -> Row[Any] | None:
        return self.messages.get(event.message_id or 0)


def related(session: Session, items: Sequence[Item]) -> Related:
    events = [item.row for item in items if item.source == "event"]
    refused = [item.row for item in items if item.source == "refusal"]
    message_ids = {row.message_id for row in (*events, *refused) if row.message_id}
    settled = {row.payload.get("key") for row in events if row.kind == "MessageSettled"}
    messages = {
        **rows_by_id(session, Message, message_ids),
        **{row.id: row for row in rows_given(session, _BY_KEY, sorted(filter(None, settled)))},
    }
    cases = rows_by_id(session, Case, _named(events, "case_id", own=True))
    campaigns = rows_by_id(session, Campaign, {row.campaign_id for row in cases.values()})
    tries = rows_given(session, _TRIES, sorted(messages))
    return Related(
        messages=messages,
        attempts={row.id: row for row in tries},
        latest={row.message_id: row for row in tries},
        invoices=_rows(session, Invoice, events, "invoice_id"),
        payments=_rows(session, Payment, events, "payment_id"),
        promises=_rows(session, Promise, events, "promise_id"),
        plans=_rows(session, Plan, events, "plan_id"),
        replies=_rows(session, Reply, events, "reply_id"),
        cases=cases,
        questions=_rows(session, TaskQuestion, events, "question_id"),
        journeys={row.id: campaigns[row.campaign_id].journey for row in cases.values()},
        refusals=_passed_over(session, messages),
    )


def _rows(session: Session, model: type[SQLModel], events: Iterable[Row[Any]], name: str) -> Rows:
    return rows_by_id(session, model, _named(events, name))


def _named(events: Iterable[Row[Any]], name: str, *, own: bool = False) -> set[int]:
    told = (row._mapping[name] if own else row.payload.get(name) for row in events)
    return {id_ for id_ in told if isinstance(id_, int)}


def _passed_over(session: Session, messages: Rows) -> Mapping[tuple[int, Any], list[Row[Any]]]:
    """Media that were refused in the decision that a message came of."""
    decided = {(row.case_id, row.created_at) for row in messages.values()}
    found: dict[tuple[int, Any], list[Row[Any]]] = defaultdict(list)
    for row in rows_given(session, _REFUSED_OF, sorted({case_id for case_id, _ in decided})):
        if (row.case_id, row.at) in decided:
            found[row.case_id, row.at].append(row)
    return found


_MESSAGE = table_of(Message)
_BY_KEY: Final = select(_MESSAGE).where(_MESSAGE.c.key.in_(GIVEN))
_TRIES: Final = (
    select(
        _ATTEMPT.c.id,
        _ATTEMPT.c.message_id,
        _ATTEMPT.c.medium,
        _ATTEMPT.c.locale,
        _ATTEMPT.c.subject,
        _ATTEMPT.c.text,
        _ATTEMPT.c.state,
    )
    .where(_ATTEMPT.c.message_id.in_(GIVEN))
    .order_by(_ATTEMPT.c.id)
)
_REFUSED_OF: Final = (
    select(_REFUSED)
    .where(
        _REFUSED.c.case_id.in_(GIVEN),
        _REFUSED.c.asked_by == "decide",
        _REFUSED.c.reason.not_in(MUTE),
    )
    .order_by(_REFUSED.c.id)
)
