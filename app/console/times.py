"""How the console writes instants: on the reader's own clock. Templates know it as `t`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from app.wording.formats import formats_for


class Times:
    """Instants, days and counts, for one language and one zone. Get it from `times_for`."""

    def __init__(self, language: str, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._formats = formats_for(language)
        self._locale = self._formats.locale

    def at(self, instant: datetime) -> Markup:
        """Day and time."""
        return self._marked(instant, f"{self._day(instant)} {self._local(instant):%H:%M}")

    def day(self, instant: datetime) -> Markup:
        """The day alone."""
        return self._marked(instant, self._day(instant))

    def clock(self, instant: datetime) -> Markup:
        """The time of day alone."""
        return self._marked(instant, f"{self._local(instant):%H:%M}")

    def ago(self, instant: datetime, now: datetime) -> Markup:
        """How long ago, or how soon; of this very minute the time of day. The exact time shows when
        it is pointed at."""
        if abs(instant - now) < timedelta(minutes=1):
            return self.clock(instant)
        told = format_timedelta(
            instant - now, add_direction=True, locale=self._locale, granularity="minute"
        )
        return self._marked(instant, told)

    def on(self, day: date) -> Markup:
        """A calendar day, in short."""
        return Markup('<time datetime="{}">{}</time>').format(
            day.isoformat(), Markup(f"<bdi>{escape(self._formats.date(day, 'short'))}</bdi>")
        )

    def weekday(self, day: date) -> Markup:
        """A calendar day with its weekday, for a plan of days."""
        weekday = format_date(day, "EEE", locale=self._locale)
        return Markup("<bdi>{} {}</bdi>").format(weekday, self._formats.date(day, "short"))

    def number(self, number: float) -> Markup:
        """A whole number or a decimal, grouped as the language does it, in Latin digits."""
        told = format_decimal(number, locale=self._locale, numbering_system="latn")
        return Markup("<bdi>{}</bdi>").format(told)

    def today(self, now: datetime) -> date:
        return self._local(now).date()

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def _day(self, instant: datetime) -> str:
        return self._formats.date(self._local(instant).date(), "short")

    def _marked(self, instant: datetime, told: str) -> Markup:
        exact = self._local(instant)
        return Markup('<time datetime="{}" title="{}"><bdi>{}</bdi></time>').format(
            exact.isoformat(timespec="seconds"), f"{exact:%Y-%m-%d %H:%M:%S %Z}", told
        )


@lru_cache(maxsize=64)
def times_for(language: str, zone: str) -> Times:
    return Times(language, zone)


def day_asked(told: str) -> date | None:
    """The day that a URL or a form names; none where it makes no sense, or lies so near
    the ends of the calendar that no zone can count it."""
    try:
        found = date.fromisoformat(told)
    except ValueError:
        return None
    return found if 1970 < found.year < 9000 else None
