"""What is said of what is owed: it is contested, paid, promised, or asked to be paid in parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, exists, select
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.book.envelope import EnvelopeError, house_of
from app.hearing.intents import DisputeAbout
from app.hearing.reading import normalise
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.paid_already import look_for_payment
from app.intake.plan_offers import plan_offer
from app.intake.promises import MadeBy, PromiseProblem, PromiseRefused, make_promise
from app.intake.replies.said import ESCALATE_AFTER, ReplyTaken, Said, ask, awaited, hold, respond
from app.payments.claimable import claimable, total_of
from app.store.columns import NOTHING, word
from app.store.given import table_of
from app.store.rows import Case, Dispute, Invoice
from campaigns.money import Money, MoneyError
from campaigns.vocabulary import AnchorKind, Signal

PAUSE_FOR: Final = timedelta(days=7)
"""How long whoever asked for parts has the page's form before the journey goes on."""

_CASE, _DISPUTE, _INVOICE = table_of(Case), table_of(Dispute), table_of(Invoice)
_KINDS: Final = {
    DisputeAbout.AMOUNT: DisputeKind.WRONG_AMOUNT,
    DisputeAbout.NOT_RECEIVED: DisputeKind.NOT_RECEIVED,
    DisputeAbout.QUALITY: DisputeKind.OTHER,
    DisputeAbout.NOT_ORDERED: DisputeKind.NOT_MINE,
    DisputeAbout.DUPLICATE: DisputeKind.OTHER,
    DisputeAbout.CANCELLED: DisputeKind.OTHER,
    DisputeAbout.OTHER: DisputeKind.OTHER,
}
_TALK: Final = frozenset(
    {PromiseProblem.PROMISE_OPEN, PromiseProblem.PLAN_RUNNING, PromiseProblem.LIMITATION_PASSED}
)
"""Why no other day would do: a person answers, not the page."""


def dispute(session: Session, said: Said) -> ReplyTaken:
    """Carves out the invoices that the text names, or the only one that is open. Where that is not
    plain, everything is held until a person knows which is meant."""
    contested = _contested(_open_invoices(session, said.customer_id), said.text)
    if not contested:
        hold(session, said, ESCALATE_AFTER, "dispute")
        title = "An invoice is contested, and not which: read and ask"
        ask(session, said, "reply", title, detail={"ask": "which_invoice"})
        respond(session, said, Signal.REQUEST_MADE)
        return ReplyTaken.HELD
    is_named = _is_spoken_of(session, said.customer_id)
    place = awaited(session, said, Signal.INVOICE_DISPUTED) if is_named else None
    for invoice_id in contested:
        dispute_invoice(
            session,
            customer_id=said.customer_id,
            invoice_id=invoice_id,
            kind=_KINDS[said.meaning.details.about or DisputeAbout.OTHER],
            words=said.words,
            now=said.now,
            said_from=place,
        )
    if not is_named:  # only a case that speaks of invoices can name one in its answer
        respond(session, said, Signal.REQUEST_MADE)
    return ReplyTaken.UNDERSTOOD


def paid_already(session: Session, said: Said) -> ReplyTaken:
    """Finance looks for the payment, and nobody asks for it meanwhile."""
    details = said.meaning.details
    look_for_payment(
        session,
        said.user,
        said.reply_id,
        now=said.now,
        paid_on=details.on,
        method=details.method,
    )
    respond(session, said, Signal.PAYMENT_REPORTED)
    return ReplyTaken.UNDERSTOOD


def promise(session: Session, said: Said) -> ReplyTaken:
    """Makes the promise inside the creditor's envelope: all that is due, unless a sum is named."""
    amount, day = _promised(session, said), said.meaning.details.on
    if amount is None or day is None:
        return _offered(session, said, None)
    # A promise answers for itself; the case that says so is there before it.
    place = awaited(session, said, Signal.PROMISE_MADE)
    try:
        make_promise(
            session,
            customer_id=said.customer_id,
            amount=amount,
            due_on=day,
            made_by=MadeBy.REPLY,
            now=said.now,
            said_from=place,
        )
    except PromiseRefused as refused:
        return _offered(session, said, refused.code)
    except EnvelopeError:
        return _offered(session, said, PromiseProblem.NOT_OFFERED)
    return ReplyTaken.UNDERSTOOD


