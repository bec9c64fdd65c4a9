"""Promises that are due: today, or overdue and within their grace. Write, call, or hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import ColumnElement, Row, Select, select
from sqlmodel import Session
from starlette.responses import Response

from app.console.door import Visit, acts, looks
from app.console.lists import Listing, Sort
from app.console.office import Office
from app.console.queues.lines import Id, creditor_id, creditors
from app.console.queues.lists import ROOM, tabs
from app.console.times import times_for
from app.delivery.withdrawal import withdraw
from app.intake.concerned import stop_customer
from app.intake.holds import place_hold
from app.staff.roles import Right
from app.store.columns import Filtered, word
from app.store.given import table_of
from app.store.rows import Creditor, Customer, Promise
from app.web.catalogues import N_
from campaigns.money import Money
from campaigns.vocabulary import HoldKind

HOLD_DAYS: Final = (3, 7, 14)
_PROMISE, _CUSTOMER, _CREDITOR = table_of(Promise), table_of(Customer), table_of(Creditor)
_SORTS: Final = {"due": Sort((_PROMISE.c.due_on, _PROMISE.c.id))}


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/promises")
    def due(v: Annotated[Visit, looks()]) -> Response:
        now = office.clock.now()
        with office.database.read() as session:
            today = times_for(v.language, v.zone).today(now)
            listed = _listing(v, today).read(session, v.asked)
            facts: dict[str, Any] = {"tabs": tabs(session, v, now), "creditors": creditors(session)}
        lines = [(row, Money(row.amount_minor, row.currency)) for row in listed.rows]
        return office.page(
            v,
            "console/queues/promises.html",
            room=ROOM,
            listed=listed,
            lines=lines,
            today=today,
            hold_days=HOLD_DAYS,
            **facts,
        )

    @routes.post("/promises/{id_}/hold")
    def hold(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Nobody writes for some days: somebody talks with them."""
        days = v.typed.get("days", "")
        if days not in map(str, HOLD_DAYS):
            raise HTTPException(422)
        with office.act(v, "promise.held", about=("promise", id_)) as doing:
            row = _open_one(doing.session, id_)
            concerned = stop_customer(doing.session, row.customer_id)
            until = doing.now + timedelta(days=int(days))
            why = office.say(v, N_("A promise is due: somebody talks to the customer first."))
            place_hold(
                doing.session, concerned, HoldKind.STAFF, until=until, why=why, now=doing.now
            )
            doing.detail["days"] = int(days)
            withdraw(doing.session, now=doing.now)
        said = N_("Held for %(days)s days: nobody writes meanwhile.")
        return office.back("/console/queues/promises", said, days=days)


def due_promises() -> Select[Any]:
    """Open promises with their customers."""
    return (
        select(
            _PROMISE,
            _CUSTOMER.c.name,
            _CUSTOMER.c.external_id.label("number"),
            _CREDITOR.c.name.label("creditor_name"),
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _PROMISE.c.customer_id)
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .where(_PROMISE.c.state == word("open"))
    )


def _listing(v: Visit, today: date) -> Listing:

    def when(value: str) -> ColumnElement[bool] | None:
        conditions: dict[str, ColumnElement[bool]] = {
            "today": _PROMISE.c.due_on == today,
            "grace": _PROMISE.c.due_on < today,
            "soon": _PROMISE.c.due_on.between(today + timedelta(1), today + timedelta(7)),
        }
        return conditions.get(value)

    def of_creditor(value: str) -> ColumnElement[bool] | None:
        return Filtered(_CUSTOMER.c.creditor_id) == creditor_id(value)

    query, along = due_promises(), select(_PROMISE.c.id).where(_PROMISE.c.state == word("open"))
    if v.asked.get("when") != "soon":
        query, along = (each.where(_PROMISE.c.due_on <= today) for each in (query, along))
    filters = {"when": when, "creditor": of_creditor}
    return Listing(query, _SORTS, filters, along=along, found=frozenset({"when"}))


def _open_one(session: Session, promise_id: int) -> Row[Any]:
    found = session.connection().execute(due_promises().where(_PROMISE.c.id == promise_id)).all()
    rows: Sequence[Row[Any]] = found
    if not rows:
        raise HTTPException(404)
    return rows[0]
