"""Where the open cases of a journey stand, and where an edit would leave them.

Cases that passed the same steps stand alike, so they are counted together: however many there are,
their positions are few.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    or_,
    select,
)
from sqlmodel import Session

from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Campaign, Case
from campaigns.case import CaseState, Phase, step_of
from campaigns.journey import Journey, WaitFor
from campaigns.position import next_index
from campaigns.vocabulary import Medium

_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)
_DONE, _TRIED = cast(_CASE.c.done, Text), cast(_CASE.c.tried, Text)
_SHAPE = (_CASE.c.phase, _DONE, _CASE.c.reached, _CASE.c.next_step, _CASE.c.origin, _TRIED)
_REACTS = _CASE.c.reacting.is_not(None)
_COLUMNS = (*_SHAPE, _REACTS)
_STANDING: Select[Any] = (
    select(*_SHAPE, _REACTS, func.count())
    .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
    .where(_CAMPAIGN.c.journey == bindparam("journey"), _CASE.c.phase != word("closed"))
    .group_by(*_SHAPE, _REACTS)
)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Position:
    """Cases that stand alike. `case` is what decides where that is; `answers` says that a message
    which answers something is on its way, and no step's."""

    case: CaseState
    answers: bool
    cases: int
    shape: tuple[Any, ...] = ()
    """What their rows have in common."""


class Fate(StrEnum):
    """What an edit does to a case that is under way."""

    STAYS = "stays"
    MOVES = "moves"  # its next step is another one
    ON_ITS_WAY = "on_its_way"  # a message for a step that is gone is out, and the case goes on
    WAITS_ON = "waits_on"  # its wait is gone from the file; it waits as it was told, and goes on
    ENDS = "ends"  # no step is left for it


@dataclass(frozen=True, slots=True)
class Flight:
    """How many cases stand at `step` now and would at `later`. None: at no step of the journey."""

    step: str | None
    later: str | None
    fate: Fate
    cases: int


def positions(session: Session, journey: str) -> list[Position]:
    """Where every open case of the campaigns of this journey stands."""
    return [
        Position(_case(*shape), bool(answers), cases, (*shape, bool(answers)))
        for *shape, answers, cases in session.connection().execute(_STANDING, {"journey": journey})
    ]


def by_step(found: Sequence[Position], journey: Journey) -> Mapping[str | None, int]:
    """How many cases stand at each step of this version."""
    counted: Counter[str | None] = Counter()
    for position in found:
        counted[_stands_at(position, journey)] += position.cases
    return counted


def stands_at(found: Sequence[Position], journey: Journey, step: str) -> ColumnElement[bool]:
    """What the rows of open cases have in common that stand at this step: as `by_step` counts."""
    there = [position.shape for position in found if _stands_at(position, journey) == step]
    alike = (
        and_(*(_is(column, value) for column, value in zip(_COLUMNS, shape, strict=True)))
        for shape in there
    )
    campaigns = select(_CAMPAIGN.c.id).where(_CAMPAIGN.c.journey == journey.name)
    return and_(_CASE.c.campaign_id.in_(campaigns), or_(false(), *alike))


def _is(column: Any, value: Any) -> ColumnElement[bool]:
    equal: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return equal


def flights(found: Sequence[Position], before: Journey | None, after: Journey) -> list[Flight]:
    """What publishing `after` does to the cases under way, the steps in their order; cases that
    end and that move before those that stay. `before` is None where nothing of it can be read."""
    counted: Counter[tuple[str | None, str | None, Fate]] = Counter()
    for position in found:
        step = _stands_at(position, before) if before is not None else None
        later, fate = _later(position, step, after)
        counted[step, later, fate] += position.cases
    told = [Flight(*key, cases) for key, cases in counted.items()]
    order = {step.id: at for at, step in enumerate(before.steps if before else after.steps)}
    return sorted(told, key=lambda each: (_RANK[each.fate], order.get(each.step or "", -1)))


_RANK = {fate: rank for rank, fate in enumerate(
    (Fate.ENDS, Fate.MOVES, Fate.ON_ITS_WAY, Fate.WAITS_ON, Fate.STAYS))}  # fmt: skip


def _stands_at(position: Position, journey: Journey) -> str | None:
    """The step that its message is for, that it waits at, or that comes next."""
    case = position.case
    if case.phase is Phase.PENDING and not position.answers and case.origin is not None:
        return step_of(case.origin)
    if case.phase is Phase.WAITING:
        return case.next_step
    index = next_index(case, journey)
    return None if index is None else journey.steps[index].id


def _later(position: Position, step: str | None, after: Journey) -> tuple[str | None, Fate]:
    there = _stands_at(position, after)
    if there is None:
        return None, Fate.ENDS
    index = after.index_of(there)
    if index is None:
        is_waiting = position.case.phase is Phase.WAITING
        return None, Fate.WAITS_ON if is_waiting else Fate.ON_ITS_WAY
    if position.case.phase is Phase.WAITING and not isinstance(after.steps[index], WaitFor):
        return there, Fate.WAITS_ON
    return there, Fate.STAYS if there == step else Fate.MOVES


def _case(
    phase: str,
    done: str,
    reached: int | None,
    next_step: str | None,
    origin: str | None,
    tried: str,
) -> CaseState:
    """Enough of a case to tell where it stands."""
    return CaseState(
        key="",
        anchor_on=date.min,
        since=_NEVER,
        done=tuple(_list(done)),
        reached=reached,
        next_step=next_step,
        phase=Phase(phase),
        origin=origin,
        tried=tuple(Medium(medium) for medium in _list(tried)),
    )


def _list(text: str) -> Iterator[str]:
    yield from json.loads(text)
