"""What a bank's no, as Stripe names it, means for the next try.

https://docs.stripe.com/declines/codes, as of November 2026. Only codes whose advice is to try again
later are tried again; every other one, and one that nobody knows, is final for this card.
"""

from __future__ import annotations

from typing import Final

from campaigns.debits import Declined

SOFT: Final = frozenset(
    "approve_with_id card_velocity_exceeded insufficient_funds issuer_not_available"
    " processing_error reenter_transaction try_again_later withdrawal_count_limit_exceeded".split()
)
CONFIRM: Final = frozenset({"authentication_required", "authentication_not_handled"})

_AGAIN: Final = "try_again_later"


def declined_by(code: str, advice: str | None = None) -> Declined:
    """`advice` is the network's own (`advice_code`), where Stripe passes it on: it may only make us
    more careful. https://docs.stripe.com/declines/card#retrying-issuer-declines"""
    if code in CONFIRM:
        return Declined.CONFIRM
    if code in SOFT and advice in (None, _AGAIN):
        return Declined.SOFT
    return Declined.HARD
