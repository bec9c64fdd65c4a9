"""The customer's page and its forms. A GET changes nothing; a form acts once and leads on."""

from __future__ import annotations

import logging
from datetime import datetime

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.intake.details import PAY_DAYS
from app.payments.checkout import CheckoutProblem, CheckoutRefused, start_checkout
from app.payments.choice import serving
from app.payments.gateway import GatewayRefused, GatewayUnavailable
from app.web import acts
from app.web.account import account
from app.web.amounts import AmountFault, AmountRefused, read_amount
from app.web.card_offer import agree_to_debits, card_offer
from app.web.catalogues import N_
from app.web.customer_page import DISPUTE_KINDS, HELP_KINDS, Fault, Typed, customer_page
from app.web.forms import Purpose
from app.web.payable import Payable, Share, payables
from app.web.site import Site
from app.web.submission import CHOOSE, STALE, Text, again, day_of, note_act, submit
from app.web.visits import Visit, spoken, visit
from campaigns.reach import StopAct

log = logging.getLogger(__name__)

AMOUNT_FAULTS = {
    AmountFault.EMPTY: N_("Please write an amount."),
    AmountFault.UNREADABLE: N_("Please write the amount in figures only, for example 120.50."),
    AmountFault.TOO_PRECISE: N_("This amount has too many digits after the decimal point."),
    AmountFault.NOT_POSITIVE: N_("Please write an amount above zero."),
    AmountFault.TOO_LARGE: N_("This is more than what is open."),
}
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
GATEWAY_DOWN = N_(
    "Our payment provider does not answer at the moment. Nothing was taken. Please try again soon."
)


