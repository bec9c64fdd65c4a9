"""Paying in parts: choose, see the days and amounts, agree. Nothing is agreed by looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.book.envelope import house_in
from app.intake.plan_offers import PlanOffer, Rhythm, Terms
from app.intake.plans import Part
from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, STALE, Fault, Filled, Moment, Shown, Way
from campaigns.money import Money

RHYTHMS: Mapping[str, str] = {
    Rhythm.WEEKLY: N_("Every week"),
    Rhythm.FORTNIGHTLY: N_("Every two weeks"),
    Rhythm.MONTHLY: N_("Every month"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that is not agreed yet, as it would be."""

    total: Money
    parts: tuple[Part, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Choice:
    """The plans that may be chosen from, at most one a currency; `planned` once one was chosen."""

    offers: tuple[PlanOffer, ...]
    rhythms: Mapping[str, str]
    planned: Planned | None


def _show(moment: Moment, typed: Filled) -> Shown:
    currencies = [money.currency for money in moment.account.owed]
    offers = acts.plan_offers(moment.session, moment.found, currencies, moment.now)
    rhythms = dict(moment.said(RHYTHMS))
    if "parts" not in typed or typed["nonce"]:  # nothing was chosen yet, or what was is refused
        return Shown(Choice(offers, rhythms, None))
    planned = _planned(offers, typed)
    if isinstance(planned, Planned):
        return Shown(Choice(offers, rhythms, planned))
    return Shown(Choice(offers, rhythms, None), planned)


def _agree(moment: Moment, typed: Filled) -> Fault | None:
    found, now = moment.found, moment.now
    offers = acts.plan_offers(moment.session, found, [typed["currency"]], now)
    planned = _planned(offers, typed)
    if not isinstance(planned, Planned):
        return planned
    if typed["shown"] != str(planned.total.minor):
        return Fault(STALE, 409)
    refused = acts.agree(moment.session, found, planned.parts, now)
    return Fault(refused) if refused else None


def _planned(offers: tuple[PlanOffer, ...], typed: Filled) -> Planned | Fault:
    """The plan that was chosen, or why there is none."""
    terms = _terms(typed)
    if terms is None:
        return Fault(CHOOSE)
    offer = next((one for one in offers if one.total.currency == typed["currency"]), None)
    parts = acts.planned(offer, terms)
    if offer is None or isinstance(parts, str):
        return Fault(str(parts))
    return Planned(offer.total, parts, terms)


def _terms(typed: Filled) -> Terms | None:
    """What was chosen, as far as it can be read: the envelope is asked later."""
    first_on, count = typed.day("first"), typed["parts"]
    if first_on is None or typed["rhythm"] not in RHYTHMS:
        return None
    if not (count.isascii() and count.isdecimal() and len(count) <= 3):
        return None
    return Terms(int(count), Rhythm(typed["rhythm"]), first_on)


def _offered(moment: Moment) -> bool:
    """As far as the account tells: the page asks again."""
    shown, found = moment.account, moment.found
    if shown.plan or shown.promises:
        return False
    limited = {line.open.currency for line in shown.having("limited")}
    plans, usual = house_in(found.creditor).plans, found.customer.pay_day
    may_be = (money for money in shown.owed if money.currency not in limited)
    offers = (PlanOffer(money, shown.today, plans, usual) for money in may_be)
    return any(offer.counts and offer.rhythms for offer in offers)


WAY: Final = Way(
    "parts",
    Purpose.PARTS,
    N_("I would like to pay in parts"),
    _offered,
    _show,
    _agree,
    N_("Your plan is agreed. It is shown below."),
)
