"""What acts were done to, by name: one statement for each kind of row, however many lines ask.

Names are read for the page alone; the trail itself holds ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, Table, select
from sqlmodel import Session

from app.console.errands.pages import KINDS as ERRANDS
from app.console.sentences import Sentences
from app.console.task_titles import title_of
from app.staff.roles import Right
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import (
    ApiKey,
    BankEntry,
    Campaign,
    Case,
    Creditor,
    Customer,
    Draft,
    Endpoint,
    Errand,
    Hold,
    InboxItem,
    OnCall,
    Plan,
    Promise,
    RejectedFeed,
    RejectedRow,
    SavedView,
    Sender,
    SpecialNote,
    StaffUser,
    Task,
)
from app.web.catalogues import N_
from campaigns.money import Money

Ref = tuple[str, int]
"""A kind of row and its id, as a line of the trail holds them."""
Named = Mapping[Ref, Row[Any]]

_CUSTOMER, _TASK, _REJECT = table_of(Customer), table_of(Task), table_of(RejectedRow)
_FEED = table_of(RejectedFeed)
_STRANGER: Final = N_("somebody unknown")
_FOLDERS: Final = {"journey": "journeys", "template": "templates"}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How rows of one kind are read, called, and where one is looked at."""

    query: Select[Any]
    say: Callable[[Sentences, Row[Any]], str]
    path: Callable[[Row[Any]], str]
    right: Right = Right.LOOK


def read_names(
    session: Session, asked: Iterable[Ref], may: Callable[[str], bool]
) -> dict[Ref, Row[Any]]:
    """The rows that are named, as far as the reader may see them and they are still there."""
    ids: dict[str, set[int]] = defaultdict(set)
    for kind, id_ in asked:
        if kind in KINDS and may(KINDS[kind].right):
            ids[kind].add(id_)
    return {
        (kind, row.id): row
        for kind, wanted in ids.items()
        for row in rows_given(session, KINDS[kind].query, sorted(wanted))
    }


def name_of(said: Sentences, named: Named, ref: Ref) -> str:
    """What it is called; its number where it has no name that the reader may see."""
    row = named.get(ref)
    told = KINDS[ref[0]].say(said, row) if row is not None else ""
    return told or f"#{ref[1]}"


def place_of(named: Named, ref: Ref) -> str:
    """Its page; "" without one."""
    row = named.get(ref)
    return KINDS[ref[0]].path(row) if row is not None else ""


def _of(table: Table, *columns: str) -> Select[Any]:
    return select(table.c.id, *(table.c[name] for name in columns)).where(table.c.id.in_(GIVEN))


def _with_customer(table: Table, *columns: str) -> Select[Any]:
    """Rows that are a customer's, with the name and the number of that one."""
    return (
        select(
            table.c.id,
            *(table.c[name] for name in columns),
            _CUSTOMER.c.id.label("whose"),
            _CUSTOMER.c.name.label("customer"),
            _CUSTOMER.c.external_id.label("customer_number"),
        )
        .outerjoin(_CUSTOMER, _CUSTOMER.c.id == table.c.customer_id)
        .where(table.c.id.in_(GIVEN))
    )


def _customer(_: Sentences, row: Row[Any]) -> str:
    return str(row.customer or row.customer_number or "")


def _whoever(said: Sentences, row: Row[Any]) -> str:
    return _customer(said, row) or said.say(_STRANGER)


def _task(said: Sentences, row: Row[Any]) -> str:
    whose, title = _customer(said, row), title_of(said, row)
    return f"{title} ({whose})" if whose else title


def _name(_: Sentences, row: Row[Any]) -> str:
    return str(row.name)


def _entry(said: Sentences, row: Row[Any]) -> str:
    return f"{said.money(Money(row.amount_minor, row.currency))}, {said.day(row.booked_on)}"


def _rejected(said: Sentences, row: Row[Any]) -> str:
    return said.fill(N_("Line %(line)s of %(file)s"), line=row.line, file=row.file_name)


def _at(folder: str) -> Callable[[Row[Any]], str]:
    return lambda row: f"/console/{folder}/{row.id}"


def _whose(row: Row[Any]) -> str:
    return f"/console/customers/{row.whose}" if row.whose else ""


def _nowhere(_: Row[Any]) -> str:
    return ""


def _draft(row: Row[Any]) -> str:
    return f"/console/design/{_FOLDERS[row.kind]}/{row.name}" if row.kind in _FOLDERS else ""


KINDS: Final[Mapping[str, _Kind]] = {
    "customer": _Kind(
        _of(_CUSTOMER, "name", "external_id"),
        lambda _, row: row.name or row.external_id,
        _at("customers"),
    ),
    "dunning_case": _Kind(_with_customer(table_of(Case)), _customer, _whose),
    "promise": _Kind(
        _with_customer(table_of(Promise), "amount_minor", "currency", "due_on"), _customer, _whose
    ),
    "special_note": _Kind(_with_customer(table_of(SpecialNote)), _customer, _whose),
    "inbox_item": _Kind(_with_customer(table_of(InboxItem)), _whoever, _at("inbox")),
    "task": _Kind(_with_customer(_TASK, "kind", "title", "detail"), _task, _at("queues/tasks")),
    "bank_entry": _Kind(
        _of(table_of(BankEntry), "amount_minor", "currency", "booked_on"),
        _entry,
        _at("queues/bank"),
    ),
    "rejected_row": _Kind(
        select(_REJECT.c.id, _REJECT.c.line, _REJECT.c.feed_id, _FEED.c.file_name)
        .join(_FEED, _FEED.c.id == _REJECT.c.feed_id)
        .where(_REJECT.c.id.in_(GIVEN)),
        _rejected,
        lambda row: f"/console/queues/rejects/{row.feed_id}",
    ),
    "creditor": _Kind(_of(table_of(Creditor), "name"), _name, _at("creditors")),
    "campaign": _Kind(_of(table_of(Campaign), "name"), _name, _at("campaigns")),
    "sender": _Kind(
        _of(table_of(Sender), "display_name", "address"),
        lambda _, row: row.display_name or row.address,
        _at("senders"),
    ),
    "on_call": _Kind(_of(table_of(OnCall), "name"), _name, _nowhere),
    "draft": _Kind(
        _of(table_of(Draft), "kind", "name"), lambda said, row: said.spelled(row.name), _draft
    ),
    "errand": _Kind(
        _of(table_of(Errand), "kind"),
        lambda said, row: f"{said.say(ERRANDS.get(row.kind, row.kind))}, {row.id}",
        _at("errands"),
    ),
    "saved_view": _Kind(_of(table_of(SavedView), "name"), _name, _nowhere),
    "user": _Kind(_of(table_of(StaffUser), "name"), _name, _at("users"), Right.RUN),
    "api_key": _Kind(
        _of(table_of(ApiKey), "name"), _name, lambda _: "/console/machines", Right.RUN
    ),
    "endpoint": _Kind(
        _of(table_of(Endpoint), "url"), lambda _, row: row.url, _at("machines/webhooks"), Right.RUN
    ),
    "hold": _Kind(_of(table_of(Hold), "kind", "until", "why"), lambda *_: "", _nowhere),
    "plan": _Kind(_of(table_of(Plan), "amount_minor", "currency"), lambda *_: "", _nowhere),
}
"""Also holds and plans, which no act is about and some tell of."""
