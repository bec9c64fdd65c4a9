"""The card that may be debited for the parts of a plan: agreed to, entered, and revoked."""

from __future__ import annotations

import logging
from typing import Final

from starlette.responses import RedirectResponse, Response

from app.book.mandates import EndedBy, revoke_mandates
from app.payments.choice import serving
from app.payments.gateway import Charging, GatewayRefused, GatewayUnavailable
from app.payments.keeping import open_card_page
from app.store.guard import lock_persons
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.site import Site
from app.web.submission import GATEWAY_DOWN, again, note_act
from app.web.tickets import Ticket
from app.web.visits import visit
from app.web.ways.card_offer import agree_to_debits, card_offer
from app.web.ways.way import STALE, Fault, Filled, Moment, Place, Shown, Way, never

log = logging.getLogger(__name__)

TICK = N_("Please tick the box to agree.")


def enter(site: Site, ticket: Ticket, typed: Filled) -> Response:
    """Puts the agreement on record and leads to the gateway's page, which is asked for outside of
    a transaction."""
    now = site.clock.now()
    if typed["agreed"] != "yes":
        return again(site, ticket, WAY, typed, Fault(TICK, field="agreed"))
    with site.database.write() as session:
        found = visit(site, session, ticket, now)
        lock_persons(session, [found.customer.person_id])
        moment = Moment.of(site, session, found, now, typed["lang"])
        offer, language = card_offer(moment), moment.language
        is_shown = offer is not None and offer.text_hash == typed["shown"]
        key = found.form_key(site.settings.secret)
        is_current = is_shown and key.take(session, Purpose.CARD, typed, now) != "stale"
        served = serving(session, site.gateways, found.customer_id) if is_current else None
        mandate = None
        if served is not None and offer is not None:
            mandate = agree_to_debits(
                moment, offer, gateway=served.gateway.name, nonce=typed["nonce"]
            )
            note_act(session, found, now)
    if served is None or mandate is None or not isinstance(served.gateway, Charging):
        return again(site, ticket, WAY, typed, Fault(STALE, 409))
    back = f"{site.settings.base_url}{ticket.path}?lang={language}"
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
        return again(site, ticket, WAY, typed, Fault(GATEWAY_DOWN, 503))
    return RedirectResponse(to, 303)


def _show(moment: Moment, _typed: Filled) -> Shown:
    return Shown(card_offer(moment))


def _revoke(moment: Moment, _typed: Filled) -> Fault | None:
    revoke_mandates(moment.session, moment.found.customer_id, by=EndedBy.PAGE, now=moment.now)
    return None


WAY: Final = Way(
    "card",
    Purpose.CARD,
    N_("Paying the parts by card"),
    lambda moment: card_offer(moment) is not None,
    _show,
    done=N_("As soon as our payment provider has confirmed your card, you will see it below."),
    place=Place.CARD,
)
STOP: Final = Way(
    "card_stop",
    Purpose.CARD_STOP,
    WAY.title,
    never,
    _show,
    _revoke,
    N_("Your card will not be debited any more. Please pay the parts that are left yourself."),
    template="card",
)
