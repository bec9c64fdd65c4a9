"""One act on many: holds customers, releases holds, gives tasks to somebody.

Each batch is one transaction with the cursor in it, so none is done twice and none is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from app.errands.doing import Doing, Outcome, Steps
from app.errands.kinds import ErrandFailed, Kind
from app.intake.concerned import customers_by_id, stop_persons
from app.intake.holds import place_hold, release
from app.intake.tasks import change_task
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Hold, Task
from campaigns.vocabulary import HoldKind

BATCH: Final = 200

_HOLD, _TASK = table_of(Hold), table_of(Task)
_STAFF_HOLDS = select(_HOLD.c.id, _HOLD.c.person_id).where(
    _HOLD.c.id.in_(GIVEN), _HOLD.c.kind == str(HoldKind.STAFF), _HOLD.c.released_at.is_(None)
)
_OPEN_TASKS = select(_TASK.c.id).where(_TASK.c.id.in_(GIVEN), _TASK.c.state == word("open"))

_Act = Callable[[Session, Sequence[int], Mapping[str, Any], str, datetime], int]


def bulk_steps(doing: Doing) -> Steps:
    """Parameters: `selection`, `filters`, and what the act wants: `until` and `why`, `owner`."""
    asked = doing.taken.parameters
    selection = doing.means.selections.get(asked["selection"])
    if selection is None:
        raise ErrandFailed(f"There is no list `{asked['selection']}` to choose from.")
    act, filters = _ACTS[doing.taken.kind], asked.get("filters", {})
    after = int(doing.taken.cursor.get("after", 0))
    looked, changed = doing.taken.done, int(doing.taken.cursor.get("changed", 0))
    while True:
        with doing.means.database.write() as session:
            ids = selection.ids(session, filters, after, BATCH)
            if not ids:
                return Outcome({"looked": looked, "changed": changed})
            changed += act(session, ids, asked, doing.taken.by, doing.clock())
            looked, after = looked + len(ids), ids[-1]
            doing.keep(session, looked, cursor={"after": after, "changed": changed})
        yield


def _hold(
    session: Session, ids: Sequence[int], asked: Mapping[str, Any], by: str, now: datetime
) -> int:
    """Holds the customers' persons, until the instant that was asked for."""
    until = datetime.fromisoformat(asked["until"])
    found = customers_by_id(session, ids)
    stop_persons(session, [one.person_id for one in found])
    for one in found:
        why = f"{asked['why']} ({by})"
        place_hold(session, one, HoldKind.STAFF, until=until, why=why, now=now)
    return len(found)


def _release(
    session: Session, ids: Sequence[int], _asked: Mapping[str, Any], _by: str, now: datetime
) -> int:
    """Those that the team placed: what a law or a person's danger holds ends one by one."""
    holds = rows_given(session, _STAFF_HOLDS, ids)
    stop_persons(session, [row.person_id for row in holds])
    return release(session, [row.id for row in holds], now)


def _assign(
    session: Session, ids: Sequence[int], asked: Mapping[str, Any], _by: str, now: datetime
) -> int:
    """Open tasks alone; no owner puts them back to the team."""
    open_ids = [row.id for row in rows_given(session, _OPEN_TASKS, ids)]
    for task_id in open_ids:
        change_task(session, task_id, {"owner": asked.get("owner")}, now)
    return len(open_ids)


_ACTS: Final[Mapping[Kind, _Act]] = {
    Kind.HOLD: _hold,
    Kind.RELEASE: _release,
    Kind.ASSIGN: _assign,
}
