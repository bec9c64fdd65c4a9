"""Posts charges as invoices of their own, so that balance, payments and pages take them as such.

Claimed again, only what grew since is posted; what shrank is left as it is: a credit note corrects
it. What the law gives is claimed in no currency but the invoice's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session

from app.book.charges.assessing import PAID_LATE, Assessed, assess, law_of
from app.book.charges.terms import ChargeKind, terms_of
from app.book.charges.working import working
from app.book.customers import Owner
from app.book.envelope import zone_in
from app.book.errors import ChargesError
from app.book.holders import hold
from app.book.invoices import InvoiceIn, upsert_invoices
from app.store.bulk import insert_new, insert_rows
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import Charge, Invoice, Task
from app.store.tasks import DONE_WITHIN
from campaigns.calendar import local_date
from campaigns.charges import RateMissing
from campaigns.keys import derive
from campaigns.money import Money
from campaigns.vocabulary import DebtClass

_INVOICE = table_of(Invoice)
_MARKS = {ChargeKind.COST: "C", ChargeKind.INTEREST: "I"}


@dataclass(frozen=True, slots=True)
class Claimed:
    """One charge that is posted, or would be."""

    customer_id: int
    number: str
    kind: ChargeKind
    amount: Money


@dataclass(frozen=True, slots=True)
class Claiming:
    """What a claim posts, and the sentences of the invoices that it leaves out."""

    posted: tuple[Claimed, ...]
    refused: tuple[tuple[str, str], ...]  # the invoice's number, and why


@dataclass(frozen=True, slots=True)
class _Charge:
    invoice: InvoiceIn
    kind: ChargeKind
    assessed: Assessed


def candidates(
    session: Session, owner: Owner, on: date, *, paid_from: date | None = None
) -> list[int]:
    """The creditor's customers who have something open that was due before `on`, or who paid
    something late from `paid_from` on."""
    query = (
        select(_INVOICE.c.customer_id)
        .where(
            _INVOICE.c.creditor_id == owner.id,
            _INVOICE.c.due_on < on,
            or_(_INVOICE.c.open_minor > NOTHING, PAID_LATE),
        )
        .distinct()
        .order_by(_INVOICE.c.customer_id)
    )
    since = {"since": paid_from or date.max}
    return list(session.connection().execute(query, since).scalars())


def claim(
    session: Session,
    owner: Owner,
    customer_ids: Sequence[int],
    on: date,
    *,
    now: datetime,
    paid_from: date | None = None,
) -> Claiming:
    """Posts what these customers of the creditor owe in charges at the end of `on`: of what is
    open, and of what was paid late from `paid_from` on.

    A rate that is missing is a task for finance, once. Raises `ChargesError` while the creditor
    claims nothing, or for a day that is not over.
    """
    hold(session, customer_ids)
    assessed, planned = _plan(session, owner, customer_ids, on, now, paid_from)
    _post(session, owner, planned, on, now)
    insert_new(session, Task, list(_tasks(assessed, now)))
    return _told(assessed, planned)


def foresee(
    session: Session,
    owner: Owner,
    customer_ids: Sequence[int],
    on: date,
    *,
    now: datetime,
    paid_from: date | None = None,
) -> Claiming:
    """What `claim` would post. It only reads."""
    return _told(*_plan(session, owner, customer_ids, on, now, paid_from))


def _plan(
    session: Session,
    owner: Owner,
    customer_ids: Sequence[int],
    on: date,
    now: datetime,
    paid_from: date | None,
) -> tuple[list[Assessed], list[_Charge]]:
    terms, zone = terms_of(session, owner.id), zone_in(owner.zone)
    if not terms.kinds:
        raise ChargesError(
            f"creditor {owner.external_id} claims no charges; see `duly charges allow`"
        )
    if on > local_date(now, zone):
        raise ChargesError(f"{on} is still to come; claim charges to today at the latest")
    law = law_of(session, terms)
    found = assess(session, law, customer_ids, on, zone, paid_from=paid_from)
    assessed = [each for each in found if not _is_barred(each, on)]
    return assessed, [_planned(each, kind, on) for each, kind in _unclaimed(assessed, terms.kinds)]


def _is_barred(each: Assessed, on: date) -> bool:
    return each.invoice.limitation_on is not None and each.invoice.limitation_on <= on


def _unclaimed(
    assessed: Iterable[Assessed], kinds: Iterable[ChargeKind]
) -> list[tuple[Assessed, ChargeKind]]:
    wanted = sorted(kinds)
    return [(each, kind) for each in assessed for kind in wanted if each.unclaimed(kind).minor > 0]


def _planned(each: Assessed, kind: ChargeKind, on: date) -> _Charge:
    late, number = each.invoice, each.posted.get(kind, 0) + 1
    invoice = InvoiceIn(
        customer_id=late.customer_id,
        external_id=f"{late.external_id}/{kind}/{number}",
        amount=each.unclaimed(kind),
        due_on=on,
        number=f"{late.number}-{_MARKS[kind]}{number}",
        issued_on=on,
        debt_class=DebtClass.COMMERCIAL,
        limitation_on=late.limitation_on,
    )
    return _Charge(invoice, kind, each)


def _post(
    session: Session, owner: Owner, planned: Sequence[_Charge], on: date, now: datetime
) -> None:
    ids = upsert_invoices(session, owner.id, [each.invoice for each in planned], now=now).ids
    rows: list[dict[str, Any]] = [
        {
            "invoice_id": invoice_id,
            "late_invoice_id": each.assessed.invoice.id,
            "kind": str(each.kind),
            "claimed_on": on,
            "working": working(each.assessed, each.kind),
        }
        for invoice_id, each in zip(ids, planned, strict=True)
    ]
    insert_rows(session, Charge, rows)


def _tasks(assessed: Iterable[Assessed], now: datetime) -> Iterable[dict[str, Any]]:
    missing = {
        (each.refused.reference, each.refused.starts_on)
        for each in assessed
        if isinstance(each.refused, RateMissing)
    }
    for reference, starts_on in sorted(missing):
        yield {
            "key": derive("rate_missing", str(reference), starts_on.isoformat()),
            "team": "finance",
            "kind": "rate_missing",
            "title": f"Add the reference rate {reference} from {starts_on}: no interest without it",
            "detail": {"reference": str(reference), "starts_on": starts_on.isoformat()},
            "created_at": now,
            "due_at": now + DONE_WITHIN,
        }


def _told(assessed: Iterable[Assessed], planned: Iterable[_Charge]) -> Claiming:
    return Claiming(
        tuple(
            Claimed(p.invoice.customer_id, p.invoice.number or "", p.kind, p.invoice.amount)
            for p in planned
        ),
        tuple((each.invoice.number, str(each.refused)) for each in assessed if each.refused),
    )
