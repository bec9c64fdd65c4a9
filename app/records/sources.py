"""Which rows belong into a person's chain, and what of each counts: what never changes once it is
written. What moves on, such as a state, is told by events, which are in the chain themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    Table,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)

from app.store.given import GIVEN, table_of
from app.store.rows import (
    Attempt,
    CallWish,
    Case,
    Charge,
    Complaint,
    Consent,
    Customer,
    Dispute,
    Event,
    Feedback,
    Hardship,
    Hold,
    Invoice,
    Mandate,
    Message,
    Notice,
    PhoneCall,
    Plan,
    PlanWish,
    Promise,
    Proof,
    Refused,
    Reply,
    StaffAnswer,
    Task,
    TaskQuestion,
    TrailLine,
    TrailSalt,
)

_CASE, _CUSTOMER, _LINE = table_of(Case), table_of(Customer), table_of(TrailLine)
_INVOICE, _MESSAGE, _SALT = table_of(Invoice), table_of(Message), table_of(TrailSalt)


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of one kind: the table, how each leads to its person, what of it counts.

    `whose` is the table joined with what leads there, `person` the column that it leads to, and
    `at` when it came on record. `customer` is whose the row is, where a customer's erasure takes
    the columns of `erased`. `later` are columns that came when there were rows already: a row that
    says nothing in them reads as it did without them.
    """

    kind: str
    table: Table
    whose: FromClause
    person: ColumnElement[int]
    columns: tuple[str, ...]
    at: ColumnElement[datetime]
    erased: tuple[str, ...] = ()
    customer: ColumnElement[int] | None = None
    later: frozenset[str] = frozenset()

    @cached_property
    def rows(self) -> Select[Any]:
        """The person and what counts, of every row that is somebody's."""
        counted = [self.table.c[name] for name in self.columns if name != "person_id"]
        person = self.person.label("person_id")
        return select(self.table.c.id, person, *counted).select_from(self.whose)

    @cached_property
    def is_unlinked(self) -> ColumnElement[bool]:
        kind: ColumnElement[str] = literal_column(f"'{self.kind}'")
        return ~exists().where(_LINE.c.kind == kind, _LINE.c.row_id == self.table.c.id)

    @cached_property
    def new(self) -> Select[Any]:
        """Rows above `low` that no line tells of, the oldest first."""
        query = self.rows.where(self.table.c.id > bindparam("low"), self.is_unlinked)
        return query.order_by(self.table.c.id).limit(bindparam("most"))

    @cached_property
    def new_of(self) -> Select[Any]:
        """The same of given persons."""
        query = self.rows.where(self.person.in_(GIVEN), self.is_unlinked)
        return query.order_by(self.table.c.id)

    @cached_property
    def with_id(self) -> Select[Any]:
        return self.rows.where(self.table.c.id.in_(GIVEN))

    @cached_property
    def erasable_lines(self) -> Select[Any]:
        """The lines of given customers that tell of something that erasure takes."""
        assert self.customer is not None
        kind: ColumnElement[str] = literal_column(f"'{self.kind}'")
        line = (_LINE.c.row_id == self.table.c.id) & (_LINE.c.kind == kind)
        holds = or_(*(self.table.c[name].is_not(None) for name in self.erased))
        return (
            select(self.customer.label("customer_id"), _LINE.c.number, _SALT.c.id)
            .select_from(self.whose)
            .join(_LINE, line)
            .join(_SALT, _SALT.c.line_id == _LINE.c.id)
            .where(self.customer.in_(GIVEN), holds)
        )


def content_of(source: Source, row: Row[Any]) -> str:
    """What counts of a row, in one spelling."""
    told = {
        name: value
        for name in source.columns
        if (value := row._mapping[name]) or name not in source.later
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False, default=_spelled)


