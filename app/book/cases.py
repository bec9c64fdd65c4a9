"""A case's row and its events, to and from the pure `CaseState` and `CaseEvent`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, get_args

from pydantic import TypeAdapter

from campaigns.case import Arm, CaseEvent, CaseState, Phase
from campaigns.vocabulary import Medium, Outcome, Signal

_ADAPTERS: Mapping[str, TypeAdapter[CaseEvent]] = {
    cls.__name__: TypeAdapter(cls) for cls in get_args(CaseEvent)
}

STATE_COLUMNS = tuple(field.name for field in fields(CaseState))
_WORD_COLUMNS = ("arm", "phase", "waiting_for", "outcome")
_FIXED = ("key", "anchor_on", "arm")
_CHANGING = tuple(name for name in STATE_COLUMNS if name not in _FIXED)
_values = attrgetter(*_CHANGING)

_MEDIA = {medium.value: medium for medium in Medium}
_ARMS, _PHASES = {arm.value: arm for arm in Arm}, {phase.value: phase for phase in Phase}

CASE_EVENT_KINDS = frozenset(_ADAPTERS)
"""The event kinds whose fold is the case's row."""


def state_of(row: Mapping[str, Any]) -> CaseState:
    """The pure state that a row of `dunning_case` holds.

    Raises `LookupError` or `ValueError` for unknown words.
    """
    return CaseState(
        key=row["key"],
        anchor_on=row["anchor_on"],
        since=row["since"],
        arm=_ARMS[row["arm"]],
        done=tuple(row["done"]),
        reached=row["reached"],
        next_step=row["next_step"],
        phase=_PHASES[row["phase"]],
        origin=row["origin"],
        ordinal=row["ordinal"],
        tried=tuple([_MEDIA[medium] for medium in row["tried"]]),
        reacting=row["reacting"],
        message_key=row["message_key"],
        spoken_step=row["spoken_step"],
        spoke_at=row["spoke_at"],
        waiting_for=Signal(row["waiting_for"]) if row["waiting_for"] else None,
        wait_until=row["wait_until"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
    )


def columns_of(case: CaseState) -> dict[str, Any]:
    """The columns of `dunning_case` that the state fills."""
    columns = {name: getattr(case, name) for name in STATE_COLUMNS}
    columns["done"] = list(case.done)
    columns["tried"] = [medium.value for medium in case.tried]
    for name in _WORD_COLUMNS:
        word: StrEnum | None = columns[name]
        columns[name] = None if word is None else word.value
    return columns


def changes_of(before: CaseState, after: CaseState) -> dict[str, Any]:
    """The columns that are others in the later state of a case than in the earlier one."""
    states = zip(_CHANGING, _values(before), _values(after), strict=True)
    return {name: _plain(new) for name, old, new in states if new is not old and new != old}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return str(value) if isinstance(value, StrEnum) else value


def record_of(event: CaseEvent) -> tuple[str, dict[str, Any]]:
    """An event as its kind and a payload of plain values."""
    kind = type(event).__name__
    payload: dict[str, Any] = _ADAPTERS[kind].dump_python(event, mode="json")
    return kind, payload


def event_of(kind: str, payload: Mapping[str, Any]) -> CaseEvent:
    """The event that `record_of` wrote."""
    return _ADAPTERS[kind].validate_python(payload)


def event_row(event: CaseEvent, *, case_id: int, customer_id: int, at: datetime) -> dict[str, Any]:
    """A row of `event` for a case event."""
    kind, payload = record_of(event)
    return {
        "kind": kind,
        "at": at,
        "case_id": case_id,
        "customer_id": customer_id,
        "payload": payload,
    }
