"""What the pages ask intake to do, on behalf of the customer behind a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Session

from app.book.envelope import house_in
from app.intake.confirming import confirm, confirming_at
from app.intake.details import confirm_details
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.means import About, Told, tell_means
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.places import Place
from app.intake.plan_offers import PlanOffer, Terms, askable
from app.intake.plan_wishes import (
    Wish,
    agree_offer,
    offered_parts,
    schedule,
    standing_offer,
)
from app.intake.plans import (
    Part,
    PlanProblem,
    PlanRefused,
    agree_plan,
    move_instalment,
    spread_instalment,
)
from app.intake.promises import MadeBy, PromiseProblem, PromiseRefused, make_promise
from app.intake.proofs.telling import PaymentTold, tell_payment
from app.intake.replies.typed import heed
from app.intake.wrong_persons import report_wrong_person
from app.store.columns import word
from app.store.documents import Documents
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Case, ContactPoint, Link, Message
from app.web.catalogues import N_
from app.web.visits import Visit
from campaigns.calendar import next_day_of_month
from campaigns.money import Money
from campaigns.reach import StopAct
from campaigns.vocabulary import AnchorKind, Category, Medium, Signal

_SUGGESTED = (3, 7, 14)

_CASE, _LINK, _MESSAGE, _POINT = (table_of(row) for row in (Case, Link, Message, ContactPoint))

_TALK = N_("This day cannot be chosen here. Please talk to us, we will find a way.")
ABOUT_THE_DAY = frozenset({PromiseProblem.IN_THE_PAST, PromiseProblem.TOO_FAR})
PROMISE_FAULTS: Mapping[PromiseProblem, str] = {
    PromiseProblem.NOT_OFFERED: _TALK,
    PromiseProblem.AMOUNT_NOT_POSITIVE: _TALK,
    PromiseProblem.NOTHING_OPEN: N_("There is nothing to pay at the moment. Thank you!"),
    PromiseProblem.LIMITATION_PASSED: _TALK,
    PromiseProblem.MORE_THAN_OPEN: N_("This is more than what is open."),
    PromiseProblem.TOO_LITTLE: _TALK,
    PromiseProblem.IN_THE_PAST: N_("This day has passed. Please choose a later one."),
    PromiseProblem.TOO_FAR: N_(
        "This day is too far ahead. Please choose an earlier one, or talk to us."
    ),
    PromiseProblem.PROMISE_OPEN: N_(
        "You have chosen a day already. To change it, please talk to us."
    ),
    PromiseProblem.TOO_MANY_BROKEN: _TALK,
    PromiseProblem.PLAN_RUNNING: N_("You pay in parts already. To change that, please talk to us."),
}


@dataclass(frozen=True, slots=True)
class PromiseWindow:
    """The days that a customer may choose from, and how many promises may be open at once."""

    earliest: date
    latest: date
    max_open: int

    def suggested(self, usual: date | None) -> tuple[date, ...]:
        """A few days worth offering: the customer's usual one first, then soon; and where no usual
        one is known, the first of next month, when pay has come."""
        first = (self.earliest.replace(day=1) + timedelta(days=32)).replace(day=1)
        days = {self.earliest + timedelta(days=ahead - 1) for ahead in _SUGGESTED}
        others = sorted(day for day in days | {usual or first} if day <= self.latest)
        return tuple(dict.fromkeys([usual, *others] if usual else others))

    def usual(self, pay_day: int | None) -> date | None:
        """The next day of the month on which the customer likes to pay, if it is in the window."""
        day = next_day_of_month(pay_day, self.earliest) if pay_day else None
        return day if day and day <= self.latest else None


def promise_window(visit: Visit, today: date) -> PromiseWindow | None:
    """From tomorrow to as far as the creditor's envelope reaches; None if it offers nothing."""
    envelope = house_in(visit.creditor).envelope
    if envelope.max_open == 0 or envelope.furthest_days == 0:
        return None
    return PromiseWindow(
        today + timedelta(days=1), today + timedelta(days=envelope.furthest_days), envelope.max_open
    )


def promise(
    session: Session, visit: Visit, amount: Money, due_on: date, now: datetime
) -> PromiseProblem | None:
    """Takes the promise. Answers why not, when it is refused: `PROMISE_FAULTS` has the words."""
    try:
        make_promise(
            session,
            customer_id=visit.customer_id,
            amount=amount,
            due_on=due_on,
            made_by=MadeBy.PAGE,
            now=now,
            said_from=_confirming(session, visit, now),
        )
    except PromiseRefused as refused:
        return refused.code
    return None


