"""What a press of "pay" pays: all that is asked for, with a discount where one is given, the next
part of a plan, one charge, or the invoices that the payer chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.instalments import next_part
from app.store.given import table_of
from app.store.rows import Case, Message, Subscription
from app.web.account import Account, InvoiceLine
from app.web.visits import CARD, Visit
from campaigns.money import Money

_SUBSCRIPTION, _CASE, _MESSAGE = table_of(Subscription), table_of(Case), table_of(Message)


class Share(StrEnum):
    """How much of what is asked for it is."""

    OFFER = "offer"  # all of it, less what the creditor gives to who pays in time
    ALL = "all"
    NEXT = "next"
    CHARGE = "charge"
    CHOSEN = "chosen"  # some invoices, which the form names


@dataclass(frozen=True, slots=True)
class Given:
    """A discount: how much, on what of it that is open, to which day all of it can be had, and what
    is to pay from the next day on. `percent` is None where the invoices have different ones."""

    amount: Money
    base: Money
    until: date
    afterwards: Money
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Payable:
    """An amount to pay with one press, and the invoices that it settles. `charge` is the invoice
    of a subscription's failed charge, `title` what is subscribed to; `given` is what the creditor
    writes off for it."""

    share: Share
    amount: Money
    invoice_ids: tuple[int, ...]
    charge: int | None = None
    title: str = ""
    given: Given | None = None
    has_button: bool = True  # all of it has none where a discount is given

    @property
    def currency(self) -> str:
        return self.amount.currency


def payables(session: Session, visit: Visit, account: Account) -> tuple[Payable, ...]:
    """What can be paid here, what is asked for first before the rest.

    Behind a link for a new card it is the charges of its subscription and nothing else: the card
    is kept, so it pays for no other debt.
    """
    if visit.link.purpose == CARD:
        charges = tuple(_charges(session, visit, account))
        if charges:
            return charges
    return tuple(_asked(session, account))


def _asked(session: Session, account: Account) -> Iterator[Payable]:
    for owed in account.owed:
        ids = tuple(account.asked_ids(owed.currency))
        plan = account.plan
        if plan is not None and plan.id is not None and plan.currency == owed.currency:
            part = next_part(session, plan.id)
            planned = tuple(id_ for id_ in ids if id_ in plan.invoice_ids)
            open_there = sum(line.open.minor for line in account.asked if line.id in planned)
            if part is not None and open_there:
                amount = Money(min(part.minor, open_there), owed.currency)
                yield Payable(Share.NEXT, amount, planned)
        given = _given(account, _in(account, owed.currency))
        if given is not None:
            yield Payable(Share.OFFER, owed - given.amount, ids, given=given)
        yield Payable(Share.ALL, owed, ids, has_button=given is None)


def invoice_field(invoice_id: int) -> str:
    """The name of the field by which a form chooses an invoice."""
    return f"invoice-{invoice_id}"


def chosen(account: Account, currency: str, typed: Mapping[str, str]) -> Payable | None:
    """What the invoices of one currency that a form names come to; None if it names none of them.
    The ids come from a form: only what is asked for of this customer is taken."""
    lines = [line for line in _in(account, currency) if typed[invoice_field(line.id)]]
    return _chosen(account, lines) if lines else None


def all_chosen(account: Account, currency: str) -> Payable:
    """What all of them come to. It tells a form whose prices have changed since it was shown."""
    return _chosen(account, _in(account, currency))


def _chosen(account: Account, lines: Sequence[InvoiceLine]) -> Payable:
    total, given = _open(lines), _given(account, lines)
    amount = total - given.amount if given else total
    return Payable(Share.CHOSEN, amount, tuple(line.id for line in lines), given=given)


def _in(account: Account, currency: str) -> Sequence[InvoiceLine]:
    return [line for line in account.asked if line.open.currency == currency]


def _open(lines: Sequence[InvoiceLine]) -> Money:
    return Money(sum(line.open.minor for line in lines), lines[0].open.currency)


def _given(account: Account, lines: Sequence[InvoiceLine]) -> Given | None:
    """What is written off of these invoices of one currency, if they are paid now."""
    reduced = [line for line in lines if line.id in account.reductions]
    if not reduced:
        return None
    reductions = [account.reductions[line.id] for line in reduced]
    base, currency = _open(reduced), reduced[0].open.currency
    percents = {reduction.offer.percent for reduction in reductions}
    until = min(reduction.until for reduction in reductions)
    stays = sum(reduction.minor for reduction in reductions if reduction.until > until)
    return Given(
        Money(sum(reduction.minor for reduction in reductions), currency),
        base,
        until,
        _open(lines) - Money(stays, currency),
        percents.pop() if len(percents) == 1 else None,
    )


def _charges(session: Session, visit: Visit, account: Account) -> Iterator[Payable]:
    """The open charges of the customer; of one of them alone if the link's message was about it."""
    lines = {line.id: line for line in account.asked}
    failed = [row for row in _failed(session, visit) if row.open_invoice_id in lines]
    meant = [row for row in failed if row.open_invoice_id == _anchor(session, visit)]
    for row in meant or failed:
        line = lines[row.open_invoice_id]
        yield Payable(Share.CHARGE, line.open, (line.id,), charge=line.id, title=row.name)


def _failed(session: Session, visit: Visit) -> list[Row[tuple[str, int]]]:
    query = (
        select(_SUBSCRIPTION.c.name, _SUBSCRIPTION.c.open_invoice_id)
        .where(
            _SUBSCRIPTION.c.customer_id == visit.customer_id,
            _SUBSCRIPTION.c.open_invoice_id.is_not(None),
        )
        .order_by(_SUBSCRIPTION.c.id)
    )
    return list(session.connection().execute(query))


def _anchor(session: Session, visit: Visit) -> int | None:
    """The invoice that the case of the link's message is anchored on."""
    query = (
        select(_CASE.c.anchor_invoice_id)
        .join(_MESSAGE, _MESSAGE.c.case_id == _CASE.c.id)
        .where(_MESSAGE.c.id == visit.link.message_id)
    )
    return session.connection().scalar(query)