def _spelled(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _all_of(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.c if column.name != "id")


def _of_customer(
    kind: str,
    table: Table,
    columns: tuple[str, ...],
    *,
    at: str = "at",
    erased: tuple[str, ...] = (),
    later: frozenset[str] = frozenset(),
) -> Source:
    whose = table.join(_CUSTOMER, _CUSTOMER.c.id == table.c.customer_id)
    person, customer = _CUSTOMER.c.person_id, table.c.customer_id
    return Source(kind, table, whose, person, columns, table.c[at], erased, customer, later)


def _attempts() -> Source:
    table = table_of(Attempt)
    whose = table.join(_MESSAGE, _MESSAGE.c.id == table.c.message_id)
    person, customer, at = table.c.person_id, _MESSAGE.c.customer_id, table.c.gated_at
    return Source("attempt", table, whose, person, _FROZEN, at, _TEXTS, customer)


def _refusals() -> Source:
    table = table_of(Refused)
    whose = table.join(_CASE, _CASE.c.id == table.c.case_id)
    return Source("refusal", table, whose, _CASE.c.person_id, _all_of(table), table.c.at)


def _holds() -> Source:
    table = table_of(Hold)
    columns = ("person_id", "customer_id", "kind", "placed_at")
    return Source("hold", table, table, table.c.person_id, columns, table.c.placed_at)


def _charges() -> Source:
    table = table_of(Charge)
    whose = table.join(_INVOICE, _INVOICE.c.id == table.c.invoice_id).join(
        _CUSTOMER, _CUSTOMER.c.id == _INVOICE.c.customer_id
    )
    posted_at = _INVOICE.c.known_at
    return Source("charge", table, whose, _CUSTOMER.c.person_id, _all_of(table), posted_at)


_TEXTS = ("text", "subject", "html")
_FROZEN = (
    *("key", "message_id", "number", "medium", "category", "sender_id", "address_id"),
    *("recipient", "copied_to", "locale", "template_hash", "subject", "text", "html"),
    *("invoice_ids", "evidence", "gated_at", "valid_until"),
)
"""What an attempt never changes once it is written. Its state moves on."""
_AGREED = ("customer_id", "currency", "amount_minor", "invoice_ids")

SOURCES: Final = (
    _of_customer("event", table_of(Event), _all_of(table_of(Event))),
    _attempts(),
    _refusals(),
    _of_customer(
        "consent",
        table_of(Consent),
        _all_of(table_of(Consent)),
        erased=("evidence",),
        later=frozenset({"basis", "purpose", "recorded_by", "recorded_at"}),
    ),
    _of_customer(
        "notice",
        table_of(Notice),
        ("key", "customer_id", "act", "at", "made_by", "message_id"),
    ),
    _charges(),
    _holds(),
    _of_customer(
        "promise", table_of(Promise), (*_AGREED, "due_on", "made_at", "made_by"), at="made_at"
    ),
    _of_customer("plan", table_of(Plan), (*_AGREED, "agreed_at", "agreed_by"), at="agreed_at"),
    _of_customer(
        "plan_wish",
        table_of(PlanWish),
        (
            *("customer_id", "currency", "amount_minor", "parts", "part_minor", "rhythm"),
            *("first_on", "wished_at", "answer_by"),
        ),
        at="wished_at",
    ),
    _of_customer(
        "mandate",
        table_of(Mandate),
        (
            *("key", "customer_id", "plan_id", "currency", "gateway", "text_hash", "locale"),
            *("given_at", "given_by"),
        ),
        at="given_at",
    ),
    _of_customer(
        "dispute",
        table_of(Dispute),
        ("customer_id", "invoice_id", "kind", "words", "opened_at"),
        at="opened_at",
        erased=("words",),
    ),
    _of_customer(
        "hardship",
        table_of(Hardship),
        ("customer_id", "kind", "words", "reported_at"),
        at="reported_at",
        erased=("words",),
    ),
    _of_customer(
        "complaint",
        table_of(Complaint),
        ("customer_id", "words", "received_at", "answer_by"),
        at="received_at",
        erased=("words",),
    ),
    _of_customer(
        "task",
        table_of(Task),
        ("key", "kind", "title", "customer_id", "case_id", "detail", "created_at"),
        at="created_at",
    ),
    _of_customer(
        "task_question",
        table_of(TaskQuestion),
        (
            *("customer_id", "task_id", "from_team", "to_team", "words", "asked_by", "asked_at"),
            "answer_by",
        ),
        at="asked_at",
        erased=("words",),
    ),
    _of_customer(
        "reply",
        table_of(Reply),
        ("customer_id", "message_id", "medium", "text", "received_at"),
        at="received_at",
        erased=("text",),
    ),
    _of_customer(
        "staff_answer",
        table_of(StaffAnswer),
        ("customer_id", "reply_id", "words", "written_by", "written_at"),
        at="written_at",
        erased=("words",),
    ),
    _of_customer(
        "call_wish",
        table_of(CallWish),
        ("customer_id", "address_id", "starts_at", "ends_at", "asked_at", "task_key"),
        at="asked_at",
    ),
    _of_customer(
        "phone_call",
        table_of(PhoneCall),
        ("customer_id", "address_id", "task_id", "called_at", "called_by", "outcome", "asked_for"),
        at="called_at",
    ),
    _of_customer(
        "feedback",
        table_of(Feedback),
        ("customer_id", "link_id", "answer", "words", "locale", "given_at"),
        at="given_at",
        erased=("words",),
    ),
    _of_customer(
        "proof",
        table_of(Proof),
        (
            *("customer_id", "reply_id", "paid_on", "method", "currency", "amount_minor"),
            *("document", "told_at"),
        ),
        at="told_at",
        erased=("paid_on", "method", "amount_minor", "document"),
    ),
)
