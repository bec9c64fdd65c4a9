"""Paying in parts: choose, see the days and amounts, agree. Nothing is agreed by looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from app.intake.plan_offers import PlanOffer, Rhythm, Terms
from app.intake.plans import Part
from app.web import acts
from app.web.brand import brand_of
from app.web.customer_page import RHYTHMS, Fault, Typed
from app.web.forms import Purpose
from app.web.pages import tongues
from app.web.site import Site
from app.web.submission import CHOOSE, STALE, Text, again, day_of, submit
from app.web.visits import Visit, spoken, visit
from campaigns.money import Money


@dataclass(frozen=True, slots=True)
class PartsPage:
    """All that the template `pages/parts.html` shows: a plan that is not agreed yet."""

    path: str
    language: str
    nonces: Mapping[str, str]
    total: Money
    parts: tuple[Part, ...]
    terms: Terms
    rhythm: str


def router(site: Site) -> APIRouter:
    """`/p/{token}/parts`: a GET shows what a POST agrees."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}/parts", methods=["GET", "HEAD"])
    def show(
        token: str,
        lang: str = "",
        currency: str = "",
        parts: str = "",
        rhythm: str = "",
        first: str = "",
        other_day: str = "",
    ) -> HTMLResponse:
        typed = Typed(currency=currency, parts=parts, rhythm=rhythm, day=first, other_day=other_day)
        now = site.clock.now()
        with site.database.read() as session:
            found = visit(session, token, now)
            terms = _terms(typed)
            offer = _offer(session, found, currency, now)
            planned = acts.planned(offer, terms) if terms else CHOOSE
            if offer is not None and terms is not None and not isinstance(planned, str):
                return _page(site, session, found, lang, offer, terms, planned)
        assert isinstance(planned, str)
        return again(site, token, now, lang, Fault(Purpose.PARTS, planned), typed)

    @routes.post("/p/{token}/parts")
    def agree(
        token: str,
        nonce: Text = "",
        lang: Text = "",
        currency: Text = "",
        parts: Text = "",
        rhythm: Text = "",
        first: Text = "",
        shown: Text = "",
    ) -> Response:
        typed = Typed(currency=currency, parts=parts, rhythm=rhythm, day=first)

        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            terms = _terms(typed)
            if terms is None:
                return Fault(Purpose.PARTS, CHOOSE)
            offer = _offer(session, found, currency, now)
            if offer is not None and shown != str(offer.total.minor):
                return Fault(Purpose.PARTS, STALE, 409)
            planned = acts.planned(offer, terms)
            if isinstance(planned, str):
                return Fault(Purpose.PARTS, planned)
            refused = acts.agree(session, found, planned, now)
            return Fault(Purpose.PARTS, refused) if refused else None

        return submit(site, token, Purpose.PARTS, nonce, lang, typed, act)

    return routes


def _offer(session: Session, found: Visit, currency: str, now: datetime) -> PlanOffer | None:
    return next(iter(acts.plan_offers(session, found, [currency], now)), None)


def _terms(typed: Typed) -> Terms | None:
    """What was chosen, as far as it can be read: the envelope is asked later."""
    first_on = day_of(typed.other_day if typed.day == "other" else typed.day)
    if first_on is None or typed.rhythm not in RHYTHMS:
        return None
    if not (typed.parts.isascii() and typed.parts.isdecimal() and len(typed.parts) <= 3):
        return None
    return Terms(int(typed.parts), Rhythm(typed.rhythm), first_on)


def _page(
    site: Site,
    session: Session,
    found: Visit,
    lang: str,
    offer: PlanOffer,
    terms: Terms,
    parts: tuple[Part, ...],
) -> HTMLResponse:
    language, locale = spoken(found, lang)
    path = f"/p/{found.token}"
    nonce = found.form_key(site.settings.secret).nonce(session, Purpose.PARTS)
    page = PartsPage(
        path=path,
        language=language,
        nonces={Purpose.PARTS.value: nonce},
        total=offer.total,
        parts=parts,
        terms=terms,
        rhythm=site.pages.words(language, RHYTHMS[terms.rhythm]),
    )
    chosen = {
        "currency": offer.total.currency,
        "parts": str(terms.count),
        "rhythm": terms.rhythm.value,
        "first": terms.first_on.isoformat(),
    }
    return site.pages.answer(
        "pages/parts.html",
        language=language,
        locale=locale,
        brand=brand_of(found.creditor),
        tongues=tongues(f"{path}/parts", language, **chosen),
        page=page,
    )
