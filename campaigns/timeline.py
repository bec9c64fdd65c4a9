"""The rules that bind one kind of message to one kind of recipient, over time.

They change on the days that rows are dated, and when what is owed grows old enough for a row that
binds only from so many days past due.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.calendar import at_local
from campaigns.caps import Group
from campaigns.duties import Content, Deadline, Fields, OptOut
from campaigns.rules import (
    ChannelList,
    ConsentNeeded,
    Duties,
    Freshness,
    LinkForbidden,
    MediumForbidden,
)
from campaigns.windows import Clock, Hours

NO_ZONE = (ZoneInfo("UTC"),)

_KEPT_DATES = 1024

Bar = MediumForbidden | ChannelList | LinkForbidden


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that bind one kind of message to one kind of recipient for some time.

    `ids` are of those that `permits` asks; `duties` are kept elsewhere. `reaches` are those of the
    duties by which a stop reaches further than it was said. `packs` hold all of them.
    """

    ids: tuple[str, ...] = ()
    consents: tuple[ConsentNeeded, ...] = ()
    bars: tuple[Bar, ...] = ()
    hours: tuple[Hours, ...] = ()
    clocks: tuple[Clock, ...] = ()  # the same hours, by zone
    limits: tuple[Group, ...] = ()
    freshness: tuple[Freshness, ...] = ()
    clearances: tuple[Deadline, ...] = ()  # what the sender needs before its first message
    duties: tuple[Duties, ...] = ()
    texts: tuple[Fields | Content, ...] = ()  # of the duties, those about what is written
    deadlines: tuple[Deadline, ...] = ()  # and those about when
    reaches: tuple[OptOut, ...] = ()
    packs: frozenset[str] = frozenset()

    @property
    def forbids_link(self) -> bool:
        return any(isinstance(bar, LinkForbidden) for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The same over time: `spans[i]` is in force from `changes[i - 1]` to `changes[i]`."""

    zones: tuple[ZoneInfo, ...]
    unknown: tuple[str, ...]
    changes: tuple[datetime, ...]
    spans: tuple[InForce, ...]

    @property
    def placed(self) -> bool:
        """At least one candidate zone is known, and no unknown name stands among them."""
        return bool(self.zones) and not self.unknown

    def at(self, instant: datetime) -> InForce:
        return self.spans[bisect_right(self.changes, instant)]

    def change_after(self, instant: datetime) -> datetime | None:
        index = bisect_right(self.changes, instant)
        return self.changes[index] if index < len(self.changes) else None


@dataclass(frozen=True, slots=True)
class Ageing:
    """Timelines of a debt that grows old: `timelines[i]` once it is `steps[i - 1]` days past due.

    `steps` ascend; there is one timeline more than steps. What was asked is remembered.
    """

    steps: tuple[int, ...]
    timelines: tuple[Timeline, ...]
    _by_due_date: dict[date, Timeline] = field(default_factory=dict, compare=False, repr=False)

    def of_debt(self, due_on: date | None) -> Timeline:
        """The timeline of what fell due on that day, or of one to whom nothing is due.

        A step is reached when its day has begun in some place where the recipient may be.
        """
        if due_on is None:
            return self.timelines[0]
        try:
            return self._by_due_date[due_on]
        except KeyError:
            if len(self._by_due_date) >= _KEPT_DATES:
                self._by_due_date.clear()
            return self._by_due_date.setdefault(due_on, self._joined(due_on))

    def _joined(self, due_on: date) -> Timeline:
        first = self.timelines[0]
        clocks = first.zones or NO_ZONE
        begins = [_begins(due_on, days, clocks) for days in self.steps]
        changes, spans = list[datetime](), [first.spans[0]]
        for at, timeline in _changes(begins, self.timelines):
            changes.append(at)
            spans.append(timeline.at(at))
        return Timeline(first.zones, first.unknown, tuple(changes), tuple(spans))


def _begins(due_on: date, days: int, clocks: tuple[ZoneInfo, ...]) -> datetime:
    return min(at_local(due_on + timedelta(days=days), time(), zone) for zone in clocks)


def _changes(
    begins: list[datetime], timelines: tuple[Timeline, ...]
) -> Iterator[tuple[datetime, Timeline]]:
    """When the rules change, and to which timeline's."""
    starts = [datetime.min.replace(tzinfo=UTC), *begins]
    ends = [*begins, datetime.max.replace(tzinfo=UTC)]
    for index, timeline in enumerate(timelines):
        if index:
            yield starts[index], timeline
        for change in timeline.changes:
            if starts[index] < change < ends[index]:
                yield change, timeline
