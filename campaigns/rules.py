"""The kinds of rule that a pack may hold: one frozen row a rule, in a closed union.

Rows say what is asked, never how it is checked: `windows`, `caps` and `policy` do that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from campaigns.vocabulary import Category, DebtClass, Medium, SenderRole


class Level(IntEnum):
    """Who gives the rule. The order is the order in which refusals are named."""

    LAW = 1
    PROVIDER = 2
    HOUSE = 3
    CREDITOR = 4


class Status(StrEnum):
    """How well the source is known."""

    PRIMARY = "V"  # read in the primary text, or at the provider
    SECONDARY = "S"  # read only in a secondary source
    MEASURED = "M"  # measured by running it
    GENERAL = "G"  # general knowledge, no source read
    HOUSE = "P"  # not law: a policy of ours


class Scope(StrEnum):
    """Whose contacts a cap or a gap counts."""

    PERSON = "person"
    CREDITOR = "creditor"
    DEBT = "debt"


class Exempt(StrEnum):
    """What a cap or a gap neither counts nor stops."""

    FAILED = "failed"  # attempts that certainly failed
    FALLBACKS = "fallbacks"  # attempts of one step share one place
    ANSWERS = "answers"  # answers to the customer's own act of the last 24 h
    RECEIPTS = "receipts"


@dataclass(frozen=True, slots=True)
class Applies:
    """To which messages a row applies. An empty set is any."""

    roles: frozenset[SenderRole] = frozenset()
    debt_classes: frozenset[DebtClass] = frozenset()
    sectors: frozenset[str] = frozenset()
    media: frozenset[Medium] = frozenset()
    categories: frozenset[Category] = frozenset()
    providers: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Readings:
    """A rule that can be read in two ways: the stricter one, which is taken, and the other."""

    taken: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every rule has. `effective_to` is the last day in force."""

    id: str
    pack: str
    level: Level
    source: str
    status: Status
    checked: date
    applies: Applies = Applies()
    effective_from: date | None = None
    effective_to: date | None = None
    note: str = ""
    readings: Readings | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: who gives it and to what it applies stands in `head`, what it asks in its kind."""

    head: Head

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def solicitation_only(self) -> bool:
        """Binds offers alone, so it says nothing about when one may ask for what is owed."""
        return self.head.applies.categories == {Category.OFFER}

    def in_force(self, day: date) -> bool:
        starts, ends = self.head.effective_from, self.head.effective_to
        return (starts is None or starts <= day) and (ends is None or day <= ends)


Span = tuple[int, int]
"""Minutes after local midnight: from (included) and to (excluded; 1440 is midnight)."""


@dataclass(frozen=True, slots=True)
class Window(Row):
    """Hours of the recipient's wall clock. `week` starts on Monday; `business` stands for the
    weekdays that are no weekend, neither the recipient's nor the creditor's."""

    week: tuple[Span | None, ...] = (None,) * 7
    business: Span | None = None


@dataclass(frozen=True, slots=True)
class RestDays(Row):
    """Whole days, and parts of days before them, on which nothing is sent."""

    weekdays: frozenset[int] = frozenset()
    holidays: bool = False
    eves_from: int | None = None  # minute of the day before a holiday
    weekday_from: tuple[tuple[int, int], ...] = ()  # weekday, minute


@dataclass(frozen=True, slots=True)
class Cap(Row):
    """At most `n` in `days`. One day is the recipient's calendar day; more are rolling."""

    n: int
    days: int
    scope: Scope = Scope.PERSON
    exempts: frozenset[Exempt] = frozenset()


@dataclass(frozen=True, slots=True)
class Gap(Row):
    """At least `least` between two messages."""

    least: timedelta
    scope: Scope = Scope.PERSON
    exempts: frozenset[Exempt] = frozenset()


@dataclass(frozen=True, slots=True)
class ConsentNeeded(Row):
    """Consent for the medium must be on record."""


@dataclass(frozen=True, slots=True)
class MediumForbidden(Row):
    """The media that the row applies to must not be used."""

    why: str


@dataclass(frozen=True, slots=True)
class ChannelList(Row):
    """A closed list: only `allowed` may be used."""

    allowed: frozenset[Medium]
    why: str


@dataclass(frozen=True, slots=True)
class LinkForbidden(Row):
    """The text must not hold a link."""


@dataclass(frozen=True, slots=True)
class Freshness(Row):
    """The book must be young enough: the setting's age, or `max_age` where that is shorter."""

    max_age: timedelta | None = None


Rule = (
    Window
    | RestDays
    | Cap
    | Gap
    | ConsentNeeded
    | MediumForbidden
    | ChannelList
    | LinkForbidden
    | Freshness
)


@dataclass(frozen=True, slots=True)
class Pack:
    """One file of rules. Without countries it applies everywhere; `regions` narrow the countries.

    `hash` is the sha256 of the content: comments and layout do not change it.
    """

    name: str
    title: str
    level: Level
    countries: frozenset[str]
    regions: frozenset[str]
    rules: tuple[Rule, ...]
    hash: str
