"""Who does an errand: a lease by the database's clock, and a fence that rises with every taking.

A worker that dies lets its lease run out, and the next one goes on at the cursor. A worker that
only was slow finds its fence passed when it next writes, and undoes that batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, or_, select, update
from sqlmodel import Session

from app.errands.kinds import Kind, Lane, State
from app.store.given import table_of
from app.store.rows import Errand
from campaigns.worded import Worded, as_record, worded

LEASE: Final = timedelta(seconds=60)
AGAIN_IN: Final = timedelta(seconds=10)
MOST_TRIES: Final = 5
FAULT: Final = "fault"
"""Where the result of a failed errand holds how its error is worded, for every language."""
_ENDLESS: Final = worded(
    "It was begun %(times)s times and got no further each time. Tell whoever runs Duly; the log"
    " of that time says why.",
    times=MOST_TRIES,
)
_ERRAND = table_of(Errand)


class Lost(Exception):
    """Another worker has this errand."""


class Cancelled(Exception):
    """Somebody asked for this errand to stop."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An errand that is ours under this fence. `cursor` is where it stood."""

    id: int
    kind: Kind
    fence: int
    by: str
    creditor_id: int | None
    parameters: Mapping[str, Any]
    file: str | None
    done: int
    of: int | None
    cursor: Mapping[str, Any]


def take(session: Session, lane: Lane, now: datetime) -> Taken | None:
    """The oldest errand of the lane that nobody is at; None if there is none.

    One that was asked to stop, or that got no further several times, ends here.
    """
    query = _free(lane, now).with_for_update(skip_locked=True, key_share=True)
    while (row := session.connection().execute(query).one_or_none()) is not None:
        if row.cancel_asked_at is not None:
            _close(session, row.id, now, state=State.CANCELLED)
        elif row.tries >= MOST_TRIES:
            _close(session, row.id, now, state=State.FAILED, error=_ENDLESS)
        else:
            return _taken(session, row, now)
    return None


def is_due(session: Session, lane: Lane, now: datetime) -> bool:
    """Whether there may be one to take. Locks nothing."""
    return session.connection().execute(_free(lane, now)).first() is not None


def _free(lane: Lane, now: datetime) -> Select[Any]:
    nobodys = or_(_ERRAND.c.lease_until.is_(None), _ERRAND.c.lease_until <= now)
    return (
        select(_ERRAND)
        .where(_ERRAND.c.ended_at.is_(None), _ERRAND.c.lane == str(lane), nobodys)
        .order_by(_ERRAND.c.id)
        .limit(1)
    )


def _taken(session: Session, row: Any, now: datetime) -> Taken:
    session.connection().execute(
        update(_ERRAND)
        .where(_ERRAND.c.id == row.id)
        .values(
            state=str(State.RUNNING),
            fence=row.fence + 1,
            tries=row.tries + 1,
            lease_until=now + LEASE,
            heartbeat_at=now,
            started_at=func.coalesce(_ERRAND.c.started_at, now),
        )
    )
    return Taken(
        row.id,
        Kind(row.kind),
        row.fence + 1,
        row.asked_by,
        row.creditor_id,
        row.parameters,
        row.file,
        row.done,
        row.of,
        row.cursor,
    )


def beat(session: Session, taken: Taken, now: datetime) -> None:
    """Lengthens the lease. Raises `Lost`, and `Cancelled` when somebody asked for that."""
    statement = (
        _ours(taken)
        .values(lease_until=now + LEASE, heartbeat_at=now)
        .returning(_ERRAND.c.cancel_asked_at)
    )
    found = session.connection().execute(statement).one_or_none()
    if found is None:
        raise Lost
    if found.cancel_asked_at is not None:
        raise Cancelled


def keep(
    session: Session,
    taken: Taken,
    *,
    done: int,
    of: int | None = None,
    cursor: Mapping[str, Any] | None = None,
) -> None:
    """Notes how far it is, in the transaction of the work: both stay, or neither. Raises `Lost`."""
    told: dict[str, Any] = {"done": done, "tries": 0}
    if of is not None:
        told["of"] = of
    if cursor is not None:
        told["cursor"] = dict(cursor)
    if not session.connection().execute(_ours(taken).values(**told)).rowcount:
        raise Lost


def give_back(session: Session, taken: Taken, until: datetime | None) -> None:
    """Lets others have it: from `until` on, or at once."""
    session.connection().execute(_ours(taken).values(lease_until=until))


def end(
    session: Session,
    taken: Taken,
    state: State,
    now: datetime,
    *,
    error: Worded | None = None,
    result: Mapping[str, Any] | None = None,
    result_file: str | None = None,
) -> bool:
    """Ends it. False: another worker has it, and nothing was changed."""
    told: dict[str, Any] = {"result_file": result_file}
    if result is not None:
        told["result"] = dict(result)
    statement = _ours(taken).values(**(told | _over(state, now, error)))
    return session.connection().execute(statement).rowcount > 0


def _ours(taken: Taken) -> Any:
    return update(_ERRAND).where(
        _ERRAND.c.id == taken.id, _ERRAND.c.fence == taken.fence, _ERRAND.c.ended_at.is_(None)
    )


def _close(
    session: Session, errand_id: int, now: datetime, *, state: State, error: Worded | None = None
) -> None:
    statement = update(_ERRAND).where(_ERRAND.c.id == errand_id)
    session.connection().execute(statement.values(**_over(state, now, error)))


def _over(state: State, now: datetime, error: Worded | None) -> dict[str, Any]:
    told: dict[str, Any] = {"state": str(state), "ended_at": now, "lease_until": None}
    return told if error is None else told | {"error": error, "result": {FAULT: as_record(error)}}
