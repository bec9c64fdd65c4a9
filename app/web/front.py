"""Puts the front of a customer's page together: what is left, how to pay, and the other ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup
from starlette.responses import HTMLResponse

from app.web.account import Account
from app.web.accounts import has_others
from app.web.brand import brand_of
from app.web.charged import Charged, charged
from app.web.documents import DocumentLink, document_links
from app.web.forms import Purpose
from app.web.pages import tongues, writer_for
from app.web.payable import Payable, Share, payables
from app.web.visits import Visit
from app.web.ways.card import WAY as CARD
from app.web.ways.card_offer import CardOffer, card_offer
from app.web.ways.every import BY_PURPOSE, WAYS
from app.web.ways.feedback import asks_now
from app.web.ways.way import Fault, Filled, Moment, Place, Way
from app.wording.address import called


@dataclass(frozen=True, slots=True)
class Named:
    """A way as the front page names it."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """All that the template `pages/front.html` shows."""

    path: str
    language: str
    account: Account
    documents: Mapping[int, DocumentLink]
    charged: Mapping[int, Charged]
    nonces: Mapping[Purpose, str]
    payables: tuple[Payable, ...]
    card: CardOffer | None
    ways: Mapping[Place, tuple[Named, ...]]
    greeted: str | None
    has_others: bool
    done: str | Markup | None
    asks: bool
    fault: Fault | None
    typed: Filled

    @property
    def invoices_asked(self) -> int:
        """How many invoices are asked for. A charge stands in the books as one, and is none."""
        return sum(line.id not in self.charged for line in self.account.asked)

    @property
    def charges(self) -> tuple[Payable, ...]:
        """What a new card would pay: behind a link for one, while a charge is open."""
        return tuple(one for one in self.payables if one.share is Share.CHARGE)


def front_page(
    moment: Moment, *, done: str = "", fault: Fault | None = None, typed: Filled | None = None
) -> HTMLResponse:
    """The page as it stands in this transaction, with the status of its fault if it has one."""
    found, shown, session = moment.found, moment.account, moment.session
    path = f"/p/{found.token}"
    way_done = BY_PURPOSE.get(done)
    key = found.form_key(moment.site.settings.secret)
    card = card_offer(moment)
    asks = done not in ("", Purpose.FEEDBACK) and way_done is not None and asks_now(moment)
    page = FrontPage(
        path=path,
        language=moment.language,
        account=shown,
        documents=document_links(shown.lines, path, moment.language),
        charged=charged(session, found.customer_id) if shown.traces.charges else {},
        nonces=key.nonces(session),
        payables=payables(session, found, shown),
        card=card,
        ways=_named(moment, card),
        has_others=shown.traces.accounts and has_others(session, found),
        greeted=_greeted(found, moment.language),
        done=_thanked(moment, way_done) if way_done and way_done.done else None,
        asks=asks,
        fault=replace(fault, words=moment.say(fault.words)) if fault else None,
        typed=typed or Filled(),
    )
    return moment.site.pages.answer(
        "pages/front.html",
        language=moment.language,
        locale=moment.locale,
        brand=brand_of(found.creditor),
        tongues=tongues(path, moment.language),
        status=fault.status if fault else 200,
        page=page,
    )


def meant(moment: Moment) -> str | None:
    """The slug of the way that the link was made for, if it is open now. A link for a new card
    stays here while it has a charge to pay."""
    way = BY_PURPOSE.get(moment.found.link.purpose)
    if way is None or not way.offered(moment):
        return None
    wanted = payables(moment.session, moment.found, moment.account)
    return None if any(one.share is Share.CHARGE for one in wanted) else way.slug


def _named(moment: Moment, card: CardOffer | None) -> Mapping[Place, tuple[Named, ...]]:
    # The way of the card would ask for the offer once more.
    offered = [way for way in WAYS if (card is not None if way is CARD else way.offered(moment))]
    return {
        place: tuple(
            Named(way.slug, moment.say(way.title)) for way in offered if way.place is place
        )
        for place in Place
    }


def _greeted(visit: Visit, language: str) -> str | None:
    customer = visit.customer
    if customer.kind == "business":
        return called(language, name=customer.name, vocative=None)
    name = customer.given_name or customer.name
    return called(language, name=name, vocative=customer.vocative)


def _thanked(moment: Moment, way: Way) -> str | Markup:
    words = moment.say(way.done)
    if way.done_by is None:
        return words
    writer = writer_for(moment.language, moment.locale)
    return Markup(words) % {"day": writer.day(way.done_by(moment))}