CHOOSE_DAY = N_("Please choose a day within the next weeks.")
PLAN_FAULTS: Mapping[PlanProblem, str] = {
    PlanProblem.BAD_DATES: CHOOSE_DAY,
    PlanProblem.NOTHING_FOLLOWS: N_("No part follows. Please choose another day instead."),
}


_TOO_LONG = N_(
    "These parts would take longer than we can agree on here. Please choose fewer parts, a shorter"
    " time between them, or an earlier first day, or talk to us."
)
AGREEING_FAULTS: Mapping[PlanProblem, str] = {
    PlanProblem.NOTHING_OPEN: PROMISE_FAULTS[PromiseProblem.NOTHING_OPEN],
    PlanProblem.BAD_DATES: _TOO_LONG,
    PlanProblem.ARRANGED_ALREADY: N_(
        "We have already agreed on a day or a plan. To change that, please talk to us."
    ),
}
NO_PLAN = N_("Paying in parts cannot be agreed here. Please talk to us, we will find a way.")


def plan_offers(
    session: Session, visit: Visit, currencies: Sequence[str], now: datetime
) -> tuple[PlanOffer, ...]:
    """The plans that may be asked for on the page now, at most one a currency. What lies inside of
    their envelope holds at once."""
    house = house_in(visit.creditor)
    usual = visit.customer.pay_day
    found = (
        askable(session, house, visit.customer_id, one, pay_day=usual, now=now)
        for one in currencies
    )
    return tuple(offer for offer in found if offer is not None)


def planned(
    offer: PlanOffer | None, terms: Terms, each: Money | None = None
) -> tuple[Part, ...] | str:
    """The parts as they would be, or why not, in words marked by `N_`. Where `each` is given, the
    last part is what remains."""
    if offer is None:
        return NO_PLAN
    return schedule(Wish(offer.total, terms, each), offer.today) or _TOO_LONG


def agree(session: Session, visit: Visit, parts: Sequence[Part], now: datetime) -> str | None:
    """Agrees the plan, or what the team offered in place of another, if it is that. Answers why
    not, in words marked by `N_`, when it is refused."""
    place = _confirming(session, visit, now)
    try:
        offered = _offered(session, visit, parts, now)
        if offered is not None:
            agree_offer(session, offered, now=now, said_from=place)
            return None
        agree_plan(
            session,
            customer_id=visit.customer_id,
            parts=parts,
            agreed_by=MadeBy.PAGE,
            now=now,
            said_from=place,
        )
    except PlanRefused as refused:
        return AGREEING_FAULTS.get(refused.code, NO_PLAN)
    return None


def was_offered(session: Session, visit: Visit, parts: Sequence[Part], now: datetime) -> bool:
    """Whether the team offers just this plan, so that it holds once the customer agrees."""
    return _offered(session, visit, parts, now) is not None


def _offered(
    session: Session, visit: Visit, parts: Sequence[Part], now: datetime
) -> Row[Any] | None:
    today = house_in(visit.creditor).today(now)
    row = standing_offer(session, visit.customer_id, today)
    same = row is not None and offered_parts(session, row, today) == tuple(parts)
    return row if same else None


def rescue(session: Session, visit: Visit, to: date | None, now: datetime) -> str | None:
    """Moves the next part of the plan to a day, or (None) spreads it over the later ones. Answers
    why not, in words marked by `N_`, when it is refused."""
    try:
        if to is None:
            spread_instalment(session, customer_id=visit.customer_id, now=now)
        else:
            move_instalment(session, customer_id=visit.customer_id, to=to, now=now)
    except PlanRefused as refused:
        return PLAN_FAULTS.get(refused.code, PROMISE_FAULTS[PromiseProblem.PLAN_RUNNING])
    confirm(session, visit.concerned, visit.link.message_id, Signal.PLAN_CHANGED, now=now)
    return None


def details(session: Session, visit: Visit, pay_day: int | None, words: str, now: datetime) -> None:
    """Notes that the customer's details are right, or what is not."""
    confirm_details(
        session,
        customer_id=visit.customer_id,
        pay_day=pay_day,
        words=heeded(session, visit, words, now),
        message_id=visit.link.message_id,
        now=now,
        said_from=_confirming(session, visit, now),
    )


def asks_for_details(session: Session, visit: Visit) -> bool:
    """Whether the yearly question is open."""
    whose = {"customer_id": visit.customer_id}
    return session.connection().execute(_YEARLY, whose).first() is not None


