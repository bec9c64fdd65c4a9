"""The creditor's limits for what a customer may arrange without asking anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Creditor
from campaigns.calendar import BusinessCalendar, at_local, local_date, zone_of
from campaigns.debits import DebitTerms
from campaigns.packhours import own_week
from campaigns.teamhours import TeamHours

_CREDITOR = table_of(Creditor)
_LARGEST = 3650


_OF_CREDITOR = select(_CREDITOR).where(_CREDITOR.c.id == bindparam("id"))


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
class PlanEnvelope:
    """Limits for plans: the entry `plan` of `creditor.envelope`. Absent ones are these.

    The first instalment is due within `first_within_days`, the last within `furthest_days`. A
    missed one leaves `rescue_business_days` to pay or move it before the plan breaks;
    `most_moves` counts those of one plan. 0 for `most_parts` offers no plans at all. A kept card is
    debited `debit_notice_days` after its notice at the earliest, and a decline is tried again after
    `debit_retry_days`; 0 for `debit_tries` keeps no cards.
    """

    most_parts: int = 6
    first_within_days: int = 30
    furthest_days: int = 180
    grace_business_days: int = 1
    rescue_business_days: int = 7
    most_moves: int = 2
    move_days: int = 21
    debit_notice_days: int = 2
    debit_tries: int = 3
    debit_retry_days: int = 3


@dataclass(frozen=True, slots=True)
class TeamEnvelope:
    """When the team is there: the entry `team` of `creditor.envelope`. Absent ones are these.

    `hours` are a week as `mon-thu 09:00-17:00; fri 09:00-13:00`; without them 9 to 17 on business
    days. 0 for `calls_within_days` offers no calls back.
    """

    hours: str = ""
    answer_business_days: int = 1
    calls_within_days: int = 7
    slot_hours: int = 2


@dataclass(frozen=True, slots=True)
class House:
    """What a creditor's own rules say: the envelope, and the days and the clock it counts by."""

    envelope: Envelope
    calendar: BusinessCalendar
    zone: str
    plans: PlanEnvelope = field(default_factory=PlanEnvelope)

    @property
    def debits(self) -> DebitTerms:
        plans = self.plans
        return DebitTerms(plans.debit_notice_days, plans.debit_tries, plans.debit_retry_days)

    def debit_on(self, due_on: date) -> date:
        """The day on which a kept card is debited for what is due then: a business day."""
        return self.calendar.next_business_day(due_on)

    def today(self, now: datetime) -> date:
        return local_date(now, zone_in(self.zone))

    def grace_until(self, due_on: date) -> datetime:
        """The end, in UTC, of the last business day of grace: what comes later is late."""
        return self.end_of(due_on, self.envelope.grace_business_days)

    def end_of(self, day: date, business_days: int) -> datetime:
        """The end, in UTC, of the business day that is so many after `day`."""
        last = self.calendar.add_business_days(day, business_days)
        return at_local(last + timedelta(days=1), time(0), zone_in(self.zone))


def house_of(session: Session, creditor_id: int) -> House:
    """The creditor's rules. Raises `EnvelopeError`."""
    return house_in(session.connection().execute(_OF_CREDITOR, {"id": creditor_id}).one())


def house_in(row: Row[Any] | Creditor) -> House:
    """The rules of a creditor whose row this is. Raises `EnvelopeError`."""
    return House(
        read_envelope(row.envelope, row.external_id),
        _calendar(row),
        row.zone,
        read_plan_envelope(row.envelope, row.external_id),
    )


def team_hours(row: Row[Any] | Creditor) -> TeamHours:
    """When the team of a creditor whose row this is is there. Raises `EnvelopeError`."""
    told = TeamEnvelope(**_entries(row.envelope, "team", fields(TeamEnvelope), row.external_id))
    if not told.slot_hours:
        raise EnvelopeError(f"envelope of creditor {row.external_id}: `team.slot_hours` is 0")
    try:
        week = own_week(told.hours) if told.hours.strip() else None
    except ValueError as problem:
        raise EnvelopeError(
            f"envelope of creditor {row.external_id}: `team.hours`: {problem}"
        ) from None
    return TeamHours(
        _calendar(row),
        zone_in(row.zone),
        week,
        told.answer_business_days,
        told.calls_within_days,
        told.slot_hours,
    )


def local_day(session: Session, creditor_id: int, instant: datetime) -> date:
    """The date of an instant on the creditor's wall."""
    found = session.connection().execute(_ZONE, {"creditor_id": creditor_id})
    return local_date(instant, zone_in(found.scalar_one()))


_ZONE: Final = select(_CREDITOR.c.zone).where(_CREDITOR.c.id == bindparam("creditor_id"))


def zone_in(zone: str) -> ZoneInfo:
    """The creditor's clock. Raises `EnvelopeError`."""
    found = zone_of(zone)
    if found is None:
        raise EnvelopeError(f"zone {zone!r} of the creditor is no IANA zone: correct it")
    return found


def read_envelope(entries: Mapping[str, Any], creditor: str) -> Envelope:
    """The limits for promises. Raises `EnvelopeError` for a name or a value it does not know."""
    return Envelope(**_entries(entries, "promise", fields(Envelope), creditor))


def read_plan_envelope(entries: Mapping[str, Any], creditor: str) -> PlanEnvelope:
    """The limits for plans. Raises `EnvelopeError` as above."""
    return PlanEnvelope(**_entries(entries, "plan", fields(PlanEnvelope), creditor))


def _entries(
    entries: Mapping[str, Any], entry: str, known: Iterable[Field[Any]], creditor: str
) -> dict[str, Any]:
    told, names = entries.get(entry, {}), {one.name for one in known}
    if not isinstance(told, Mapping) or (set(told) - names):
        raise EnvelopeError(
            f"envelope of creditor {creditor}: `{entry}` may hold {', '.join(sorted(names))}"
        )
    return {name: _value(f"{entry}.{name}", value, creditor) for name, value in told.items()}


def _value(name: str, value: Any, creditor: str) -> Any:
    if name == "team.hours":
        return str(value)
    is_share = name.endswith(".least_share")
    try:
        read = Decimal(str(value)) if is_share else int(str(value))
        if 0 <= read <= (1 if is_share else _LARGEST):
            return read
    except (ValueError, InvalidOperation):
        pass  # said below, as for a value out of bounds
    raise EnvelopeError(
        f"envelope of creditor {creditor}: `{name}` is {value!r}; it takes"
        f" {'a share from 0 to 1' if is_share else f'a whole number from 0 to {_LARGEST}'}"
    )


def _calendar(row: Row[Any] | Creditor) -> BusinessCalendar:
    days = {
        name: frozenset(date.fromisoformat(day) for day in row.calendar.get(name, ()))
        for name in ("closed", "opened")
    }
    return BusinessCalendar(row.country, row.region, days["closed"], days["opened"])
