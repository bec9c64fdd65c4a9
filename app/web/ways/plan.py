"""A plan that does not fit any more: the next part moves, or goes into the later ones."""

from __future__ import annotations

from typing import Final

from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, OTHER_DAY, Fault, Filled, Moment, Way


def _rescue(moment: Moment, typed: Filled) -> Fault | None:
    kind = typed["kind"]
    chosen = typed.as_day(OTHER_DAY) if kind == "move" else None
    if kind not in ("move", "spread"):
        return Fault(CHOOSE)
    if kind == "move" and chosen is None:
        return Fault(acts.CHOOSE_DAY, field=OTHER_DAY)
    refused = acts.rescue(moment.session, moment.found, chosen, moment.now)
    if refused is None:
        return None
    return Fault(refused, field=OTHER_DAY if refused == acts.CHOOSE_DAY else "")


WAY: Final = Way(
    "plan",
    Purpose.PLAN,
    N_("The next part of my plan does not suit me"),
    lambda moment: moment.account.plan is not None and bool(moment.account.owed),
    act=_rescue,
    done=N_("Your plan has been changed."),
)
