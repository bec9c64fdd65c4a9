"""Money of bank statements that nobody is sure of: say whose it is, or put it aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import ColumnElement, select
from starlette.responses import Response

from app.book.errors import LedgerError
from app.book.ledger import UnknownCustomer
from app.book.statements.assigning import (
    assign_payment,
    assign_return,
    find_customer,
    find_invoices,
    put_aside,
    shown_entries,
)
from app.console.door import Visit, acts, looks
from app.console.lists import Listing, Sort
from app.console.office import Doing, Office
from app.console.queues.lines import Id, creditor_id, creditors
from app.console.queues.lists import ROOM, tabs
from app.delivery.withdrawal import withdraw
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import BankEntry
from app.web.catalogues import N_

HOME: Final = "/console/queues/bank"
_ENTRY = table_of(BankEntry)
_SORTS: Final = {"booked": Sort((_ENTRY.c.booked_on, _ENTRY.c.id))}


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/bank")
    def waiting(v: Annotated[Visit, looks()]) -> Response:
        with office.database.read() as session:
            listed = _listing().read(session, v.asked)
            facts: dict[str, Any] = {
                "listed": listed,
                "entries": shown_entries(session, listed.rows),
                "tabs": tabs(session, v, office.clock.now()),
                "creditors": creditors(session),
            }
        return office.page(v, "console/queues/bank.html", room=ROOM, **facts)

    @routes.get("/bank/{id_}")
    def one(id_: Id, v: Annotated[Visit, looks()]) -> Response:
        return _entry_page(office, v, id_)

    @routes.post("/bank/{id_}/assign")
    def assign(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Books it as a customer's payment, or as what went back of one."""
        return _decide(office, v, id_, "bank.assigned", N_("Booked."), _assign)

    @routes.post("/bank/{id_}/aside")
    def aside(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """It is no customer's money."""
        said = N_("Put aside: it is no customer's.")
        return _decide(office, v, id_, "bank.aside", said, _aside)


def _decide(office: Office, v: Visit, id_: int, act: str, said: str, do: Any) -> Response:
    try:
        with office.act(v, act, about=("bank_entry", id_)) as doing:
            do(doing, id_, v.typed)
            withdraw(doing.session, now=doing.now)
    except UnknownCustomer:
        return _entry_page(office, v, id_, N_("There is no such customer."))
    except LedgerError as problem:
        return _entry_page(office, v, id_, _FAULTS.get(_fault(problem), _FAULTS[""]))
    return office.back(HOME, said)


_FAULTS: Final[Mapping[str, str]] = {
    "": N_("This entry cannot be booked so. Look at it again."),
    "booked": N_("Somebody has booked this entry already."),
    "customer": N_("There is no such customer. Check the number."),
    "invoice": N_("The customer has no invoice of that number."),
    "other": N_("The customer is another creditor's."),
    "left": N_("Nothing is left of that payment."),
    "payment": N_("There is no such payment."),
}


def _fault(problem: LedgerError) -> str:
    """The errors of the book are for staff, in English; the console has its own words."""
    told = str(problem)
    marks = {
        "booked": "is booked already",
        "customer": "there is no customer",
        "invoice": "has no invoice",
        "other": "another creditor's",
        "left": "nothing is left",
        "payment": "there is no payment",
    }
    return next((name for name, mark in marks.items() if mark in told), "")


def _assign(doing: Doing, entry_id: int, typed: Mapping[str, str]) -> None:
    session, now = doing.session, doing.now
    if typed.get("payment"):
        payment_id = int(typed["payment"]) if typed["payment"].isdecimal() else 0
        assign_return(session, entry_id, payment_id=payment_id, now=now)
        return
    query = select(_ENTRY.c.creditor_id).where(_ENTRY.c.id == entry_id)
    owner = session.connection().scalar(query)
    customer_id = find_customer(session, owner or 0, typed.get("customer", "").strip())
    numbers = typed.get("invoices", "").replace(",", " ").split()
    invoices = find_invoices(session, customer_id, numbers)
    assign_payment(session, entry_id, customer_id=customer_id, invoice_ids=invoices, now=now)


def _aside(doing: Doing, entry_id: int, _: Mapping[str, str]) -> None:
    put_aside(doing.session, entry_id, now=doing.now)


def _entry_page(office: Office, v: Visit, id_: int, problem: str = "") -> Response:
    with office.database.read() as session:
        query = select(_ENTRY).where(_ENTRY.c.id == id_)
        rows = session.connection().execute(query).all()
        if not rows:
            raise HTTPException(404)
        entry = shown_entries(session, rows)[0]
    facts = {"entry": entry, "row": rows[0], "problem": problem, "typed": v.typed}
    status = 422 if problem else 200
    return office.page(v, "console/queues/entry.html", room=ROOM, status=status, **facts)


def _listing() -> Listing:
    def of_creditor(value: str) -> ColumnElement[bool] | None:
        return _ENTRY.c.creditor_id == creditor_id(value)

    def of_kind(value: str) -> ColumnElement[bool] | None:
        return _ENTRY.c.kind == value if value in ("payment", "reversal") else None

    query = select(_ENTRY).where(_ENTRY.c.settled_at.is_(None))
    return Listing(query, _SORTS, {"kind": of_kind, "creditor": of_creditor})
