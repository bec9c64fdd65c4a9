"""The short form about somebody's means, as a part of a way: see `templates/pages/means.html`.

A way shows it by the macro `means` with `currency_of(moment)`, and hands what `read_means_form`
answers to `app.intake.means`. Every field may stay empty.
"""

from __future__ import annotations

import re
from typing import Final

from app.intake.means import MOST_DEPENDANTS, Told
from app.web.amounts import AMOUNT_FAULTS, AmountFault, AmountRefused, read_any_amount
from app.web.catalogues import N_
from app.web.ways.way import Fault, Filled, Moment
from campaigns.money import Money

FIELDS: Final = ("income", "costs", "payable")
HOW_MANY: Final = N_("Please write how many people, in figures, for example 3.")
_NOTHING = re.compile(r"0+([.,]0*)?")


def currency_of(moment: Moment) -> str:
    """The currency in which the figures are told: the one that most is asked for in first."""
    owed = moment.account.owed
    return owed[0].currency if owed else moment.found.creditor.currency


def read_means_form(moment: Moment, typed: Filled) -> Told | Fault:
    """What was told, or the first field that cannot be read."""
    currency = currency_of(moment)
    figures: dict[str, Money | None] = {}
    for name in FIELDS:
        try:
            figures[name] = _figure(typed[name], currency, moment.locale)
        except AmountRefused as refused:
            return Fault(_FAULTS.get(refused.fault, AMOUNT_FAULTS[refused.fault]), field=name)
    dependants = typed["dependants"].strip()
    if dependants and not _is_count(dependants):
        return Fault(HOW_MANY, field="dependants")
    return Told(currency, **figures, dependants=int(dependants) if dependants else None)


_FAULTS: Final = {AmountFault.NOT_POSITIVE: AMOUNT_FAULTS[AmountFault.UNREADABLE]}


def _figure(typed: str, currency: str, locale: str) -> Money | None:
    if not typed.strip():
        return None
    if _NOTHING.fullmatch(typed.strip()):
        return Money(0, currency)
    return read_any_amount(typed, currency=currency, locale=locale)


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) <= 2 and int(text) <= MOST_DEPENDANTS
