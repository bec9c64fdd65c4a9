"""What people do with tasks: take, give, move, date, finish, open again. Each of them once.

Whoever acts says how they saw the task. If it has changed since, nothing happens and they are told:
two people never take, move or finish the same thing unawares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session

from app.intake.tasks import DATED_BY_LAW, Team
from app.store.bulk import lock_rows, update_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Task

MOST_AT_ONCE: Final = 200
"""Tasks that one act changes: as many as a page shows."""

LONGEST_NAME: Final = 200

_TASK = table_of(Task)


class UnknownTask(LookupError):
    """There is no such task."""


class ChangedSince(Exception):
    """Somebody else has changed the task since it was read; `row` is how it stands now."""

    def __init__(self, row: Row[Any]) -> None:
        whose = f"is {row.owner}'s" if row.owner else f"is with {row.team}"
        super().__init__(f"task {row.id} is {row.state} and {whose} now; read it again")
        self.row = row


@dataclass(frozen=True, slots=True)
class Seen:
    """How whoever acts saw a task."""

    team: str
    owner: str | None
    state: str

    @classmethod
    def of(cls, row: Row[Any]) -> Seen:
        return cls(row.team, row.owner, row.state)

    @property
    def word(self) -> str:
        """The same as one word, for a form to carry."""
        return "|".join((self.state, self.team, self.owner or ""))


@dataclass(frozen=True, slots=True)
class Changed:
    """The tasks that an act changed, and those that it left: they had changed since they were seen,
    or it is not to be done with them."""

    done: Sequence[int]
    late: Sequence[int]


Seens = Mapping[int, str]
"""The words of `Seen` by the ids of the tasks."""


def task_of(session: Session, task_id: int) -> Row[Any]:
    """The task as it stands. Raises `UnknownTask`."""
    found = session.connection().execute(_ONE, {"given_id": task_id}).one_or_none()
    if found is None:
        raise UnknownTask(f"there is no task {task_id}")
    return found


def own(session: Session, seen: Seens, owner: str | None) -> Changed:
    """Gives open tasks to somebody; None: to nobody of the team in particular. Raises `ValueError`
    for a name that is none."""
    name = owner.strip() if owner is not None else None
    if name is not None and not 0 < len(name) <= LONGEST_NAME:
        raise ValueError("name who is to do it")
    return _change(session, seen, lambda row: {"owner": name} if row.state == "open" else None)


def move(session: Session, seen: Seens, team: Team) -> Changed:
    """Passes open tasks on to another team, which has no owner for them yet."""
    moved = {"team": str(team), "owner": None}
    return _change(
        session, seen, lambda row: moved if row.state == "open" and row.team != team else None
    )


def date(session: Session, seen: Seens, due_at: datetime) -> Changed:
    """Gives open tasks another deadline, at which they are late anew. A day that the law sets is
    never moved."""
    dated = {"due_at": due_at, "escalated_at": None}
    return _change(session, seen, lambda row: dated if is_datable(row) else None)


def is_datable(row: Row[Any]) -> bool:
    """Whether people set the day of this task."""
    return bool(row.state == "open" and row.kind not in DATED_BY_LAW)


def finish(session: Session, seen: Seens, now: datetime) -> Changed:
    """Says that they are done."""
    done = {"state": "done", "done_at": now}
    return _change(session, seen, lambda row: done if row.state == "open" else None)


def reopen(session: Session, seen: Seens) -> Changed:
    """Takes that back."""
    open_again = {"state": "open", "done_at": None}
    return _change(session, seen, lambda row: open_again if row.state == "done" else None)


def ensure_seen(session: Session, task_id: int, seen: str) -> Row[Any]:
    """Locks the task and answers it, if it is as it was seen. Raises `ChangedSince` and
    `UnknownTask`."""
    lock_rows(session, Task, [task_id])
    row = task_of(session, task_id)
    if Seen.of(row).word != seen:
        raise ChangedSince(row)
    return row


def _change(
    session: Session, seen: Seens, becomes: Callable[[Row[Any]], Mapping[str, Any] | None]
) -> Changed:
    """What each becomes: None for what is not to be done with it as it stands."""
    if len(seen) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} at once")
    ids = sorted(seen)
    lock_rows(session, Task, ids)
    told: list[dict[str, Any]] = []
    late: list[int] = []
    for row in rows_given(session, _OF_IDS, ids):
        change = becomes(row) if Seen.of(row).word == seen[row.id] else None
        if change is None:
            late.append(row.id)
        else:
            told.append({"id": row.id, **change})
    update_rows(session, Task, told)
    return Changed([one["id"] for one in told], late)


_ONE = select(_TASK).where(_TASK.c.id == bindparam("given_id"))
_OF_IDS = select(_TASK).where(_TASK.c.id.in_(GIVEN)).order_by(_TASK.c.id)
