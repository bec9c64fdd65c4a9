"""What policy is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from campaigns.facts import ChannelFact
from campaigns.origins import OPTED_OUT
from campaigns.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Proposal:
    """One message that could be sent now. `slot` names the case and step (fallbacks share it)."""

    channel: ChannelFact
    category: Category
    slot: str
    answers_own_act_at: datetime | None = None
    template_has_link: bool = True
    at_any_hour: bool = False  # opt-out confirmations, HELP, notices that the law dates
    passes: str = OPTED_OUT  # the closing that such a confirmation passes


@dataclass(frozen=True, slots=True)
class Permit:
    """Allowed until `until` (the closing of the window). `rules` are the ids that were asked."""

    until: datetime
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not allowed. `reason` is a code of `reasons`; `look_again_at` is the first allowed instant,
    or None when only a new fact can change the answer."""

    rule: str
    reason: str
    look_again_at: datetime | None
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


Verdict = Permit | Refusal
