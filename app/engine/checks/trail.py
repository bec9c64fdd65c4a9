"""Whether the audit trail is whole: every fact in its person's chain, none changed or removed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.engine.checks.finding import PromiseCheck, Tally
from app.records.verify import verify_all


def nothing_was_rewritten(session: Session, now: datetime) -> PromiseCheck:
    found, tally = verify_all(session, now), Tally()
    tally.examined = found.lines
    tally.all_wrong("trail,", map(str, found.broken))
    return tally.finding(12, "Nothing is rewritten", "lines of the audit trail, and facts without")
