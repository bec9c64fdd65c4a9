"""What the console's bench opens: every list with its filters and sorts, on its first page and deep
inside, every room, and one customer's page. By name, the path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote_plus

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlmodel import Session

from app.console.customers.case_filters import PHASES, STANDING
from app.console.customers.room import WHYS
from app.console.figures.behind import STATES
from app.console.figures.reports import REPORTS
from app.console.lists import AFTER, written
from app.console.queues.lists import written as written_of_tasks
from app.intake.queues import Place, Queue
from app.lab.bench.console_book import QUIET
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import (
    Address,
    Attempt,
    Campaign,
    Case,
    Creditor,
    Customer,
    InboxItem,
    Invoice,
    Message,
    Task,
)

_ADDRESS, _ATTEMPT, _CASE = table_of(Address), table_of(Attempt), table_of(Case)
_CAMPAIGN, _CREDITOR, _CUSTOMER = table_of(Campaign), table_of(Creditor), table_of(Customer)
_INVOICE, _ITEM, _MESSAGE = table_of(Invoice), table_of(InboxItem), table_of(Message)
_TASK: Final = table_of(Task)
_OPEN_TASK: Final = _TASK.c.state == word("open")
_OPEN_CASE: Final = _CASE.c.phase != word("closed")

CUSTOMERS: Final = "/console/customers"
QUEUES: Final = "/console/queues"
"""The console's own addresses, as people type them."""


def pages(session: Session) -> Mapping[str, str]:
    """All of them, with what this book holds."""
    creditors = dict(
        map(tuple, session.connection().execute(select(_CREDITOR.c.external_id, _CREDITOR.c.id)))
    )
    quiet, busy = creditors.pop(QUIET), min(creditors.values())
    return dict(
        [
            *_searches(session),
            *_cases(session, busy, quiet),
            *_one_customer(session),
            *_waiting(session, busy, quiet),
            *_queues(session, busy, quiet),
            *_figures(busy, quiet),
            *_house(session, busy),
        ]
    )


def _searches(session: Session) -> Iterator[tuple[str, str]]:
    for language in ("he", "ar", "en", "lt"):
        name = _first(session, select(_CUSTOMER.c.name), _CUSTOMER.c.locale.startswith(language))
        if name is not None:
            yield f"search: a name ({language})", f"{CUSTOMERS}?q={name.name}"
            yield f"search: two letters ({language})", f"{CUSTOMERS}?q={name.name[:2]}"
    late = _deep(session, select(_CUSTOMER.c.id, _CUSTOMER.c.external_id), _CUSTOMER.c.id)
    phone = _first(session, select(_ADDRESS.c.value), _ADDRESS.c.kind == "phone")
    invoice = _deep(session, select(_INVOICE.c.external_id, _INVOICE.c.id), _INVOICE.c.id)
    if late is not None and invoice is not None:
        yield "search: a number", f"{CUSTOMERS}?q={late.external_id}"
        yield "search: an invoice", f"{CUSTOMERS}?q={invoice.external_id}"
    if phone is not None:
        yield "search: a phone", f"{CUSTOMERS}?q={phone.value.removeprefix('+')}"
    yield "search: nobody", f"{CUSTOMERS}?q=zzyzx quux"


def _cases(session: Session, busy: int, quiet: int) -> Iterator[tuple[str, str]]:
    asked = ["", "sort=latest", "over=30", "under=3", "over=5&under=9", f"creditor={busy}"]
    asked += [f"creditor={quiet}", f"creditor={busy}&over=5&sort=latest"]
    asked += [f"phase={phase}" for phase in PHASES]
    asked += [f"open={each}" for each in STANDING]
    asked += [f"held={each}" for each in ("any", "staff", "reply")]
    asked += [f"language={each}" for each in ("he", "lt", "ru")]
    asked += [f"medium={each}" for each in ("sms", "whatsapp")]
    asked += [f"why={each}" for each in (*WHYS, "not_yet")]
    for each in asked:
        yield f"cases: {each or 'all'}", f"{CUSTOMERS}?{each}"
    columns = (_CASE.c.anchor_on, _CASE.c.id)
    deep = _deep(session, select(*columns).where(_OPEN_CASE), *columns)
    after = f"{AFTER}={written(list(deep))}" if deep is not None else ""
    for each in ("", "sort=latest", f"creditor={busy}", "language=lt", "why=no_address"):
        yield f"cases: {each or 'all'}, deep", f"{CUSTOMERS}?{each}&{after}"


def _one_customer(session: Session) -> Iterator[tuple[str, str]]:
    case = _first(session, select(_CASE.c.id, _CASE.c.customer_id), _OPEN_CASE)
    said = _first(session, select(_MESSAGE.c.id), _MESSAGE.c.accepted_at.is_not(None))
    if case is not None:
        yield "one customer", f"{CUSTOMERS}/{case.customer_id}"
        yield "why a case", f"/console/why/case/{case.id}"
    if said is not None:
        yield "why a message", f"/console/why/message/{said.id}"


