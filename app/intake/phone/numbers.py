"""The numbers on record of many customers, and what else says whether they may be called now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, exists, func, or_, select
from sqlmodel import Session

from app.book.addresses import area_of
from app.book.envelope import EnvelopeError, team_hours
from app.book.snapshot_parts import contacts, holds
from app.intake.bound import bound_facts
from app.intake.call_hours import Number
from app.store.given import GIVEN, rows_by_id, rows_given, table_of
from app.store.rows import (
    Address,
    ContactPoint,
    Creditor,
    Customer,
    PhoneCall,
    Suppression,
)
from campaigns.calling import CallBar, MayCall, NotNow, may_call
from campaigns.facts import HoldFact, PastContact
from campaigns.origins import OPTED_OUT
from campaigns.ruleset import RuleSet
from campaigns.teamhours import called_at
from campaigns.vocabulary import HoldKind

RulesOf = Callable[[int], RuleSet]
"""The rules of a creditor, by its id."""

TRIED_FOR: Final = timedelta(hours=2)
"""How long nobody tries again to call whoever was not reached."""

_CALLED_ALL_THE_SAME: Final = frozenset({HoldKind.REPLY, HoldKind.HARDSHIP, HoldKind.DISPUTE})
"""Holds in which whoever asks for a call is called."""

_ADDRESS, _POINT, _SUPPRESSION = table_of(Address), table_of(ContactPoint), table_of(Suppression)
_CUSTOMER, _PHONE = table_of(Customer), table_of(PhoneCall)


@dataclass(frozen=True, slots=True)
class Held:
    """Nobody calls: the person is held."""

    kind: HoldKind


@dataclass(frozen=True, slots=True)
class NoNumber:
    """There is no number on record that is in use."""


@dataclass(frozen=True, slots=True)
class TriedLately:
    """Somebody has just tried."""

    until: datetime


Bar = Held | NoNumber | TriedLately | NotNow


@dataclass(frozen=True, slots=True)
class Line:
    """A number that may be called now, until then."""

    number: Number
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a batch of customers has, read at once."""

    customers: Mapping[int, Row[Any]]
    creditors: Mapping[int, Row[Any]]
    numbers: Mapping[int, Sequence[Number]]
    unstopped: Mapping[int, Sequence[Number]]
    """Those at which they have not asked for silence."""
    contacts: Mapping[int, Sequence[PastContact]]
    holds: Mapping[int, Sequence[HoldFact]]
    tried: Mapping[int, datetime]
    rules: RulesOf

    @classmethod
    def of(
        cls, session: Session, customer_ids: Sequence[int], rules: RulesOf, now: datetime
    ) -> Known:
        customers = rows_by_id(session, Customer, customer_ids)
        persons = sorted({row.person_id for row in customers.values()})
        creditors = {row.creditor_id for row in customers.values()}
        tried = rows_given(session, _TRIED, customer_ids)
        return cls(
            customers,
            rows_by_id(session, Creditor, creditors),
            *_numbers(session, customer_ids),
            contacts(session, persons, now),
            holds(session, persons, now),
            {row.customer_id: row.last for row in tried},
            rules,
        )

    def line(
        self, customer_id: int, typed: Number | None, now: datetime, *, asked_for: bool
    ) -> Line | Bar:
        """The number to call now, or why nobody calls."""
        customer = self.customers[customer_id]
        for hold in self.holds.get(customer.person_id, ()):
            if not asked_for or hold.kind not in _CALLED_ALL_THE_SAME:
                return Held(hold.kind)
        tried = self.tried.get(customer_id)
        if tried is not None and tried > now - TRIED_FOR:
            return TriedLately(tried + TRIED_FOR)
        bars: list[Bar] = []
        own = self.numbers if asked_for else self.unstopped
        for number in [typed] if typed is not None else own.get(customer_id, ()):
            found = self._asked(customer, number, now, asked_for=asked_for)
            if isinstance(found, Line):
                return found
            bars.append(found)
        return bars[0] if bars else NoNumber()

    def _asked(
        self, customer: Row[Any], number: Number, now: datetime, *, asked_for: bool
    ) -> Line | Bar:
        creditor = self.creditors[customer.creditor_id]
        said = tuple(self.contacts.get(customer.person_id, ()))
        facts = replace(bound_facts(customer, creditor), contacts=said, hours=customer.hours)
        line = called_at(number.address_id or 0, number.zone, area_of(number.value))
        found = may_call(facts, line, self.rules(customer.creditor_id), now, asked_for=asked_for)
        if isinstance(found, NotNow):
            return found
        return self._in_team_hours(creditor, number, found, now)

    @staticmethod
    def _in_team_hours(
        creditor: Row[Any], number: Number, found: MayCall, now: datetime
    ) -> Line | Bar:
        """Where no rule of hours binds the place, the creditor's own hours do."""
        if found.until is not None:
            return Line(number, found.until)
        try:
            team = team_hours(creditor)
        except EnvelopeError:
            return NotNow(CallBar.HOURS)
        opening = team.on(now.astimezone(team.zone).date())
        if opening is None or not opening[0] <= now < opening[1]:
            return NotNow(CallBar.HOURS)
        return Line(number, opening[1])


def _numbers(
    session: Session, customer_ids: Sequence[int]
) -> tuple[Mapping[int, Sequence[Number]], Mapping[int, Sequence[Number]]]:
    """All, and those where no silence was asked for."""
    found: dict[int, list[Number]] = defaultdict(list)
    unstopped: dict[int, list[Number]] = defaultdict(list)
    for row in rows_given(session, _NUMBERS, customer_ids):
        if row.kind != "phone":  # asked here: SQLite would go through the numbers of the whole book
            continue
        number = Number(row.id, row.value, row.zone)
        if number in found[row.customer_id]:
            continue
        found[row.customer_id].append(number)
        if not row.stopped:
            unstopped[row.customer_id].append(number)
    return found, unstopped


_CLOSED: Final = exists().where(
    _SUPPRESSION.c.address_id == _ADDRESS.c.id,
    _SUPPRESSION.c.medium.is_(None),
    _SUPPRESSION.c.lifted_at.is_(None),
    or_(
        _SUPPRESSION.c.creditor_id.is_(None),
        _SUPPRESSION.c.creditor_id == _CUSTOMER.c.creditor_id,
    ),
)
_DISOWNED: Final = _CLOSED.where(_SUPPRESSION.c.reason != OPTED_OUT)
_NUMBERS: Final = (
    select(_POINT.c.customer_id, _ADDRESS.c.id, _ADDRESS.c.kind, _ADDRESS.c.value, _ADDRESS.c.zone)
    .add_columns(_CLOSED.where(_SUPPRESSION.c.reason == OPTED_OUT).label("stopped"))
    .join_from(_CUSTOMER, _POINT, _POINT.c.customer_id == _CUSTOMER.c.id)
    .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
    .where(_CUSTOMER.c.id.in_(GIVEN), _POINT.c.active, ~_DISOWNED)
    .order_by(_ADDRESS.c.id)
)
_TRIED: Final = (
    select(_PHONE.c.customer_id, func.max(_PHONE.c.called_at).label("last"))
    .where(_PHONE.c.customer_id.in_(GIVEN))
    .group_by(_PHONE.c.customer_id)
)