def parts(session: Session, said: Said) -> ReplyTaken:
    """Pauses, and answers with the page on which a plan can be agreed; where none can be, a person
    finds a way."""
    if not _has_plan(session, said):
        hold(session, said, ESCALATE_AFTER, str(said.meaning.intent))
        ask(session, said, "plan_request", "A customer wants to pay in parts: find a way together")
        respond(session, said, Signal.REQUEST_MADE)
        return ReplyTaken.HELD
    hold(session, said, PAUSE_FOR, str(said.meaning.intent))
    respond(session, said, Signal.PLAN_ASKED)
    return ReplyTaken.UNDERSTOOD


def _offered(session: Session, said: Said, problem: PromiseProblem | None) -> ReplyTaken:
    """They will pay, and no day is agreed: the page offers days, and a person knows."""
    hold(session, said, ESCALATE_AFTER, "promise_offered")
    why = {"problem": str(problem)} if problem is not None else {}
    title = "They will pay, no date" if problem is None else "They will pay, not as agreed alone"
    ask(session, said, "promise_offered", title, detail=why)
    respond(session, said, Signal.REQUEST_MADE if problem in _TALK else Signal.PROMISE_OFFERED)
    return ReplyTaken.HELD


def _promised(session: Session, said: Said) -> Money | None:
    """The sum that is named, in the one currency that is owed; all that is due without one."""
    details = said.meaning.details
    currencies = {row.currency for row in _open_invoices(session, said.customer_id)}
    if details.currency is not None:
        currencies &= {details.currency}
    if len(currencies) != 1:
        return None
    (currency,) = currencies
    if details.amount is None:
        return Money(total_of(claimable(session, said.customer_id, currency)), currency)
    return _exactly(details.amount, currency)


def _exactly(amount: Decimal, currency: str) -> Money | None:
    try:
        return Money.of(amount, currency)
    except MoneyError:
        return None


def _has_plan(session: Session, said: Said) -> bool:
    try:
        house = house_of(session, said.user.creditor_id)
    except EnvelopeError:
        return False
    currencies = {row.currency for row in _open_invoices(session, said.customer_id)}
    return any(
        plan_offer(session, house, said.customer_id, currency, pay_day=None, now=said.now)
        for currency in sorted(currencies)
    )


def _contested(invoices: Sequence[Row[Any, Any, Any]], text: str) -> list[int]:
    """Those that the text names by number, else the only one there is; else none."""
    plain = f" {normalise(text)} "
    named = [row.id for row in invoices if _names(plain, normalise(row.number))]
    if named:
        return named
    return [row.id for row in invoices] if len(invoices) == 1 else []


def _names(plain: str, number: str) -> bool:
    """A number of one or two digits is a day or a sum as well."""
    return len(number) > 2 and f" {number} " in plain


def _is_spoken_of(session: Session, customer_id: int) -> bool:
    return bool(session.connection().scalar(_SPEAKS, {"customer_id": customer_id}))


def _open_invoices(session: Session, customer_id: int) -> Sequence[Row[Any, Any, Any]]:
    return session.connection().execute(_OPEN_INVOICES, {"customer_id": customer_id}).all()


_SPEAKS: Final = select(
    exists().where(
        _CASE.c.customer_id == bindparam("customer_id"),
        _CASE.c.phase != word("closed"),
        _CASE.c.anchor == AnchorKind.DUE_DATE.value,
    )
)
_DISPUTED: Final = exists().where(
    _DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state.in_(CARVED_OUT)
)
_OPEN_INVOICES: Final = (
    select(_INVOICE.c.id, _INVOICE.c.number, _INVOICE.c.currency)
    .where(
        _INVOICE.c.customer_id == bindparam("customer_id"),
        _INVOICE.c.open_minor > NOTHING,
        ~_DISPUTED,
    )
    .order_by(_INVOICE.c.id)
)
