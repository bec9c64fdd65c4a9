"""Before somebody answers for a creditor, a real provider carries to allowed addresses alone: for
its rules, by a sign-off; for those who may be in danger, by being on call and by confirming who
listens in their country, where that is not verified.

Asked last of what may go, so that stops, law and the house are named first. The sandbox is left
out: nobody is reached by it. Three queries a batch, and none while nothing real is in it. The words
for somebody in danger wait for the rules alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from app.book.allowed import allowed
from app.book.on_call import uncovered
from app.book.signoffs import (
    CRISIS_LINE_UNCONFIRMED,
    NOBODY_ON_CALL,
    NOT_SIGNED_OFF,
    Signed,
    signed,
    unsigned,
)
from app.delivery.gate_records import Held
from app.delivery.prepare import Draft
from app.wording.crisis import crisis_row
from campaigns.facts import ChannelFact, Facts
from campaigns.ruleset import RuleSet
from campaigns.signing import Line, concerning
from campaigns.vocabulary import Category

ASK_AGAIN = timedelta(hours=1)
"""A sign-off wakes what waits for it; this is for what else may have changed."""

CRISIS = "crisis_line"
"""The template for somebody in danger."""

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Signing:
    """What was signed for the creditors of a batch, and which of its addresses are our own."""

    real: Collection[Line]
    known: Signed
    own: frozenset[str]
    uncovered: frozenset[int]
    _missing: dict[object, list[str]] = field(default_factory=dict)  # many messages ask the same

    @classmethod
    def of(cls, session: Session, drafts: Sequence[Draft], real: Collection[Line]) -> Signing:
        carried = [draft for draft in drafts if line_of(draft) in real]
        if not carried:
            return cls(real, {}, frozenset(), frozenset())
        creditors = {draft.claimed.row["creditor_id"] for draft in carried}
        recipients = {address for draft in carried for address in _recipients(draft)}
        return cls(
            real,
            signed(session, creditors),
            allowed(session, recipients),
            uncovered(session, creditors),
        )

    def ask(
        self,
        draft: Draft,
        creditor: Row[Any],
        facts: Facts,
        channel: ChannelFact,
        rules: RuleSet,
        now: datetime,
        *,
        country: str,
    ) -> Held | None:
        """Why it waits, or None when it may go. `country` is whose line the customer is told."""
        line = line_of(draft)
        if line not in self.real or self.own.issuperset(_recipients(draft)):
            return None
        category = Category(draft.claimed.row["category"])
        binding = rules.timeline(facts, channel, category).at(now).packs
        key = (creditor.id, line, binding)
        if key not in self._missing:
            self._missing[key] = self._unsigned(creditor, line, binding, rules)
        missing = self._missing[key]
        if missing:
            return _waits(draft, NOT_SIGNED_OFF, {"pack": _listed(missing)}, now)
        if draft.claimed.row["template"] == CRISIS:
            return None
        if creditor.id in self.uncovered:
            return _waits(draft, NOBODY_ON_CALL, {}, now)
        row = crisis_row(country)
        if not row.is_verified and unsigned([row], creditor.id, self.known):
            return _waits(draft, CRISIS_LINE_UNCONFIRMED, {"place": country}, now)
        return None

    def _unsigned(
        self, creditor: Row[Any], line: Line, binding: frozenset[str], rules: RuleSet
    ) -> list[str]:
        """Of the packs that concern the creditor on this line, and those that bind the message."""
        place = (creditor.country, creditor.region)
        names = binding | {pack.name for pack in concerning(rules.packs, [place], [line])}
        packs = [pack for pack in rules.packs if pack.name in names]
        return [pack.name for pack in unsigned(packs, creditor.id, self.known)]


def line_of(draft: Draft) -> Line:
    return draft.claimed.row["medium"], draft.claimed.sender.provider


def _recipients(draft: Draft) -> tuple[str, ...]:
    return draft.material.recipient, *draft.material.copied_to


def _waits(draft: Draft, reason: str, params: Mapping[str, str], now: datetime) -> Held:
    again = now + ASK_AGAIN
    if again >= draft.claimed.row["valid_until"]:
        return Held(draft.claimed, "expired", reason, params)
    return Held(draft.claimed, "waiting", reason, params, due_at=again)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
