"""The sandbox gateway's own page, where a developer plays the payer. Never in production."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from sqlmodel import Session, col, select
from starlette.responses import HTMLResponse, RedirectResponse

from app.intake.inbox import receive
from app.intake.sources import GatewaySource
from app.payments.gateway import SessionOver
from app.payments.sandbox_cards import CardCourse
from app.payments.sandbox_gateway import SandboxGateway
from app.store.rows import Checkout, Link, Mandate
from app.web.catalogues import FALLBACK
from app.web.forms import Purpose
from app.web.site import Site
from app.web.visits import UNSUBSCRIBE, LinkClosed, Visit, behind, spoken, token_hash
from app.wording.links import token
from campaigns.money import Money


def router(site: Site, gateway: SandboxGateway) -> APIRouter:
    """`/sandbox/pay/{session_id}` and `/sandbox/card/{session_id}`, where `gateway` sends payers if
    its base is `…/sandbox`."""
    routes = APIRouter()

    @routes.api_route("/sandbox/pay/{session_id}", methods=["GET", "HEAD"])
    def show(request: Request, session_id: str) -> HTMLResponse:
        now = site.clock.now()
        with site.database.read() as session:
            checkout = _checkout(session, session_id)
            payer = _payer(site, session, checkout.customer_id, now)
        language, locale = spoken(payer, None) if payer else (FALLBACK, FALLBACK)
        page = {
            "path": request.url.path,
            "amount": Money(checkout.amount_minor, checkout.currency),
            "open": checkout.state == "open" and now < checkout.expires_at,
            "back": f"/p/{payer.token}?lang={language}" if payer else None,
        }
        return site.pages.answer("pages/checkout.html", language=language, locale=locale, page=page)

    @routes.post("/sandbox/pay/{session_id}")
    def act(session_id: str, act: Annotated[str, Form()] = "") -> RedirectResponse:
        now = site.clock.now()
        with site.database.read() as session:
            checkout = _checkout(session, session_id)
            payer = _payer(site, session, checkout.customer_id, now)
        with suppress(SessionOver):  # pressed twice: the first press counts
            play = gateway.pay if act == "pay" else gateway.decline
            play(session_id, now)
        deliver(site, gateway, now)
        if payer is None:
            return RedirectResponse(f"/sandbox/pay/{session_id}", 303)
        return RedirectResponse(f"/p/{payer.token}/receipt?c={checkout.id}", 303)

    @routes.api_route("/sandbox/card/{session_id}", methods=["GET", "HEAD"])
    def show_card(request: Request, session_id: str) -> HTMLResponse:
        now = site.clock.now()
        with site.database.read() as session:
            mandate = _mandate(session, session_id)
            payer = _payer(site, session, mandate.customer_id, now)
        language, locale = spoken(payer, None) if payer else (FALLBACK, FALLBACK)
        page = {
            "path": request.url.path,
            "open": mandate.kept_at is None and mandate.revoked_at is None,
            "back": f"/p/{payer.token}?lang={language}" if payer else None,
        }
        return site.pages.answer("pages/keeping.html", language=language, locale=locale, page=page)

    @routes.post("/sandbox/card/{session_id}")
    def enter_card(session_id: str, act: Annotated[str, Form()] = "") -> RedirectResponse:
        now = site.clock.now()
        with site.database.read() as session:
            mandate = _mandate(session, session_id)
            payer = _payer(site, session, mandate.customer_id, now)
        with suppress(SessionOver):  # as above
            course = CardCourse.PAYS if act == "keep" else CardCourse.INSUFFICIENT_FUNDS
            gateway.cards.enter_card(session_id, now, course)
        deliver(site, gateway, now)
        if payer is None:
            return RedirectResponse(f"/sandbox/card/{session_id}", 303)
        return RedirectResponse(f"/p/{payer.token}?done={Purpose.CARD}", 303)

    return routes


def deliver(site: Site, gateway: SandboxGateway, now: datetime) -> None:
    """Hands every callback that waits to our own intake, as the network would."""
    source = GatewaySource(gateway)
    for callback in gateway.undelivered(now):
        receive(site.database, source, callback.body, callback.headers, now=now)
        gateway.acknowledge(callback.event_id)


def _checkout(session: Session, session_id: str) -> Checkout:
    found = session.exec(select(Checkout).where(Checkout.session_id == session_id)).first()
    if found is None:
        raise HTTPException(404)
    return found


def _mandate(session: Session, session_id: str) -> Mandate:
    found = session.exec(select(Mandate).where(Mandate.session_id == session_id)).first()
    if found is None:
        raise HTTPException(404)
    return found


def _payer(site: Site, session: Session, customer_id: int, now: datetime) -> Visit | None:
    """The customer's own newest page. A real gateway is told where to go back to; here we look."""
    query = (
        select(Link.id, Link.token_hash)
        .where(Link.customer_id == customer_id, Link.purpose != UNSUBSCRIBE)
        .order_by(col(Link.id).desc())
    )
    for link_id, stored in session.exec(query):
        made = token(site.settings.secret, link_id or 0)
        if stored == token_hash(made):
            with suppress(LinkClosed):
                return behind(session, made, now)
    return None