_YEARLY = (
    select(_CASE.c.id)
    .where(
        _CASE.c.customer_id == bindparam("customer_id"),
        _CASE.c.phase != word("closed"),
        _CASE.c.anchor == word(AnchorKind.ANNIVERSARY.value),
    )
    .limit(1)
)


def dispute(
    session: Session, visit: Visit, invoice_id: int, kind: str, words: str, now: datetime
) -> None:
    """Carves out an invoice of this customer."""
    dispute_invoice(
        session,
        customer_id=visit.customer_id,
        invoice_id=invoice_id,
        kind=DisputeKind(kind),
        words=heeded(session, visit, words, now),
        now=now,
        said_from=_confirming(session, visit, now),
    )


def hardship(
    session: Session, visit: Visit, kind: str, words: str, means: Told | None, now: datetime
) -> None:
    """Holds the person and hands over to a human, with the means where some were told."""
    said = heeded(session, visit, words, now)
    report_hardship(
        session,
        customer_id=visit.customer_id,
        kind=kind,
        words=said,
        now=now,
        said_from=_confirming(session, visit, now),
    )
    if means is not None:
        whose = visit.customer_id
        tell_means(session, customer_id=whose, about=About.HARDSHIP, told=means, now=now)


def already_paid(
    session: Session, visit: Visit, documents: Documents, told: PaymentTold, now: datetime
) -> None:
    """Holds the person while finance looks for the payment."""
    words = heeded(session, visit, told.words or "", now)
    tell_payment(
        session,
        documents,
        customer_id=visit.customer_id,
        told=replace(told, words=words),
        message_id=visit.link.message_id,
        now=now,
    )
    confirm(session, visit.concerned, visit.link.message_id, Signal.PAYMENT_REPORTED, now=now)


def _confirming(session: Session, visit: Visit, now: datetime) -> Place | None:
    """Where the act that follows is confirmed."""
    return confirming_at(session, visit.concerned, visit.link.message_id, now=now)


def heeded(session: Session, visit: Visit, words: str, now: datetime) -> str | None:
    """What the form's own row keeps of the words, which are read for danger first."""
    typed = words.strip() or None
    return heed(session, visit.customer_id, typed, message_id=visit.link.message_id, now=now)


def wrong_person(session: Session, visit: Visit, now: datetime) -> None:
    """Closes the address, and this page with those that were sent there."""
    for address_id, _ in _addresses(session, visit):
        report_wrong_person(session, customer_id=visit.customer_id, address_id=address_id, now=now)
    session.connection().execute(
        update(_LINK)
        .where(_LINK.c.id == visit.link.id, _LINK.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def stop(session: Session, visit: Visit, act: StopAct, now: datetime) -> None:
    """Nobody writes there any more, as far as the act reaches. Twice is fine."""
    answered = _category(session, visit)
    for address_id, medium in _addresses(session, visit):
        said = StopSaid(act, medium, f"link:{visit.link.id}", answered)
        opt_out(session, said, address_id=address_id, now=now)


def case_of(database: Database, visit: Visit) -> int | None:
    """The open case whose message led here, else the customer's only open one."""
    with database.read() as session:
        open_ones = select(_CASE.c.id).where(
            _CASE.c.customer_id == visit.customer_id, _CASE.c.phase != word("closed")
        )
        if visit.link.message_id is not None:
            spoke = select(_MESSAGE.c.case_id).where(_MESSAGE.c.id == visit.link.message_id)
            led = session.connection().scalar(open_ones.where(_CASE.c.id.in_(spoke)))
            if led is not None:
                return int(led)
        cases = session.connection().execute(open_ones.limit(2)).scalars().all()
    return cases[0] if len(cases) == 1 else None


def _category(session: Session, visit: Visit) -> Category | None:
    """What the message was in which the link stood."""
    query = select(_MESSAGE.c.category).where(_MESSAGE.c.id == visit.link.message_id)
    found = session.connection().scalar(query)
    return Category(found) if found is not None else None


def _addresses(session: Session, visit: Visit) -> list[tuple[int, Medium | None]]:
    """Where "here" is: what the link's message was sent to, else all that the customer has."""
    if visit.link.message_id is not None:
        query = select(_MESSAGE.c.address_id, _MESSAGE.c.medium).where(
            _MESSAGE.c.id == visit.link.message_id
        )
        address_id, medium = session.connection().execute(query).one()
        return [(address_id, Medium(medium))]
    every = select(_POINT.c.address_id).where(_POINT.c.customer_id == visit.customer_id).distinct()
    return [(a, None) for a in session.connection().execute(every.order_by("address_id")).scalars()]
