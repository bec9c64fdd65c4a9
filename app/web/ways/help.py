"""Who cannot pay: reminders stop, a person looks for a way, and who advises is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.book.envelope import house_in
from app.intake.hardship import answered_by
from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.means import FIELDS, currency_of, read_means_form
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Shown, Way, owes
from app.wording.debt_advice import Advice, advice_in

KINDS: Mapping[str, str] = {
    "more_time": N_("More time"),
    "in_parts": N_("Paying in smaller parts"),
    "talk": N_("Talking to somebody"),
    "hardship": N_("I am going through a hard time"),
}


@dataclass(frozen=True, slots=True)
class HelpForm:
    """What the page offers. `opened` says that the part about means was begun."""

    kinds: tuple[tuple[str, str], ...]
    answered_by: date
    advice: tuple[Advice, ...]
    currency: str
    opened: bool


def _show(moment: Moment, typed: Filled) -> Shown:
    begun = any(typed[name] for name in (*FIELDS, "dependants"))
    form = HelpForm(
        moment.said(KINDS), _by(moment), _advice(moment), currency_of(moment), opened=begun
    )
    return Shown(form)


def _ask(moment: Moment, typed: Filled) -> Fault | None:
    if typed["kind"] not in KINDS:
        return Fault(CHOOSE)
    means = read_means_form(moment, typed)
    if isinstance(means, Fault):
        return means
    acts.hardship(moment.session, moment.found, typed["kind"], typed["words"], means, moment.now)
    return None


def _by(moment: Moment) -> date:
    return answered_by(house_in(moment.found.creditor), moment.now)


def _advice(moment: Moment) -> tuple[Advice, ...]:
    """Of the customer's own country; the services are for people, not for businesses."""
    customer = moment.found.customer
    if customer.kind == "business":
        return ()
    return advice_in(customer.country or moment.found.creditor.country, moment.locale)


WAY: Final = Way(
    "help",
    Purpose.HELP,
    N_("I cannot pay at the moment"),
    owes,
    _show,
    _ask,
    N_("Reminders have stopped. A person from our team will be in touch with you by %(day)s."),
    done_by=_by,
)
