"""`/p/{token}/receipt`: where the gateway sends the payer back to. Only a verified callback counts.

Until it has come the page says that it waits, and asks again a few times by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from fastapi import APIRouter, Depends
from sqlalchemy import case
from sqlmodel import Session, col, func, select
from starlette.responses import HTMLResponse

from app.book.discount_entries import DISCOUNT, WITHDRAWN
from app.store.rows import Allocation, Checkout, Invoice, Payment, Reversal
from app.web.account import account, checkout_of, local_day
from app.web.brand import brand_of
from app.web.forms import Purpose
from app.web.pages import tongues
from app.web.site import Site
from app.web.tickets import Held
from app.web.visits import Visit, spoken, visit
from app.web.ways.feedback import asks_now
from app.web.ways.way import Moment
from campaigns.money import Money

LOOKS = 6
EVERY_SECONDS = 4


@dataclass(frozen=True, slots=True)
class SettledLine:
    """How much of the payment went to one invoice."""

    number: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that the template `pages/receipt.html` shows."""

    state: str
    path: str
    back: str
    again: str
    amount: Money | None = None
    paid_on: date | None = None
    reference: str | None = None
    settled: Sequence[SettledLine] = ()
    kept: Money | None = None
    given: Money | None = None
    left: Sequence[Money] = ()
    rests: bool = False  # something is open that is not asked for now, such as what is disputed
    language: str = ""
    nonces: Mapping[Purpose, str] = field(default_factory=dict)
    fault: None = None  # of the question: it is shown on a page of its own

    @property
    def asks(self) -> bool:
        """Whether the question at the end stands here."""
        return Purpose.FEEDBACK in self.nonces


def router(site: Site) -> APIRouter:
    """The receipt."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}/receipt", methods=["GET", "HEAD"])
    def show(ticket: Held, lang: str | None = None, c: str = "", look: str = "") -> HTMLResponse:
        now = site.clock.now()
        with site.database.read() as session:
            found = visit(site, session, ticket, now)
            language, locale = spoken(found, lang)
            looked = int(look) if look.isdecimal() and len(look) < 3 else 0
            again = f"{ticket.path}/receipt?lang={language}&c={_id(c) or ''}&look={looked + 1}"
            paths = (ticket.path, f"{ticket.path}?lang={language}", again)
            receipt = _receipt(session, found, now, _id(c), paths)
            moment = Moment.of(site, session, found, now, lang or "")
            if receipt.state == "paid" and asks_now(moment):
                nonces = found.form_key(site.settings.secret).nonces(session)
                receipt = replace(receipt, language=language, nonces=nonces)
        # A header, not a meta element: it needs no script, and it stops by itself.
        waits = receipt.state == "open" and looked < LOOKS
        return site.pages.answer(
            "pages/receipt.html",
            language=language,
            locale=locale,
            brand=brand_of(found.creditor),
            tongues=tongues(f"{ticket.path}/receipt", language, c=str(_id(c) or "")),
            headers={"refresh": f"{EVERY_SECONDS}; url={again}"} if waits else None,
            page=receipt,
        )

    return routes


def _receipt(
    session: Session,
    found: Visit,
    now: datetime,
    checkout_id: int | None,
    paths: tuple[str, str, str],
) -> Receipt:
    checkout = checkout_of(session, found.customer_id, checkout_id)
    if checkout is None:
        return Receipt("none", *paths)
    amount = Money(checkout.amount_minor, checkout.currency)
    payment = session.exec(
        select(Payment).where(Payment.checkout_id == checkout.id).order_by(col(Payment.id))
    ).first()
    if checkout.state != "paid" or payment is None:
        waiting = checkout.state in ("open", "pending", "paid") or _may_have_been_paid(checkout)
        return Receipt("open" if waiting else "declined", *paths, amount)
    amount, settled = Money(payment.amount_minor, payment.currency), _settled(session, payment)
    given = _given(session, payment)
    shown = account(session, found, now)
    surplus = amount.minor - sum(line.amount.minor for line in settled)
    return Receipt(
        "paid",
        *paths,
        amount,
        local_day(found.creditor, payment.received_at),
        payment.reference,
        settled,
        Money(surplus, amount.currency) if surplus else None,
        given,
        shown.owed,
        bool(shown.lines) and not shown.owed,
    )


def _may_have_been_paid(checkout: Checkout) -> bool:
    return checkout.state == "expiring"  # the gateway has not said yet that nothing was paid


def _settled(session: Session, payment: Payment) -> list[SettledLine]:
    query = (
        select(Invoice.number, Allocation.amount_minor, Invoice.currency)
        .join(Allocation, col(Allocation.invoice_id) == col(Invoice.id))
        .where(Allocation.payment_id == payment.id, Allocation.amount_minor > 0)
        .order_by(col(Allocation.id))
    )
    return [SettledLine(number, Money(m, currency)) for number, m, currency in session.exec(query)]


def _given(session: Session, payment: Payment) -> Money | None:
    """The discounts that the payment earned, and has still."""
    sign = case((col(Reversal.kind) == DISCOUNT, 1), else_=-1)
    query = select(func.coalesce(func.sum(sign * col(Reversal.amount_minor)), 0)).where(
        Reversal.payment_id == payment.id, col(Reversal.kind).in_((DISCOUNT, WITHDRAWN))
    )
    minor = int(session.exec(query).one())
    return Money(minor, payment.currency) if minor else None


def _id(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 else None
