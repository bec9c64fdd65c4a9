"""The keys of work that may come back: a closed task is followed by a new one, an open one by none.

A task's key is derived from what it is about, so that it is given once. What breaks again after
somebody has closed its task is new work, under the next number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Task

DONE_WITHIN: Final = timedelta(days=2)
"""By when work is to be done that says no day itself."""

_TASK = table_of(Task)


def standing_keys(session: Session, names: Iterable[str]) -> Mapping[str, str]:
    """The key under which each of these is to be given now: the name itself, then `name:2`, …"""
    keys = {name: name for name in names}
    asked: Mapping[str, str] = {}
    number = 1
    while keys != asked:
        asked, number = dict(keys), number + 1
        closed = {row.key for row in rows_given(session, _CLOSED, sorted(keys.values()))}
        keys = {n: f"{n}:{number}" if key in closed else key for n, key in keys.items()}
    return keys


_CLOSED = select(_TASK.c.key).where(_TASK.c.key.in_(GIVEN), _TASK.c.state != "open")
