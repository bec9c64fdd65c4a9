"""When a kept card is debited for an instalment, and what follows when the bank says no.

Pure: whether anything else stops a debit (a dispute, a hold, a notice that was not sent) is asked
where it is made. A card that the bank refused for good is never asked again, and none twice a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

MOST_TRIES: Final = 8
"""Never more for one instalment, whatever a creditor sets. Card networks fine whoever asks more
than 15 times in 30 days (Visa) or 35 (Mastercard)."""


class Declined(StrEnum):
    """What a bank's no means for the next try."""

    SOFT = "soft"  # the same card may do on another day: too little on the account, no answer
    HARD = "hard"  # this card will not do again
    CONFIRM = "confirm"  # the payer has to confirm it with the bank, which only a page can ask for


class DebitState(StrEnum):
    """How the debit of one instalment stands. Values are stable: conditions name them."""

    NONE = ""  # no card is debited for it
    PLANNED = "planned"  # and not announced yet
    ANNOUNCED = "announced"
    RUNNING = "running"  # asked for; nobody has said yet what came of it
    RETRY = "retry"  # declined, and tried once more
    REPLACE = "replace"  # declined, and not tried again with this card
    CONFIRM = "confirm"  # declined until the payer has confirmed it


@dataclass(frozen=True, slots=True)
class DebitTerms:
    """How often and how soon. `notice_days` lie between its notice and a debit."""

    notice_days: int = 2
    most_tries: int = 3
    retry_days: int = 3


@dataclass(frozen=True, slots=True)
class Tried:
    """A try of one card, the `mandate`, and what the bank said; None while it has said nothing."""

    on: date
    mandate: int
    declined: Declined | None = None


@dataclass(frozen=True, slots=True)
class Debit:
    """How it stands, and the day of the next try where one is to come. `card_ending` are the last
    figures of the card, where its gateway tells them."""

    state: DebitState = DebitState.NONE
    on: date | None = None
    card_ending: str | None = None


NO_DEBIT: Final = Debit()


def debit(
    first_on: date,
    tried: Sequence[Tried],
    mandate: int,
    terms: DebitTerms,
    *,
    today: date,
    announced_on: date | None = None,
) -> Debit:
    """The debit of an unpaid instalment by the card of `mandate`; `tried` is in order of time.

    It is made on `first_on`, or later where its notice came late. Another card begins anew, on the
    day after the last try of the one before.
    """
    if terms.most_tries < 1:
        return NO_DEBIT
    if not tried:
        state = DebitState.PLANNED if announced_on is None else DebitState.ANNOUNCED
        noticed = (announced_on or today) + timedelta(days=terms.notice_days)
        return Debit(state, max(first_on, noticed))
    last = tried[-1]
    if last.declined is None:
        return Debit(DebitState.RUNNING)
    if len(tried) >= MOST_TRIES:
        return Debit(DebitState.REPLACE)
    if last.mandate != mandate:
        return Debit(DebitState.RETRY, last.on + timedelta(days=1))
    match last.declined:
        case Declined.CONFIRM:
            return Debit(DebitState.CONFIRM)
        case Declined.HARD:
            return Debit(DebitState.REPLACE)
        case Declined.SOFT:
            return _after_soft(last, [one for one in tried if one.mandate == mandate], terms)


def _after_soft(last: Tried, tried: Sequence[Tried], terms: DebitTerms) -> Debit:
    if len(tried) >= terms.most_tries:
        return Debit(DebitState.REPLACE)
    return Debit(DebitState.RETRY, last.on + timedelta(days=max(terms.retry_days, 1)))
