"""How many messages a person may get: caps and gaps, as the first instant that they allow.

A day is the recipient's calendar day in every candidate zone; a longer period is rolling and exact:
a message at t is in the 7 days up to, and not including, t + 168 h. Each row says what it neither
counts nor stops; a row of the law that says nothing counts failed attempts and answers too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.calendar import at_local, local_date
from campaigns.facts import Facts, PastContact
from campaigns.proposal import Proposal
from campaigns.rules import Cap, Exempt, Gap, Scope
from campaigns.vocabulary import Category

ANSWER_WITHIN = timedelta(hours=24)
_DAY = timedelta(days=1)

Sayings = list[list[datetime]]
"""Instants of what counts, one list for each place taken (a contact, or a step with fallbacks),
ascending; the place that was used last comes first."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap or a gap, asked about one proposal."""

    row: Cap | Gap
    tallies: tuple[Sayings, ...]  # one a debt when the scope is the debt, else one
    zones: tuple[ZoneInfo, ...]

    def earliest(self, at: datetime) -> datetime:
        """The first instant from `at` on that the row allows."""
        return max([self._of_one(tally, at) for tally in self.tallies])

    def _of_one(self, tally: Sayings, at: datetime) -> datetime:
        row = self.row
        if isinstance(row, Gap):
            return max(at, tally[0][-1] + row.least) if tally else at
        if len(tally) < row.n:
            return at
        if row.days == 1 and not row.rolling and self.zones:
            return _day_with_room(tally, row.n, at, self.zones)
        return max(at, tally[row.n - 1][-1] + row.days * _DAY)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that count the same contacts, so that they are counted once.

    Each stands with how many contacts it takes to bind, and how recent: a day more than its period,
    for days of the calendar.
    """

    first: Cap | Gap
    rows: tuple[tuple[Cap | Gap, int, timedelta], ...]


def alike(rows: Iterable[Cap | Gap]) -> tuple[Group, ...]:
    """The rows in groups that count alike."""
    groups: dict[object, list[Cap | Gap]] = {}
    for row in rows:
        applies = row.head.applies
        across = isinstance(row, Gap) and row.other_medium
        key = (row.scope, row.exempts, applies.media, applies.categories, applies.places, across)
        groups.setdefault(key, []).append(row)
    return tuple(Group(group[0], tuple(map(_with_reach, group))) for group in groups.values())


def limits(
    group: Group,
    proposal: Proposal,
    facts: Facts,
    at: datetime,
    zones: tuple[ZoneInfo, ...],
    said: Sequence[datetime],
) -> tuple[Limit, ...]:
    """The rows of a group that may bind this proposal from `at` on: none when they exempt it, or
    when too little was said lately. `said` are the instants of all contacts, the latest first."""
    rows = [row for row, n, reach in group.rows if len(said) >= n and said[n - 1] > at - reach]
    if not rows or _exempts(group.first, proposal, at):
        return ()
    counted = list(_counted(group.first, proposal, facts))
    if not counted:
        return ()
    tallies = tuple(_tallies(group.first, counted, facts))
    return tuple(Limit(row, tallies, zones) for row in rows)


def _with_reach(row: Cap | Gap) -> tuple[Cap | Gap, int, timedelta]:
    if isinstance(row, Gap):
        return row, 1, row.least + _DAY
    return row, row.n, (row.days + 1) * _DAY


def is_answer(acted_at: datetime | None, at: datetime) -> bool:
    """Whether what is said at `at` answers what the customer did within the last 24 hours."""
    return acted_at is not None and at < acted_at + ANSWER_WITHIN


def _exempts(row: Cap | Gap, proposal: Proposal, at: datetime) -> bool:
    if Exempt.RECEIPTS in row.exempts and proposal.category is Category.RECEIPT:
        return True
    return Exempt.ANSWERS in row.exempts and is_answer(proposal.answers_own_act_at, at)


def _counted(row: Cap | Gap, proposal: Proposal, facts: Facts) -> Iterator[PastContact]:
    exempts, applies = row.exempts, row.head.applies
    failed = Exempt.FAILED in exempts
    answers = Exempt.ANSWERS in exempts
    receipts = Exempt.RECEIPTS in exempts
    own_slot = proposal.slot if Exempt.FALLBACKS in exempts else None
    own_medium = proposal.channel.medium if isinstance(row, Gap) and row.other_medium else None
    for contact in facts.contacts:
        if (contact.failed and failed) or (contact.exempt and answers):
            continue
        if contact.slot == own_slot or (receipts and contact.category is Category.RECEIPT):
            continue
        if contact.medium is own_medium or (applies.media and contact.medium not in applies.media):
            continue
        if applies.places and contact.place not in applies.places:
            continue
        if applies.categories and contact.category not in applies.categories:
            continue
        if row.scope is Scope.CREDITOR and contact.creditor_id != facts.creditor_id:
            continue
        yield contact


def _tallies(row: Cap | Gap, counted: list[PastContact], facts: Facts) -> Iterator[Sayings]:
    share = Exempt.FALLBACKS in row.exempts
    if row.scope is not Scope.DEBT or not facts.invoices:
        yield _places(counted, share_slot=share)
        return
    for invoice in facts.invoices:
        # A contact that names no debt may have been about this one.
        about = [c for c in counted if not c.invoice_ids or invoice.id in c.invoice_ids]
        yield _places(about, share_slot=share)


def _places(contacts: Iterable[PastContact], *, share_slot: bool) -> Sayings:
    places: dict[object, list[datetime]] = {}
    for number, contact in enumerate(sorted(contacts, key=lambda contact: contact.at)):
        places.setdefault(contact.slot if share_slot else number, []).append(contact.at)
    return sorted(places.values(), key=lambda place: place[-1], reverse=True)


def _day_with_room(tally: Sayings, n: int, at: datetime, zones: tuple[ZoneInfo, ...]) -> datetime:
    recent = [place for place in tally if place[-1] > at - 2 * _DAY]
    moved = len(recent) >= n
    while moved:
        moved = False
        for zone in zones:
            today = local_date(at, zone)
            if sum(any(local_date(s, zone) == today for s in place) for place in recent) >= n:
                at, moved = at_local(today + _DAY, time(), zone), True
    return at
