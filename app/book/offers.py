"""What a creditor gives to those who pay in time, and which customers it is not offered to.

Terms never change: one offer ends with a day of the creditor's, and another begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import Row, bindparam, or_, select, union_all, update
from sqlmodel import Session

from app.book.consents import said
from app.book.days import day_of
from app.book.disputes import CARVED_OUT
from app.book.errors import OfferError
from app.store.bulk import insert_returning_ids
from app.store.columns import NOTHING, word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Creditor, Customer, Dispute, Hold, Invoice, Offer, Plan
from campaigns.offers import OfferKind, OfferTerms, Situation
from campaigns.stops import SILENT
from campaigns.vocabulary import HoldKind

MOST: Final = Decimal(50)

_CREDITOR, _CUSTOMER, _OFFER = table_of(Creditor), table_of(Customer), table_of(Offer)
_DISPUTE, _HOLD = table_of(Dispute), table_of(Hold)
_INVOICE, _PLAN = table_of(Invoice), table_of(Plan)
_PLAN_RUNS, _IS_DISPUTED, _IS_LIMITED = "plan_runs", "invoice_disputed", "invoice_limited"
_SITUATIONS: Final = {
    _IS_DISPUTED: Situation.DISPUTE,
    _IS_LIMITED: Situation.LIMITED,
    str(HoldKind.HARDSHIP): Situation.HARDSHIP,
}
_FIRM: Final = frozenset({_PLAN_RUNS, *map(str, SILENT)})


@dataclass(frozen=True, slots=True)
class Standing:
    """An offer and its days on the creditor's calendar; `last_on` of None has not been ended."""

    terms: OfferTerms
    first_on: date
    last_on: date | None

    def is_in_force(self, on: date) -> bool:
        return self.first_on <= on and (self.last_on is None or on <= self.last_on)


@dataclass(frozen=True, slots=True)
class Bars:
    """What keeps a customer from offers: some of it an offer may allow, the rest (`firmly`) none
    may: silence by law or decency, a running plan, a customer who wants no offers."""

    situations: frozenset[Situation] = frozenset()
    firmly: bool = False

    def leave(self, terms: OfferTerms) -> bool:
        """Whether the offer may be made all the same."""
        return not self.firmly and self.situations <= terms.allows


def add_offer(
    session: Session,
    creditor_id: int,
    kind: OfferKind,
    percent: str,
    *,
    ends_on: date | None = None,
    within_days: int | None = None,
    allows: Collection[Situation] = (),
    by: str,
    now: datetime,
) -> int:
    """Begins an offer and answers its number. Raises `OfferError` for terms that cannot stand, and
    while another of its kind runs."""
    _ensure_possible(kind, percent, ends_on, within_days)
    if _running(session, creditor_id, kind) is not None:
        raise OfferError(f"an offer of the kind {kind} runs already: end it first")
    row = {
        "creditor_id": creditor_id,
        "kind": str(kind),
        "percent": percent,
        "ends_on": ends_on,
        "within_days": within_days,
        "allows": sorted(map(str, allows)),
        "added_at": now,
        "added_by": by,
    }
    return insert_returning_ids(session, Offer, [row])[0]


def end_offer(
    session: Session, creditor_id: int, kind: OfferKind, *, by: str, now: datetime
) -> bool:
    """Ends what runs of this kind with today: who was shown it today is kept the word. Answers
    whether one ran."""
    running = update(_OFFER).where(
        _OFFER.c.creditor_id == creditor_id,
        _OFFER.c.kind == str(kind),
        _OFFER.c.ended_at.is_(None),
    )
    ended = session.connection().execute(running.values(ended_at=now, ended_by=by))
    return ended.rowcount > 0


def offer_rows(session: Session, creditor_id: int) -> Sequence[Row[Any]]:
    """All offers of a creditor, ended ones too, the oldest first."""
    query = select(_OFFER).where(_OFFER.c.creditor_id == creditor_id).order_by(_OFFER.c.id)
    return session.connection().execute(query).all()


