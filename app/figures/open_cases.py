"""Counts the open cases by the reason that their last look gave, and by when the next one is.

It reads every open case. An index by reason would be written anew at each decision, which costs
the walk more than this scan costs a few times an hour.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, case, func, null, select
from sqlmodel import Session

from app.figures.names import Standing
from app.figures.open_items import AHEAD, Found, Key, hour_name
from app.figures.quarters import Quarter, instant_of
from app.store.given import table_of
from app.store.rows import Case
from campaigns.events import Arm

_CASE = table_of(Case)


def count_cases(session: Session, now: datetime) -> Found:
    counted: Counter[Key] = Counter()
    for row in session.connection().execute(_OPEN, {"until": now + AHEAD}):
        key = (row.creditor_id, Standing.CASES, "", "", row.reason or "", "", 0)
        counted[key] += row.number
        if row.quarter is not None and row.arm != Arm.CONTROL:
            hour = hour_name(max(instant_of(row.quarter), now))
            counted[row.creditor_id, Standing.LOOKS, "", "", "", hour, 0] += row.number
    return {key: (number, 0) for key, number in counted.items()}


_QUARTER: Final = case(
    (_CASE.c.look_at <= bindparam("until"), Quarter(_CASE.c.look_at)), else_=null()
)
_OPEN: Final = (
    select(
        _CASE.c.creditor_id,
        _CASE.c.reason,
        _CASE.c.arm,
        _QUARTER.label("quarter"),
        func.count().label("number"),
    )
    .where(_CASE.c.phase != "closed")
    .group_by(_CASE.c.creditor_id, _CASE.c.reason, _CASE.c.arm, _QUARTER)
)
