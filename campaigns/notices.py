"""Gates with time: notices that the law wants given first or in time, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from campaigns.calendar import BusinessCalendar
from campaigns.duties import Act, Deadline, Notice
from campaigns.facts import ChannelFact, Facts, NoticeFact
from campaigns.proposal import Refusal
from campaigns.rules import Rule
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, Medium

RECEIPT_AFTER = 5
"""Business days after which a validation notice counts as received (12 CFR 1006.34(b)(5))."""

_FEDERAL = BusinessCalendar("US")
_ANY = ChannelFact(0, 0, Medium.EMAIL, None, provider="")
"""What is asked here binds whatever the medium is."""


def duties_of(facts: Facts, rules: RuleSet, now: datetime) -> tuple[Rule, ...]:
    """What the law wants of whoever deals with this customer, apart from any one message."""
    return rules.timeline(facts, _ANY, Category.NOTICE).at(now).duties


def deadlines(facts: Facts, rules: RuleSet, now: datetime) -> tuple[Deadline, ...]:
    """The deadlines of the law that bind what is done to this customer."""
    return rules.timeline(facts, _ANY, Category.NOTICE).at(now).deadlines


def notices_after(act: Act, facts: Facts, rules: RuleSet, now: datetime) -> tuple[Notice, ...]:
    """What must be told after an act."""
    duties = rules.timeline(facts, _ANY, Category.NOTICE).at(now).duties
    return tuple(duty for duty in duties if isinstance(duty, Notice) and duty.after is act)


def given_at(facts: Facts, act: Act) -> datetime | None:
    """When it was done first, as far as that is on record."""
    return min((notice.at for notice in facts.notices if notice.act == act), default=None)


def owed_from_first(facts: Facts, rules: RuleSet, now: datetime) -> tuple[Deadline, ...]:
    """What must be given within a term after the first message."""
    return tuple(row for row in deadlines(facts, rules, now) if _counts_from_first(row))


def overdue(facts: Facts, rules: RuleSet, now: datetime) -> Refusal | None:
    """Why nothing more is sent: a notice was to follow the first message, and has not."""
    first_at = given_at(facts, Act.FIRST_MESSAGE)
    if first_at is None:
        return None
    for row in owed_from_first(facts, rules, now):
        assert row.within is not None
        ends = row.within.after(first_at)
        if ends <= now and given_at(facts, row.act) is None:
            return _missing(row.act, row, by=ends.date().isoformat())
    return None


def blocked(act: Act, facts: Facts, rules: RuleSet, now: datetime) -> Refusal | None:
    """Why `act` may not be done at `now`. `look_again_at` is when its notice is old enough, or
    None while it has not been given."""
    found = [
        refusal
        for row in deadlines(facts, rules, now)
        if act in row.blocks and (refusal := _unmet(row, facts, now)) is not None
    ]
    return min(found, key=lambda each: each.look_again_at is not None, default=None)


def overshadows(facts: Facts, rules: RuleSet, now: datetime) -> Refusal | None:
    """Why a word that could push a consumer's rights aside must wait: the days after the receipt
    of the validation notice are not over. Receipt is taken for five business days after it."""
    for row in deadlines(facts, rules, now):
        if row.act is not Act.OVERSHADOWING_MESSAGE or row.least is None:
            continue
        given = given_at(facts, Act.VALIDATION_NOTICE)
        if given is None:
            return _missing(Act.VALIDATION_NOTICE, row)
        ends = row.least.after(_received(given))
        if now < ends:
            words = {"notice": _said(Act.VALIDATION_NOTICE), "until": f"{ends:%Y-%m-%d %H:%M}"}
            return Refusal(row.id, "notice_running", ends, MappingProxyType(words))
    return None


def _received(given: datetime) -> datetime:
    """The end of the fifth business day after it, wherever the consumer is."""
    day = _FEDERAL.add_business_days(given.date(), RECEIPT_AFTER)
    return datetime.combine(day + timedelta(days=1), time(12), UTC)


def earliest(act: Act, facts: Facts, rules: RuleSet, now: datetime) -> datetime | None:
    """When `act` may be done at the earliest if its notice is given now; None: at any time."""
    ends = [
        row.least.after(given_at(facts, row.act) or now)
        for row in deadlines(facts, rules, now)
        if act in row.blocks and row.least is not None
    ]
    return max(ends, default=None)


def _counts_from_first(row: Deadline) -> bool:
    return row.after is Act.FIRST_MESSAGE and row.within is not None


def _unmet(row: Deadline, facts: Facts, now: datetime) -> Refusal | None:
    if row.after is Act.DUE_DATE:
        return None if _given_in_time(row, facts) else _missing(row.act, row)
    at = given_at(facts, row.act)
    if at is None:
        return _missing(row.act, row)
    ends = row.least.after(at) if row.least else at
    if ends <= now:
        return None
    words = {"notice": _said(row.act), "until": f"{ends:%Y-%m-%d %H:%M}"}
    return Refusal(row.id, "notice_running", ends, MappingProxyType(words))


def _given_in_time(row: Deadline, facts: Facts) -> bool:
    """For every debt, after it fell due and within the term."""
    return all(
        any(
            start <= notice.at and (row.within is None or notice.at <= row.within.after(start))
            for notice in _of(facts, row.act)
        )
        for start in (_begins(invoice.due_on) for invoice in facts.invoices)
    )


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _of(facts: Facts, act: Act) -> Iterator[NoticeFact]:
    return (notice for notice in facts.notices if notice.act == act)


def _missing(act: Act, row: Deadline, *, by: str = "in time") -> Refusal:
    words = {"notice": _said(act), "by": by}
    return Refusal(row.id, "notice_missing", None, MappingProxyType(words))


def _said(act: Act) -> str:
    return str(act).replace("_", " ")
