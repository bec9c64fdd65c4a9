"""One act on many: holds customers, releases holds, gives tasks to somebody.

Each batch is one transaction with the cursor in it, so none is done twice and none is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.errands.doing import Doing, Outcome, Steps
from app.errands.kinds import ErrandFailed, Kind
from app.errands.taking import Taken
from app.intake.concerned import customers_by_id, stop_persons
from app.intake.holds import place_hold, release
from app.intake.tasks import DATED_BY_LAW, change_task
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Hold, Task
from campaigns.vocabulary import HoldKind
from campaigns.worded import worded

BATCH: Final = 200

_HOLD, _TASK = table_of(Hold), table_of(Task)
_STAFF_HOLDS = select(_HOLD.c.id, _HOLD.c.person_id).where(
    _HOLD.c.id.in_(GIVEN), _HOLD.c.kind == str(HoldKind.STAFF), _HOLD.c.released_at.is_(None)
)
_OPEN_TASKS = select(_TASK.c.id, _TASK.c.kind).where(
    _TASK.c.id.in_(GIVEN), _TASK.c.state == word("open")
)

_Act = Callable[[Session, Sequence[int], Taken, datetime], int]


def bulk_steps(doing: Doing) -> Steps:
    """Parameters: `selection`, `filters`, `of` where their number is known, and what the act wants:
    `until` and `why`, or `owner`, `team` and `due`."""
    asked, cursor = doing.taken.parameters, doing.taken.cursor
    selection = doing.means.selections.get(asked["selection"])
    if selection is None:
        raise ErrandFailed(
            worded("There is no list `%(list)s` to choose from.", list=asked["selection"])
        )
    act, after = _ACTS[doing.taken.kind], cursor.get("after", 0)
    looked, changed = doing.taken.done, int(cursor.get("changed", 0))
    while after is not None:
        with doing.means.database.read() as session:
            chosen = selection.page(session, asked.get("filters", {}), after, BATCH)
        with doing.means.database.write() as session:
            changed += act(session, chosen.ids, doing.taken, doing.clock())
            looked, after = looked + len(chosen.ids), chosen.after
            told = {"after": after, "changed": changed}
            doing.keep(session, looked, of=asked.get("of"), cursor=told)
        yield
    return Outcome({"looked": looked, "changed": changed})


def _hold(session: Session, ids: Sequence[int], asked: Taken, now: datetime) -> int:
    """Holds the customers' persons, until the instant that was asked for."""
    until = datetime.fromisoformat(asked.parameters["until"])
    why = f"{asked.parameters['why']} ({asked.by})"
    found = customers_by_id(session, ids)
    stop_persons(session, [one.person_id for one in found])
    for one in found:
        place_hold(session, one, HoldKind.STAFF, until=until, why=why, now=now, errand_id=asked.id)
    return len(found)


def _release(session: Session, ids: Sequence[int], _asked: Taken, now: datetime) -> int:
    """Those that the team placed: what a law or a person's danger holds ends one by one."""
    holds = rows_given(session, _STAFF_HOLDS, ids)
    stop_persons(session, [row.person_id for row in holds])
    return release(session, [row.id for row in holds], now)


def _assign(session: Session, ids: Sequence[int], asked: Taken, now: datetime) -> int:
    """Open tasks alone; no owner puts them back to the team. Another team has no owner for them
    yet, unless one is named. A day that the law sets is never moved."""
    told = asked.parameters
    facts = {name: told[name] for name in ("owner", "team") if name in told}
    if "team" in facts:
        facts.setdefault("owner", None)
    changed = 0
    for row in rows_given(session, _OPEN_TASKS, ids):
        own = dict(facts)
        if "due" in told and row.kind not in DATED_BY_LAW:
            own |= {"due_at": datetime.fromisoformat(told["due"]), "escalated_at": None}
        change_task(session, row.id, own, now)
        changed += bool(own)
    return changed


_ACTS: Final[Mapping[Kind, _Act]] = {
    Kind.HOLD: _hold,
    Kind.RELEASE: _release,
    Kind.ASSIGN: _assign,
}
