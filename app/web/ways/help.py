"""Who cannot pay: reminders stop, and a person looks for a way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Shown, Way, owes

KINDS: Mapping[str, str] = {
    "more_time": N_("More time"),
    "in_parts": N_("Paying in smaller parts"),
    "talk": N_("Talking to somebody"),
    "hardship": N_("I am going through a hard time"),
}


def _show(moment: Moment, _typed: Filled) -> Shown:
    return Shown(moment.said(KINDS))


def _ask(moment: Moment, typed: Filled) -> Fault | None:
    if typed["kind"] not in KINDS:
        return Fault(CHOOSE)
    acts.hardship(moment.session, moment.found, typed["kind"], typed["words"], moment.now)
    return None


WAY: Final = Way(
    "help",
    Purpose.HELP,
    N_("I cannot pay at the moment"),
    owes,
    _show,
    _ask,
    N_("Reminders have stopped. A person from our team will be in touch with you."),
)
