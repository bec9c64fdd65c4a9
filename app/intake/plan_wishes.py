"""Plans that a customer asks for and cannot agree alone: outside of the envelope, a person decides.

While a wish is open nobody is reminded; its task has the day that the customer was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Session

from app.book.envelope import House, PlanEnvelope, house_of
from app.hearing.intents import Intent
from app.intake.concerned import stop_customer
from app.intake.holds import place_hold
from app.intake.places import Place
from app.intake.plan_offers import PlanOffer, Rhythm, Terms, laid_out
from app.intake.plans import Part, PlanProblem, PlanRefused, agree_plan
from app.intake.promises import MadeBy
from app.intake.tasks import Team, finish_task, give_task
from app.payments.claimable import claimable, total_of
from app.store.bulk import insert_returning_ids
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Customer, PlanWish, Reply
from campaigns.money import Money
from campaigns.vocabulary import HoldKind

ANSWER_BUSINESS_DAYS: Final = 2
"""Of the creditor: by the end of that one a person answers. The page says so."""

OFFER_DAYS: Final = 30
"""How long a counter-offer may stand at most: nobody is reminded meanwhile."""

WIDEST: Final = PlanEnvelope(most_parts=120, first_within_days=120, furthest_days=3650)
"""What a person may agree to at all: more is a slip of the pen."""

_CUSTOMER, _WISH = table_of(Customer), table_of(PlanWish)


class WishState(StrEnum):
    OPEN = "open"
    AGREED = "agreed"
    DECLINED = "declined"
    COUNTERED = "countered"  # the team would agree to something else, until a day
    REPLACED = "replaced"  # by a later one of the same customer


@dataclass(frozen=True, slots=True)
class Said:
    """What they wrote beside it, and behind the link of which message."""

    words: str
    message_id: int | None


class UnknownWish(LookupError):
    """There is no such wish, or somebody has decided on it already."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer would like: so many parts, or as many as it takes at `part` each."""

    total: Money
    terms: Terms
    part: Money | None = None


def answered_by(house: House, now: datetime) -> date:
    """The last day by which a person decides on what is asked for now."""
    return house.calendar.add_business_days(house.today(now), ANSWER_BUSINESS_DAYS)


def schedule(wish: Wish, today: date) -> tuple[Part, ...] | None:
    """The instalments of a wish, exact to the last minor unit; None for what nobody could agree to.

    At a fixed part the last one is what remains.
    """
    widest = PlanOffer(wish.total, today, WIDEST)
    if wish.part is None:
        return widest.schedule(wish.terms)
    if not today <= wish.terms.first_on <= widest.latest_first:
        return None  # before days are counted on from it: no year follows 9999
    full, rest = divmod(wish.total.minor, wish.part.minor)
    if not 2 <= full + bool(rest) <= WIDEST.most_parts:
        return None
    minors = [wish.part.minor] * full + ([rest] if rest else [])
    parts = laid_out(minors, wish.total.currency, wish.terms)
    return parts if widest.permits(parts) else None


def wish_for_plan(
    session: Session, *, customer_id: int, wish: Wish, said: Said | None, now: datetime
) -> int:
    """Puts a wish on record, holds the person until the day of the answer, gives collections a task
    with that day, and answers the wish's id. A later wish takes the place of an open one.

    Raises `PlanRefused` for what nobody could agree to, `UnknownCustomer` and `EnvelopeError`.
    """
    concerned = stop_customer(session, customer_id)
    house = house_of(session, concerned.creditor_id)
    today, by = house.today(now), answered_by(house, now)
    open_now = total_of(claimable(session, customer_id, wish.total.currency))
    parts = schedule(wish, today) if open_now == wish.total.minor else None
    if parts is None:
        raise PlanRefused(PlanProblem.BAD_DATES, "what is asked for is no plan of what is open")
    _replace(session, customer_id, now)
    row = {
        "customer_id": customer_id,
        "currency": wish.total.currency,
        "amount_minor": wish.total.minor,
        "parts": len(parts),
        "part_minor": wish.part.minor if wish.part else None,
        "rhythm": str(wish.terms.rhythm),
        "first_on": wish.terms.first_on,
        "reply_id": _note(session, customer_id, said, now) if said else None,
        "wished_at": now,
        "answer_by": by,
        "state": str(WishState.OPEN),
    }
    (wish_id,) = insert_returning_ids(session, PlanWish, [row])
    until = house.end_of(today, ANSWER_BUSINESS_DAYS)
    place_hold(session, concerned, HoldKind.REPLY, until=until, why="plan_wished", now=now)
    give_task(
        session,
        key=_task(wish_id),
        team=Team.COLLECTIONS,
        kind="plan_wished",
        title="A customer asks for a plan outside of the limits: decide on it and answer",
        now=now,
        due_in=until - now,
        customer_id=customer_id,
        detail={"plan_wish_id": wish_id},
    )
    told = {"plan_wish_id": wish_id}
    record(session, [_fact("plan_wished", customer_id, now, told, own_act=True)], now=now)
    return wish_id


