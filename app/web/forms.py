"""Forms that act once: each carries a nonce that only a page could have made. No cookie is kept.

A nonce is a keyed hash of the link's token, the customer's ledger revision, the purpose, and how
often the purpose was served before. So it is fixed while nothing has changed: a form that is sent
twice says the same nonce twice, and a form of an outdated page says an old one.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import Select, func, select
from sqlmodel import Session

from app.store import guard, journal
from app.store.bulk import table_of
from app.store.rows import Checkout, Customer, Event

_CUSTOMER = table_of(Customer)
_EVENT = table_of(Event)
_CHECKOUT = table_of(Checkout)


class Purpose(StrEnum):
    """What a form of the customer's page is for."""

    PAY = "pay"
    PROMISE = "promise"
    DISPUTE = "dispute"
    HELP = "help"
    PAID = "paid"
    PARTS = "parts"
    PLAN = "plan"
    CARD = "card"
    CARD_STOP = "card_stop"
    DETAILS = "details"
    WRONG_PERSON = "wrong_person"
    STOP = "stop"


Verdict = Literal["fresh", "again", "stale"]


@dataclass(frozen=True, slots=True)
class FormKey:
    """Whose form it is: what the nonces of one page are made from."""

    secret: bytes
    token: str
    customer_id: int
    person_id: int

    def nonce(self, session: Session, purpose: Purpose) -> str:
        """The nonce that a form for `purpose` carries now."""
        revision = session.connection().scalar(
            select(_CUSTOMER.c.ledger_revision).where(_CUSTOMER.c.id == self.customer_id)
        )
        served = session.connection().scalar(self._served(purpose))
        what = f"duly/form/{self.token}/{self.customer_id}/{revision}/{purpose}/{served}"
        return hmac.digest(self.secret, what.encode(), "sha256")[:16].hex()

    def _served(self, purpose: Purpose) -> Select[int]:
        if purpose is Purpose.PAY:
            # A form to pay is not noted: the checkout that it opens is known by its nonce. Once
            # one is over, declined for one, the next try needs a nonce of its own.
            over = _CHECKOUT.c.customer_id == self.customer_id, _CHECKOUT.c.state != "open"
            return select(func.count()).select_from(_CHECKOUT).where(*over)
        taken = _EVENT.c.customer_id == self.customer_id, _EVENT.c.kind == _kind(purpose)
        return select(func.count()).select_from(_EVENT).where(*taken)

    def take(self, session: Session, purpose: Purpose, given: str, now: datetime) -> Verdict:
        """Takes a form under the person's guard: `fresh` once, then `again`; `stale` if outdated.

        A fresh form is noted in this transaction, so of two at a time one is `again`.
        """
        guard.lock_persons(session, [self.person_id])
        if hmac.compare_digest(given.encode(), self.nonce(session, purpose).encode()):
            noted = journal.Happened(
                kind=_kind(purpose), at=now, customer_id=self.customer_id, key=_event_key(given)
            )
            journal.record(session, [noted], now=now)
            return "fresh"
        known = select(_EVENT.c.id).where(
            _EVENT.c.key == _event_key(given), _EVENT.c.customer_id == self.customer_id
        )
        return "stale" if session.connection().scalar(known) is None else "again"


def _kind(purpose: Purpose) -> str:
    return f"{purpose}_form_taken"


def _event_key(nonce: str) -> str:
    return f"form:{nonce}"
