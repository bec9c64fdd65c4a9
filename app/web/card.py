"""The card that may be debited for the parts of a plan: agreed to, entered, and revoked."""

from __future__ import annotations

import logging
from datetime import datetime

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from app.book.mandates import EndedBy, revoke_mandates
from app.payments.choice import serving
from app.payments.gateway import Charging, GatewayRefused, GatewayUnavailable
from app.payments.keeping import open_card_page
from app.web.account import account
from app.web.card_offer import agree_to_debits, card_offer
from app.web.catalogues import N_
from app.web.customer import GATEWAY_DOWN
from app.web.customer_page import Fault, Typed
from app.web.forms import Purpose
from app.web.site import Site
from app.web.submission import STALE, Text, again, note_act, submit
from app.web.visits import Visit, spoken, visit

log = logging.getLogger(__name__)

TICK = N_("Please tick that you agree.")


def router(site: Site) -> APIRouter:
    """`/p/{token}/card` leads to the gateway's page, `/p/{token}/card_stop` revokes."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.post("/p/{token}/card")
    def enter(
        token: str, nonce: Text = "", lang: Text = "", shown: Text = "", agreed: Text = ""
    ) -> Response:
        return _enter(site, token, nonce, lang, shown, has_agreed=agreed == "yes")

    @routes.post("/p/{token}/card_stop")
    def stop(token: str, nonce: Text = "", lang: Text = "") -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            revoke_mandates(session, found.customer_id, by=EndedBy.PAGE, now=now)
            return None

        return submit(site, token, Purpose.CARD_STOP, nonce, lang, Typed(), act)

    return routes


def _enter(
    site: Site, token: str, nonce: str, lang: str, shown: str, *, has_agreed: bool
) -> Response:
    now = site.clock.now()
    if not has_agreed:
        return again(site, token, now, lang, Fault(Purpose.CARD, TICK), Typed())
    with site.database.write() as session:
        found = visit(session, token, now)
        language, locale = spoken(found, lang)
        verdict = found.form_key(site.settings.secret).take(session, Purpose.CARD, nonce, now)
        offer = card_offer(site, session, found, account(session, found, now), language)
        is_current = verdict != "stale" and offer is not None and offer.text_hash == shown
        served = serving(session, site.gateways, found.customer_id) if is_current else None
        mandate = None
        if served is not None and offer is not None:
            name = served.gateway.name
            mandate = agree_to_debits(
                session, found, offer, gateway=name, locale=locale, nonce=nonce, now=now
            )
            note_act(session, found, now)
    if served is None or mandate is None or not isinstance(served.gateway, Charging):
        return again(site, token, now, lang, Fault(Purpose.CARD, STALE, 409), Typed())
    back = f"{site.settings.base_url}/p/{token}?lang={language}"
    try:
        to = open_card_page(
            site.database,
            served.gateway,
            mandate,
            return_url=f"{back}&done={Purpose.CARD}",
            cancel_url=back,
            language=language,
        )
    except (GatewayUnavailable, GatewayRefused) as problem:
        log.error("no card can be kept: %s", problem)
        return again(site, token, now, lang, Fault(Purpose.CARD, GATEWAY_DOWN, 503), Typed())
    return RedirectResponse(to, 303)