def agree_wish(session: Session, wish_id: int, *, decided_by: str, now: datetime) -> int:
    """Agrees the plan as it was asked for, in the name of the team, and answers its id. The parts
    are counted anew from what is open now.

    Raises `UnknownWish`, `PlanRefused`, `UnknownCustomer` and `EnvelopeError`.
    """
    row, house = _open_wish(session, wish_id)
    total = Money(total_of(claimable(session, row.customer_id, row.currency)), row.currency)
    parts = schedule(_wish(row, total), house.today(now)) if total.minor else None
    if parts is None:
        raise PlanRefused(
            PlanProblem.BAD_DATES, f"wish {wish_id} is no plan of what is open any more"
        )
    plan_id = agree_plan(
        session,
        customer_id=row.customer_id,
        parts=parts,
        agreed_by=MadeBy.STAFF,
        now=now,
        bounds=WIDEST,
    )
    _decide(session, row, WishState.AGREED, decided_by, now, plan_id=plan_id)
    return plan_id


def decline_wish(session: Session, wish_id: int, *, decided_by: str, now: datetime) -> None:
    """Decides against it. What the customer is told, a person writes. Raises `UnknownWish`."""
    row, _ = _open_wish(session, wish_id)
    _decide(session, row, WishState.DECLINED, decided_by, now)


def counter_wish(
    session: Session, wish_id: int, terms: Terms, *, until: date, decided_by: str, now: datetime
) -> None:
    """Offers other terms in place of those that were asked for. Until the end of that day the
    customer may agree to them on the page, and nobody reminds them.

    Raises `UnknownWish`, `UnknownCustomer` and `EnvelopeError`; `PlanRefused` for terms that nobody
    could agree to, and for a day that is past or too far.
    """
    row, house = _open_wish(session, wish_id)
    today = house.today(now)
    if not today <= until <= today + timedelta(days=OFFER_DAYS):
        raise PlanRefused(
            PlanProblem.BAD_DATES, f"an offer stands for {OFFER_DAYS} days at most, from today on"
        )
    total = Money(total_of(claimable(session, row.customer_id, row.currency)), row.currency)
    if not total.minor or schedule(Wish(total, terms), today) is None:
        raise PlanRefused(PlanProblem.BAD_DATES, "these terms are no plan of what is open")
    offered = {
        "offered_parts": terms.count,
        "offered_rhythm": str(terms.rhythm),
        "offered_first_on": terms.first_on,
        "offered_until": until,
    }
    session.connection().execute(update(_WISH).where(_WISH.c.id == wish_id).values(offered))
    concerned = stop_customer(session, row.customer_id)
    ends = house.end_of(until, 0)
    place_hold(session, concerned, HoldKind.REPLY, until=ends, why="plan_wished", now=now)
    _decide(session, row, WishState.COUNTERED, decided_by, now)


def standing_offer(session: Session, customer_id: int, today: date) -> Row[Any] | None:
    """The counter-offer that the customer may agree to today, with what was open for it."""
    found = session.connection().execute(_OFFERED_TO, {"customer_id": customer_id}).first()
    is_on = found is not None and today <= min(found.offered_until, found.offered_first_on)
    return found if is_on else None


def offered_parts(session: Session, row: Row[Any], today: date) -> tuple[Part, ...] | None:
    """The instalments of a counter-offer, over what is open now; None for what is no plan of it."""
    total = Money(total_of(claimable(session, row.customer_id, row.currency)), row.currency)
    terms = Terms(row.offered_parts, Rhythm(row.offered_rhythm), row.offered_first_on)
    return schedule(Wish(total, terms), today) if total.minor else None


def agree_offer(
    session: Session, row: Row[Any], *, now: datetime, said_from: Place | None = None
) -> int:
    """The customer agrees to a counter-offer that stands, over what is open now; answers the plan's
    id. Raises as `agree_wish` does."""
    wish_id, concerned = row.id, stop_customer(session, row.customer_id)
    house = house_of(session, concerned.creditor_id)
    current = standing_offer(session, row.customer_id, house.today(now))
    parts = offered_parts(session, row, house.today(now))
    if current is None or current.id != wish_id or parts is None:
        raise PlanRefused(PlanProblem.BAD_DATES, f"the offer of wish {wish_id} stands no more")
    plan_id = agree_plan(
        session,
        customer_id=row.customer_id,
        parts=parts,
        agreed_by=MadeBy.PAGE,
        now=now,
        bounds=WIDEST,
        said_from=said_from,
    )
    taken = {"state": str(WishState.AGREED), "plan_id": plan_id}
    session.connection().execute(update(_WISH).where(_WISH.c.id == wish_id).values(taken))
    told = {"plan_wish_id": wish_id, "plan_id": plan_id}
    record(session, [_fact("plan_offer_taken", row.customer_id, now, told, own_act=True)], now=now)
    return plan_id


