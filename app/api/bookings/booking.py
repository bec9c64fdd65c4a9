"""Books many rows in one call and one transaction, with a result for each: bad rows stay out, the
rest goes in, exactly as an import of a file would have it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from fastapi import APIRouter
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from sqlmodel import Session
from starlette.responses import Response

from app.api.bookings.shapes import (
    Book,
    BookingRow,
    CreditNoteIn,
    CustomerIn,
    InvoiceIn,
    PaymentIn,
    ReversalIn,
    RowRefused,
    Text,
)
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.owner import creditor_of
from app.api.problems import ACT_PROBLEMS, Fault, faults_of
from app.api.scopes import Scope
from app.api.shape import InstantTold, WordTold
from app.book.batches.batch import write_batch
from app.book.batches.firsts import Firsts
from app.book.batches.work import Batch
from app.book.customers import Owner
from app.book.days import day_of
from app.book.entries.shapes import Entry
from app.book.owners import hold_off, move_as_of
from app.book.report import ImportReport

MOST_ROWS: Final = 1000

RowIn = TypeVar("RowIn", bound=BookingRow)

_NAME: Final = TypeAdapter(Text)


class Unread(BaseModel):
    """A row that could not be read, by its name if it has one. It takes the row's place, and the
    others go on."""

    external_id: str | None
    faults: list[Fault]


def _read(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        return Unread(external_id=_name_of(value), faults=faults_of(error.errors()))


def _name_of(row: Any) -> str | None:
    try:
        return _NAME.validate_python(row["external_id"])
    except (KeyError, TypeError, ValidationError):
        return None


class Booked(BaseModel, Generic[RowIn]):
    """What is to be booked for one creditor."""

    model_config = ConfigDict(extra="forbid")

    creditor: WordTold | None = Field(
        default=None,
        description="Its external id. Not needed by a key of one creditor.",
        examples=["northwind"],
    )
    as_of: InstantTold | None = Field(
        default=None,
        description="The book is true up to this instant, now that these rows are in it. Say it"
        " with the last rows of a feed: a book that grows old stops all sending.",
    )
    rows: list[Annotated[RowIn, WrapValidator(_read)]] = Field(min_length=1, max_length=MOST_ROWS)


class RowResult(BaseModel):
    """What became of a row. `row` counts from 1."""

    row: int = Field(examples=[1])
    external_id: str | None = Field(examples=["C-10042"])
    status: Literal["taken", "refused"]
    reasons: list[str] = Field(default_factory=list, examples=[[]])


class BookingResult(BaseModel):
    """`changed` is how many things the call added, changed or ended: 0 when it told nothing new."""

    taken: int
    refused: int
    changed: int
    rows: list[RowResult]


def router(desk: Desk) -> APIRouter:
    """`POST` for each kind of rows."""
    routes = APIRouter(tags=["book"])
    _booking(routes, desk, "customers", CustomerIn)
    _booking(routes, desk, "invoices", InvoiceIn)
    _booking(routes, desk, "payments", PaymentIn)
    _booking(routes, desk, "credit-notes", CreditNoteIn)
    _booking(routes, desk, "reversals", ReversalIn)
    return routes


def _booking(routes: APIRouter, desk: Desk, path: str, row: type[Any]) -> None:
    booked_as, may_book = Booked[row], needs(Scope.BOOK_WRITE)  # type: ignore[valid-type]

    @routes.post(
        f"/{path}",
        response_model=BookingResult,
        summary=f"Books up to {MOST_ROWS} {path.replace('-', ' ')}",
        operation_id=f"book_{path.replace('-', '_')}",
        responses=ACT_PROBLEMS,
    )
    def book(
        booked: booked_as,  # type: ignore[valid-type]
        call: NamedCall,
        caller: Annotated[Caller, may_book],
    ) -> Response:
        return do(
            desk,
            caller,
            call,
            lambda session, now: _book(session, caller, booked, now, desk.secret),
        )


def _book(
    session: Session, caller: Caller, booked: Booked[Any], now: datetime, secret: bytes
) -> BookingResult:
    creditor = creditor_of(session, caller, booked.creditor)
    owner = Owner(creditor.id, creditor.external_id, creditor.zone, creditor.currency)
    hold_off(session, owner.id)
    book = Book(owner, creditor.country, day_of(now, owner.zone))
    entries, refused = _entries(book, booked.rows)
    report = ImportReport("call", "api", owner.external_id, dry_run=False)
    with Firsts() as firsts:
        firsts.begin("call")
        batch = Batch(
            owner, entries, firsts, tells_history=False, forgets=False, now=now, secret=secret
        )
        rejects = write_batch(session, batch, report)
    refused |= {reject.raw.line: list(reject.reasons) for reject in rejects}
    if booked.as_of is not None:
        move_as_of(session, owner, min(booked.as_of, now))
    return BookingResult(
        taken=len(booked.rows) - len(refused),
        refused=len(refused),
        changed=report.changed,
        rows=[_result(line, row, refused.get(line)) for line, row in enumerate(booked.rows, 1)],
    )


def _entries(book: Book, rows: Sequence[Any]) -> tuple[list[Entry], dict[int, list[str]]]:
    """What the rows say, and by line why some say nothing."""
    entries: list[Entry] = []
    refused: dict[int, list[str]] = {}
    for line, row in enumerate(rows, 1):
        if isinstance(row, Unread):
            refused[line] = [f"{fault.pointer} {fault.reason}" for fault in row.faults]
            continue
        try:
            entries.append(row.entry(book, line))
        except RowRefused as problem:
            refused[line] = [str(problem)]
    return entries, refused


def _result(line: int, row: Any, reasons: list[str] | None) -> RowResult:
    if reasons is None:
        return RowResult(row=line, external_id=row.external_id, status="taken")
    return RowResult(row=line, external_id=row.external_id, status="refused", reasons=reasons)
