"""Which rules bind a message: by where the recipient may be, who asks, for what, how and when.

Every row that applies binds, so the strictest wins. A default of the house stands back only where
a pack of law gives that kind of rule; a provider's and a creditor's rows replace nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import assert_never
from zoneinfo import ZoneInfo

from campaigns.calendar import BusinessCalendar, at_local, country_of, local_date, zone_of
from campaigns.caps import alike
from campaigns.facts import ChannelFact, Facts
from campaigns.rules import (
    Cap,
    ChannelList,
    ConsentNeeded,
    Freshness,
    Gap,
    Level,
    LinkForbidden,
    MediumForbidden,
    Pack,
    RestDays,
    Rule,
    Window,
)
from campaigns.vocabulary import Category, CustomerKind, DebtClass
from campaigns.windows import Hours

_UTC = ZoneInfo("UTC")
_KEPT = 4096

Place = tuple[str, str | None]
"""A country and, if known, its region."""
Where = tuple[Place, ...]
Bar = MediumForbidden | ChannelList | LinkForbidden
_Bound = tuple[Rule, Where]


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that bind one kind of message to one kind of recipient for some time."""

    ids: tuple[str, ...] = ()
    consents: tuple[ConsentNeeded, ...] = ()
    bars: tuple[Bar, ...] = ()
    hours: tuple[Hours, ...] = ()
    limits: tuple[tuple[Cap | Gap, ...], ...] = ()  # groups that count alike
    freshness: tuple[Freshness, ...] = ()


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


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """All packs that a creditor is under; `creditor` is its own calendar, if it has one.

    `corrections` hold the dates that the creditor closed or opened, by the recipient's country.
    Keep one and ask it often: it remembers what it worked out. Raises `ValueError` when an id is
    there twice.
    """

    packs: tuple[Pack, ...]
    creditor: BusinessCalendar | None = None
    corrections: Mapping[str, BusinessCalendar] = field(default_factory=dict)
    _timelines: dict[object, Timeline] = field(default_factory=dict, repr=False)
    _hours: dict[object, Hours] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        ids = [rule.id for rule in self.rules]
        if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
            raise ValueError(f"rules with an id that is taken: {', '.join(twice)}; rename them")

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for pack in self.packs for rule in pack.rules)

    @property
    def hash(self) -> str:
        """Names the exact rules that were asked, for the record of a decision."""
        return sha256("".join(sorted(pack.hash for pack in self.packs)).encode()).hexdigest()

    def timeline(self, facts: Facts, channel: ChannelFact, category: Category) -> Timeline:
        """The rules that bind such a message to such a recipient, now and later."""
        zones = (*facts.zones, *channel.zones)
        classes = frozenset(invoice.debt_class for invoice in facts.invoices)
        key = (
            facts.country, facts.region, zones, facts.role, facts.sector,
            classes, facts.kind, channel.medium, channel.provider, category,
        )  # fmt: skip
        found = self._timelines.get(key)
        if found is None:
            if len(self._timelines) >= _KEPT:
                self._timelines.clear()
            message = _Message(facts, channel, category, classes)
            found = self._timelines[key] = self._laid_out(message, dict.fromkeys(zones))
        return found

    def _laid_out(self, message: _Message, names: Iterable[str]) -> Timeline:
        names = tuple(names)
        zones = tuple(zone for name in names if (zone := zone_of(name)))
        places = _places(message.facts, zones)
        bound = [
            (rule, where)
            for pack in self.packs
            if (where := _inside(pack, places)) is not None
            for rule in pack.rules
            if message.falls_under(rule, where)
        ]
        clocks = zones or (_UTC,)
        changes = tuple(sorted({at for rule, _ in bound for at in _changes(rule, clocks)}))
        moments = (*(at - timedelta(seconds=1) for at in changes[:1]), *changes)
        spans = tuple(
            self._in_force(bound, zones, [local_date(at, zone) for zone in clocks])
            for at in moments or (datetime(2000, 1, 1, tzinfo=UTC),)
        )
        unknown = tuple(name for name in names if zone_of(name) is None)
        return Timeline(zones, unknown, changes, spans)

    def _in_force(
        self, bound: list[_Bound], zones: tuple[ZoneInfo, ...], days: list[date]
    ) -> InForce:
        live = [(rule, where) for rule, where in bound if any(map(rule.in_force, days))]
        law = [rule for rule, _ in live if rule.head.level is Level.LAW]
        kept = [(rule, where) for rule, where in live if not _set_aside(rule, law)]
        kept.sort(key=lambda entry: entry[0].head.level)
        rules = [rule for rule, _ in kept]
        return InForce(
            ids=tuple(rule.id for rule in rules),
            consents=tuple(rule for rule in rules if isinstance(rule, ConsentNeeded)),
            bars=tuple(rule for rule in rules if isinstance(rule, Bar)),
            hours=tuple(
                self._clock(rule, zone, where)
                for rule, where in kept
                if isinstance(rule, Window | RestDays)
                for zone in zones
            ),
            limits=alike(rule for rule in rules if isinstance(rule, Cap | Gap)),
            freshness=tuple(rule for rule in rules if isinstance(rule, Freshness)),
        )

    def _clock(self, rule: Window | RestDays, zone: ZoneInfo, where: Where) -> Hours:
        key = (rule.id, zone.key, where)
        if key not in self._hours:
            calendars = tuple(self._calendar(country, region) for country, region in where)
            places = calendars or (BusinessCalendar(None),)
            self._hours[key] = Hours(rule, zone, places, self.creditor)
        return self._hours[key]

    def _calendar(self, country: str, region: str | None) -> BusinessCalendar:
        plain = BusinessCalendar(country, region)
        corrected = self.corrections.get(country)
        if corrected is None:
            return plain
        return replace(plain, closed=corrected.closed, opened=corrected.opened)


