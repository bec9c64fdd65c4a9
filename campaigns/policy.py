"""May this message go now? Asked when deciding and again at the gate. It blocks, it does not warn.

Pure and total: the same proposal, facts, rules and instant give the same verdict. Refusals are
named in this order: hard stops (opt-out, suppression, consent), then law before provider before
house, and among equals the one that opens last. What the case itself waits for is in `stops`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import assert_never

from campaigns.calendar import at_local
from campaigns.caps import ANSWER_WITHIN, Limit, limits
from campaigns.duties import Deadline, OptOut
from campaigns.facts import ChannelFact, ConsentState, Facts
from campaigns.proposal import Permit, Proposal, Refusal, Verdict
from campaigns.reach import widening
from campaigns.rulehead import Level
from campaigns.rules import Cap, ChannelList, ConsentNeeded, Gap, LinkForbidden, MediumForbidden
from campaigns.ruleset import RuleSet
from campaigns.stops import stops
from campaigns.timeline import Bar, InForce, Timeline
from campaigns.vocabulary import Category, Medium
from campaigns.windows import Hours, earliest_common, in_utc

__all__ = ["CONFIRM_WITHIN", "LONGEST", "next_opening", "permits", "stops"]

CONFIRM_WITHIN = timedelta(minutes=5)
"""How late a confirmation of an opt-out may be (47 CFR 64.1200(a)(12): five minutes)."""

LONGEST = timedelta(days=1)
"""How long a permit lasts that no window closes."""

_HORIZON = timedelta(days=120)  # four times the longest cap
_FAR = datetime.max.replace(tzinfo=UTC)


def permits(proposal: Proposal, facts: Facts, rules: RuleSet, now: datetime) -> Verdict:
    """Whether the message may go at `now`.

    A permit lasts until the first window closes or what exempts it ends, a day at most (the end is
    not included). The `look_again_at` of a refusal is the first instant at which every rule would
    allow it if no fact changed, or None when only a new fact can help. The age of the book is left
    out of that: it is renewed. Raises `ValueError` for a `now` without a zone.
    """
    now = in_utc(now)
    timeline = rules.timeline(facts, proposal.channel, proposal.category)
    asked = _Asked(_of_its_kind(proposal), facts, timeline)
    if refusal := asked.hard_stop(now) or asked.barred(now) or asked.unready(now):
        return refusal
    span = timeline.at(now)
    ends = [now + LONGEST]
    for clock in () if proposal.at_any_hour else span.clocks:
        closes = clock.closes(now)
        if closes is None:
            return asked.wait(now)
        ends.append(closes)
    if any(bound.earliest(now) > now for bound in asked.limits(span, now)):
        return asked.wait(now)
    ends += asked.lapses(now)
    return Permit(until=min(ends), rules=span.ids)


def next_opening(
    facts: Facts,
    rules: RuleSet,
    channel: ChannelFact,
    not_before: date,
    *,
    category: Category = Category.REMINDER,
) -> datetime | None:
    """The first instant within the hours, on or after a date in every candidate zone.

    Asks hours and rest days only, so that a step has a due time before anything else is known.
    None when no zone is known, or when the hours do not meet within four months.
    """
    timeline = rules.timeline(facts, channel, category)
    if not timeline.placed:
        return None
    start = max(at_local(not_before, time(), zone) for zone in timeline.zones)
    return _first(
        start,
        timeline.change_after,
        lambda at: earliest_common(timeline.at(at).hours, at),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One proposal under the rules that bind it."""

    proposal: Proposal
    facts: Facts
    timeline: Timeline

    def hours(self, span: InForce) -> tuple[Hours, ...]:
        return () if self.proposal.at_any_hour else span.hours

    def limits(self, span: InForce, at: datetime) -> Iterator[Limit]:
        if _confirms(self.proposal, at):
            return  # owed at once, once: no cap and no gap of other messages holds it back
        said = sorted([contact.at for contact in self.facts.contacts], reverse=True)
        for group in span.limits if said else ():
            yield from limits(group, self.proposal, self.facts, at, self.timeline.zones, said)

    def hard_stop(self, at: datetime) -> Refusal | None:
        """Opt-out, suppression and consent: no hour and no exemption opens these."""
        channel = self.proposal.channel
        medium = str(channel.medium)
        withdrawn = channel.consent is ConsentState.WITHDRAWN
        if (channel.suppressed or withdrawn) and not _confirms(self.proposal, at):
            if channel.suppressed and withdrawn:
                return _refusal("OPT-OUT", "opted_out", medium=medium)
            if withdrawn:
                return _refusal("CONSENT-WITHDRAWN", "consent_withdrawn", medium=medium)
            why = channel.suppressed or ""
            return _refusal("SUPPRESSED", "address_suppressed", medium=medium, why=why)
        widened = self.widened(self.timeline.at(at))
        if widened is not None and not _confirms(self.proposal, at):
            return _refusal(widened.id, "opted_out", medium=medium)
        missing = _missing(self.timeline.at(at).consents, channel, at)
        if missing is None or _confirms(self.proposal, at):
            return None
        later = self.first_allowed(at, after_change=True)
        return _refusal(missing.id, _lacks(missing, channel), later, medium=medium)

    def widened(self, span: InForce) -> OptOut | None:
        """The rule that widens a stop of something else to this message."""
        if not span.reaches:
            return None
        return widening(span.reaches, self.proposal.channel, self.facts.channels)

    def barred(self, at: datetime) -> Refusal | None:
        """A medium or a link that is not allowed here, or a sender that may not speak here yet."""
        for row in self.timeline.at(at).bars:
            if not _bars(row, self.proposal):
                continue
            later = self.first_allowed(at, after_change=True)
            medium = str(self.proposal.channel.medium)
            if isinstance(row, LinkForbidden):
                place = self.facts.country or ", ".join(zone.key for zone in self.timeline.zones)
                return _refusal(row.id, "link_forbidden", later, medium=medium, place=place)
            return _refusal(row.id, "medium_forbidden", later, medium=medium, why=row.why)
        uncleared = _uncleared(self.timeline.at(at), self.proposal.channel)
        if uncleared is None:
            return None
        words = {"what": str(uncleared.act).replace("_", " "), "pack": uncleared.head.pack}
        return _refusal(uncleared.id, "clearance_missing", None, **words)

    def unready(self, now: datetime) -> Refusal | None:
        """A book that is too old for anything but a receipt, or a recipient who may be anywhere."""
        if self.proposal.category is not Category.RECEIPT and self._stale(now):
            rows = self.timeline.at(now).freshness
            as_of = self.facts.ledger_as_of
            said = f"{as_of:%Y-%m-%d %H:%M}" if as_of else "never imported"
            return _refusal(rows[0].id if rows else "BOOK", "ledger_stale", as_of=said)
        if not self.timeline.placed and not self.proposal.at_any_hour:
            return _refusal("ZONE", "unknown_zone", zones=", ".join(self.timeline.unknown))
        return None

    def wait(self, now: datetime) -> Refusal:
        """The refusal of what only time opens. Something must be closed at `now`."""
        span = self.timeline.at(now)
        closed: list[tuple[Level, datetime, Hours | Limit]] = []
        for hours in self.hours(span):
            opening = hours.opening(now)
            opens = opening[0] if opening else _FAR
            closed.append((hours.row.head.level, opens, hours))
        for bound in self.limits(span, now):
            closed.append((bound.row.head.level, bound.earliest(now), bound))
        _, _, named = min(
            (entry for entry in closed if entry[1] > now),
            key=lambda entry: (entry[0], _FAR - entry[1]),
        )
        return _named(named, now, self.first_allowed(now))

    def first_allowed(self, at: datetime, *, after_change: bool = False) -> datetime | None:
        """The first instant from `at` on (or from the next change of the rules on) that every
        rule allows with these facts; the age of the book is not asked."""
        if not self.timeline.placed and not self.proposal.at_any_hour:
            return None
        start = self._change_after(at) if after_change else at
        return None if start is None else _first(start, self._change_after, self._settled)

    def _settled(self, at: datetime) -> datetime | None:
        span = self.timeline.at(at)
        channel, confirms = self.proposal.channel, _confirms(self.proposal, at)
        withdrawn = channel.consent is ConsentState.WITHDRAWN
        stopped = channel.suppressed or withdrawn or self.widened(span) is not None
        missing = _missing(span.consents, channel, at) is not None
        if ((stopped or missing) and not confirms) or any(
            _bars(row, self.proposal) for row in span.bars
        ):
            return None
        if _uncleared(span, channel) is not None:
            return None
        limits = tuple(self.limits(span, at))
        while (open_at := earliest_common(self.hours(span), at)) is not None:
            at = max((bound.earliest(open_at) for bound in limits), default=open_at)
            if at == open_at:
                return at
        return None

    def lapses(self, at: datetime) -> list[datetime]:
        """When what allows it at `at` may end: the rules, a consent, an exemption."""
        acted_at = self.proposal.answers_own_act_at
        ends = _lapses(self.timeline.at(at).consents, self.proposal.channel)
        if (change := self.timeline.change_after(at)) is not None:
            ends.append(change)
        if acted_at is not None:
            ends.append(acted_at + ANSWER_WITHIN)
            if _confirms(self.proposal, at):
                ends.append(acted_at + CONFIRM_WITHIN)
        return [end for end in ends if end > at]

    def _change_after(self, at: datetime) -> datetime | None:
        return min(self.lapses(at), default=None)

    def _stale(self, now: datetime) -> bool:
        oldest = self.facts.ledger_max_age
        if oldest is None:
            return False
        for row in self.timeline.at(now).freshness:
            oldest = min(oldest, row.max_age or oldest)
        as_of = self.facts.ledger_as_of
        return as_of is None or as_of + oldest < now


