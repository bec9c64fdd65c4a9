"""Which rules bind a message: by where the recipient may be, who asks, for what, how and when.

Every row that applies binds, so the strictest wins. A default of the house stands back only where
a pack of law gives that kind of rule; a provider's and a creditor's rows replace nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import assert_never
from zoneinfo import ZoneInfo

from campaigns.calendar import BusinessCalendar, at_local, local_date, zone_of
from campaigns.caps import alike
from campaigns.duties import Act, Content, Deadline, Fields, OptOut
from campaigns.facts import ChannelFact, Facts
from campaigns.ownhours import own_hours
from campaigns.rulehead import Level
from campaigns.rules import (
    Asked,
    Cap,
    ChannelList,
    ConsentNeeded,
    Freshness,
    Gap,
    LinkForbidden,
    MediumForbidden,
    Pack,
    RestDays,
    Rule,
    Window,
)
from campaigns.timeline import NO_ZONE, Ageing, Bar, InForce, Timeline
from campaigns.vocabulary import Category, CustomerKind, DebtClass
from campaigns.whereabouts import (
    Candidate,
    Where,
    candidates,
    in_region,
    in_town,
    inside,
    is_certain,
    zone_names,
)
from campaigns.windows import Hours, by_zone

_KEPT = 4096


@dataclass(frozen=True, slots=True)
class _Bound:
    """A rule that binds, and where. It is not `certain` while the recipient's region or city is
    unknown."""

    rule: Rule
    where: Where
    certain: bool


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
    _ageing: dict[object, Ageing] = field(default_factory=dict, repr=False)
    _hours: dict[object, Hours] = field(default_factory=dict, repr=False)
    _of_cities: dict[str, list[Pack]] = field(default_factory=dict, init=False, repr=False)
    hash: str = field(default="", init=False)
    """Names the exact rules that were asked, for the record of a decision."""

    def __post_init__(self) -> None:
        packs = "".join(sorted(pack.hash for pack in self.packs))
        object.__setattr__(self, "hash", sha256(packs.encode()).hexdigest())
        for pack in self.packs:
            for country in pack.countries if pack.cities else ():
                self._of_cities.setdefault(country, []).append(pack)
        ids = Counter(id_ for pack in self.packs for id_ in {rule.id for rule in pack.rules})
        if twice := sorted(id_ for id_, packs in ids.items() if packs > 1):
            raise ValueError(f"rules with an id that is taken: {', '.join(twice)}; rename them")

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for pack in self.packs for rule in pack.rules)

    def timeline(self, facts: Facts, channel: ChannelFact, category: Category) -> Timeline:
        """The rules that bind such a message to such a recipient, now and later."""
        classes = frozenset([invoice.debt_class for invoice in facts.invoices])
        key = (
            facts.country, facts.region, self._towns(facts), facts.zones, facts.hours,
            channel.zones, channel.area, facts.role, facts.sector, classes, facts.kind,
            channel.medium, channel.provider, channel.place, category,
        )  # fmt: skip
        ageing = self._ageing.get(key)
        if ageing is None:
            if len(self._ageing) >= _KEPT:
                self._ageing.clear()
            message = _Message(facts, channel, category, classes)
            ageing = self._ageing[key] = self._laid_out(message, zone_names(facts, channel))
        return ageing.of_debt(facts.oldest_due_on) if ageing.steps else ageing.timelines[0]

    def _towns(self, facts: Facts) -> tuple[bool | None, ...]:
        """All that the town decides: towns are too many to keep the rules of each."""
        if not facts.country:
            return ()
        country = facts.country.upper()
        packs = self._of_cities.get(country, ())
        if not packs:
            return ()
        here = Candidate(country, None, facts.postcode, facts.city)
        return tuple(in_town(pack, here) for pack in packs)

    def _laid_out(self, message: _Message, names: tuple[str, ...]) -> Ageing:
        zones = tuple(zone for name in names if (zone := zone_of(name)))
        unknown = tuple(name for name in names if zone_of(name) is None)
        places = candidates(message.facts, message.channel, zones)
        bound = list(_bound(self.packs, message, places))
        steps = sorted({days for b in bound if (days := b.rule.head.applies.past_due_from)})
        return Ageing(
            tuple(steps),
            tuple(
                self._over_time(
                    [b for b in bound if _is_due(b.rule, days)], zones, unknown, message.facts.hours
                )
                for days in (0, *steps)
            ),
        )

    def _over_time(
        self,
        bound: list[_Bound],
        zones: tuple[ZoneInfo, ...],
        unknown: tuple[str, ...],
        own: str | None,
    ) -> Timeline:
        clocks = zones or NO_ZONE
        changes = tuple(sorted({at for b in bound for at in _changes(b.rule, clocks)}))
        moments = (*(at - timedelta(seconds=1) for at in changes[:1]), *changes)
        spans = tuple(
            self._in_force(bound, zones, [local_date(at, zone) for zone in clocks], own)
            for at in moments or (datetime(2000, 1, 1, tzinfo=UTC),)
        )
        return Timeline(zones, unknown, changes, spans)

    def _in_force(
        self, bound: list[_Bound], zones: tuple[ZoneInfo, ...], days: list[date], own: str | None
    ) -> InForce:
        live = [b for b in bound if any(map(b.rule.in_force, days))]
        law = [b.rule for b in live if b.certain and _is_read(b.rule)]
        asked = [
            (b.rule, b.where)
            for b in sorted(live, key=lambda b: b.rule.head.level)
            if isinstance(b.rule, Asked) and not _set_aside(b.rule, law)
        ]
        if own is not None:
            asked.insert(0, (own_hours(own), ()))
        rules = [rule for rule, _ in asked]
        duties = tuple(b.rule for b in live if not isinstance(b.rule, Asked))
        reaches = [rule for rule in duties if isinstance(rule, OptOut) and rule.reach]
        hours = tuple(
            self._clock(rule, zone, where)
            for rule, where in asked
            if isinstance(rule, Window | RestDays)
            for zone in zones
        )
        return InForce(
            ids=tuple(rule.id for rule in rules),
            consents=tuple(rule for rule in rules if isinstance(rule, ConsentNeeded)),
            bars=tuple(rule for rule in rules if isinstance(rule, Bar)),
            hours=hours,
            clocks=by_zone(hours),
            limits=alike(rule for rule in rules if isinstance(rule, Cap | Gap)),
            freshness=tuple(rule for rule in rules if isinstance(rule, Freshness)),
            clearances=tuple(
                b.rule
                for b in live
                if isinstance(b.rule, Deadline) and b.rule.before is Act.FIRST_MESSAGE
            ),
            duties=duties,
            texts=tuple(rule for rule in duties if isinstance(rule, Fields | Content)),
            deadlines=tuple(rule for rule in duties if isinstance(rule, Deadline)),
            reaches=tuple(sorted(reaches, key=lambda rule: rule.head.level)),
            packs=frozenset(b.rule.head.pack for b in live),
        )

    def _clock(self, rule: Window | RestDays, zone: ZoneInfo, where: Where) -> Hours:
        key = (rule, zone.key, where)
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
            and _fits(applies.places, self.channel.place)
            and (not applies.debt_classes or bool(applies.debt_classes & (self.classes or {own})))
            and (not applies.countries or any(country in applies.countries for country, _ in where))
        )


def _fits(allowed: Collection[object], value: object) -> bool:
    return not allowed or value in allowed


def _bound(
    packs: Iterable[Pack], message: _Message, places: tuple[Candidate, ...]
) -> Iterator[_Bound]:
    for pack in packs:
        inner = inside(pack, places)
        if inner is None:
            continue
        for rule in pack.rules:
            regions = rule.head.applies.regions
            here = tuple(place for place in inner if in_region(regions, place.region))
            where = tuple(dict.fromkeys(candidate.place for candidate in here))
            if (here or not regions) and message.falls_under(rule, where):
                yield _Bound(rule, where, is_certain(pack, regions, here))


def _is_due(rule: Rule, days: int) -> bool:
    """Whether it binds a debt that is so many days past due."""
    return (rule.head.applies.past_due_from or 0) <= days


def _changes(rule: Rule, zones: Iterable[ZoneInfo]) -> Iterator[datetime]:
    starts, ends = rule.head.effective_from, rule.head.effective_to
    for zone in zones:
        if starts is not None:
            yield at_local(starts, time(), zone)
        if ends is not None:
            yield at_local(ends + timedelta(days=1), time(), zone)


def _is_read(rule: Rule) -> bool:
    """A law, and somebody read it: what nobody read restricts, and sets nothing aside."""
    return rule.head.level is Level.LAW and not rule.head.is_caution


def _set_aside(rule: Asked, law: Iterable[Rule]) -> bool:
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
