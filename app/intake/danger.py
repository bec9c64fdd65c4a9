"""Somebody may be in danger: what speaks by itself falls silent, and a person is called, now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from app.intake.alarms import raise_alarm
from app.intake.concerned import Concerned
from app.intake.holds import place_hold
from app.intake.special import note_special
from app.intake.tasks import Team, give_task
from campaigns.vocabulary import HoldKind

AT_ONCE: Final = timedelta(minutes=15)
DANGER: Final = "NOW: somebody may be in danger. Read it, and speak to them yourself"
KIND: Final = "self_harm"

log = logging.getLogger(__name__)


def report_danger(
    session: Session,
    user: Concerned,
    *,
    key: str,
    words: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """A hold that only a person ends, a note that only those read who give their name, a task, and
    an alarm that calls until somebody has it. `key` names what was said. The guard is held by the
    caller."""
    place_hold(session, user, HoldKind.DANGER, until=None, why="danger", now=now)
    note_id = note_special(session, customer_id=user.customer_id, kind=KIND, words=words, now=now)
    give_task(
        session,
        key=key,
        team=Team.CARE,
        kind="danger",
        title=DANGER,
        now=now,
        due_in=AT_ONCE,
        customer_id=user.customer_id,
        detail={**(detail or {}), "note_id": note_id},
    )
    log.critical("somebody may be in danger: see task %s now", key)
    raise_alarm(session, key, creditor_id=user.creditor_id, note_id=note_id, now=now)
