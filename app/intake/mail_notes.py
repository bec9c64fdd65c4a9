"""Takes in what machines write of our mails: bounces, complaints, automatic answers.

Which mail of ours it is about is only believed of what whoever had that mail can know: a signed
address, a link's token, our Message-ID at that address. A note that knows none of them closes no
address on its own word; a complaint about a known mailbox does, for silence is the safe side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlmodel import Session

from app.intake.concerned import stop_persons, users_of
from app.intake.details import ask_to_change
from app.intake.mails import MailNote, NoteKind
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.receipts import take_receipts
from app.intake.replies import receive_reply
from app.intake.tasks import Team, give_task
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Address, Attempt, Event, Link, Message, Sender
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium
from channels.delivery import DeliveryStatus, Receipt
from channels.mail import message_id

LOOK_WITHIN: Final = timedelta(days=2)
_OURS_FOR: Final = timedelta(
    days=60
)  # how long after a mail a note about it is looked up by its id
_MOST: Final = 200

_ADDRESS, _ATTEMPT, _EVENT = table_of(Address), table_of(Attempt), table_of(Event)
_LINK, _MESSAGE, _SENDER = table_of(Link), table_of(Message), table_of(Sender)

_STATUSES: Final = {
    NoteKind.BOUNCED: DeliveryStatus.BOUNCED,
    NoteKind.DELAYED: DeliveryStatus.SENT,
    NoteKind.COMPLAINED: DeliveryStatus.COMPLAINED,
}


@dataclass(frozen=True, slots=True)
class _Ours:
    """The attempt that a note is about."""

    key: str
    provider: str
    provider_id: str
    recipient: str
    copied_to: tuple[str, ...]
    message_id: int
    customer_id: int


def take_note(
    session: Session, note: MailNote, *, now: datetime, inbound_id: int | None = None
) -> None:
    """Takes one note in, once."""
    known = select(_EVENT.c.id).where(_EVENT.c.key == _event_key(note))
    if session.connection().execute(known).first() is not None:
        return
    ours = _find(session, note)
    match note.kind:
        case NoteKind.BOUNCED | NoteKind.DELAYED | NoteKind.COMPLAINED:
            if ours is None:
                _take_unknown(session, note, now, inbound_id)
            elif _is_about_a_copy(note, ours):
                _ask_whose(session, note, now)
            else:
                take_receipts(session, [_receipt(note, ours)], now=now)
        case NoteKind.AUTOMATIC:
            pass
        case NoteKind.GONE:
            _ask_for_details(session, note, ours, now)
    _record(session, note, ours, now)


def _find(session: Session, note: MailNote) -> _Ours | None:
    """By the signed address, by a link, by our Message-ID at one of the addresses."""
    if note.answers and (row := _latest(session, _MESSAGE.c.id == note.answers[0])):
        return _ours(row)
    hashes = [sha256(token.encode()).hexdigest() for token in note.traces.links]
    if hashes:
        linked = select(_LINK.c.message_id).where(_LINK.c.token_hash.in_(hashes))
        if row := _latest(session, _MESSAGE.c.id.in_(linked)):
            return _ours(row)
    return _by_message_id(session, note)


def _by_message_id(session: Session, note: MailNote) -> _Ours | None:
    """A Message-ID is a hash of the attempt's key, so those who were written to are tried."""
    if not note.traces.ids or not note.about:
        return None
    named = select(_ADDRESS.c.id).where(
        _ADDRESS.c.kind == "email", _ADDRESS.c.value.in_(note.about[:_MOST])
    )
    query = _sent(_MESSAGE.c.address_id.in_(named))
    recent = query.where(_ATTEMPT.c.gated_at > note.at - _OURS_FOR).limit(_MOST)
    for row in session.connection().execute(recent):
        if _own_id(row) in note.traces.ids:
            return _ours(row)
    return None


def _own_id(row: Row[Any]) -> str:
    try:
        return message_id(row.key, row.sender).strip("<>")
    except ValueError:  # a sender that is no mailbox has no Message-ID of ours
        return ""


def _latest(session: Session, where: ColumnElement[bool]) -> Row[Any] | None:
    return session.connection().execute(_sent(where).limit(1)).first()