def offers_of(session: Session, creditor_ids: Collection[int]) -> Mapping[int, Sequence[Standing]]:
    """The offers of these creditors, the newest first; those who give nothing are left out."""
    found: dict[int, list[Standing]] = defaultdict(list)
    for row in rows_given(session, _OFFERED, sorted(creditor_ids)):
        found[row.creditor_id].insert(0, _standing(row))
    return found


def bars_of(
    session: Session, customer_ids: Collection[int], on: date, now: datetime
) -> Mapping[int, Bars]:
    """What keeps each of these customers from offers on a day."""
    wanted = sorted(set(customer_ids))
    situations: dict[int, set[Situation]] = defaultdict(set)
    firmly = {id_ for (id_, _), told in said(session, wanted).items() if told.offers is False}
    for customer_id, bar in rows_given(session, _BARRED, wanted, on=on, now=now):
        if bar in _SITUATIONS:
            situations[customer_id].add(_SITUATIONS[bar])
        elif bar in _FIRM:
            firmly.add(customer_id)
    return {id_: Bars(frozenset(situations[id_]), id_ in firmly) for id_ in wanted}


def _ensure_possible(
    kind: OfferKind, percent: str, ends_on: date | None, within_days: int | None
) -> None:
    try:
        share = Decimal(percent)
    except InvalidOperation:
        raise OfferError(f"{percent!r} is no percentage: write digits, such as 2 or 2.5") from None
    if not share.is_finite() or not 0 < share <= MOST:
        raise OfferError(f"{percent} % cannot be given: more than 0 and at most {MOST}")
    if kind is OfferKind.THANK_YOU and ends_on is None:
        raise OfferError("a thank-you needs its last day")
    if kind is OfferKind.THANK_YOU and within_days is not None:
        raise OfferError("days after the invoice are for early payments: give the last day alone")
    if within_days is not None and not 1 <= within_days <= 365:
        raise OfferError(f"{within_days} days after the invoice: from 1 to 365")


def _running(session: Session, creditor_id: int, kind: OfferKind) -> int | None:
    query = select(_OFFER.c.id).where(
        _OFFER.c.creditor_id == creditor_id,
        _OFFER.c.kind == str(kind),
        _OFFER.c.ended_at.is_(None),
    )
    return session.connection().scalar(query)


def _standing(row: Row[Any]) -> Standing:
    terms = OfferTerms(
        row.id,
        OfferKind(row.kind),
        Decimal(row.percent),
        row.ends_on,
        row.within_days,
        frozenset(map(Situation, row.allows)),
    )
    last_on = day_of(row.ended_at, row.zone) if row.ended_at else None
    return Standing(terms, day_of(row.added_at, row.zone), last_on)


_OFFERED: Final = (
    select(_OFFER, _CREDITOR.c.zone)
    .join(_CREDITOR, _CREDITOR.c.id == _OFFER.c.creditor_id)
    .where(_OFFER.c.creditor_id.in_(GIVEN))
    .order_by(_OFFER.c.id)
)
_OPEN_OF: Final = (_INVOICE.c.customer_id.in_(GIVEN), _INVOICE.c.open_minor > NOTHING)
_BARRED: Final = union_all(
    select(_PLAN.c.customer_id, word(_PLAN_RUNS).label("bar")).where(
        _PLAN.c.customer_id.in_(GIVEN), _PLAN.c.state == word("running")
    ),
    select(_INVOICE.c.customer_id, word(_IS_DISPUTED))
    .join(_DISPUTE, _DISPUTE.c.invoice_id == _INVOICE.c.id)
    .where(*_OPEN_OF, _DISPUTE.c.state.in_(map(word, CARVED_OUT))),
    select(_INVOICE.c.customer_id, word(_IS_LIMITED)).where(
        *_OPEN_OF, _INVOICE.c.limitation_on <= bindparam("on")
    ),
    select(_CUSTOMER.c.id, _HOLD.c.kind)
    .join(_HOLD, _HOLD.c.person_id == _CUSTOMER.c.person_id)
    .where(
        _CUSTOMER.c.id.in_(GIVEN),
        _HOLD.c.released_at.is_(None),
        or_(_HOLD.c.until.is_(None), _HOLD.c.until > bindparam("now")),
        or_(_HOLD.c.customer_id.is_(None), _HOLD.c.customer_id == _CUSTOMER.c.id),
    ),
)
