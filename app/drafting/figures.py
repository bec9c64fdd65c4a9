"""What came of the latest messages of a journey, step by step: said, arrived, clicked, paid, held.

Only the latest are counted, so that it takes as long with many as with few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, Table, and_, bindparam, case, func, select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Campaign, Case, Message, Refused
from campaigns.case import step_of

_CASE, _CAMPAIGN, _MESSAGE = table_of(Case), table_of(Campaign), table_of(Message)
_REFUSED = table_of(Refused)
LATEST: Final = 20_000
"""Of all journeys together: so many rows are looked at."""


@dataclass
class StepFigures:
    """Of one step. `settled` counts the cases that were paid before another step was said; `held`
    the moments and media that rules refused, by reason."""

    sent: int = 0
    delivered: int = 0
    clicked: int = 0
    settled: int = 0
    held: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Figures:
    """By step; `since` is the instant of the oldest message that was looked at."""

    since: datetime | None
    by_step: Mapping[str, StepFigures]


def figures(session: Session, journey: str) -> Figures:
    """Of the latest messages and refusals."""
    by_step: dict[str, StepFigures] = {}
    oldest = []
    for row in _latest(session, _SAID, _MESSAGE, journey):
        found = StepFigures(row.sent, row.delivered, row.clicked, row.settled)
        by_step[step_of(row.origin)] = found
        oldest.append(row.since)
    for row in _latest(session, _HELD, _REFUSED, journey):
        by_step.setdefault(row.step, StepFigures()).held[row.reason] += row.held
    return Figures(min(oldest, default=None), by_step)


def _latest(session: Session, query: Select[Any], table: Table, journey: str) -> Iterator[Row[Any]]:
    newest = session.connection().scalar(select(func.max(table.c.id))) or 0
    yield from session.connection().execute(query, {"journey": journey, "after": newest - LATEST})


_WAS_LAST = and_(_CASE.c.outcome == "settled", _CASE.c.origin == _MESSAGE.c.origin)
_SAID = (
    select(
        _MESSAGE.c.origin,
        func.min(_MESSAGE.c.accepted_at).label("since"),
        func.count().label("sent"),
        func.count(_MESSAGE.c.delivered_at).label("delivered"),
        func.count(_MESSAGE.c.clicked_at).label("clicked"),
        func.sum(case((_WAS_LAST, 1), else_=0)).label("settled"),
    )
    .join(_CASE, _CASE.c.id == _MESSAGE.c.case_id)
    .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
    .where(
        _MESSAGE.c.id > bindparam("after"),
        _CAMPAIGN.c.journey == bindparam("journey"),
        _MESSAGE.c.accepted_at.is_not(None),
        _MESSAGE.c.origin.startswith("step:"),
    )
    .group_by(_MESSAGE.c.origin)
)
_HELD = (
    select(_REFUSED.c.step, _REFUSED.c.reason, func.count().label("held"))
    .join(_CASE, _CASE.c.id == _REFUSED.c.case_id)
    .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
    .where(
        _REFUSED.c.id > bindparam("after"),
        _CAMPAIGN.c.journey == bindparam("journey"),
        _REFUSED.c.step.is_not(None),
    )
    .group_by(_REFUSED.c.step, _REFUSED.c.reason)
)
