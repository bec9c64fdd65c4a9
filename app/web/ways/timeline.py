"""What has happened so far, and what comes next: invoiced and paid, agreed, disputed, written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from app.book.chronicle import Happening, chronicle
from app.book.statement import Entry, statement
from app.engine.outlook import outlook
from app.web.catalogues import N_
from app.web.statement import KINDS
from app.web.ways.next import Next, in_words
from app.web.ways.way import Filled, Moment, Place, Shown, Way, always
from campaigns.calendar import local_date, zone_of

LIMIT: Final = 60

Item: TypeAlias = Entry | Happening


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day of the customer's, as it came about."""

    on: date
    entries: Sequence[Entry]
    happenings: Sequence[Happening]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the template shows; the newest day first. `is_cut` says that there is more."""

    next: Next | None
    days: Sequence[Day]
    kinds: dict[str, str]
    is_cut: bool


def _show(moment: Moment, _typed: Filled) -> Shown:
    days = _days(moment)
    return Shown(
        Timeline(
            _next(moment) if moment.account.lines else None,
            days[:LIMIT],
            {kind: moment.say(text) for kind, text in KINDS.items()},
            len(days) > LIMIT,
        )
    )


def _next(moment: Moment) -> Next | None:
    found = outlook(moment.session, moment.site.catalogue, moment.found.customer_id, moment.now)
    return in_words(found, moment.language, moment.locale) if found else None


def _days(moment: Moment) -> list[Day]:
    whose, creditor = moment.found.customer_id, moment.found.creditor
    theirs = ZoneInfo(creditor.zone)
    clock = zone_of(moment.found.customer.zone or "") or theirs
    items: list[tuple[date, Item]] = [
        (line.entry.on, line.entry)
        for sheet in statement(moment.session, whose, theirs)
        for line in sheet.lines
    ]
    items += [
        (local_date(one.at, clock), one) for one in chronicle(moment.session, whose, limit=LIMIT)
    ]
    items.sort(key=lambda item: item[0], reverse=True)
    return [
        _day(on, [item for _, item in group])
        for on, group in groupby(items, key=lambda item: item[0])
    ]


def _day(on: date, items: Sequence[Item]) -> Day:
    return Day(
        on,
        [item for item in items if isinstance(item, Entry)],
        [item for item in items if isinstance(item, Happening)],
    )


WAY: Final = Way(
    "timeline",
    None,
    N_("What has happened so far, and what comes next"),
    always,
    _show,
    place=Place.READ,
)
