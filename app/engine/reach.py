"""Whom a campaign would be about today: counted a part at a time, with samples and why.

Reads only. It asks what an enrolment asks, but for whose turn it is: who has a case already counts.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlmodel import Session

from app.engine.audience import Audience
from app.engine.catalogue import Catalogue
from app.engine.openings import concerned, concerning
from app.store.given import chunks, rows_by_id
from app.store.rows import Creditor, Customer
from campaigns.calendar import local_date
from campaigns.expression_source import Fault, parse
from campaigns.fact_table import FactType, view
from campaigns.journey import Journey

SAMPLES: Final = 20
PART: Final = 1000


@dataclass(frozen=True, slots=True)
class Sample:
    """One who would be written to, and the values of what the condition asks about."""

    customer_id: int
    number: str
    name: str | None
    why: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Reach:
    """`of` may join as far as an index tells, and `has_more`: there are more than those; `looked`
    of them were asked the condition. `subjects` are the invoices, plans or subscriptions that it is
    about."""

    of: int
    has_more: bool = False
    looked: int = 0
    customers: int = 0
    subjects: int = 0
    samples: list[Sample] = field(default_factory=list)

    def as_json(self) -> dict[str, int]:
        """The figures, without a person."""
        return {name: getattr(self, name) for name in ("of", "looked", "customers", "subjects")}


def reach(
    session: Session,
    catalogue: Catalogue,
    creditor_id: int,
    journey: str,
    audience: str | None,
    *,
    now: datetime,
    most: int | None = None,
) -> Iterator[Reach]:
    """Counts on, `PART` customers a time, and answers the same object as it grows. It looks at no
    more than `most` customers.

    Raises `NotPublished` and `ConditionError` for what is no journey or no condition.
    """
    catalogue.refresh(session)
    _, found = catalogue.journey(journey)
    creditor = rows_by_id(session, Creditor, [creditor_id])[creditor_id]
    who = Audience.of(_as_if(creditor, found, audience), custom_types(creditor))
    today = local_date(now, ZoneInfo(creditor.zone))
    counting = _Counting(session, _as_if(creditor, found, audience), found, who, today)
    limit = most + 1 if most is not None else None
    waiting = concerned(session, counting.campaign, found, today, most=limit)
    has_more = most is not None and len(waiting) > most
    waiting = waiting[:most]
    so_far = Reach(len(waiting), has_more)
    names = named_in(audience) if audience else ()
    for part in chunks(waiting, PART):
        counting.count(so_far, part, names)
        yield so_far
    if not waiting:
        yield so_far


def custom_types(creditor: Row[Any]) -> Mapping[str, FactType]:
    return {name: FactType(kind) for name, kind in creditor.custom_types.items()}


def named_in(audience: str) -> tuple[str, ...]:
    """The names that a condition asks about, in their order; attributes of one's own with `custom.`
    before them."""
    tree = parse(audience)
    if isinstance(tree, Fault):
        return ()
    asked = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    asked.sort(key=lambda node: (node.lineno, node.col_offset))
    names = [ast.unparse(node) for node in asked]
    return tuple(dict.fromkeys(name for name in names if name != "custom"))


@dataclass(frozen=True, slots=True)
class _Counting:
    session: Session
    campaign: Any
    journey: Journey
    who: Audience
    today: date

    def count(self, so_far: Reach, customers: Sequence[int], names: Sequence[str]) -> None:
        rows = concerning(self.session, self.campaign, self.journey, self.today, customers)
        belong = self.who.among(rows, self.today)
        by_customer: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in rows:
            if row.id in belong:
                by_customer[row.id].append(row)
        so_far.looked += len(customers)
        so_far.customers += len(by_customer)
        so_far.subjects += sum(map(len, by_customer.values()))
        wanted = sorted(by_customer)[: SAMPLES - len(so_far.samples)]
        named = rows_by_id(self.session, Customer, wanted)
        for id_ in wanted:
            why = self._why(by_customer[id_], names)
            so_far.samples.append(Sample(id_, named[id_].external_id, named[id_].name, why))

    def _why(self, rows: Sequence[Row[Any]], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        known = view(self.who.facts(rows), self.today)
        own = known["custom"]
        attributes: Mapping[str, object] = own if isinstance(own, Mapping) else {}
        told = []
        for name in names:
            bare = name.removeprefix("custom.")
            value = attributes.get(bare) if bare != name else known[name]
            told.append((name, str(value)))
        return tuple(told)


def _as_if(creditor: Row[Any], journey: Journey, audience: str | None) -> Any:
    """A campaign that is not there yet: no case is its own."""
    return SimpleNamespace(
        id=0,
        creditor_id=creditor.id,
        subject=str(journey.subject),
        audience=audience,
        role=creditor.role,
        sector=creditor.sector,
        zone=creditor.zone,
        locale=creditor.locale,
    )
