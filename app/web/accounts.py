"""`/p/{token}/accounts`: all that a person owes through this house, creditor by creditor.

A person is known by an explicit key of the books alone: two customers who share a number, a
mailbox or a name never see each other. It always wants the proof, which also keeps other sites from
pressing its forms: the cookie does not come along with those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session, col, select
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.intake.page_links import lead_to
from app.store.guard import lock_persons
from app.store.rows import Creditor, Customer
from app.web.account import account
from app.web.brand import Brand, brand_of
from app.web.pages import tongues
from app.web.prove import led_in
from app.web.site import Site
from app.web.submission import filled
from app.web.tickets import Held, Ticket
from app.web.visits import Visit, proven_visit, spoken
from app.web.ways.way import Filled
from campaigns.money import Money


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed to one creditor. `is_here`: on the page that led here."""

    customer_id: int
    brand: Brand
    owed: tuple[Money, ...]
    is_here: bool


@dataclass(frozen=True, slots=True)
class Debts:
    """All that the template `pages/accounts.html` shows."""

    path: str
    language: str
    debts: tuple[Debt, ...]


def router(site: Site) -> APIRouter:
    """The page of a person, and its forms, each of which leads to a page."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}/accounts", methods=["GET", "HEAD"])
    def show(ticket: Held, lang: str | None = None) -> HTMLResponse:
        now = site.clock.now()
        with site.database.read() as session:
            found = proven_visit(site, session, ticket, now)
            debts = tuple(
                Debt(
                    each.customer_id,
                    brand_of(each.creditor),
                    tuple(account(session, each, now).owed),
                    each.customer_id == found.customer_id,
                )
                for each in _all_of(session, found)
            )
        language, locale = spoken(found, lang)
        return site.pages.answer(
            "pages/accounts.html",
            language=language,
            locale=locale,
            brand=brand_of(found.creditor),
            tongues=tongues(f"{ticket.path}/accounts", language),
            page=Debts(ticket.path, language, debts),
        )

    @routes.post("/p/{token}/accounts")
    async def lead(ticket: Held, request: Request) -> Response:
        return await run_in_threadpool(_lead, site, ticket, await filled(request))

    return routes


def has_others(session: Session, found: Visit) -> bool:
    """Whether the person behind a page is a customer elsewhere in this house."""
    return any(each.customer_id != found.customer_id for each in _all_of(session, found))


def _lead(site: Site, ticket: Ticket, typed: Filled) -> Response:
    """To the page of another account, which needs no second answer: it is the same person."""
    now = site.clock.now()
    with site.database.write() as session:
        found = proven_visit(site, session, ticket, now)
        lock_persons(session, [found.customer.person_id])
        wanted = {str(each.customer_id): each for each in _all_of(session, found)}
        chosen = wanted.get(typed["customer"])
        if chosen is None or chosen.customer_id == found.customer_id:
            return RedirectResponse(f"{ticket.path}?lang={spoken(found, typed['lang'])[0]}", 303)
        secret = site.settings.secret
        there = Ticket(lead_to(session, chosen.customer_id, secret=secret, now=now))
    return led_in(site, there, "", spoken(chosen, typed["lang"])[0])


def _all_of(session: Session, found: Visit) -> Iterator[Visit]:
    query = (
        select(Customer, Creditor)
        .join(Creditor, col(Creditor.id) == col(Customer.creditor_id))
        .where(Customer.person_id == found.customer.person_id, col(Customer.erased_at).is_(None))
        .order_by(col(Creditor.name), col(Customer.id))
    )
    for customer, creditor in session.exec(query):
        yield replace(found, customer=customer, creditor=creditor)
