"""The kinds of rule that a pack may hold: one frozen row a rule, in a closed union.

Rows say what is asked, never how it is checked. `permits` asks those that are defined here, by
`windows`, `caps` and `policy`; the others stand in `duties`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from campaigns.duties import (
    Content,
    Deadline,
    Fee,
    Fields,
    Hold,
    Interest,
    LightCheck,
    Notice,
    OptOut,
    Principle,
    Retention,
    Settlement,
)
from campaigns.rulehead import Level, Row


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
    """At most `n` in `days`. One day is the recipient's calendar day unless it is `rolling`; more
    are rolling."""

    n: int
    days: int
    scope: Scope = Scope.PERSON
    exempts: frozenset[Exempt] = frozenset()
    rolling: bool = False


@dataclass(frozen=True, slots=True)
class Gap(Row):
    """At least `least` between two messages; `other_medium` looks at those on another medium."""

    least: timedelta
    scope: Scope = Scope.PERSON
    exempts: frozenset[Exempt] = frozenset()
    other_medium: bool = False


@dataclass(frozen=True, slots=True)
class ConsentNeeded(Row):
    """Consent for the medium must be on record: younger than `max_age`, and in writing where
    `written`."""

    max_age: timedelta | None = None
    written: bool = False


@dataclass(frozen=True, slots=True)
class MediumForbidden(Row):
    """The media that the row applies to must not be used."""

    why: str


@dataclass(frozen=True, slots=True)
class ChannelList(Row):
    """A closed list: only `allowed` may be used."""

    allowed: frozenset[str]
    why: str


@dataclass(frozen=True, slots=True)
class LinkForbidden(Row):
    """The text must not hold a link."""


@dataclass(frozen=True, slots=True)
class Freshness(Row):
    """The book must be young enough: the setting's age, or `max_age` where that is shorter."""

    max_age: timedelta | None = None


Asked = (
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
Duties = (
    Notice
    | Fields
    | Content
    | Hold
    | Deadline
    | Retention
    | Fee
    | Interest
    | Settlement
    | OptOut
    | LightCheck
    | Principle
)
Rule = Asked | Duties


@dataclass(frozen=True, slots=True)
class Pack:
    """One file of rules. Without countries it applies everywhere; `regions` narrow the countries,
    and `cities` (in small letters) a region. Where a postcode is known it decides, by how it begins
    (`postcodes`); of a number, its `area_codes`.

    `hash` is the sha256 of the content: comments and layout do not change it. A pack of level
    `creditor` binds `creditor` (by its external id) alone; the others bind all.
    """

    name: str
    title: str
    level: Level
    countries: frozenset[str]
    regions: frozenset[str]
    cities: frozenset[str]
    rules: tuple[Rule, ...]
    hash: str
    postcodes: frozenset[str] = frozenset()
    area_codes: frozenset[str] = frozenset()
    creditor: str = ""
