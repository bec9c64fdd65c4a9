"""What a customer may agree to of a card, in the very words that are kept by their hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row

from app.book.envelope import house_in
from app.book.mandates import MandateIn, give_mandate, live_of_plans
from app.payments.choice import serving
from app.payments.gateway import Charging, GatewayRefused
from app.web.catalogues import N_
from app.web.ways.way import Moment
from campaigns.keys import derive

WORDS: Final = (
    N_(
        "We debit your card for each part of this plan that is still open. The plan shows the"
        " amounts and the days. If a day is not a working day, we debit the card on the next one."
    ),
    N_(
        "Before each debit you get a message with the amount and the day. A part that is due in"
        " the next few days is not debited: there is no time left to tell you first."
    ),
    N_("If the bank declines a debit, we tell you, and may try again on a later day."),
    N_(
        "You can stop this at any time, here with one press or by writing to us. It ends by itself"
        " when the plan is paid."
    ),
)


@dataclass(frozen=True, slots=True)
class CardOffer:
    """What may be agreed to now, in the reader's words; `live` is the mandate that is in force."""

    plan_id: int
    currency: str
    words: tuple[str, ...]
    text_hash: str
    live: Row[Any] | None


def card_offer(moment: Moment) -> CardOffer | None:
    """None where no plan is running, or whoever takes the payments keeps no cards. A card that is
    kept is always shown, so that it can be revoked."""
    plan = moment.account.plan
    if plan is None or plan.id is None:
        return None
    live = live_of_plans(moment.session, [plan.id]).get(plan.id)
    is_unpaid = any(part.state != "paid" for part in moment.account.instalments)
    if live is None and not (is_unpaid and _keeps_cards(moment)):
        return None
    words = tuple(moment.say(text) for text in WORDS)
    return CardOffer(plan.id, plan.currency, words, text_hash(words), live)


def text_hash(words: Sequence[str]) -> str:
    """The version of an agreement: that of the very words."""
    return sha256("\n".join(words).encode()).hexdigest()


def agree_to_debits(moment: Moment, offer: CardOffer, *, gateway: str, nonce: str) -> Row[Any]:
    """Puts the agreement on record; the form's nonce makes it one, however often it is sent."""
    found = moment.found
    given = MandateIn(
        key=derive("mandate", found.customer_id, offer.plan_id, nonce),
        creditor_id=found.customer.creditor_id,
        customer_id=found.customer_id,
        plan_id=offer.plan_id,
        currency=offer.currency,
        gateway=gateway,
        text_hash=offer.text_hash,
        locale=moment.locale,
    )
    return give_mandate(moment.session, given, now=moment.now)


def _keeps_cards(moment: Moment) -> bool:
    try:
        gateway = serving(moment.session, moment.site.gateways, moment.found.customer_id).gateway
    except GatewayRefused:
        return False
    is_set = house_in(moment.found.creditor).debits.most_tries > 0
    return is_set and isinstance(gateway, Charging)
