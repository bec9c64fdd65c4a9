"""Who has paid already: reminders stop while finance looks."""

from __future__ import annotations

from typing import Final

from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import Fault, Filled, Moment, Way, owes


def _say(moment: Moment, typed: Filled) -> Fault | None:
    acts.already_paid(moment.session, moment.found, typed["words"], moment.now)
    return None


WAY: Final = Way(
    "paid",
    Purpose.PAID,
    N_("I have already paid"),
    owes,
    act=_say,
    done=N_("Reminders have stopped while we look for your payment."),
)
