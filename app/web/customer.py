"""The customer's page and its forms. A GET changes nothing; a form acts once and leads on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.intake.details import PAY_DAYS
from app.payments.checkout import CheckoutProblem, CheckoutRefused, start_checkout
from app.payments.gateway import GatewayUnavailable
from app.web import acts
from app.web.account import account
from app.web.amounts import AmountFault, AmountRefused, read_amount
from app.web.catalogues import N_
from app.web.customer_page import (
    DISPUTE_KINDS,
    HELP_KINDS,
    Fault,
    Typed,
    customer_page,
)
from app.web.forms import Purpose, Verdict
from app.web.site import Site
from app.web.visits import CARD, Visit, spoken, unsubscribing, visit

Text = Annotated[str, Form(max_length=2000)]
Act = Callable[[Session, Visit, datetime], Fault | None]

STALE = N_(
    "Something has changed since you opened this page. Please look again and press once more."
)
CHOOSE = N_("Please choose one of the options.")
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
GATEWAY_DOWN = N_(
    "Our payment provider does not answer at the moment. Nothing was taken. Please try again soon."
)


def router(site: Site) -> APIRouter:
    """`/p/{token}` and the forms on it."""
    routes = APIRouter()

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
        share: Text = "part",
        amount: Text = "",
        shown: Text = "",
    ) -> Response:
        typed = Typed(currency=currency, amount=amount)
        return _pay(site, token, nonce, lang, typed, shown if share == "all" else None)

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
            chosen = _day(other_day if day == "other" else day)
            if chosen is None:
                return Fault(Purpose.PROMISE, CHOOSE)
            refused = acts.promise(session, found, owed, chosen, now)
            return Fault(Purpose.PROMISE, refused) if refused else None

        typed = Typed(currency=currency, day=day, other_day=other_day)
        return _submit(site, token, Purpose.PROMISE, nonce, lang, typed, act)

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
        return _submit(site, token, Purpose.DISPUTE, nonce, lang, typed, act)

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
        return _submit(site, token, Purpose.HELP, nonce, lang, typed, act)

    @routes.post("/p/{token}/plan")
    def rescue(
        token: str, nonce: Text = "", lang: Text = "", kind: Text = "", other_day: Text = ""
    ) -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            chosen = _day(other_day) if kind == "move" else None
            if kind not in ("move", "spread") or (kind == "move" and chosen is None):
                return Fault(Purpose.PLAN, CHOOSE)
            refused = acts.rescue(session, found, chosen, now)
            return Fault(Purpose.PLAN, refused) if refused else None

        typed = Typed(kind=kind, other_day=other_day)
        return _submit(site, token, Purpose.PLAN, nonce, lang, typed, act)

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
        return _submit(site, token, Purpose.DETAILS, nonce, lang, typed, act)

    @routes.post("/p/{token}/paid")
    def say_paid(token: str, nonce: Text = "", lang: Text = "", words: Text = "") -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            acts.already_paid(session, found, words, now)
            return None

        return _submit(site, token, Purpose.PAID, nonce, lang, Typed(words=words), act)

    @routes.post("/p/{token}/wrong-person")
    def wrong_person(token: str, nonce: Text = "", lang: Text = "") -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            acts.wrong_person(session, found, now)
            return None

        return _submit(site, token, Purpose.WRONG_PERSON, nonce, lang, Typed(), act)

    @routes.post("/p/{token}/stop")
    def stop(token: str, nonce: Text = "", lang: Text = "") -> Response:
        def act(session: Session, found: Visit, now: datetime) -> Fault | None:
            acts.stop(session, found, now)
            return None

        return _submit(site, token, Purpose.STOP, nonce, lang, Typed(), act)

    return routes


# A page that is out of date must never stand between a customer and a stop.
_NEVER_STALE = frozenset({Purpose.WRONG_PERSON, Purpose.STOP, Purpose.HELP})
# These may be said twice as they are. Noting the form would lock this customer's person before
# intake locks all that share the address, which must happen in one go.
_UNNOTED = frozenset({Purpose.WRONG_PERSON, Purpose.STOP})


def _submit(
    site: Site, token: str, purpose: Purpose, nonce: str, lang: str, typed: Typed, act: Act
) -> Response:
    """Takes a form once and leads on; shows the page again when it cannot be taken."""
    now = site.clock.now()
    fault: Fault | None = None
    with suppress(_Refused), site.database.write() as session:
        found = _sender(session, token, purpose, now)
        language, _ = spoken(found, lang)
        verdict: Verdict = "fresh"
        if purpose not in _UNNOTED:
            verdict = found.form_key(site.settings.secret).take(session, purpose, nonce, now)
        if verdict == "stale" and purpose not in _NEVER_STALE:
            fault = Fault(purpose, STALE, 409)
        elif verdict != "again":
            fault = act(session, found, now)
        if fault:
            raise _Refused  # nothing stays of a refused form, its nonce included
    if fault:
        return _again(site, token, now, lang, fault, typed)
    if purpose in _UNNOTED:  # thanked where nothing is shown of anybody
        return RedirectResponse(f"/thanks/{purpose}?lang={language}", 303)
    return RedirectResponse(f"/p/{token}?lang={language}&done={purpose}", 303)


def _sender(session: Session, token: str, purpose: Purpose, now: datetime) -> Visit:
    if purpose is Purpose.STOP:
        return unsubscribing(session, token)  # an old page still says stop
    return visit(session, token, now)


class _Refused(Exception):
    """Rolls the transaction of a refused form back."""


def _pay(
    site: Site, token: str, nonce: str, lang: str, typed: Typed, shown: str | None
) -> Response:
    """Starts a checkout and sends the payer there. The gateway is called outside a transaction."""
    now = site.clock.now()
    with site.database.read() as session:
        found = visit(session, token, now)
        language, locale = spoken(found, lang)
        standing = account(session, found, now)
        current = found.form_key(site.settings.secret).nonce(session, Purpose.PAY)
    owed = standing.owed_in(typed.currency)
    if owed is None or nonce != current or (shown is not None and shown != str(owed.minor)):
        return _again(site, token, now, lang, Fault(Purpose.PAY, STALE, 409), typed)
    try:
        amount = owed if shown else read_amount(typed.amount, at_most=owed, locale=locale)
        checkout = start_checkout(
            site.database,
            site.gateway,
            customer_id=found.customer_id,
            case_id=acts.case_of(site.database, found),
            amount=amount,
            invoice_ids=standing.asked_ids(owed.currency),
            nonce=nonce,
            now=now,
            return_url=f"{site.settings.base_url}/p/{token}/receipt?lang={language}",
            keeps_card=found.link.purpose == CARD,
        )
    except AmountRefused as refused:
        fault = Fault(Purpose.PAY, AMOUNT_FAULTS[refused.fault])
    except CheckoutRefused as refused:
        fault = Fault(Purpose.PAY, CHECKOUT_FAULTS[refused.code], 409)
    except GatewayUnavailable:
        fault = Fault(Purpose.PAY, GATEWAY_DOWN, 503)
    else:
        to = checkout.url or f"/p/{token}/receipt?lang={language}&c={checkout.checkout_id}"
        return RedirectResponse(to, 303)
    return _again(site, token, now, lang, fault, typed)


def _again(
    site: Site, token: str, now: datetime, lang: str, fault: Fault, typed: Typed
) -> HTMLResponse:
    with site.database.read() as session:
        found = visit(session, token, now)
        return customer_page(site, session, found, now, wished=lang, fault=fault, typed=typed)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