def _first(
    at: datetime,
    change_after: Callable[[datetime], datetime | None],
    settled: Callable[[datetime], datetime | None],
) -> datetime | None:
    """The first allowed instant, going from one change of the rules to the next.

    `settled` may assume that the rules of its instant last for ever.
    """
    last = at + _HORIZON
    while at <= last:
        change, found = change_after(at), settled(at)
        if found is not None and (change is None or found < change):
            return found if found <= last else None
        if change is None:
            return None
        at = change
    return None


def _of_its_kind(proposal: Proposal) -> Proposal:
    """With what was agreed of such messages, where that is something of its own."""
    channel = proposal.channel.said_of(proposal.category)
    return proposal if channel is proposal.channel else replace(proposal, channel=channel)


def _confirms(proposal: Proposal, at: datetime) -> bool:
    """Whether it confirms an opt-out or answers HELP: at once, and about nothing else. Never to an
    address that bounced, or whose owner complained."""
    acted_at = proposal.answers_own_act_at
    return (
        proposal.at_any_hour
        and proposal.category is Category.RECEIPT
        and acted_at is not None
        and at < acted_at + CONFIRM_WITHIN
        and proposal.channel.suppressed in (None, proposal.passes)
    )


def _missing(
    consents: tuple[ConsentNeeded, ...], channel: ChannelFact, at: datetime
) -> ConsentNeeded | None:
    """The first rule that asks for a consent that is not there, too old, or not in writing."""
    for row in consents:
        given = channel.consent is ConsentState.GIVEN
        if not given or (row.written and not channel.consent_written):
            return row
        if row.max_age and (channel.consent_at is None or channel.consent_at + row.max_age <= at):
            return row
    return None