def _sent(where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            *(_ATTEMPT.c[name] for name in ("key", "provider_id", "recipient", "copied_to")),
            _SENDER.c.provider,
            func.lower(_SENDER.c.address).label("sender"),
            _MESSAGE.c.id.label("message_id"),
            _MESSAGE.c.customer_id,
        )
        .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .join(_SENDER, _SENDER.c.id == _ATTEMPT.c.sender_id)
        .where(where, _ATTEMPT.c.medium == Medium.EMAIL.value, _ATTEMPT.c.state != word("void"))
        .order_by(_ATTEMPT.c.id.desc())
    )


def _ours(row: Row[Any]) -> _Ours:
    return _Ours(
        key=row.key,
        provider=row.provider,
        provider_id=row.provider_id or "",
        recipient=row.recipient.lower(),
        copied_to=tuple(copy.lower() for copy in row.copied_to),
        message_id=row.message_id,
        customer_id=row.customer_id,
    )


def _is_about_a_copy(note: MailNote, ours: _Ours) -> bool:
    """Whether only somebody who had a copy failed: that says nothing of whom it was written to."""
    return ours.recipient not in note.about and any(copy in note.about for copy in ours.copied_to)


def _receipt(note: MailNote, ours: _Ours) -> Receipt:
    return Receipt(
        receipt_id=note.key,
        provider=ours.provider,
        provider_id=ours.provider_id,
        attempt_key=ours.key,
        status=_STATUSES[note.kind],
        at=note.at,
        error=note.error(ours.provider),
    )


def _take_unknown(session: Session, note: MailNote, now: datetime, inbound_id: int | None) -> None:
    """Of a customer's mailbox it is that customer's mail, whatever it looks like."""
    if note.kind is NoteKind.COMPLAINED:
        stop = StopSaid(StopAct.COMPLAINT, Medium.EMAIL, note.key)
        addresses = _address_ids(session, note.about)
        stop_persons(session, (user.person_id for user in users_of(session, addresses)))
        for address_id in addresses:
            opt_out(session, stop, address_id=address_id, now=now)
        if addresses:
            return
    written = note.written
    if written and users_of(session, _address_ids(session, [written.from_address])):
        receive_reply(session, written, now=now, inbound_id=inbound_id)
        return
    _ask_whose(session, note, now)


def _address_ids(session: Session, mailboxes: Iterable[str]) -> Sequence[int]:
    query = (
        select(_ADDRESS.c.id)
        .where(_ADDRESS.c.kind == "email", _ADDRESS.c.value.in_([*mailboxes][:_MOST]))
        .order_by(_ADDRESS.c.id)
    )
    return session.connection().execute(query).scalars().all()


def _ask_whose(session: Session, note: MailNote, now: datetime) -> None:
    give_task(
        session,
        key=f"mail_note:{note.key}",
        team=Team.SERVICE,
        kind="mail_came_back",
        title="A mail came back, and it is not clear whose: look at it",
        now=now,
        due_in=LOOK_WITHIN,
        detail={"kind": str(note.kind), "mail_key": note.key},
    )


def _ask_for_details(session: Session, note: MailNote, ours: _Ours | None, now: datetime) -> None:
    """Whom we wrote to does not work there any more: the book has to say who does."""
    if ours is not None:
        customers = [ours.customer_id]
    else:
        users = users_of(session, _address_ids(session, note.about))
        customers = [user.customer_id for user in users]
    words = note.written.text if note.written else ""
    for customer_id in customers:
        ask_to_change(
            session,
            customer_id,
            words,
            medium=Medium.EMAIL,
            message_id=ours.message_id if ours else None,
            now=now,
        )


def _record(session: Session, note: MailNote, ours: _Ours | None, now: datetime) -> None:
    """That a note came, without a word of it. Wakes nobody by itself."""
    fact = Happened(
        "mail_note_received",
        at=note.at,
        customer_id=ours.customer_id if ours else None,
        message_id=ours.message_id if ours else None,
        key=_event_key(note),
        payload={"kind": str(note.kind), "code": note.code},
    )
    record(session, [fact], now=now)


def _event_key(note: MailNote) -> str:
    return f"note:{note.key}"
