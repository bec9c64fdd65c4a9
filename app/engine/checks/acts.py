"""Whether the trail of what our own people did is whole: no line changed, none removed."""

from __future__ import annotations

from sqlmodel import Session

from app.engine.checks.finding import PromiseCheck, Tally
from app.staff.acts import verify_acts


def no_act_is_hidden(session: Session) -> PromiseCheck:
    found, tally = verify_acts(session), Tally()
    tally.examined = found.lines
    tally.all_wrong("act", map(str, found.broken))
    ends = f"acts of ours, up to {found.digest[:16]}" if found.lines else "acts of ours"
    return tally.finding(13, "No act is hidden", ends)
