"""One text of the inbox as its page shows it, with the answers that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from app.console.beside import Beside, answer_day, beside
from app.console.colleagues import colleagues
from app.console.inbox.words import CLASSED_BY
from app.hearing.quoting import own_words
from app.intake.leases import Lease, leases
from app.intake.replies.classing import reply_of
from app.intake.replies.handling import item_of, tasks_of
from app.intake.special import SPECIAL_DATA
from app.wording.context import CrisisLine
from app.wording.crisis import crisis_line
from app.wording.formats import formats_for, parsed_locale
from app.wording.staff_words import Answer, answer_words, answers_for, spoken_in
from campaigns.money import Money, MoneyError


@dataclass(frozen=True, slots=True)
class Offered:
    """An answer by one key: what the customer will read, and what that says."""

    key: int
    answer: Answer
    words: str
    meaning: str
    """The same in the language of whoever presses it; "" where that is the customer's."""


@dataclass(frozen=True, slots=True)
class Read:
    """One thing that was read in a text: an intent, how sure, and what was said beside it."""

    intent: str
    sure: int
    on: date | None
    amount: Money | None
    hours: str


@dataclass(frozen=True, slots=True)
class Opened:
    """All that the page of one text needs. `fence` is of the reader's own lease; 0 without one."""

    item: Row[Any]
    reply: Row[Any] | None
    words: str = field(repr=False)
    quoted: str = field(repr=False)
    about: Beside | None
    lease: Lease | None
    fence: int
    offered: Sequence[Offered]
    tongue: str
    is_special: bool
    read: Sequence[Read]
    notes: Sequence[int]
    crisis: CrisisLine | None
    staff: Mapping[str, str]
    suggested: str

    @property
    def is_open(self) -> bool:
        return self.item.done_at is None


def opened(session: Session, item_id: int, *, by: str, language: str, now: datetime) -> Opened:
    """Raises `NoSuchItem`."""
    item = item_of(session, item_id)
    reply = reply_of(session, item.reply_id) if item.reply_id is not None else None
    about = beside(session, item.customer_id) if item.customer_id is not None else None
    lease = leases(session, [item.key], now).get(item.key)
    text = (reply.text if reply is not None else item.words) or ""
    own = own_words(text)
    tongue = spoken_in(about.locale) if about is not None else ""
    in_danger = item.urgency == 0
    return Opened(
        item=item,
        reply=reply,
        words=own,
        quoted=text[len(own) :].strip() if own and text.startswith(own) else "",
        about=about,
        lease=lease,
        fence=lease.fence if lease is not None and lease.by == by else 0,
        offered=_offered(item, reply, about, language, now),
        tongue=parsed_locale(tongue).get_display_name(language) or tongue if tongue else "",
        is_special=reply is not None and reply.intent == SPECIAL_DATA,
        read=[_read(each, about) for each in (reply.meant if reply is not None else ())],
        notes=_notes(session, item, reply, about),
        crisis=crisis_line(about.country, about.locale) if in_danger and about else None,
        staff=colleagues(session),
        suggested=_suggested(reply),
    )


def _notes(
    session: Session, item: Row[Any], reply: Row[Any] | None, about: Beside | None
) -> list[int]:
    """The notes that hold its words: those that its tasks name, and those that were made in the
    moment in which it was classed."""
    named = {task.detail["note_id"] for task in tasks_of(session, item) if "note_id" in task.detail}
    if reply is None or about is None:
        return sorted(named)
    return sorted(named | {each.id for each in about.notes if each.noted_at == reply.classed_at})


def _offered(
    item: Row[Any],
    reply: Row[Any] | None,
    about: Beside | None,
    language: str,
    now: datetime,
) -> list[Offered]:
    if reply is None or about is None or item.urgency == 0:
        return []
    day = reply.answer_by or answer_day(about.creditor, now)
    theirs, ours = spoken_in(about.locale), spoken_in(language)
    told = formats_for(about.locale if theirs != "en" else "en").date(day)
    meant = formats_for(language).date(day)
    return [
        Offered(
            number,
            answer,
            answer_words(answer, theirs, day=told),
            answer_words(answer, ours, day=meant) if ours != theirs else "",
        )
        for number, answer in enumerate(answers_for(_gravest(reply)), start=1)
    ]


def _read(meant: Mapping[str, Any], about: Beside | None) -> Read:
    hours = [meant[name][:5] for name in ("not_before", "not_after") if meant.get(name)]
    on = meant.get("on")
    return Read(
        str(meant["intent"]),
        int(meant["confidence"]),
        date.fromisoformat(on) if on else None,
        _amount(meant, about),
        "–".join(hours),
    )


def _amount(meant: Mapping[str, Any], about: Beside | None) -> Money | None:
    """A sum that names no currency is in the one that is owed."""
    currency = meant.get("currency")
    if currency is None and about is not None:
        owed = about.owed[0].currency if about.owed else about.creditor.currency
        currency = str(owed)
    if meant.get("amount") is None or currency is None:
        return None
    try:
        return Money.of(Decimal(str(meant["amount"])), currency)
    except MoneyError:
        return None


def words_of(opened_: Opened, answer: str) -> str | None:
    """What the customer will read of this answer; None where it is not offered here."""
    return next((each.words for each in opened_.offered if each.answer == answer), None)


def _gravest(reply: Row[Any]) -> str | None:
    if reply.meant:
        return str(reply.meant[0]["intent"])
    return str(reply.intent) if reply.intent is not None else None


def _suggested(reply: Row[Any] | None) -> str:
    """The class that was read; "" where whoever reads it has to choose."""
    gravest = _gravest(reply) if reply is not None else None
    return gravest if gravest is not None and gravest in set(CLASSED_BY) else ""
