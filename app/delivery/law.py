"""What the gate asks of a written message beside policy: what it must carry, what is owed.

The rules were bound and the words read before; nothing is queried here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from app.book.snapshot import Snapshot
from app.delivery.prepare import Draft
from app.wording.lawful import About, Breach, asks_costs, breaches, threatens
from app.wording.render import Rendered
from app.wording.words import Mark
from campaigns.calendar import local_date
from campaigns.duties import Act, Check, Deadline, Fields, Stage, Term, Weight
from campaigns.facts import ChannelFact, Facts
from campaigns.notices import blocked, given_at, overdue, overshadows, owed_from_first
from campaigns.origins import at_any_hour
from campaigns.proposal import Refusal
from campaigns.ruleset import RuleSet
from campaigns.stops import past_limitation
from campaigns.vocabulary import Category

_GIVES = {
    Mark.VALIDATION_NOTICE: Act.VALIDATION_NOTICE,
    Mark.WRITTEN_DEBT_NOTICE: Act.WRITTEN_DEBT_NOTICE,
    Mark.PRE_TRANSFER_NOTICE: Act.PRE_TRANSFER_NOTICE,
}


@dataclass(frozen=True, slots=True)
class Owed:
    """What is on record once the message is accepted, and what must follow it within a term."""

    gives: tuple[Act, ...] = ()
    follows: tuple[tuple[Act, Term], ...] = ()


NOTHING_OWED = Owed()


def ask_law(
    draft: Draft,
    snapshot: Snapshot,
    channel: ChannelFact,
    rules: RuleSet,
    capabilities: frozenset[str],
    now: datetime,
) -> Owed | Refusal:
    """Whether the text may leave, and what its leaving begins.

    A confirmation of an opt-out and an answer to HELP begin nothing: they speak of no debt.
    """
    facts, message = snapshot.facts, draft.rendered
    category = Category(message.category)
    is_service = at_any_hour(draft.claimed.row["origin"], category)
    unsaid = overdue(facts, rules, now) if category is not Category.RECEIPT else None
    if unsaid is not None:
        return unsaid
    texts = rules.timeline(facts, channel, category).at(now).texts
    is_first = given_at(facts, Act.FIRST_MESSAGE) is None
    about = About(
        role=facts.role,
        is_first=is_first,
        is_time_barred=past_limitation(facts, local_date(now, snapshot.zone)),
        capabilities=capabilities,
        is_service=is_service,
    )
    for breach in breaches(message, texts, about):
        if breach.weight is Weight.ERROR:
            return _refusal(breach, str(channel.medium))
    if is_service:
        return NOTHING_OWED
    early = _too_early(message, facts, rules, now)
    if early is not None:
        return early
    gives = tuple(act for mark, act in _GIVES.items() if mark in message.marks)
    if not is_first:
        return Owed(gives) if gives else NOTHING_OWED
    return _first(facts, rules, texts, gives, now)


def _too_early(message: Rendered, facts: Facts, rules: RuleSet, now: datetime) -> Refusal | None:
    """What must wait for a notice: a word of going to court, and costs of collection."""
    found = None
    if threatens(message):
        found = blocked(Act.LEGAL_ACTION, facts, rules, now) or overshadows(facts, rules, now)
    if found is None and asks_costs(message):
        found = blocked(Act.COLLECTION_COSTS, facts, rules, now)
    if found is None or found.look_again_at is not None:
        return found
    return replace(found, reason="notice_before")  # of this text alone: another may go meanwhile


def _first(
    facts: Facts, rules: RuleSet, texts: tuple[Any, ...], gives: tuple[Act, ...], now: datetime
) -> Owed:
    """The first message is put on record where a rule of law speaks of it."""
    rows = owed_from_first(facts, rules, now)
    spoken_of = rows or any(
        isinstance(rule, Fields) and rule.stage is Stage.FIRST_MESSAGE for rule in texts
    )
    if not spoken_of:
        return Owed(gives) if gives else NOTHING_OWED
    return Owed((Act.FIRST_MESSAGE, *gives), _following(rows, gives, facts))


def _following(
    rows: tuple[Deadline, ...], gives: tuple[Act, ...], facts: Facts
) -> tuple[tuple[Act, Term], ...]:
    return tuple(
        (row.act, row.within)
        for row in rows
        if row.within is not None and row.act not in gives and given_at(facts, row.act) is None
    )


def _refusal(breach: Breach, medium: str) -> Refusal:
    if breach.what is Check.PAYMENT_REQUEST_TIME_BARRED:
        return Refusal(breach.rule, "limitation_passed", None)
    what = str(breach.what).replace("_", " ")
    reason, blank = ("field_missing", "field") if breach.is_field else ("text_forbidden", "what")
    words: Mapping[str, str] = {blank: what, "medium": medium}
    return Refusal(breach.rule, reason, None, MappingProxyType(words))
