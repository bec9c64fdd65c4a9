"""Creditors: made once, and what messages say of them. Which law binds one does not change."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import Told
from app.api.bookings.shapes import Country, Currency, Locale, Text, Zone
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.book import CREDITORS, CreditorShape
from app.api.owner import creditor_of
from app.api.problems import ACT_PROBLEMS, Problem
from app.api.scopes import Scope
from app.api.shape import WordTold
from app.book.brands import change_creditor
from app.book.mapping.shape import CreditorForm
from app.book.owners import add_creditor
from campaigns.vocabulary import SenderRole

_LASTING: Final = ("country", "zone", "locale", "currency", "region", "role", "sector")


class BrandIn(Told):
    """What messages say of a creditor. What is left out stays; an empty text takes it away."""

    person: WordTold | None = Field(default=None, examples=["Noa Levi"])
    colour: str | None = Field(default=None, pattern=r"^(#[0-9a-fA-F]{6})?$", examples=["#0b6e8f"])
    phone: WordTold | None = None
    postal_address: WordTold | None = None


class CreditorIn(Told):
    """One on whose behalf messages are written."""

    external_id: Text = Field(examples=["northwind"])
    name: Text = Field(examples=["Northwind Ltd"])
    country: Country
    zone: Zone
    locale: Locale
    currency: Currency
    region: Text | None = None
    role: SenderRole = SenderRole.FIRST_PARTY
    sector: Text | None = None
    live: bool = Field(
        default=False, description="Its book is told as it changes, so it never grows stale."
    )
    brand: BrandIn = BrandIn()


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["book"])

    @routes.post(
        "/creditors",
        response_model=CreditorShape,
        summary="Makes a creditor, or says what messages tell of it",
        description="By a key of the house. One that is known keeps its name; what decides the law"
        " and the calendar must be as it is.",
        operation_id="book_creditor",
        responses=ACT_PROBLEMS,
    )
    def book(
        told: CreditorIn, call: NamedCall, caller: Annotated[Caller, needs(Scope.BOOK_WRITE)]
    ) -> Response:
        def work(session: Session, now: datetime) -> CreditorShape:
            if caller.creditor_id is not None:
                raise _NOT_FOR_ONE
            form = CreditorForm(**told.model_dump(exclude={"brand"}))
            add_creditor(session, form, now=now)
            _ensure_same(creditor_of(session, caller, told.external_id), form)
            brand = told.brand.model_dump(exclude_none=True)
            change_creditor(session, told.external_id, brand=brand, capability=None)
            row = creditor_of(session, caller, told.external_id)
            return CREDITORS.find(session, caller, row.id)

        return do(desk, caller, call, work)

    return routes


def _ensure_same(row: Any, form: CreditorForm) -> None:
    differs = [name for name in _LASTING if getattr(row, name) != getattr(form, name)]
    if differs:
        title = "This creditor is known otherwise"
        detail = f"These do not change: {', '.join(differs)}. Make another creditor."
        raise Problem(409, "creditor_differs", title, detail)


_NOT_FOR_ONE: Final = Problem(
    403, "forbidden", "The key is for one creditor", "Take a key of the house: no `--creditor`."
)
