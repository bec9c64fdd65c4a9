"""The row of a reply: its words and all that was read in them, but for what is special data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session

from app.hearing.intents import Details, Intent, Meaning
from app.intake.concerned import Concerned
from app.intake.replies.acts import SPECIAL
from app.intake.replies.addressing import our_sender, own_address
from app.intake.replies.stops import SUSPECTED
from app.intake.replies.written import Written
from app.intake.special import SPECIAL_DATA
from app.store.bulk import insert_returning_ids
from app.store.given import table_of
from app.store.rows import Reply

DULY: Final = "duly"
_REPLY = table_of(Reply)
_UNCLASSED: Final = frozenset({Intent.OPT_OUT, Intent.OPT_IN, Intent.UNCLEAR})


def is_special(meanings: Sequence[Meaning]) -> bool:
    return any(meaning.intent in SPECIAL for meaning in meanings)


def store_reply(
    session: Session,
    user: Concerned,
    written: Written,
    meanings: Sequence[Meaning],
    done: Sequence[Meaning],
    *,
    message_id: int | None,
    now: datetime,
) -> int:
    """Writes the row and answers its id. `done` is what is acted on: the row is classed by it."""
    row = {
        "customer_id": user.customer_id,
        "message_id": message_id,
        "medium": written.medium,
        "address_id": own_address(session, written),
        "sender_id": our_sender(session, written, user.creditor_id),
        "received_at": written.at,
        **told_by(written.kept, meanings, done, now),
    }
    return insert_returning_ids(session, Reply, [row])[0]


def told_by(
    words: str, meanings: Sequence[Meaning], done: Sequence[Meaning], now: datetime
) -> Mapping[str, Any]:
    """What the row keeps of the words and of what was read in them."""
    hidden = is_special(meanings)
    is_classed = bool(done) and done[0].intent not in _UNCLASSED
    return {
        "text": "" if hidden else words,
        "intent": SPECIAL_DATA if hidden else _intent(done),
        "meant": [] if hidden else [record_of(meaning) for meaning in meanings],
        "classed_at": now if is_classed else None,
        "classed_by": DULY if is_classed else None,
    }


def class_reply(
    session: Session, reply_id: int, meaning: Meaning, *, classed_by: str, now: datetime
) -> None:
    """Notes what a person read in it. The words stay, for they are in the trail; where they are
    special, no evidence shows them."""
    hidden = is_special([meaning])
    values = {
        "intent": SPECIAL_DATA if hidden else str(meaning.intent),
        "classed_at": now,
        "classed_by": classed_by,
    }
    session.connection().execute(update(_REPLY).where(_REPLY.c.id == reply_id).values(values))


def record_of(meaning: Meaning) -> dict[str, Any]:
    """One meaning as it is kept, with what it says beside its intent."""
    told = {field.name: _plain(getattr(meaning.details, field.name)) for field in fields(Details)}
    return {
        "intent": str(meaning.intent),
        "confidence": int(meaning.confidence),
        "rule": meaning.rule,
        **{name: value for name, value in told.items() if value is not None},
    }


def _intent(done: Sequence[Meaning]) -> str | None:
    if not done or done[0].intent is Intent.UNCLEAR:
        return None
    return SUSPECTED if done[0].intent is Intent.OPT_OUT else str(done[0].intent)


def _plain(value: date | time | Decimal | str | None) -> str | None:
    match value:
        case date() | time():
            return value.isoformat()
        case None:
            return None
        case _:
            return str(value)
