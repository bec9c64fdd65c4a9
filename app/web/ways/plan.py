"""A plan that does not fit any more: the next part moves, or goes into the later ones."""

from __future__ import annotations

from typing import Final

from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Way


def _rescue(moment: Moment, typed: Filled) -> Fault | None:
    kind = typed["kind"]
    chosen = typed.day("other_day") if kind == "move" else None
    if kind not in ("move", "spread") or (kind == "move" and chosen is None):
        return Fault(CHOOSE)
    refused = acts.rescue(moment.session, moment.found, chosen, moment.now)
    return Fault(refused) if refused else None


WAY: Final = Way(
    "plan",
    Purpose.PLAN,
    N_("The next part of my plan does not suit me"),
    lambda moment: moment.account.plan is not None and bool(moment.account.owed),
    act=_rescue,
    done=N_("Your plan has been changed."),
)