def _lacks(row: ConsentNeeded, channel: ChannelFact) -> str:
    if channel.consent is not ConsentState.GIVEN:
        return "consent_missing"
    return "consent_unwritten" if row.written and not channel.consent_written else "consent_stale"


def _lapses(consents: tuple[ConsentNeeded, ...], channel: ChannelFact) -> list[datetime]:
    """When the consent grows too old for a rule."""
    given_at = channel.consent_at
    return [given_at + row.max_age for row in consents if row.max_age and given_at is not None]


def _bars(row: Bar, proposal: Proposal) -> bool:
    medium: Medium = proposal.channel.medium
    match row:
        case MediumForbidden():
            return True  # its media are what it applies to
        case ChannelList():
            return medium not in row.allowed
        case LinkForbidden():
            return proposal.template_has_link
        case _:
            assert_never(row)


def _uncleared(span: InForce, channel: ChannelFact) -> Deadline | None:
    """The first rule for which the sender lacks what it needs before its first message."""
    cleared = channel.cleared
    if cleared is None:
        return None
    return next((row for row in span.clearances if row.head.pack not in cleared), None)


def _named(closed: Hours | Limit, now: datetime, later: datetime | None) -> Refusal:
    match closed:
        case Hours(row=row, zone=zone):
            if day := closed.rest(now):
                return _refusal(row.id, "rest_day", later, place=zone.key, day=day)
            return _refusal(row.id, "outside_hours", later, place=zone.key)
        case Limit(row=Cap() as row):
            per = "day" if row.days == 1 else f"{row.days} days"
            per = "24 h" if row.rolling else per
            return _refusal(row.id, "cap_reached", later, n=str(row.n), per=per)
        case Limit(row=Gap() as row):
            return _refusal(row.id, "gap_not_over", later, gap=_span(row.least))
        case _:
            raise AssertionError(f"no words for {closed}")


def _span(time: timedelta) -> str:
    hours = time // timedelta(hours=1)
    return f"{hours} h" if hours else f"{time // timedelta(seconds=1)} s"


def _refusal(rule: str, reason: str, later: datetime | None = None, **params: str) -> Refusal:
    return Refusal(rule, reason, later, MappingProxyType(params))
