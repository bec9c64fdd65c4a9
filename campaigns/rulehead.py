"""What every rule of a pack has: who gives it, how well it is known, and to what it applies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from campaigns.vocabulary import Category, ContactPlace, DebtClass, Medium, SenderRole


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


UNREAD = frozenset({Status.SECONDARY, Status.GENERAL})


class OtherMeans(StrEnum):
    """Ways to reach a person that rules name and Duly does not send on."""

    VOICE = "voice"
    POST = "post"
    APP = "app"
    WEBSITE = "website"
    SOCIAL = "social"


MEANS = frozenset({*map(str, Medium), *map(str, OtherMeans)})


@dataclass(frozen=True, slots=True)
class Applies:
    """To which messages a row applies. An empty set is any.

    `media` holds words of `MEANS`. `past_due_from` is the day after the due date from which the
    row binds: 31 for "more than 30 days past due".
    """

    roles: frozenset[SenderRole] = frozenset()
    debt_classes: frozenset[DebtClass] = frozenset()
    sectors: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()
    categories: frozenset[Category] = frozenset()
    providers: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    places: frozenset[ContactPlace] = frozenset()
    past_due_from: int | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """A rule that can be read in two ways: the stricter one, which is taken, and the other."""

    taken: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every rule has. `effective_to` is the last day in force; `disabled` says why a row is
    not in force at all, `unkept` why Duly does not keep it."""

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
    disabled: str = ""
    unkept: str = ""

    @property
    def is_caution(self) -> bool:
        """Whether nobody has read the source itself."""
        return self.status in UNREAD


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
        return (
            not self.head.disabled
            and (starts is None or starts <= day)
            and (ends is None or day <= ends)
        )

    def meets(self, other: Row) -> bool:
        """Whether both are in force on some day."""
        ours, theirs = self.head, other.head
        return (ours.effective_from or date.min) <= (theirs.effective_to or date.max) and (
            theirs.effective_from or date.min
        ) <= (ours.effective_to or date.max)
