"""What people write back: an opt-out takes effect at once, everything else waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.hearing.reading import Reading, Verdict, read
from app.intake.concerned import Concerned, stop_persons, users_of
from app.intake.holds import place_hold
from app.intake.opt_ins import opt_in
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.service_answers import (
    answered_as,
    confirms_itself,
    tell_who_writes,
)
from app.intake.tasks import Team, give_task
from app.store.bulk import insert_returning_ids, table_of
from app.store.journal import Happened, record
from app.store.rows import Address, ContactPoint, Event, Message, Reply, Sender
from app.wording.reply_address import read_back
from campaigns.reach import StopAct
from campaigns.vocabulary import Category, HoldKind, Medium, Signal

ESCALATE_AFTER: Final = timedelta(hours=72)
ANSWER_WITHIN: Final = timedelta(days=1)
SUSPECTED: Final = "opt_out_suspected"
PROVIDER: Final = "provider"  # the rule of a reading that is the provider's own

_ADDRESS, _EVENT, _MESSAGE = table_of(Address), table_of(Event), table_of(Message)
_POINT, _SENDER = table_of(ContactPoint), table_of(Sender)


@dataclass(frozen=True, slots=True)
class Written:
    """A text that somebody sent to one of our senders.

    `key` is the provider's name and its id of the text: told twice, it lands once. The addresses
    are canonical (E.164, or a mailbox in lower case). `text` is the writer's own words: whoever
    reads mail has cut off the quoted message. `answers` is the message that the address written to
    named by our own token: whoever has it had that mail. `handled` is what the provider took it for
    and has answered itself. The repr leaves out what is personal.
    """

    key: str
    medium: Medium
    from_address: str = field(repr=False)
    to_address: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    answers: int | None = None
    handled: Verdict | None = None

    def read_back(self, secret: bytes) -> Written:
        """The same, with the token of a signed address read off."""
        mailbox, message_id = read_back(self.to_address, secret)
        return replace(self, to_address=mailbox, answers=message_id)


class ReplyTaken(StrEnum):
    """What became of it."""

    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    HELPED = "helped"
    HELPED_OFTEN = "helped_often"
    HELD = "held"
    FROM_NOBODY_KNOWN = "from_nobody_known"
    KNOWN_ALREADY = "known_already"


def receive_reply(session: Session, written: Written, *, now: datetime) -> ReplyTaken:
    """Takes one text in, once.

    An opt-out suppresses at once, and is confirmed once. A word of return takes back the stop word
    of the same address. Who asks who we are is told, and nobody is held for it, unless that
    sender's creditor does not know them; who asks again and again is left to a person. Anything
    else stays on a reply row, holds the customers until a person has read it (bounded by
    `ESCALATE_AFTER`) and gives collections a task. What is probably an opt-out holds without an
    end: after a deadline nobody may write to one who said "remove me".
    An opt-out from an address that we do not know is kept for the day on which it is imported.
    """
    reading = _reading(written)
    address_id = _address(session, written, create=reading.verdict is Verdict.OPT_OUT)
    users = users_of(session, [address_id]) if address_id is not None else []
    stop_persons(session, (user.person_id for user in users))
    if _is_known(session, written):
        return ReplyTaken.KNOWN_ALREADY
    answered = _answered_message(session, written, address_id)
    _note(session, written, reading, answered, now)
    if reading.verdict is Verdict.OPT_OUT and address_id is not None:
        category = Category(answered.category) if answered is not None else None
        stop = StopSaid(StopAct.REPLY, written.medium, _evidence(written, reading), category)
        confirm_to = _answered_as(session, written, users)
        opt_out(session, stop, address_id=address_id, now=now, confirm_to=confirm_to)
        return ReplyTaken.OPTED_OUT
    # A word of return is only believed of the mailbox itself: mails are passed on.
    own = _own_address(session, written) if reading.verdict is Verdict.OPT_IN else None
    if own is not None:
        evidence = _evidence(written, reading)
        if opt_in(session, address_id=own, medium=written.medium, evidence=evidence, now=now):
            return ReplyTaken.OPTED_IN
    helped = _help(session, written, reading, users, now)
    if helped is not None:
        return helped
    if not users:
        _ask_who_that_is(session, written, now)
        return ReplyTaken.FROM_NOBODY_KNOWN
    if answered is not None:
        _count_answer(session, answered, now)
        users = [user for user in users if user.customer_id == answered.customer_id] or users
    for user in users:
        _hold(session, user, written, reading, answered, now)
    return ReplyTaken.HELD


def _reading(written: Written) -> Reading:
    """What the provider took for a stop is one, whatever the words; a question who we are, unless
    the words say more. A word of return has to be one that we know."""
    own = read(written.text)
    if written.handled is Verdict.OPT_OUT:
        return Reading(Verdict.OPT_OUT, PROVIDER)
    if written.handled is Verdict.HELP and own.verdict is Verdict.UNREAD:
        return Reading(Verdict.HELP, PROVIDER)
    return own


def _answered_as(
    session: Session, written: Written, users: Sequence[Concerned]
) -> Concerned | None:
    """Whom we answer at once; nobody where the provider does."""
    there: dict[str, Any] = {"medium": written.medium, "to_address": written.to_address}
    is_answered = written.handled is not None or confirms_itself(session, **there)
    return None if is_answered else answered_as(session, users, **there)


def _help(
    session: Session,
    written: Written,
    reading: Reading,
    users: Sequence[Concerned],
    now: datetime,
) -> ReplyTaken | None:
    """Says who we are, so often a day. None: it asks something else, or a person has to see who
    that is."""
    if reading.verdict is not Verdict.HELP:
        return None
    there: dict[str, Any] = {"medium": written.medium, "to_address": written.to_address}
    is_keyword = reading.rule == "keyword"
    if written.handled is Verdict.HELP or (is_keyword and confirms_itself(session, **there)):
        return ReplyTaken.HELPED
    asking = answered_as(session, users, **there)
    if asking is None:
        return None
    address_id = _address(session, written, create=False)
    is_told = tell_who_writes(
        session, asking, address_id=address_id, medium=written.medium, now=now
    )
    return ReplyTaken.HELPED if is_told else ReplyTaken.HELPED_OFTEN


def _evidence(written: Written, reading: Reading) -> str:
    """Shows later which words they were, to whoever has them; it does not tell them."""
    return f"{reading.rule}:{sha256(written.text.encode()).hexdigest()}"


def _own_address(session: Session, written: Written) -> int | None:
    return _address(session, replace(written, answers=None), create=False)


def _sender(session: Session, written: Written, creditor_id: int) -> int | None:
    """Which sender of this creditor was written to."""
    query = (
        select(_SENDER.c.id)
        .where(
            _SENDER.c.creditor_id == creditor_id,
            _SENDER.c.medium == written.medium,
            _SENDER.c.address == written.to_address,
        )
        .order_by(_SENDER.c.active.desc(), _SENDER.c.id)
        .limit(1)
    )
    return session.connection().scalar(query)


def _address(session: Session, written: Written, *, create: bool) -> int | None:
    kind = "email" if written.medium is Medium.EMAIL else "phone"
    query = select(_ADDRESS.c.id).where(
        _ADDRESS.c.kind == kind, _ADDRESS.c.value == written.from_address
    )
    found = session.connection().execute(query).scalar_one_or_none()
    if found is None and written.answers is not None:
        # Another mailbox of whoever got our mail: what it says is said for that one.
        answered = select(_MESSAGE.c.address_id).where(_MESSAGE.c.id == written.answers)
        found = session.connection().execute(answered).scalar_one_or_none()
    if found is not None or not create:
        return found
    row = {"kind": kind, "value": written.from_address}
    return insert_returning_ids(session, Address, [row])[0]


def _is_known(session: Session, written: Written) -> bool:
    query = select(_EVENT.c.id).where(_EVENT.c.key == _event_key(written))
    return session.connection().execute(query).first() is not None


def _answered_message(
    session: Session, written: Written, address_id: int | None
) -> Row[Any] | None:
    """The message that the reply names, else the last one that went to the address from the sender
    that was written to."""
    if written.answers is not None:
        named = select(_MESSAGE).where(_MESSAGE.c.id == written.answers)
        return session.connection().execute(named).first()
    if address_id is None:
        return None
    query = (
        select(_MESSAGE)
        .join(_SENDER, _SENDER.c.id == _MESSAGE.c.sender_id)
        .where(
            _MESSAGE.c.address_id == address_id,
            _MESSAGE.c.medium == written.medium,
            _MESSAGE.c.accepted_at <= written.at,
            _SENDER.c.address == written.to_address,
        )
        .order_by(_MESSAGE.c.accepted_at.desc(), _MESSAGE.c.id.desc())
        .limit(1)
    )
    return session.connection().execute(query).first()


def _note(
    session: Session,
    written: Written,
    reading: Reading,
    answered: Row[Any] | None,
    now: datetime,
) -> None:
    """The fact that a text came, once, without a word of it. Wakes nobody by itself."""
    fact = Happened(
        "text_received",
        at=written.at,
        customer_id=answered.customer_id if answered is not None else None,
        message_id=answered.id if answered is not None else None,
        key=_event_key(written),
        payload={"medium": written.medium, "verdict": reading.verdict, "rule": reading.rule},
    )
    record(session, [fact], now=now)


def _hold(
    session: Session,
    user: Concerned,
    written: Written,
    reading: Reading,
    answered: Row[Any] | None,
    now: datetime,
) -> None:
    """A reply row, a hold, a task and a signal for one customer."""
    is_suspected = reading.verdict is Verdict.SUSPECTED
    message_id = answered.id if answered is not None else None
    row = {
        "customer_id": user.customer_id,
        "message_id": message_id,
        "medium": written.medium,
        "address_id": _own_address(session, written),
        "sender_id": _sender(session, written, user.creditor_id),
        "text": written.text,
        "received_at": written.at,
        "intent": SUSPECTED if is_suspected else None,
    }
    (reply_id,) = insert_returning_ids(session, Reply, [row])
    until = None if is_suspected else now + ESCALATE_AFTER
    # As of the writing: what answers this very text is not held by it.
    since = min(written.at, now)
    place_hold(session, user, HoldKind.REPLY, until=until, why=reading.rule, now=since)
    _give_task(session, user, reply_id, is_suspected=is_suspected, now=now)
    fact = Happened(
        Signal.REPLY_RECEIVED,
        at=written.at,
        customer_id=user.customer_id,
        message_id=message_id,
        own_act=True,
        payload={"reply_id": reply_id, "medium": written.medium},
    )
    record(session, [fact], now=now)


def _give_task(
    session: Session, user: Concerned, reply_id: int, *, is_suspected: bool, now: datetime
) -> None:
    give_task(
        session,
        key=f"reply:{reply_id}",
        team=Team.COLLECTIONS,
        kind=SUSPECTED if is_suspected else "reply",
        title="Probably an opt-out: read and decide" if is_suspected else "A customer wrote: read",
        now=now,
        due_in=ANSWER_WITHIN,
        customer_id=user.customer_id,
        detail={"reply_id": reply_id},
    )


def _count_answer(session: Session, answered: Row[Any], now: datetime) -> None:
    """One message is answered once, however often the customer writes."""
    first = session.connection().execute(
        update(_MESSAGE)
        .where(_MESSAGE.c.id == answered.id, _MESSAGE.c.answered_at.is_(None))
        .values(answered_at=now)
    )
    if first.rowcount:
        session.connection().execute(
            update(_POINT)
            .where(_POINT.c.id == answered.contact_point_id)
            .values(answered=_POINT.c.answered + 1)
        )


def _ask_who_that_is(session: Session, written: Written, now: datetime) -> None:
    give_task(
        session,
        key=f"unknown_writer:{written.key}",
        team=Team.COLLECTIONS,
        kind="unknown_writer",
        title="Somebody wrote from an address that no customer has",
        now=now,
        due_in=ANSWER_WITHIN,
        detail={"medium": written.medium, "text_key": written.key},
    )


def _event_key(written: Written) -> str:
    return f"text:{written.key}"
