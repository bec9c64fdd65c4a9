"""Paying on another day: a promise, inside the creditor's envelope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, OTHER, OTHER_DAY, STALE, Fault, Filled, Moment, Shown, Way
from campaigns.money import Money


@dataclass(frozen=True, slots=True)
class Offer:
    """An amount that may be promised, and the days to choose from; `usual` is the pay-day."""

    amount: Money
    days: tuple[date, ...]
    usual: date | None
    earliest: date
    latest: date


def _offers(moment: Moment) -> Iterator[Offer]:
    found, shown = moment.found, moment.account
    window = None if shown.plan else acts.promise_window(found, shown.today)
    if window is None or len(shown.promises) >= window.max_open:
        return
    usual = window.usual(found.customer.pay_day)
    for money in shown.owed:
        if shown.promised_in(money.currency) is None:
            yield Offer(money, window.suggested(usual), usual, window.earliest, window.latest)


def _offered(moment: Moment) -> bool:
    return any(True for _ in _offers(moment))


def _show(moment: Moment, _typed: Filled) -> Shown:
    return Shown(tuple(_offers(moment)))


def _promise(moment: Moment, typed: Filled) -> Fault | None:
    owed = moment.account.owed_in(typed["currency"])
    if owed is None:
        return Fault(STALE, 409)
    chosen = typed.as_day("day")
    is_other = typed["day"] == OTHER
    if chosen is None:
        return Fault(acts.CHOOSE_DAY, field=OTHER_DAY) if is_other else Fault(CHOOSE)
    refused = acts.promise(moment.session, moment.found, owed, chosen, moment.now)
    if refused is None:
        return None
    beside = OTHER_DAY if is_other and refused in acts.ABOUT_THE_DAY else ""
    return Fault(acts.PROMISE_FAULTS[refused], field=beside)


WAY: Final = Way(
    "promise",
    Purpose.PROMISE,
    N_("I would like to pay on another day"),
    _offered,
    _show,
    _promise,
    N_("We have noted your day."),
)
