"""What each open case would do next if nothing else happens, and what it would do at once. It only
reads: the engine's own decisions, on a virtual clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row
from sqlmodel import Session

from app.book.snapshot import Snapshot, load
from app.engine.catalogue import Catalogue, NotPublished
from campaigns.decision import Give, Say
from campaigns.outlook import Ahead, ahead

FURTHEST: Final = timedelta(days=60)
SHOWN: Final = 3
_LOOKED_AT: Final = 40


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that a case will do: a message, a task, its end; or why it does nothing."""

    at: datetime
    kind: str  # message | task | end | wait
    reason: str
    params: dict[str, Any]
    medium: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a case does at once, were it decided now, and what comes after that."""

    case: Row[Any]
    at_once: Coming | None
    later: tuple[Coming, ...]


def coming(
    session: Session, catalogue: Catalogue, cases: list[Row[Any]], now: datetime
) -> list[Outlook]:
    """Of open cases, in their order. One that cannot be read is told without what comes."""
    catalogue.refresh(session)
    by_id = {case.id: case for case in cases}
    found = {
        snapshot.row["id"]: snapshot
        for snapshot in load(session, list(by_id), now)
        if isinstance(snapshot, Snapshot)
    }
    return [_of(case, found.get(case.id), catalogue, now) for case in cases]


def _of(case: Row[Any], snapshot: Snapshot | None, catalogue: Catalogue, now: datetime) -> Outlook:
    if snapshot is None:
        return Outlook(case, None, ())
    try:
        _, journey = catalogue.journey(snapshot.journey)
        policy = catalogue.policy(snapshot.facts.creditor_id)
    except NotPublished:
        return Outlook(case, None, ())
    steps = ahead(snapshot.case, snapshot.facts, journey, policy, now, until=now + FURTHEST)
    told = [_coming(step) for step in islice(steps, _LOOKED_AT)]
    at_once = [one for one in told if one.at <= now]
    later = [one for one in told if one.at > now and one.kind != "wait"]
    return Outlook(case, at_once[-1] if at_once else None, tuple(later[:SHOWN]))


def _coming(step: Ahead) -> Coming:
    decision = step.decision
    params = dict(decision.params)
    if isinstance(decision.action, Say):
        say = decision.action
        medium = str(say.channel.medium)
        return Coming(step.at, "message", decision.reason, params, medium, say.template)
    if step.says is not None:
        return Coming(step.at, "message", decision.reason, params)
    if isinstance(decision.action, Give):
        return Coming(step.at, "task", decision.reason, params)
    kind = "end" if decision.reason in ("journey_ended", "settled", "steps_over") else "wait"
    return Coming(step.at, kind, decision.reason, params)