def router(site: Site) -> APIRouter:
    """`/p/{token}` and the forms on it."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}", methods=["GET", "HEAD"])
    def show(token: str, lang: str | None = None, done: str | None = None) -> HTMLResponse:
        now = site.clock.now()
        with site.database.read() as session:
            found = visit(session, token, now)
            return customer_page(site, session, found, now, wished=lang, done=done)

    @routes.post("/p/{token}/pay")
    def pay(
        token: str,
        nonce: Text = "",
        lang: Text = "",
        currency: Text = "",
        share: Text = PART,
        amount: Text = "",
        shown: Text = "",
        charge: Text = "",
        keep: Text = "",
    ) -> Response:
        typed = Typed(currency=currency, amount=amount, charge=charge)
        return _pay(site, token, nonce, lang, typed, share, shown, keep)

    @routes.post("/p/{token}/promise")
    def promise(
        token: str,
        nonce: Text = "",
        lang: Text = "",
        currency: Text = "",
        day: Text = "",
        other_day: Text = "",
    ) -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            owed = account(session, found, now).owed_in(currency)
            if owed is None:
                return Fault(Purpose.PROMISE, STALE, 409)
            chosen = day_of(other_day if day == "other" else day)
            if chosen is None:
                return Fault(Purpose.PROMISE, CHOOSE)
            refused = acts.promise(session, found, owed, chosen, now)
            return Fault(Purpose.PROMISE, refused) if refused else None

        typed = Typed(currency=currency, day=day, other_day=other_day)
        return submit(site, token, Purpose.PROMISE, nonce, lang, typed, act)

    @routes.post("/p/{token}/dispute")
    def dispute(
        token: str,
        nonce: Text = "",
        lang: Text = "",
        invoice: Text = "",
        kind: Text = "",
        words: Text = "",
    ) -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            lines = {str(line.id): line for line in account(session, found, now).asked}
            # The id comes from a form: only one of this customer's own open invoices is taken.
            if invoice not in lines or kind not in DISPUTE_KINDS:
                return Fault(Purpose.DISPUTE, CHOOSE)
            acts.dispute(session, found, lines[invoice].id, kind, words, now)
            return None

        typed = Typed(invoice=invoice, kind=kind, words=words)
        return submit(site, token, Purpose.DISPUTE, nonce, lang, typed, act)

    @routes.post("/p/{token}/help")
    def ask_for_help(
        token: str, nonce: Text = "", lang: Text = "", kind: Text = "", words: Text = ""
    ) -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            if kind not in HELP_KINDS:
                return Fault(Purpose.HELP, CHOOSE)
            acts.hardship(session, found, kind, words, now)
            return None

        typed = Typed(kind=kind, words=words)
        return submit(site, token, Purpose.HELP, nonce, lang, typed, act)

    @routes.post("/p/{token}/plan")
    def rescue(
        token: str, nonce: Text = "", lang: Text = "", kind: Text = "", other_day: Text = ""
    ) -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            chosen = day_of(other_day) if kind == "move" else None
            if kind not in ("move", "spread") or (kind == "move" and chosen is None):
                return Fault(Purpose.PLAN, CHOOSE)
            refused = acts.rescue(session, found, chosen, now)
            return Fault(Purpose.PLAN, refused) if refused else None

        typed = Typed(kind=kind, other_day=other_day)
        return submit(site, token, Purpose.PLAN, nonce, lang, typed, act)

    @routes.post("/p/{token}/details")
    def confirm_details(
        token: str, nonce: Text = "", lang: Text = "", pay_day: Text = "", words: Text = ""
    ) -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            days = {str(day): day for day in PAY_DAYS}
            if pay_day and pay_day not in days:
                return Fault(Purpose.DETAILS, CHOOSE)
            acts.details(session, found, days.get(pay_day), words, now)
            return None

        typed = Typed(pay_day=pay_day, words=words)
        return submit(site, token, Purpose.DETAILS, nonce, lang, typed, act)

    @routes.post("/p/{token}/paid")
    def say_paid(token: str, nonce: Text = "", lang: Text = "", words: Text = "") -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            acts.already_paid(session, found, words, now)
            return None

        return submit(site, token, Purpose.PAID, nonce, lang, Typed(words=words), act)

    @routes.post("/p/{token}/wrong-person")
    def wrong_person(token: str, nonce: Text = "", lang: Text = "") -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            acts.wrong_person(session, found, now)
            return None

        return submit(site, token, Purpose.WRONG_PERSON, nonce, lang, Typed(), act)

    @routes.post("/p/{token}/stop")
    def stop(token: str, nonce: Text = "", lang: Text = "") -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            acts.stop(session, found, StopAct.PAGE, now)
            return None

        return submit(site, token, Purpose.STOP, nonce, lang, Typed(), act)

    return routes


def _pay(
    site: Site,
    token: str,
    nonce: str,
    lang: str,
    typed: Typed,
    share: str,
    shown: str,
    keep: str,
) -> Response:
    """Starts a checkout and sends the payer there. The gateway is called outside a transaction."""
    now = site.clock.now()
    with site.database.read() as session:
        found = visit(session, token, now)
        language, locale = spoken(found, lang)
        wished = _wished(payables(session, found, account(session, found, now)), typed, share)
        current = found.form_key(site.settings.secret).nonce(session, Purpose.PAY)
    is_part = share == PART
    outdated = wished is None or not (is_part or shown == str(wished.amount.minor))
    if wished is None or outdated or nonce != current:
        return again(site, token, now, lang, Fault(Purpose.PAY, STALE, 409), typed)
    owed = wished.amount
    try:
        amount = read_amount(typed.amount, at_most=owed, locale=locale) if is_part else owed
        with site.database.read() as session:
            served_by = serving(session, site.gateways, found.customer_id)
        mandate = _agreed(site, token, lang, nonce, keep, now) if keep else ""
        checkout = start_checkout(
            site.database,
            served_by.gateway,
            customer_id=found.customer_id,
            case_id=acts.case_of(site.database, found),
            amount=amount,
            invoice_ids=list(wished.invoice_ids),
            nonce=nonce,
            now=now,
            return_url=f"{site.settings.base_url}/p/{token}/receipt?lang={language}",
            cancel_url=f"{site.settings.base_url}/p/{token}?lang={language}",
            keeps_card=wished.share is Share.CHARGE,
            language=language,
            payee=served_by.payee,
            mandate=mandate,
        )
    except AmountRefused as refused:
        fault = Fault(Purpose.PAY, AMOUNT_FAULTS[refused.fault])
    except CheckoutRefused as refused:
        fault = Fault(Purpose.PAY, CHECKOUT_FAULTS[refused.code], 409)
    except GatewayUnavailable:
        fault = Fault(Purpose.PAY, GATEWAY_DOWN, 503)
    except GatewayRefused as refused_there:
        log.error("no payment can be taken: %s", refused_there)
        fault = Fault(Purpose.PAY, GATEWAY_DOWN, 503)
    else:
        with site.database.write() as session:
            note_act(session, found, now)
        to = checkout.url or f"/p/{token}/receipt?lang={language}&c={checkout.checkout_id}"
        return RedirectResponse(to, 303)
    return again(site, token, now, lang, fault, typed)


def _agreed(site: Site, token: str, lang: str, nonce: str, keep: str, now: datetime) -> str:
    """The key of the mandate that was given with the payment: `keep` names the words that were
    shown. Nothing where they are not those of now: then the card is not kept."""
    with site.database.write() as session:
        found = visit(session, token, now)
        language, locale = spoken(found, lang)
        offer = card_offer(site, session, found, account(session, found, now), language)
        if offer is None or offer.text_hash != keep:
            return ""
        gateway = serving(session, site.gateways, found.customer_id).gateway.name
        given = agree_to_debits(
            session, found, offer, gateway=gateway, locale=locale, nonce=nonce, now=now
        )
        return str(given.key)


def _wished(offered: tuple[Payable, ...], typed: Typed, share: str) -> Payable | None:
    """What the pressed form is about; a part is one of all that is asked for."""
    wanted = Share.ALL if share == PART else share
    alike = [one for one in offered if (one.share, one.currency) == (wanted, typed.currency)]
    return next((one for one in alike if str(one.charge or "") == typed.charge), None)
