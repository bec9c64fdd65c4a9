"""The book of the console's bench: people whom the engine has walked, multiplied, with a team.

The demo's own walk makes the first of them: paid and late, promised, held, in dispute, with
replies that wait. All others are copies, in the places of two creditors; a third one has nobody,
which is what a filter by creditor finds worst.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
)
from sqlmodel import Session, SQLModel

from app.book.finding.kept_words import keep_words
from app.figures.ticking import Figures
from app.lab.bench.copies import AT_ONCE, Changed, Copies, go_on_counting, moved, trust
from app.lab.bench.rounds import Progress
from app.lab.demo import run_demo
from app.staff.roles import Role
from app.store.bulk import insert_returning_ids
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import (
    Address,
    Allocation,
    Attempt,
    Campaign,
    Case,
    Complaint,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    CustomerWord,
    Dispute,
    Event,
    Hardship,
    Hold,
    InboxItem,
    Instalment,
    Invoice,
    Message,
    Notice,
    Payment,
    Person,
    Plan,
    PlanWish,
    Promise,
    Refused,
    Reply,
    StaffUser,
    Task,
)

TODAY: Final = date(2026, 3, 10)
NOW: Final = datetime(2026, 3, 10, 8, tzinfo=UTC)
WALKED: Final = 200
DAYS: Final = 16
QUIET: Final = "quiet"
"""The creditor of nobody."""

_MODELS: Final[tuple[type[SQLModel], ...]] = (
    *(Person, Customer, CustomerWord, Address, ContactPoint, Consent, Invoice, Case),
    *(Message, Attempt, Event, Refused, Payment, Allocation, Promise, Plan, PlanWish),
    *(Instalment, Dispute, Hardship, Hold, Notice, Complaint, Task, Reply, InboxItem),
)
TABLES: Final = tuple(map(table_of, _MODELS))
_WITH_IDS: Final = tuple(table for table in TABLES if "id" in table.c)
_ADDRESS, _ATTEMPT, _CASE = table_of(Address), table_of(Attempt), table_of(Case)
_CREDITOR, _CUSTOMER, _PAYMENT = table_of(Creditor), table_of(Customer), table_of(Payment)
_EVENT, _NOTICE, _MESSAGE = table_of(Event), table_of(Notice), table_of(Message)
_CAMPAIGN, _INVOICE, _PLAN = table_of(Campaign), table_of(Invoice), table_of(Plan)
_SUBJECTS: Final = {"customer": _CUSTOMER, "invoice": _INVOICE, "plan": _PLAN}
_FIRST_ENDING: Final = 100_000


def fill(database: Database, customers: int, *, walked: int, days: int, tell: Progress) -> None:
    """Puts so many customers in, rounded down to a multiple of `walked`, whom the demo walks for
    so many days."""
    run_demo(database, customers=walked, days=days, seed=9, today=TODAY, progress=lambda *_: None)
    with database.write() as session:
        ids = session.connection().execute(select(_CUSTOMER.c.id)).scalars().all()
        keep_words(session, [], new=ids)
        _quiet_creditor(session)
    for done in _multiply(database, customers // walked, max(AT_ONCE // walked, 1)):
        tell(done * walked, customers)


def count_figures(database: Database, now: datetime) -> None:
    """Brings what pages read of the past and of the whole book up to date."""
    figures = Figures(database)
    while figures.tick(now):
        continue


def an_admin(database: Database, now: datetime) -> int:
    """Somebody who may see every page."""
    row = {
        "sign_in": "bench@house.example",
        "name": "Bench",
        "roles": [str(role) for role in Role],
        "language": "en",
        "zone": "Asia/Jerusalem",
        "created_at": now,
        "created_by": "bench",
    }
    with database.write() as session:
        return insert_returning_ids(session, StaffUser, [row])[0]


def _quiet_creditor(session: Session) -> None:
    kept = {"external_id": literal(QUIET), "name": literal("Quiet House")}
    columns = [column for column in _CREDITOR.c if column.name != "id"]
    first = select(*(kept.get(each.name, each) for each in columns)).order_by(_CREDITOR.c.id)
    named = [each.name for each in columns]
    session.connection().execute(insert(_CREDITOR).from_select(named, first.limit(1)))


def _multiply(database: Database, copies: int, at_once: int) -> Iterator[int]:
    """Answers after each transaction how many copies are there."""
    with database.read() as session:
        ids = {table: _last(session.connection(), table) for table in _WITH_IDS}
        changed = _changed(session.connection(), ids)
    crowd = Copies(ids, changed)
    for start in range(1, copies, at_once):
        stop = min(start + at_once, copies)
        with database.write() as session:
            connection = session.connection()
            trust(connection)
            for table in TABLES:
                crowd.grow(connection, table, start, stop)
            go_on_counting(connection, _WITH_IDS)
        yield stop


def _last(connection: Connection, table: Table) -> int:
    last: int = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return last


def _changed(connection: Connection, ids: Mapping[Table, int]) -> Mapping[Column[Any], Changed]:
    """What no foreign key tells. Texts of mail are left out of copies: no list reads them."""

    def along(column: Column[Any], table: Table) -> Changed:
        return lambda number: moved(column, number, ids[table])

    return {
        _ADDRESS.c.value: lambda number: _ADDRESS.c.value + cast(number + _FIRST_ENDING, String),
        _ATTEMPT.c.html: lambda _: null(),
        _ATTEMPT.c.provider_id: lambda number: _ATTEMPT.c.provider_id + cast(number, String),
        _CASE.c.anchor_invoice_id: along(_CASE.c.anchor_invoice_id, _INVOICE),
        _CASE.c.subject_id: _subject(connection, ids),
        _CASE.c.message_key: lambda number: (
            _CASE.c.message_key + literal("-") + cast(number, String)
        ),
        _EVENT.c.message_id: along(_EVENT.c.message_id, _MESSAGE),
        _NOTICE.c.message_id: along(_NOTICE.c.message_id, _MESSAGE),
        _PAYMENT.c.checkout_id: lambda _: null(),
    }


def _subject(connection: Connection, ids: Mapping[Table, int]) -> Changed:
    """What a case is about: a customer, an invoice or a plan, as its campaign says."""
    subjects = connection.execute(select(_CAMPAIGN.c.id, _CAMPAIGN.c.subject)).all()
    each = [
        (_CASE.c.campaign_id == row.id, ids[_SUBJECTS[row.subject]])
        for row in subjects
        if row.subject in _SUBJECTS
    ]

    def subject(number: ColumnElement[int]) -> ColumnElement[Any]:
        there: ColumnElement[Any] = _CASE.c.subject_id + number * case(*each, else_=0)
        return there

    return subject