def _waiting(session: Session, busy: int, quiet: int) -> Iterator[tuple[str, str]]:
    for each in ("", "owner=me", "owner=nobody", "urgency=2", f"creditor={busy}"):
        yield f"inbox: {each or 'all'}", f"/console/inbox?{each}"
    yield "inbox: creditor of nobody", f"/console/inbox?creditor={quiet}"
    item = _first(session, select(_ITEM.c.id), _ITEM.c.done_at.is_(None))
    if item is not None:
        yield "inbox: one text", f"/console/inbox/{item.id}"
    yield "calls", "/console/calls"
    yield "calls: one language", "/console/calls?language=he"


def _queues(session: Session, busy: int, quiet: int) -> Iterator[tuple[str, str]]:
    for queue in ("", *map(str, Queue)):
        for whose in ("", f"creditor={busy}", f"creditor={quiet}"):
            asked = "&".join(filter(None, (queue and f"queue={queue}", whose)))
            yield f"queue: {asked or 'all'}", f"{QUEUES}?{asked}"
    for asked in ("owner=me", "owner=nobody", "team=service", "overdue=1"):
        yield f"queue: {asked}", f"{QUEUES}?{asked}"
    yield f"queue: overdue=1&creditor={quiet}", f"{QUEUES}?overdue=1&creditor={quiet}"
    for whose in ("", f"creditor={quiet}"):
        yield f"queue: promises {whose}", f"{QUEUES}/promises?{whose}"
        yield f"queue: bank {whose}", f"{QUEUES}/bank?{whose}"
    columns = (_TASK.c.due_at, _TASK.c.id)
    dated = select(*columns).where(_OPEN_TASK, _TASK.c.due_at.is_not(None))
    deep = _deep(session, dated, *columns)
    if deep is not None:
        after = quote_plus(written_of_tasks(Place(deep.due_at, deep.id)))
        yield "queue: all, deep", f"{QUEUES}?{AFTER}={after}"
        yield "one task", f"{QUEUES}/tasks/{deep.id}"


def _figures(busy: int, quiet: int) -> Iterator[tuple[str, str]]:
    yield "today", "/console/"
    yield "today: a creditor", f"/console/?creditor={busy}"
    yield "reports", "/console/reports"
    for report in REPORTS:
        yield f"report: {report}", f"/console/reports/{report}"
    narrowed = ["", f"creditor={quiet}", "medium=whatsapp", "reason=defect", "outcome=answered"]
    for state in STATES:
        for each in narrowed:
            yield f"messages: {state} {each}", f"/console/messages?state={state}&{each}"
    yield "messages: language=ru", "/console/messages?language=ru"
    for each in ("", f"creditor={quiet}", f"creditor={busy}", "currency=EUR", "method=cheque"):
        yield f"payments: {each or 'all'}", f"/console/payments?{each}"
    for each in ("", "sort=newest", "currency=XXX"):
        yield f"invoices: {each or 'all'}", f"/console/invoices?creditor={busy}&{each}"


def _house(session: Session, busy: int) -> Iterator[tuple[str, str]]:
    design = "/console/design"
    yield "journeys", f"{design}/journeys"
    yield "one journey", f"{design}/journeys/consumer_gentle"
    yield "templates", f"{design}/templates"
    yield "one template", f"{design}/templates/reminder_first"
    campaign = _first(session, select(_CAMPAIGN.c.id), _CAMPAIGN.c.id > 0)
    if campaign is not None:
        yield "one campaign", f"/console/campaigns/{campaign.id}"
    creditor = _first(session, select(_CREDITOR.c.id), _CREDITOR.c.id > 0)
    if creditor is not None:
        yield "one creditor", f"/console/creditors/{creditor.id}"
    rooms = ("campaigns", "creditors", "senders", "rules", "languages", "errands", "users")
    yield "rules: a creditor", f"/console/rules?creditor={busy}"
    for room in (*rooms, "machines", "audit", "stop", "book/imports", "account"):
        yield room, f"/console/{room}"
    for asked in ("by=nobody", "act=hold_placed", "about=case"):
        yield f"audit: {asked}", f"/console/audit?{asked}"


def _first(session: Session, query: Select[Any], condition: ColumnElement[bool]) -> Row[Any] | None:
    return session.connection().execute(query.where(condition).limit(1)).first()


def _deep(session: Session, query: Select[Any], *by: ColumnElement[Any]) -> Row[Any] | None:
    """The row in the middle of an order."""
    counted = select(func.count()).select_from(query.subquery())
    middle = session.connection().execute(counted).scalar_one() // 2
    return session.connection().execute(query.order_by(*by).offset(middle).limit(1)).first()