def wish_of(session: Session, wish_id: int) -> Row[Any] | None:
    """The wish of this number, however it stands."""
    return session.connection().execute(select(_WISH).where(_WISH.c.id == wish_id)).one_or_none()


def wishes(
    session: Session, *, open_only: bool = True, customer_id: int | None = None
) -> Sequence[Row[Any]]:
    """Wishes with the customer's number in the books, the oldest first."""
    query = (
        select(_WISH, _CUSTOMER.c.external_id.label("customer"))
        .join(_CUSTOMER, _CUSTOMER.c.id == _WISH.c.customer_id)
        .order_by(_WISH.c.id)
    )
    if open_only:
        query = query.where(_WISH.c.state == word("open"))
    if customer_id is not None:
        query = query.where(_WISH.c.customer_id == customer_id)
    return session.connection().execute(query).all()


def open_wish_of(session: Session, customer_id: int) -> Row[Any] | None:
    """The wish that the customer waits for an answer to."""
    return session.connection().execute(_OPEN_OF, {"customer_id": customer_id}).first()


_OPEN_OF = select(_WISH).where(
    _WISH.c.customer_id == bindparam("customer_id"), _WISH.c.state == word("open")
)


_OFFERED_TO = (
    select(_WISH)
    .where(_WISH.c.customer_id == bindparam("customer_id"), _WISH.c.state == word("countered"))
    .order_by(_WISH.c.id.desc())
)


def _open_wish(session: Session, wish_id: int) -> tuple[Row[Any], House]:
    query = select(_WISH.c.customer_id).where(_WISH.c.id == wish_id)
    customer_id = session.connection().scalar(query)
    if customer_id is None:
        raise UnknownWish(f"there is no wish {wish_id}; `duly plan wishes` names them")
    concerned = stop_customer(session, customer_id)  # with its guard, nobody else decides meanwhile
    row = session.connection().execute(select(_WISH).where(_WISH.c.id == wish_id)).one()
    if row.state != WishState.OPEN:
        raise UnknownWish(f"wish {wish_id} is {row.state} already; `duly plan wishes` names those")
    return row, house_of(session, concerned.creditor_id)


def _note(session: Session, customer_id: int, said: Said, now: datetime) -> int:
    row = {
        "customer_id": customer_id,
        "message_id": said.message_id,
        "medium": "page",
        "text": said.words,
        "received_at": now,
        "intent": str(Intent.PLAN_REQUEST),
        "classed_at": now,
    }
    return insert_returning_ids(session, Reply, [row])[0]


def _wish(row: Row[Any], total: Money) -> Wish:
    part = Money(row.part_minor, row.currency) if row.part_minor is not None else None
    return Wish(total, Terms(row.parts, Rhythm(row.rhythm), row.first_on), part)


def _replace(session: Session, customer_id: int, now: datetime) -> None:
    for row in wishes(session, customer_id=customer_id):
        _decide(session, row, WishState.REPLACED, "page", now)
    countered = (_WISH.c.customer_id == customer_id, _WISH.c.state == word("countered"))
    replaced = {"state": str(WishState.REPLACED)}
    session.connection().execute(update(_WISH).where(*countered).values(replaced))


def _decide(
    session: Session,
    row: Row[Any],
    state: WishState,
    decided_by: str,
    now: datetime,
    *,
    plan_id: int | None = None,
) -> None:
    made = {"state": str(state), "decided_at": now, "decided_by": decided_by, "plan_id": plan_id}
    session.connection().execute(update(_WISH).where(_WISH.c.id == row.id).values(made))
    finish_task(session, _task(row.id), now)
    told = {"plan_wish_id": row.id, "state": str(state)}
    record(session, [_fact("plan_wish_decided", row.customer_id, now, told)], now=now)


def _fact(
    kind: str, customer_id: int, now: datetime, payload: dict[str, Any], *, own_act: bool = False
) -> Happened:
    return Happened(kind, at=now, customer_id=customer_id, own_act=own_act, payload=payload)


def _task(wish_id: int) -> str:
    return f"plan_wish:{wish_id}"
