"""What `decide` answers: what the case does, why, and when to look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from campaigns.calendar import BusinessCalendar
from campaigns.events import CaseEvent
from campaigns.facts import ChannelFact
from campaigns.proposal import Refusal
from campaigns.ruleset import RuleSet
from campaigns.value import value
from campaigns.vocabulary import Category, Medium

NOTHING: Mapping[str, str] = MappingProxyType({})


HasLink = Callable[[str, Medium, str], bool]
"""Whether the text of a template for a medium may hold a link, in the language that stands for a
locale."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that apply to a creditor, its calendar, the zone in which its days count, and what
    is known of its words."""

    rules: RuleSet
    calendar: BusinessCalendar
    zone: ZoneInfo
    has_link: HasLink = lambda *_: True


@value
class Refused:
    """A medium that was asked for and refused: kept on record."""

    medium: Medium
    step: str | None
    refusal: Refusal


@value
class Say:
    """Write one message. Everything the engine needs to keep the intent; no text yet."""

    key: str
    origin: str
    slot: str
    ordinal: int
    template: str
    category: Category
    channel: ChannelFact
    probability: float
    valid_until: datetime
    answers_own_act_at: datetime | None = None
    refusals: tuple[Refused, ...] = ()
    approval: str | None = None  # the team that has to approve it before it goes


@dataclass(frozen=True, slots=True)
class Give:
    """Give a person a task. `key` is derived, so that it is given once; where a kind is several
    works, `ask` says which."""

    key: str
    team: str
    kind: str
    title: str
    ask: str | None = None


@value
class Decision:
    """One step of a case. `event` moves it, `action` is what the engine must do for it.

    `look_at` is later than `now`, or None when the case is closed. `handled` are the signals that
    this decision answers.
    """

    reason: str
    look_at: datetime | None
    params: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    event: CaseEvent | None = None
    action: Say | Give | None = None
    handled: tuple[int, ...] = ()
    refusals: tuple[Refused, ...] = ()
