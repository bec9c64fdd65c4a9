"""The creditor's limits for what a customer may arrange without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlmodel import Session

from app.store.bulk import table_of
from app.store.rows import Creditor
from campaigns.calendar import BusinessCalendar, at_local, local_date, zone_of

_CREDITOR = table_of(Creditor)
_LARGEST = 3650


class EnvelopeError(ValueError):
    """A creditor's envelope that cannot be read. Names the creditor, the entry and the remedy."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Limits for promises: the entry `promise` of `creditor.envelope`. Absent ones are these.

    `max_open` counts all currencies; the store allows one a currency. `max_broken` counts those
    that ended within `broken_within_days`. `least_share` is of what may be promised. 0 for
    `max_open` offers no promises at all.
    """

    max_open: int = 1
    max_broken: int = 2
    broken_within_days: int = 180
    furthest_days: int = 30
    least_share: Decimal = Decimal("0.2")
    grace_business_days: int = 1


@dataclass(frozen=True, slots=True)
class House:
    """What a creditor's own rules say: the envelope, and the days and the clock it counts by."""

    envelope: Envelope
    calendar: BusinessCalendar
    zone: str

    def today(self, now: datetime) -> date:
        return local_date(now, _clock(self.zone))

    def grace_until(self, due_on: date) -> datetime:
        """The end, in UTC, of the last business day of grace: what comes later is late."""
        last = self.calendar.add_business_days(due_on, self.envelope.grace_business_days)
        return at_local(last + timedelta(days=1), time(0), _clock(self.zone))


def house_of(session: Session, creditor_id: int) -> House:
    """The creditor's rules. Raises `EnvelopeError`."""
    query = select(_CREDITOR).where(_CREDITOR.c.id == creditor_id)
    row = session.connection().execute(query).one()
    return House(read_envelope(row.envelope, row.external_id), _calendar(row), row.zone)


def local_day(session: Session, creditor_id: int, instant: datetime) -> date:
    """The date of an instant on the creditor's wall."""
    query = select(_CREDITOR.c.zone).where(_CREDITOR.c.id == creditor_id)
    return local_date(instant, _clock(session.connection().execute(query).scalar_one()))


def read_envelope(entries: Mapping[str, Any], creditor: str) -> Envelope:
    """The typed envelope. Raises `EnvelopeError` for a name or a value that it does not know."""
    told = entries.get("promise", {})
    known = {field.name for field in fields(Envelope)}
    if not isinstance(told, Mapping) or (set(told) - known):
        raise EnvelopeError(
            f"envelope of creditor {creditor}: `promise` may hold {', '.join(sorted(known))}"
        )
    return Envelope(**{name: _value(name, value, creditor) for name, value in told.items()})


def _value(name: str, value: Any, creditor: str) -> Any:
    is_share = name == "least_share"
    try:
        read = Decimal(str(value)) if is_share else int(str(value))
        if 0 <= read <= (1 if is_share else _LARGEST):
            return read
    except (ValueError, InvalidOperation):
        pass  # said below, as for a value out of bounds
    raise EnvelopeError(
        f"envelope of creditor {creditor}: `promise.{name}` is {value!r}; it takes"
        f" {'a share from 0 to 1' if is_share else f'a whole number from 0 to {_LARGEST}'}"
    )


def _calendar(row: Row[Any]) -> BusinessCalendar:
    days = {
        name: frozenset(date.fromisoformat(day) for day in row.calendar.get(name, ()))
        for name in ("closed", "opened")
    }
    return BusinessCalendar(row.country, row.region, days["closed"], days["opened"])


def _clock(zone: str) -> ZoneInfo:
    found = zone_of(zone)
    if found is None:
        raise EnvelopeError(f"zone {zone!r} of the creditor is no IANA zone: correct it")
    return found
