"""Messages with the team: what was written and answered so far, and a box to write in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from app.book.envelope import team_hours
from app.book.thread import Answered, Entry, Reminded, Unshown, Wrote, is_answered, thread
from app.intake.replies.to_team import write_to_team
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import Fault, Filled, Moment, Place, Shown, Way, always

YOU: Mapping[str, str] = {
    "page": N_("You, on this page"),
    "sms": N_("You, by SMS"),
    "email": N_("You, by email"),
    "whatsapp": N_("You, on WhatsApp"),
}
UNSHOWN: Mapping[Unshown, str] = {
    Unshown.IN_CONFIDENCE: N_(
        "You told us something personal. We keep it in confidence, so it is not shown here."
    ),
    Unshown.SHARED: N_(
        "Somebody else uses this number or address as well, so the message is not shown here."
    ),
    Unshown.GONE: N_("The words of this message have been deleted."),
    Unshown.PAID: N_("You told us that you have already paid."),
}
EMPTY: Final = N_("Please write your message.")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the page shows it. `who` is in the page's words for the customer, or the name of
    a person; `times` counts messages that went out by themselves."""

    on: date
    who: str = ""
    by: str = ""
    words: str = field(default="", repr=False)
    note: str = ""
    answer_by: date | None = None
    until: date | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Talk:
    """All that the template shows."""

    lines: Sequence[Line]
    answer_by: date


def _show(moment: Moment, _typed: Filled) -> Shown:
    entries = thread(moment.session, moment.found.customer_id)
    return Shown(Talk([_line(moment, entry) for entry in entries], _answer_by(moment)))


def _answer_by(moment: Moment) -> date:
    return team_hours(moment.found.creditor).answer_by(moment.now).on


def _line(moment: Moment, entry: Entry) -> Line:
    on = _day(moment, entry.at)
    match entry:
        case Wrote():
            return Line(
                on,
                who=moment.say(YOU[entry.medium]),
                words=entry.words,
                note=moment.say(UNSHOWN[entry.unshown]) if entry.unshown else "",
                answer_by=entry.answer_by,
            )
        case Answered():
            return Line(on, by=entry.by, words=entry.words)
        case Reminded():
            return Line(on, until=_day(moment, entry.until), times=entry.times)
        case _:
            assert_never(entry)


def _day(moment: Moment, at: datetime) -> date:
    """On the customer's own calendar."""
    zone = moment.found.customer.zone or moment.found.creditor.zone
    return at.astimezone(ZoneInfo(zone)).date()


def _send(moment: Moment, typed: Filled) -> Fault | None:
    words = typed["words"].strip()
    if not words:
        return Fault(EMPTY, field="words")
    found = moment.found
    write_to_team(
        moment.session,
        found.concerned,
        words,
        message_id=found.link.message_id,
        answer=team_hours(found.creditor).answer_by(moment.now),
        now=moment.now,
    )
    return None


def _has_answer(moment: Moment) -> bool:
    if not moment.account.traces.answers:
        return False
    return is_answered(moment.session, moment.found.customer_id)


WAY: Final = Way(
    "thread",
    Purpose.MESSAGE,
    N_("Messages with our team"),
    always,
    _show,
    _send,
    N_("We have your message. We will answer by %(day)s, and tell you when the answer is here."),
    done_by=_answer_by,
)
ANSWER: Final = Way(
    "answer",
    None,
    N_("Our team has answered you"),
    _has_answer,
    _show,
    place=Place.ASKED,
    template=WAY.slug,
)
"""The same page, which the front page names first while the answer is the last that was written."""
