"""Leaving: this is not for me, and nobody shall write here any more. Both are always there."""

from __future__ import annotations

from typing import Final

from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import Fault, Filled, Moment, Way, always
from campaigns.reach import StopAct


def _wrong_person(moment: Moment, _typed: Filled) -> Fault | None:
    acts.wrong_person(moment.session, moment.found, moment.now)
    return None


def _stop(moment: Moment, _typed: Filled) -> Fault | None:
    acts.stop(moment.session, moment.found, StopAct.PAGE, moment.now)
    return None


WRONG_PERSON: Final = Way(
    "wrong-person", Purpose.WRONG_PERSON, N_("This is not for me"), always, act=_wrong_person
)
STOP: Final = Way("stop", Purpose.STOP, N_("Do not write to me here any more"), always, act=_stop)
