"""Paying in parts: choose a number or an amount, see the days and amounts, agree. Nothing is agreed
by looking. What lies outside of the creditor's envelope is asked of the team instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.book.envelope import house_in
from app.intake.means import About, tell_means
from app.intake.plan_offers import PlanOffer, Rhythm, Terms
from app.intake.plan_wishes import Said, Wish, answered_by, wish_for_plan
from app.intake.plans import Part, PlanRefused
from app.web import acts
from app.web.amounts import AMOUNT_FAULTS, AmountRefused, read_amount
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.means import currency_of, read_means_form
from app.web.ways.way import (
    CHOOSE,
    OTHER,
    OTHER_DAY,
    STALE,
    Fault,
    Filled,
    Moment,
    Shown,
    Way,
    never,
)
from campaigns.money import Money

RHYTHMS: Mapping[str, str] = {
    Rhythm.WEEKLY: N_("Every week"),
    Rhythm.FORTNIGHTLY: N_("Every two weeks"),
    Rhythm.MONTHLY: N_("Every month"),
}
AMOUNT = "amount"  # chosen instead of a number of parts


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that is not agreed yet, as it would be; `holds` says that it holds once agreed to,
    without a person of the team."""

    wish: Wish
    parts: tuple[Part, ...]
    holds: bool

    @property
    def total(self) -> Money:
        return self.wish.total

    @property
    def terms(self) -> Terms:
        return self.wish.terms


@dataclass(frozen=True, slots=True)
class Choice:
    """The plans that may be chosen from, at most one a currency; `planned` once one was chosen."""

    offers: tuple[PlanOffer, ...]
    rhythms: Mapping[str, str]
    answered_by: date
    currency: str  # of the means
    planned: Planned | None


def _show(moment: Moment, typed: Filled) -> Shown:
    currencies = [money.currency for money in moment.account.owed]
    offers = acts.plan_offers(moment.session, moment.found, currencies, moment.now)
    planned = _planned(moment, offers, typed) if "parts" in typed else None
    fault = planned if isinstance(planned, Fault) else None
    seen = planned if isinstance(planned, Planned) else None
    rhythms = dict(moment.said(RHYTHMS))
    return Shown(Choice(offers, rhythms, _by(moment), currency_of(moment), seen), fault)


def _agree(moment: Moment, typed: Filled) -> Fault | None:
    planned = _chosen(moment, typed)
    if isinstance(planned, Fault):
        return planned
    refused = acts.agree(moment.session, moment.found, planned.parts, moment.now)
    return Fault(refused) if refused else None


def _ask(moment: Moment, typed: Filled) -> Fault | None:
    planned, means = _chosen(moment, typed), read_means_form(moment, typed)
    for read in (planned, means):
        if isinstance(read, Fault):
            return read
    assert isinstance(planned, Planned)
    assert not isinstance(means, Fault)
    session, found, now = moment.session, moment.found, moment.now
    words = acts.heeded(session, found, typed["words"], now)
    said = Said(words, found.link.message_id) if words else None
    try:
        wish_for_plan(session, customer_id=found.customer_id, wish=planned.wish, said=said, now=now)
    except PlanRefused as refused:
        return Fault(acts.AGREEING_FAULTS.get(refused.code, acts.NO_PLAN))
    tell_means(session, customer_id=found.customer_id, about=About.PLAN, told=means, now=now)
    return None


def _chosen(moment: Moment, typed: Filled) -> Planned | Fault:
    """The plan that a form names, as it was seen."""
    offers = acts.plan_offers(moment.session, moment.found, [typed["currency"]], moment.now)
    planned = _planned(moment, offers, typed)
    if isinstance(planned, Planned) and typed["shown"] != str(planned.total.minor):
        return Fault(STALE, 409)
    return planned


def _planned(moment: Moment, offers: tuple[PlanOffer, ...], typed: Filled) -> Planned | Fault:
    """The plan that was chosen, or why there is none."""
    offer = next((one for one in offers if one.total.currency == typed["currency"]), None)
    each: Money | None = None
    if typed["parts"] == AMOUNT and offer is not None:
        try:
            each = read_amount(typed["each"], at_most=offer.total, locale=moment.locale)
        except AmountRefused as refused:
            return Fault(AMOUNT_FAULTS[refused.fault], field="each")
    terms = _terms(typed)
    if typed["first"] == OTHER and typed.as_day("first") is None:
        return Fault(acts.CHOOSE_DAY, field=OTHER_DAY)
    if terms is None:
        return Fault(CHOOSE)
    parts = acts.planned(offer, terms, each)
    if offer is None or isinstance(parts, str):
        return Fault(str(parts))
    holds = offer.permits(parts) or acts.was_offered(
        moment.session, moment.found, parts, moment.now
    )
    return Planned(Wish(offer.total, terms, each), parts, holds)


def _terms(typed: Filled) -> Terms | None:
    """What was chosen, as far as it can be read: the envelope is asked later."""
    first_on, count = typed.as_day("first"), typed["parts"]
    if first_on is None or typed["rhythm"] not in RHYTHMS:
        return None
    if count == AMOUNT:
        return Terms(0, Rhythm(typed["rhythm"]), first_on)
    if not (count.isascii() and count.isdecimal() and len(count) <= 3):
        return None
    return Terms(int(count), Rhythm(typed["rhythm"]), first_on)


def _offered(moment: Moment) -> bool:
    """As far as the account tells: the page asks again."""
    shown = moment.account
    if shown.plan or shown.promises:
        return False
    limited = {line.open.currency for line in shown.having("limited")}
    return any(money.currency not in limited for money in shown.owed)


def _by(moment: Moment) -> date:
    return answered_by(house_in(moment.found.creditor), moment.now)


WAY: Final = Way(
    "parts",
    Purpose.PARTS,
    N_("I would like to pay in parts"),
    _offered,
    _show,
    _agree,
    N_("Your plan is agreed. It is shown below."),
)
WISH: Final = Way(
    "wish",
    Purpose.WISH,
    WAY.title,
    never,
    _show,
    _ask,
    N_("A person from our team will answer by %(day)s. There are no reminders until then."),
    template="parts",
    done_by=_by,
)
