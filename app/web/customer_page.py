"""Puts a customer's page together: the account, what may be chosen, what was done or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session
from starlette.responses import HTMLResponse

from app.engine.outlook import outlook
from app.intake.details import PAY_DAYS
from app.intake.plan_offers import PlanOffer, Rhythm
from app.web import acts
from app.web.account import Account, account
from app.web.brand import brand_of
from app.web.card_offer import CardOffer, card_offer
from app.web.catalogues import N_
from app.web.charged import Charged, charged
from app.web.documents import DocumentLink, document_links
from app.web.forms import Purpose
from app.web.next import Next, in_words
from app.web.pages import tongues
from app.web.payable import Payable, Share, payables
from app.web.site import Site
from app.web.transfer import Transfer, transfers
from app.web.visits import Visit, spoken
from app.wording.address import called
from campaigns.money import Money

DISPUTE_KINDS: Mapping[str, str] = {
    "wrong_amount": N_("The amount is not right"),
    "not_received": N_("I did not get what I ordered"),
    "not_mine": N_("It is not mine"),
    "other": N_("Something else"),
}
HELP_KINDS: Mapping[str, str] = {
    "more_time": N_("More time"),
    "in_parts": N_("Paying in smaller parts"),
    "talk": N_("Talking to somebody"),
    "hardship": N_("I am going through a hard time"),
}
RHYTHMS: Mapping[str, str] = {
    Rhythm.WEEKLY: N_("Every week"),
    Rhythm.FORTNIGHTLY: N_("Every two weeks"),
    Rhythm.MONTHLY: N_("Every month"),
}
DONE: Mapping[str, str] = {
    Purpose.PROMISE: N_("We have noted your day."),
    Purpose.DISPUTE: N_(
        "We are checking the invoice. You do not need to pay it until it is clear."
    ),
    Purpose.HELP: N_("Reminders have stopped. A person from our team will be in touch with you."),
    Purpose.PARTS: N_("Your plan is agreed. It is shown below."),
    Purpose.PLAN: N_("Your plan has been changed."),
    Purpose.CARD: N_("As soon as our payment provider has confirmed your card, it is shown below."),
    Purpose.CARD_STOP: N_(
        "Your card will not be debited any more. Please pay the parts that are left yourself."
    ),
    Purpose.DETAILS: N_("Thank you, we have noted it."),
    Purpose.PAID: N_("Reminders have stopped while we look for your payment."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form is filled in with: what we know, or what was typed before a refusal."""

    currency: str = ""
    amount: str = ""
    day: str = ""
    other_day: str = ""
    invoice: str = ""
    kind: str = ""
    words: str = ""
    pay_day: str = ""
    charge: str = ""
    parts: str = ""
    rhythm: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a form was not taken, in words that are marked by `N_`."""

    purpose: Purpose
    words: str
    status: int = 422


@dataclass(frozen=True, slots=True)
class Offer:
    """An amount that may be promised, and the days to choose from; `usual` is the pay-day."""

    amount: Money
    days: tuple[date, ...]
    usual: date | None
    earliest: date
    latest: date


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """All that the template `pages/account.html` shows."""

    path: str
    language: str
    account: Account
    documents: Mapping[int, DocumentLink]
    charged: Mapping[int, Charged]
    next: Next | None
    nonces: Mapping[str, str]
    payables: tuple[Payable, ...]
    transfers: tuple[Transfer, ...]
    promising: tuple[Offer, ...]
    planning: tuple[PlanOffer, ...]
    card: CardOffer | None
    rhythms: Mapping[str, str]
    dispute_kinds: tuple[tuple[str, str], ...]
    help_kinds: tuple[tuple[str, str], ...]
    greeted: str | None
    link_purpose: str
    pay_days: tuple[int, ...] = ()
    done: str | None = None
    done_with: str | None = None
    fault: Fault | None = None
    typed: Typed = field(default_factory=Typed)

    @property
    def invoices_asked(self) -> int:
        """How many invoices are asked for. A charge stands in the books as one, and is none."""
        return sum(line.id not in self.charged for line in self.account.asked)

    @property
    def charges(self) -> tuple[Payable, ...]:
        """What a new card would pay: behind a link for one, while a charge is open."""
        return tuple(one for one in self.payables if one.share is Share.CHARGE)

    @property
    def opened(self) -> str:
        """The part that stands open: where a form was refused, else what the link was about. A
        plan that was just agreed leads on to the card."""
        if self.fault:
            return self.fault.purpose
        return Purpose.CARD if self.done_with == Purpose.PARTS else self.link_purpose


def customer_page(
    site: Site,
    session: Session,
    visit: Visit,
    now: datetime,
    *,
    wished: str | None = None,
    done: str | None = None,
    fault: Fault | None = None,
    typed: Typed | None = None,
) -> HTMLResponse:
    """The page as it stands in this transaction, with the status of its fault if it has one."""
    language, locale = spoken(visit, wished)
    say = site.pages.words
    shown = account(session, visit, now)
    key = visit.form_key(site.settings.secret)
    path = f"/p/{visit.token}"
    page = CustomerPage(
        path=path,
        language=language,
        account=shown,
        documents=document_links(shown.lines, path, language),
        charged=charged(session, visit.customer_id),
        next=_next(site, session, visit, now, (language, locale)) if shown.lines else None,
        nonces={purpose.value: nonce for purpose, nonce in key.nonces(session).items()},
        payables=(payable := payables(session, visit, shown)),
        transfers=transfers(visit.creditor, visit.customer.external_id, shown, payable),
        promising=_offers(visit, shown),
        planning=acts.plan_offers(session, visit, [money.currency for money in shown.owed], now),
        card=card_offer(site, session, visit, shown, language),
        rhythms={rhythm: say(language, text) for rhythm, text in RHYTHMS.items()},
        dispute_kinds=tuple((kind, say(language, text)) for kind, text in DISPUTE_KINDS.items()),
        help_kinds=tuple((kind, say(language, text)) for kind, text in HELP_KINDS.items()),
        greeted=_greeted(visit, language),
        link_purpose=visit.link.purpose,
        pay_days=tuple(PAY_DAYS) if acts.asks_for_details(session, visit) else (),
        done=say(language, DONE[done]) if done and done in DONE else None,
        done_with=done,
        fault=replace(fault, words=say(language, fault.words)) if fault else None,
        typed=typed or Typed(pay_day=str(visit.customer.pay_day or "")),
    )
    return site.pages.answer(
        "pages/account.html",
        language=language,
        locale=locale,
        brand=brand_of(visit.creditor),
        tongues=tongues(path, language),
        status=fault.status if fault else 200,
        page=page,
    )


def _greeted(visit: Visit, language: str) -> str | None:
    customer = visit.customer
    if customer.kind == "business":
        return called(language, name=customer.name, vocative=None)
    name = customer.given_name or customer.name
    return called(language, name=name, vocative=customer.vocative)


def _next(
    site: Site, session: Session, visit: Visit, now: datetime, spoken_in: tuple[str, str]
) -> Next | None:
    found = outlook(session, site.catalogue, visit.customer_id, now)
    return in_words(found, *spoken_in) if found else None


def _offers(visit: Visit, shown: Account) -> tuple[Offer, ...]:
    if shown.plan is not None:
        return ()
    window = acts.promise_window(visit, shown.today)
    if window is None or len(shown.promises) >= window.max_open:
        return ()
    usual = window.usual(visit.customer.pay_day)
    return tuple(
        Offer(money, window.suggested(usual), usual, window.earliest, window.latest)
        for money in shown.owed
        if shown.promised_in(money.currency) is None
    )
