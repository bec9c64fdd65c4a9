"""The yearly question: are the customer's details still right?"""

from __future__ import annotations

from typing import Final

from app.intake.details import PAY_DAYS
from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Place, Shown, Way


def _offered(moment: Moment) -> bool:
    if not moment.account.traces.anniversaries:
        return False
    return acts.asks_for_details(moment.session, moment.found)


def _show(moment: Moment, typed: Filled) -> Shown:
    known = str(moment.found.customer.pay_day or "")
    return Shown((tuple(PAY_DAYS), typed["pay_day"] if typed else known))


def _confirm(moment: Moment, typed: Filled) -> Fault | None:
    days = {str(day): day for day in PAY_DAYS}
    if typed["pay_day"] and typed["pay_day"] not in days:
        return Fault(CHOOSE)
    day = days.get(typed["pay_day"])
    acts.details(moment.session, moment.found, day, typed["words"], moment.now)
    return None


WAY: Final = Way(
    "details",
    Purpose.DETAILS,
    N_("Are your details still right?"),
    _offered,
    _show,
    _confirm,
    N_("Thank you, we have noted it."),
    place=Place.ASKED,
)
