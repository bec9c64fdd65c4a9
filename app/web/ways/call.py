"""A call back, at a time of the customer's choice: arranged, moved, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from app.book.addresses import canonical_called
from app.book.envelope import team_hours
from app.book.errors import AddressError
from app.engine.catalogue import NotPublished
from app.intake.call_hours import Number, call_slots, own_numbers
from app.intake.calls import Called, arrange_call, cancel_call, open_call
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import Fault, Filled, Moment, Shown, Way, never
from campaigns.windows import Opening

CHOOSE_TIME: Final = N_("Please choose a time.")
NOT_FREE: Final = N_("We cannot call that number at this time. Please choose another time.")
NO_NUMBER: Final = N_("Please write a telephone number with its country code.")
_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to choose, on the customer's own clock."""

    value: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Arranged:
    """The call that is coming; `ending` are the last figures of its number."""

    slot: Slot
    ending: str


@dataclass(frozen=True, slots=True)
class Choice:
    """All that the template shows."""

    arranged: Arranged | None
    days: Sequence[tuple[date, Sequence[Slot]]]
    numbers: Sequence[tuple[str, str]] = field(repr=False)  # its id, and how it ends


def _offered(moment: Moment) -> bool:
    return team_hours(moment.found.creditor).calls_within_days > 0


def _show(moment: Moment, _typed: Filled) -> Shown:
    numbers = own_numbers(moment.session, moment.found.concerned)
    slots = [_slot(moment, each) for each in _free(moment, numbers)]
    days = [(day, tuple(each)) for day, each in groupby(slots, lambda slot: slot.begins.date())]
    told = tuple((str(number.address_id), number.ending) for number in numbers)
    return Shown(Choice(_arranged(moment), days, told))


def _free(moment: Moment, numbers: Sequence[Number]) -> Sequence[Opening]:
    """The times at which all of these may be called; where none is known, those of the place."""
    moment.site.catalogue.refresh(moment.session)
    try:
        rules = moment.site.catalogue.policy(moment.found.customer.creditor_id).rules
    except NotPublished:
        return ()
    asked = numbers or (Number(None, ""),)
    return call_slots(moment.session, moment.found.concerned, rules, asked, moment.now)


def _arranged(moment: Moment) -> Arranged | None:
    found = open_call(moment.session, moment.found.customer_id)
    if found is None:
        return None
    slot = _slot(moment, (found.starts_at, found.ends_at))
    return Arranged(slot, Number(found.address_id, found.called or "").ending)


def _slot(moment: Moment, opening: Opening) -> Slot:
    zone = ZoneInfo(moment.found.customer.zone or moment.found.creditor.zone)
    begins, ends = (at.astimezone(zone) for at in opening)
    return Slot(f"{opening[0]:%Y%m%dT%H%MZ}", begins, ends)


def _arrange(moment: Moment, typed: Filled) -> Fault | None:
    number = _number(moment, typed)
    if isinstance(number, Fault):
        return number
    if not typed["slot"]:
        return Fault(CHOOSE_TIME, field="slot")
    slots: Mapping[str, Opening] = {
        _slot(moment, each).value: each for each in _free(moment, [number])
    }
    chosen = slots.get(typed["slot"])
    if chosen is None:
        return Fault(NOT_FREE, field="slot")
    typed_number = number.value if number.address_id is None else None
    arrange_call(
        moment.session,
        moment.found.concerned,
        chosen,
        Called(number.address_id, typed_number),
        message_id=moment.found.link.message_id,
        now=moment.now,
    )
    return None


def _number(moment: Moment, typed: Filled) -> Number | Fault:
    """One of their own by its id, or the one that was typed."""
    own = {
        str(each.address_id): each for each in own_numbers(moment.session, moment.found.concerned)
    }
    if typed["number"] in own:
        return own[typed["number"]]
    if own and typed["number"] != _OTHER:
        return Fault(NO_NUMBER, field="other_number")
    region = moment.found.customer.country or moment.found.creditor.country
    try:
        return Number(None, canonical_called(typed["other_number"], region))
    except AddressError:
        return Fault(NO_NUMBER, field="other_number")


def _cancel(moment: Moment, _typed: Filled) -> Fault | None:
    found = moment.found
    cancel_call(moment.session, found.concerned, message_id=found.link.message_id, now=moment.now)
    return None


WAY: Final = Way(
    "call",
    Purpose.CALL,
    N_("Please call me"),
    _offered,
    _show,
    _arrange,
    N_("We will call you at the time that you chose. There are no reminders until then."),
)
CANCEL: Final = Way(
    "call_cancel",
    Purpose.CALL_CANCEL,
    WAY.title,
    never,
    _show,
    _cancel,
    N_("The call is cancelled."),
    template=WAY.slug,
)
