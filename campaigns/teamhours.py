"""When a creditor's team is there: by when it answers, and when it can call somebody back. Pure.

A call back is offered where the team's hours and the legal hours of the customer's place meet. The
customer asks for it, and a call is no message: so the strictest hours count, and no cap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

from campaigns.area_codes import Area
from campaigns.calendar import BusinessCalendar, at_local, local_date
from campaigns.facts import ChannelFact
from campaigns.rulehead import OtherMeans
from campaigns.rules import Span
from campaigns.timeline import Timeline
from campaigns.vocabulary import Medium
from campaigns.windows import MARGIN, Opening

VOICE: Final = cast(Medium, OtherMeans.VOICE)
"""A call, as rules name it: a means that nothing here is sent on."""

NOTICE: Final = timedelta(hours=1)
"""How soon a call can begin, at the earliest."""

_USUAL: Final[Span] = (9 * 60, 17 * 60)
_DAY: Final = timedelta(days=1)
_LOOK_AHEAD: Final = 60


@dataclass(frozen=True, slots=True)
class AnswerBy:
    """The last day on the creditor's calendar, and the instant at which the team goes home then."""

    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class TeamHours:
    """The team's week on the creditor's calendar and clock; without one, 9 to 17 on its business
    days. On a holiday nobody is there. A message is answered within `answer_business_days`, a call
    lasts into one of `slot_hours`; 0 for `calls_within_days` offers no calls.
    """

    calendar: BusinessCalendar
    zone: ZoneInfo
    week: tuple[Span | None, ...] | None = None
    answer_business_days: int = 1
    calls_within_days: int = 7
    slot_hours: int = 2

    def on(self, day: date) -> Opening | None:
        """From when to when somebody is there."""
        minutes = self._minutes(day)
        if minutes is None:
            return None
        return _instant(day, minutes[0], self.zone), _instant(day, minutes[1], self.zone)

    def answer_by(self, now: datetime) -> AnswerBy:
        """When what came now is answered at the latest: so many days on which somebody is there
        after the one on which it is read."""
        ends = [end for _, (_, end) in self._days(now) if now < end]
        if not ends:  # a team that is never there: a day too early is better than none
            return AnswerBy(local_date(now + _DAY, self.zone), now + _DAY)
        last = ends[min(self.answer_business_days, len(ends) - 1)]
        return AnswerBy(local_date(last, self.zone), last)

    def slots(self, legal: Timeline, now: datetime) -> tuple[Opening, ...]:
        """The spans in which a call may begin and end, soonest first. None where nobody knows on
        whose clock the customer lives."""
        if not legal.placed:
            return ()
        until = local_date(now, self.zone) + self.calls_within_days * _DAY
        return tuple(
            slot
            for day, opening in self._days(now)
            if day <= until
            for slot in self._cut(opening)
            if slot[0] >= now + NOTICE and _is_legal(legal, slot)
        )

    def _days(self, now: datetime) -> Iterator[tuple[date, Opening]]:
        today = local_date(now, self.zone)
        for ahead in range(_LOOK_AHEAD):
            opening = self.on(today + ahead * _DAY)
            if opening is not None:
                yield today + ahead * _DAY, opening

    def _minutes(self, day: date) -> Span | None:
        if self.week is None:
            return _USUAL if self.calendar.is_business_day(day) else None
        return None if self.calendar.holiday(day) else self.week[day.weekday()]

    def _cut(self, opening: Opening) -> Iterator[Opening]:
        length = timedelta(hours=self.slot_hours)
        start, closes = opening
        while start + length <= closes:
            yield start, start + length
            start += length


def called_at(address_id: int, zone: str | None, area: Area | None) -> ChannelFact:
    """A number as the rules of law know it that is called, and not written to."""
    return ChannelFact(
        contact_point_id=0,
        address_id=address_id,
        medium=VOICE,
        sender_id=None,
        provider="",
        zones=(zone,) if zone else (),
        area=area,
    )


def _is_legal(legal: Timeline, slot: Opening) -> bool:
    """Whether every clock on which the customer may live is open from its start to its end."""
    clocks = legal.at(slot[0]).clocks
    closings = [clock.closes(slot[0]) for clock in clocks]
    return all(closes is not None and closes >= slot[1] - MARGIN for closes in closings)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute == 24 * 60:
        return at_local(day + _DAY, time(), zone)
    return at_local(day, time(minute // 60, minute % 60), zone)
