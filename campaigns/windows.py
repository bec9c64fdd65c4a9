"""When one row lets a message go in one zone: hours, rest days and the evenings before them.

A span is open from its start (included) to its end (excluded). Every end lies a minute before the
time that the rule names: a provider takes a moment, and the law means when the message is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from campaigns.calendar import BusinessCalendar, at_local, local_date
from campaigns.rules import RestDays, Span, Window

MARGIN = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MIDNIGHT = 24 * 60
_LOOK_AHEAD = 60  # days; the longest feast with weekends is far shorter
_KEPT_DAYS = 1024

Opening = tuple[datetime, datetime]
"""An open span in UTC: from (included) and to (excluded)."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One row of hours or rest days, on the wall clock of one zone.

    `places` are the calendars whose holidays and weekends count (all of them); `creditor` is the
    calendar of those who answer, if known. Days are computed once.
    """

    row: Window | RestDays
    zone: ZoneInfo
    places: tuple[BusinessCalendar, ...]
    creditor: BusinessCalendar | None = None
    _days: dict[date, Opening | None] = field(default_factory=dict, compare=False, repr=False)

    def opening(self, at: datetime) -> Opening | None:
        """The first open span that is not over at `at` (cut to start there), or None when there
        is none within two months."""
        day = local_date(at, self.zone)
        for _ in range(_LOOK_AHEAD):
            span = self.on(day)
            if span is not None and at < span[1]:
                return span if at <= span[0] else (at, span[1])
            day += _DAY
        return None

    def on(self, day: date) -> Opening | None:
        """The open span of a local day."""
        try:
            return self._days[day]
        except KeyError:
            if len(self._days) >= _KEPT_DAYS:
                self._days.clear()
            return self._days.setdefault(day, self._span(day))

    def rest(self, at: datetime) -> str | None:
        """What makes the local day of `at` a rest day, in words; None when it has open hours."""
        day = local_date(at, self.zone)
        match self.row:
            case Window():
                return None if self._minutes(self.row, day) else f"{day:%A}"
            case RestDays():
                return self._rest_day(self.row, day) or self._evening_before(self.row, day)
            case _:
                assert_never(self.row)

    def _span(self, day: date) -> Opening | None:
        match self.row:
            case Window():
                minutes = self._minutes(self.row, day)
            case RestDays():
                minutes = self._waking(self.row, day)
            case _:
                assert_never(self.row)
        if minutes is None:
            return None
        opens, closes = (_instant(day, minute, self.zone) for minute in minutes)
        if minutes[1] < _MIDNIGHT or isinstance(self.row, Window):
            closes -= MARGIN
        return (opens, closes) if opens < closes else None

    def _minutes(self, row: Window, day: date) -> Span | None:
        if row.business is None:
            return row.week[day.weekday()]
        calendars = (*self.places, self.creditor) if self.creditor else self.places
        rests = any(day.weekday() in calendar.weekend for calendar in calendars)
        return None if rests else row.business

    def _waking(self, row: RestDays, day: date) -> Span | None:
        if self._rest_day(row, day):
            return None
        ends = [minute for weekday, minute in row.weekday_from if weekday == day.weekday()]
        if row.eves_from is not None and self._holiday(day + _DAY):
            ends.append(row.eves_from)
        return (0, min(ends, default=_MIDNIGHT))

    def _rest_day(self, row: RestDays, day: date) -> str | None:
        if row.holidays and (name := self._holiday(day)):
            return name
        return f"{day:%A}" if day.weekday() in row.weekdays else None

    def _evening_before(self, row: RestDays, day: date) -> str | None:
        if row.eves_from is not None and (name := self._holiday(day + _DAY)):
            return f"the eve of {name}"
        return f"{day:%A} evening" if any(day.weekday() == d for d, _ in row.weekday_from) else None

    def _holiday(self, day: date) -> str | None:
        names = (place.possible_holiday(day) for place in self.places)
        return next((name for name in names if name), None)


@dataclass(frozen=True, slots=True)
class Clock:
    """All rows of one zone together, which is asked most often: whether it is open now."""

    zone: ZoneInfo
    rows: tuple[Hours, ...]
    _days: dict[date, Opening | None] = field(default_factory=dict, compare=False, repr=False)

    def closes(self, at: datetime) -> datetime | None:
        """When the first row closes, or None when one is closed at `at`."""
        day = local_date(at, self.zone)
        try:
            span = self._days[day]
        except KeyError:
            if len(self._days) >= _KEPT_DAYS:
                self._days.clear()
            span = self._days.setdefault(day, self._on(day))
        return span[1] if span is not None and span[0] <= at < span[1] else None

    def _on(self, day: date) -> Opening | None:
        spans = [row.on(day) for row in self.rows]
        found = [span for span in spans if span is not None]
        if len(found) < len(spans):
            return None
        return max(span[0] for span in found), min(span[1] for span in found)


def by_zone(rows: Iterable[Hours]) -> tuple[Clock, ...]:
    """The rows as clocks, one a zone."""
    zones: dict[ZoneInfo, list[Hours]] = {}
    for row in rows:
        zones.setdefault(row.zone, []).append(row)
    return tuple(Clock(zone, tuple(together)) for zone, together in zones.items())


def earliest_common(hours: Iterable[Hours], at: datetime) -> datetime | None:
    """The first instant from `at` on at which every row is open, or None within two months."""
    rows = tuple(hours)
    limit = at + _LOOK_AHEAD * _DAY
    settled = False
    while not settled:
        settled = True
        for row in rows:
            opening = row.opening(at)
            if opening is None or opening[0] > limit:
                return None
            if opening[0] > at:
                at, settled = opening[0], False
    return at


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute == _MIDNIGHT:
        return at_local(day + _DAY, time(), zone)
    return at_local(day, time(minute // 60, minute % 60), zone)


def in_utc(now: datetime) -> datetime:
    """The same instant in UTC. Raises `ValueError` for a time without a zone."""
    if now.tzinfo is None:
        raise ValueError(f"{now} has no zone; pass an aware instant in UTC")
    return now if now.tzinfo is UTC else now.astimezone(UTC)
