"""All tasks of a list, as acts on many choose them. It only reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from app.console.queues.lists import wanted_of
from app.errands.lists import Chosen, Parameters, Selection
from app.intake.queues import chosen


def told_of(kept: Mapping[str, str], by: str, now: datetime) -> dict[str, Any]:
    """The filters of a list as an errand keeps them: "me" stays whoever asked."""
    return {**kept, "by": by, "now": now.isoformat()}


def _queued(session: Session, told: Parameters, after: int, limit: int) -> Chosen:
    """Filters: those of the list."""
    wanted, now = wanted_of(told, told["by"]), datetime.fromisoformat(told["now"])
    return Chosen.page(chosen(session, wanted, now=now, after=after, most=limit), limit)


QUEUED: Final = Selection("queued-tasks", _queued)