@dataclass(frozen=True, slots=True)
class _Message:
    """What decides whether a row applies, apart from the place."""

    facts: Facts
    channel: ChannelFact
    category: Category
    classes: frozenset[DebtClass]

    def falls_under(self, rule: Rule, where: Where) -> bool:
        """A debt whose class is not known (nothing is open) is what the customer is."""
        applies = rule.head.applies
        own = (
            DebtClass.CONSUMER if self.facts.kind is CustomerKind.CONSUMER else DebtClass.COMMERCIAL
        )
        return (
            _fits(applies.roles, self.facts.role)
            and _fits(applies.sectors, self.facts.sector)
            and _fits(applies.media, self.channel.medium)
            and _fits(applies.categories, self.category)
            and _fits(applies.providers, self.channel.provider)
            and (not applies.debt_classes or bool(applies.debt_classes & (self.classes or {own})))
            and (not applies.countries or any(country in applies.countries for country, _ in where))
        )


def _fits(allowed: Collection[object], value: object) -> bool:
    return not allowed or value in allowed


def _places(facts: Facts, zones: tuple[ZoneInfo, ...]) -> Where:
    """Where the recipient may be: the country on record, and those that the zones lie in."""
    stated: list[Place] = [(facts.country.upper(), _short(facts))] if facts.country else []
    countries = {country for country, _ in stated}
    implied = dict.fromkeys(country for zone in zones if (country := country_of(zone.key)))
    return (*stated, *((country, None) for country in implied if country not in countries))


def _short(facts: Facts) -> str | None:
    region = (facts.region or "").upper().removeprefix(f"{(facts.country or '').upper()}-")
    return region or None


def _inside(pack: Pack, places: Where) -> Where | None:
    """The candidate places that the pack is about, or None when it is not about this recipient.

    A region that is not known may be any, so the rules of every region of the country bind.
    """
    if not pack.countries:
        return places
    found = tuple(
        (country, region)
        for country, region in places
        if country in pack.countries
        and (not pack.regions or region is None or region in pack.regions)
    )
    return found or None


def _changes(rule: Rule, zones: Iterable[ZoneInfo]) -> Iterator[datetime]:
    starts, ends = rule.head.effective_from, rule.head.effective_to
    for zone in zones:
        if starts is not None:
            yield at_local(starts, time(), zone)
        if ends is not None:
            yield at_local(ends + timedelta(days=1), time(), zone)


def _set_aside(rule: Rule, law: Iterable[Rule]) -> bool:
    """Whether a default of the house stands back for a pack of law.

    Stricter reading: a cap only for a cap of the same period, and nothing for a gap or for hours
    that bind offers alone.
    """
    if rule.head.level is not Level.HOUSE:
        return False
    given = [other for other in law if not other.solicitation_only]
    match rule:
        case Window():
            return any(isinstance(other, Window) for other in given)
        case RestDays():
            return any(isinstance(other, RestDays) for other in given)
        case Cap():
            return any(isinstance(other, Cap) and other.days == rule.days for other in given)
        case Gap() | ConsentNeeded() | MediumForbidden() | ChannelList():
            return False
        case LinkForbidden() | Freshness():
            return False
        case _:
            assert_never(rule)
