"""Answers that whoever writes gets at once: that an opt-out is done, who we are, what was noted.

They need no debt and no running journey: a case of the shipped journey `service_answers` is opened
for the customer that the writer is to the creditor who was written to, answers, and closes.
One act has one answer: what only this journey hears of, nobody else answers; what every journey
hears of (a promise, a dispute) is said by whoever comes first, and dropped by the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, case, select
from sqlmodel import Session

from app.book.cases import columns_of, event_row
from app.intake.concerned import Concerned
from app.intake.places import Place
from app.intake.tasks import Team, give_task
from app.store.bulk import insert_returning_ids, insert_rows, lock_rows
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.publishing import current_of
from app.store.rows import Campaign, Case, Creditor, Customer, Event, Sender
from campaigns.calendar import local_date
from campaigns.case import Arm, CaseOpened, opened
from campaigns.keys import case_key
from campaigns.vocabulary import AnchorKind, Medium, Signal, SubjectKind

JOURNEY: Final = "service_answers"

HELP_A_DAY: Final = 3
"""How often an address is told within a day who we are: a machine that answers may never tire."""

ANSWERS_A_DAY: Final = 5
"""How many answers to what was written an address gets within a day, HELP and STOP aside."""

_READ_WITHIN: Final = timedelta(days=1)

_EVENT = table_of(Event)
_CAMPAIGN, _CASE, _SENDER = table_of(Campaign), table_of(Case), table_of(Sender)
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)


def answered_as(
    session: Session, users: Sequence[Concerned], *, medium: Medium, to_address: str
) -> Concerned | None:
    """The customer that whoever wrote is to the creditor of this sender; None for nobody of theirs.

    Several who share an address are one writer: the first answers for all.
    """
    written_to = {row.creditor_id for row in _written_to(session, medium, to_address)}
    return next((user for user in users if user.creditor_id in written_to), None)


def confirms_itself(session: Session, *, medium: Medium, to_address: str) -> bool:
    """Whether the provider of this sender answers STOP and HELP before we hear of them."""
    return any(row.answers_keywords for row in _written_to(session, medium, to_address))


def _written_to(session: Session, medium: Medium, to_address: str) -> Sequence[Row[Any, Any]]:
    asked = {"medium": medium, "address": to_address}
    return session.connection().execute(_SENDERS, asked).all()


_SENDERS: Final = select(_SENDER.c.creditor_id, _SENDER.c.answers_keywords).where(
    _SENDER.c.medium == bindparam("medium"), _SENDER.c.address == bindparam("address")
)


def tell_who_writes(
    session: Session, asking: Concerned, *, address_id: int | None, medium: Medium, now: datetime
) -> bool:
    """Tells whoever asked who we are, `HELP_A_DAY` times at most. After that a person has a task, a
    fact says why nothing was answered, nobody is held, and the answer is False. The guard is held
    by the caller."""
    if _told_lately(session, asking, address_id, now) >= HELP_A_DAY:
        give_task(
            session,
            key=f"help_often:{address_id}:{now.date()}",
            team=Team.COLLECTIONS,
            kind="help_often",
            title=f"HELP came more than {HELP_A_DAY} times a day: a machine may be answering ours",
            now=now,
            due_in=_READ_WITHIN,
            customer_id=asking.customer_id,
            detail={"address_id": address_id},
        )
        why = {"address_id": address_id, "medium": medium, "answers_a_day": HELP_A_DAY}
        silent = Happened(
            "help_unanswered", at=now, customer_id=asking.customer_id, own_act=True, payload=why
        )
        record(session, [silent], now=now)
        return False
    asked = Happened(
        Signal.HELP_ASKED,
        at=now,
        customer_id=asking.customer_id,
        case_id=open_case(session, asking, now),
        own_act=True,
        payload={"address_id": address_id, "medium": medium},
    )
    record(session, [asked], now=now)
    return True


def answer(
    session: Session, who: Concerned, place: Place, signal: Signal, *, now: datetime
) -> bool:
    """Has the journey of answers say what it says to this signal, there and once. False: it was
    said there within a day, or so much was that a machine may be writing. The guard is held by the
    caller."""
    case_id = _case_to_answer(session, who, place, signal, now)
    if case_id is None:
        return False
    asked = Happened(
        signal,
        at=now,
        customer_id=who.customer_id,
        case_id=case_id,
        own_act=True,
        payload=place.told,
    )
    record(session, [asked], now=now)
    return True


def expect_answer(
    session: Session, who: Concerned, place: Place, signal: Signal, *, now: datetime
) -> bool:
    """Opens the case that answers this signal, which the caller records next. False, and nothing is
    opened, where `answer` would say nothing."""
    return _case_to_answer(session, who, place, signal, now) is not None


def _case_to_answer(
    session: Session, who: Concerned, place: Place, signal: Signal, now: datetime
) -> int | None:
    said = _said_lately(session, who, place, now)
    if signal in said:
        return None
    if len(said) >= ANSWERS_A_DAY:
        give_task(
            session,
            key=f"answers_often:{place.address_id}:{now.date()}",
            team=Team.COLLECTIONS,
            kind="answers_often",
            title=f"More than {ANSWERS_A_DAY} texts a day were answered: a machine may be writing",
            now=now,
            due_in=_READ_WITHIN,
            customer_id=who.customer_id,
            detail={"address_id": place.address_id},
        )
        return None
    return open_case(session, who, now)


def _said_lately(session: Session, who: Concerned, place: Place, now: datetime) -> frozenset[str]:
    """What this address was answered within the last 24 hours, as the signals that asked for it."""
    asked = {"customer_id": who.customer_id, "since": now - timedelta(days=1)}
    rows = session.connection().execute(_ANSWERS, asked)
    return frozenset(row.kind for row in rows if row.payload.get("address_id") == place.address_id)


ANSWERED: Final = (
    *(Signal.PAYMENT_REPORTED, Signal.PROMISE_OFFERED, Signal.PLAN_ASKED, Signal.INVOICE_ASKED),
    *(Signal.CALL_ASKED, Signal.QUESTION_ASKED, Signal.PREFERENCE_GIVEN, Signal.REQUEST_MADE),
    *(Signal.DANGER_REPORTED, Signal.ADDRESS_DISOWNED, Signal.CALL_ARRANGED),
    *(Signal.CALL_CANCELLED, Signal.PLAN_AGREED, Signal.PLAN_CHANGED, Signal.DETAILS_CONFIRMED),
    *(Signal.PROMISE_MADE, Signal.INVOICE_DISPUTED, Signal.HARDSHIP_REPORTED),
)
"""Signals that a text or an act on the page gives and an answer follows. Of texts each is answered
once a day and address."""

_ANSWERS: Final = select(_EVENT.c.kind, _EVENT.c.payload).where(
    _EVENT.c.customer_id == bindparam("customer_id"),
    _EVENT.c.kind.in_(ANSWERED),
    _EVENT.c.at > bindparam("since"),
)


def _told_lately(session: Session, user: Concerned, address_id: int | None, now: datetime) -> int:
    """How often this address was told so in the last 24 hours."""
    query = select(_EVENT.c.payload).where(
        _EVENT.c.customer_id == user.customer_id,
        _EVENT.c.kind == Signal.HELP_ASKED,
        _EVENT.c.at > now - timedelta(days=1),
    )
    payloads = session.connection().execute(query).scalars()
    return sum(payload.get("address_id") == address_id for payload in payloads)


def open_case(session: Session, user: Concerned, now: datetime) -> int:
    """The open case that gives these answers to the customer, made if there is none.

    Call it while the person's guard is held: that is what makes it one.
    """
    campaign_id = _campaign(session, user.creditor_id)
    asked = {"campaign_id": campaign_id, "customer_id": user.customer_id}
    last = session.connection().execute(_LAST, asked).first()
    if last is not None and last.phase != "closed":
        return int(last.id)
    return _open(session, user, campaign_id, last.episode + 1 if last else 1, now)


_LAST: Final = (  # the one that is open, if one is
    select(_CASE.c.id, _CASE.c.phase, _CASE.c.episode)
    .where(
        _CASE.c.campaign_id == bindparam("campaign_id"),
        _CASE.c.subject_id == bindparam("customer_id"),
    )
    .order_by(case((_CASE.c.phase == "closed", 1), else_=0), _CASE.c.episode.desc())
    .limit(1)
)


def _open(session: Session, user: Concerned, campaign_id: int, episode: int, now: datetime) -> int:
    owner = session.connection().execute(_OWNER, {"customer_id": user.customer_id}).one()
    key = case_key(owner.external_id, JOURNEY, owner.customer, episode)
    # Since yesterday, so that its one step, which closes it, is due as soon as all is answered.
    yesterday = local_date(now, ZoneInfo(owner.zone)) - timedelta(days=1)
    event = CaseOpened(key, yesterday, Arm.TREATMENT)
    row: dict[str, Any] = {
        **columns_of(opened(event, now)),
        "campaign_id": campaign_id,
        "creditor_id": user.creditor_id,
        "customer_id": user.customer_id,
        "person_id": user.person_id,
        "subject_id": user.customer_id,
        "episode": episode,
        "anchor": AnchorKind.ANNIVERSARY.value,
        "journey_hash": current_of(session, "journey", JOURNEY) or "",
        "look_at": now,
        "opened_at": now,
    }
    (case_id,) = insert_returning_ids(session, Case, [row])
    told = event_row(event, case_id=case_id, customer_id=user.customer_id, at=now)
    insert_rows(session, Event, [told])
    return case_id


_OWNER: Final = (
    select(_CREDITOR.c.external_id, _CREDITOR.c.zone, _CUSTOMER.c.external_id.label("customer"))
    .join_from(_CREDITOR, _CUSTOMER, _CUSTOMER.c.creditor_id == _CREDITOR.c.id)
    .where(_CUSTOMER.c.id == bindparam("customer_id"))
)


def _campaign(session: Session, creditor_id: int) -> int:
    """The creditor's own, made with its first answer. It enrols nobody, so it is not active."""
    asked = {"creditor_id": creditor_id}
    found = session.connection().scalar(_OURS, asked)
    if found is None:
        lock_rows(session, Creditor, [creditor_id])  # two first answers make one campaign
        found = session.connection().scalar(_OURS, asked)
    if found is not None:
        return int(found)
    row = {
        "creditor_id": creditor_id,
        "name": JOURNEY,
        "subject": SubjectKind.CUSTOMER.value,
        "journey": JOURNEY,
        "active": False,
    }
    return insert_returning_ids(session, Campaign, [row])[0]


_OURS: Final = select(_CAMPAIGN.c.id).where(
    _CAMPAIGN.c.creditor_id == bindparam("creditor_id"), _CAMPAIGN.c.name == JOURNEY
)
