"""The front of the customer's page, and paying. A GET changes nothing."""

from __future__ import annotations

import logging
from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.payments.checkout import CheckoutProblem, CheckoutRefused, start_checkout
from app.payments.choice import serving
from app.payments.gateway import GatewayRefused, GatewayUnavailable
from app.web import acts
from app.web.account import Account
from app.web.amounts import AMOUNT_FAULTS, AmountFault, AmountRefused, read_amount
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.front import front_page, meant
from app.web.payable import Payable, Share, all_chosen, chosen, payables
from app.web.site import Site
from app.web.submission import GATEWAY_DOWN, again, filled, note_act
from app.web.tickets import Held, Ticket, ticket_of
from app.web.visits import visit
from app.web.ways.card_offer import agree_to_debits, card_offer
from app.web.ways.invoices import CHOOSE_ONE
from app.web.ways.invoices import WAY as INVOICES
from app.web.ways.way import STALE, Fault, Filled, Moment

log = logging.getLogger(__name__)

CHECKOUT_FAULTS = {
    CheckoutProblem.AMOUNT_NOT_POSITIVE: AMOUNT_FAULTS[AmountFault.NOT_POSITIVE],
    CheckoutProblem.NOTHING_OPEN: STALE,
    CheckoutProblem.MORE_THAN_OPEN: AMOUNT_FAULTS[AmountFault.TOO_LARGE],
    CheckoutProblem.INVOICE_NOT_OPEN: STALE,
    CheckoutProblem.PAYMENT_ARRIVING: N_(
        "A payment of yours is just arriving. Please wait a minute and look again."
    ),
    CheckoutProblem.FORM_USED: STALE,
}
PART = "part"  # of all that is asked for, as much as the payer writes


def router(site: Site) -> APIRouter:
    """`/p/{token}` and its form to pay."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    async def show(request: Request) -> Response:
        request.scope["route"] = front  # the log names it
        if site.database.is_at_hand:
            return _show(site, request)
        return await run_in_threadpool(_show, site, request)

    # A plain route: nothing is opened as often, and a form's layers are half of what it costs.
    front = Route("/p/{token}", show, methods=["GET", "HEAD"])
    routes.routes.append(front)

    @routes.post("/p/{token}/pay")
    async def pay(ticket: Held, request: Request) -> Response:
        return await run_in_threadpool(_pay, site, ticket, await filled(request))

    return routes


def _show(site: Site, request: Request) -> Response:
    now, ticket = site.clock.now(), ticket_of(request)
    lang, done = (request.query_params.get(name, "") for name in ("lang", "done"))
    with site.database.read() as session:
        moment = Moment.of(site, session, visit(site, session, ticket, now), now, lang)
        # Whoever comes from a message is led to what it was about; our own links say more.
        way = meant(moment) if not (lang or done) else None
        if way is None:
            return front_page(moment, done=done)
    return RedirectResponse(f"{ticket.path}/{way}?lang={moment.language}", 303)


def _pay(site: Site, ticket: Ticket, typed: Filled) -> Response:
    """Starts a checkout and sends the payer there. The gateway is called outside a transaction."""
    now, share = site.clock.now(), typed["share"] or PART
    with site.database.read() as session:
        found = visit(site, session, ticket, now)
        moment = Moment.of(site, session, found, now, typed["lang"])
        offered = payables(session, found, moment.account)
        wished = _wished(offered, moment.account, typed, share)
        shown = _shown(moment.account, wished)
        current = found.form_key(site.settings.secret).nonce(session, Purpose.PAY)
    if typed["nonce"] == current and share == Share.CHOSEN and wished is None:
        return again(site, ticket, INVOICES, typed, Fault(CHOOSE_ONE, field="invoices"))
    is_part = share == PART
    is_outdated = typed["nonce"] != current or not (is_part or typed["shown"] == shown)
    if wished is None or is_outdated:
        return _again(site, ticket, typed, Fault(STALE, 409))
    owed, language = wished.amount, moment.language
    try:
        amount = owed
        if is_part:
            amount = read_amount(typed["amount"], at_most=owed, locale=moment.locale)
        with site.database.read() as session:
            served_by = serving(session, site.gateways, found.customer_id)
        mandate = _agreed(site, ticket, typed, now) if typed["keep"] else ""
        checkout = start_checkout(
            site.database,
            served_by.gateway,
            customer_id=found.customer_id,
            case_id=acts.case_of(site.database, found),
            amount=amount,
            invoice_ids=list(wished.invoice_ids),
            nonce=typed["nonce"],
            now=now,
            return_url=f"{site.settings.base_url}{ticket.path}/receipt?lang={language}",
            cancel_url=f"{site.settings.base_url}{ticket.path}?lang={language}",
            keeps_card=wished.share is Share.CHARGE,
            language=language,
            payee=served_by.payee,
            mandate=mandate,
            discount=wished.given.amount if wished.given else None,
        )
    except AmountRefused as refused:
        fault = Fault(AMOUNT_FAULTS[refused.fault], field="amount")
    except CheckoutRefused as refused:
        fault = Fault(CHECKOUT_FAULTS[refused.code], 409)
    except GatewayUnavailable:
        fault = Fault(GATEWAY_DOWN, 503)
    except GatewayRefused as refused_there:
        log.error("no payment can be taken: %s", refused_there)
        fault = Fault(GATEWAY_DOWN, 503)
    else:
        with site.database.write() as session:
            note_act(session, found, now)
        to = checkout.url or f"{ticket.path}/receipt?lang={language}&c={checkout.checkout_id}"
        return RedirectResponse(to, 303)
    return _again(site, ticket, typed, fault)


def _again(site: Site, ticket: Ticket, typed: Filled, fault: Fault) -> HTMLResponse:
    """The front page with what was typed, and why it was not taken."""
    now = site.clock.now()
    with site.database.read() as session:
        moment = Moment.of(site, session, visit(site, session, ticket, now), now, typed["lang"])
        return front_page(moment, fault=fault, typed=typed)


def _agreed(site: Site, ticket: Ticket, typed: Filled, now: datetime) -> str:
    """The key of the mandate that was given with the payment: `keep` names the words that were
    shown. Nothing where they are not those of now: then the card is not kept."""
    with site.database.write() as session:
        found = visit(site, session, ticket, now)
        moment = Moment.of(site, session, found, now, typed["lang"])
        offer = card_offer(moment)
        if offer is None or offer.text_hash != typed["keep"]:
            return ""
        gateway = serving(session, site.gateways, found.customer_id).gateway.name
        given = agree_to_debits(moment, offer, gateway=gateway, nonce=typed["nonce"])
        return str(given.key)


def _wished(
    offered: tuple[Payable, ...], account: Account, typed: Filled, share: str
) -> Payable | None:
    """What the pressed form is about; a part is one of all that is asked for."""
    if share == Share.CHOSEN:
        return chosen(account, typed["currency"], typed)
    wanted = Share.ALL if share == PART else share
    alike = [one for one in offered if (one.share, one.currency) == (wanted, typed["currency"])]
    return next((one for one in alike if str(one.charge or "") == typed["charge"]), None)


def _shown(account: Account, wished: Payable | None) -> str:
    """The amount that its form has shown, if nothing has changed since: what it comes to, and of
    invoices that are chosen what all of them do."""
    if wished is None:
        return ""
    all_of_it = all_chosen(account, wished.currency) if wished.share is Share.CHOSEN else wished
    return str(all_of_it.amount.minor)
