"""Forms that act once: each carries a nonce that only a page could have made. No cookie is kept.

A nonce is a keyed hash of the link's token, the customer's ledger revision, the purpose, and how
often the purpose was served before. So it is fixed while nothing has changed: a form that is sent
twice says the same nonce twice, and a form of an outdated page says an old one. So does the form of
a second tab that says something else: it is not the first one sent again.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import bindparam, func, select, union_all
from sqlmodel import Session

from app.store import guard, journal
from app.store.columns import word
from app.store.given import table_of
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
    WISH = "wish"
    PLAN = "plan"
    CARD = "card"
    CARD_STOP = "card_stop"
    DETAILS = "details"
    MESSAGE = "message"
    CALL = "call"
    CALL_CANCEL = "call_cancel"
    PREFERENCES = "preferences"
    FEEDBACK = "feedback"
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
        return self._nonce(self._standing(session), purpose)

    def nonces(self, session: Session) -> Mapping[Purpose, str]:
        """The nonces that the forms of a page carry now."""
        standing = self._standing(session)
        return _Made(lambda purpose: self._nonce(standing, Purpose(purpose)))

    def _standing(self, session: Session) -> Mapping[str, int]:
        """The ledger's revision, and how often each kind of form was served."""
        rows = session.connection().execute(_STANDING, {"customer_id": self.customer_id})
        return {row.kind: row.served for row in rows}

    def _nonce(self, standing: Mapping[str, int], purpose: Purpose) -> str:
        revision, served = standing.get(_LEDGER), standing.get(_KINDS[purpose], 0)
        what = f"duly/form/{self.token}/{self.customer_id}/{revision}/{purpose}/{served}"
        return hmac.digest(self.secret, what.encode(), "sha256")[:16].hex()

    def take(
        self,
        session: Session,
        purpose: Purpose,
        typed: Mapping[str, str],
        now: datetime,
        *,
        even_late: bool = False,
    ) -> Verdict:
        """Takes a form under the person's guard: `fresh` once, then `again` if it says the same;
        `stale` if outdated, unless it counts `even_late`.

        A fresh form is noted in this transaction, so of two at a time one is `again`.
        """
        guard.lock_persons(session, [self.person_id])
        given, key = typed.get("nonce", ""), self._event_key(typed)
        if not hmac.compare_digest(given.encode(), self.nonce(session, purpose).encode()):
            known = select(_EVENT.c.id).where(
                _EVENT.c.key == key, _EVENT.c.customer_id == self.customer_id
            )
            if session.connection().scalar(known) is not None:
                return "again"
            if not even_late:
                return "stale"
        noted = journal.Happened(
            kind=_KINDS[purpose], at=now, customer_id=self.customer_id, key=key
        )
        journal.record(session, [noted], now=now)
        return "fresh"

    def _event_key(self, typed: Mapping[str, str]) -> str:
        """Names what was said, in whatever language, without saying it."""
        said = json.dumps({name: typed[name] for name in sorted(typed) if name != "lang"})
        return f"form:{hmac.digest(self.secret, said.encode(), 'sha256')[:16].hex()}"


class _Made(dict[Purpose, str]):
    """Nonces, each made when it is asked for: a page has few of the forms."""

    def __init__(self, make: Callable[[Purpose], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, purpose: Purpose) -> str:
        made = self[purpose] = self._make(purpose)
        return made


_KINDS = {purpose: f"{purpose}_form_taken" for purpose in Purpose}
_LEDGER = "ledger"
_REVISION = select(word(_LEDGER).label("kind"), _CUSTOMER.c.ledger_revision.label("served")).where(
    _CUSTOMER.c.id == bindparam("customer_id")
)
_NOTED = [kind for purpose, kind in _KINDS.items() if purpose is not Purpose.PAY]
_TAKEN = (
    select(_EVENT.c.kind, func.count().label("served"))
    .where(_EVENT.c.customer_id == bindparam("customer_id"), _EVENT.c.kind.in_(map(word, _NOTED)))
    .group_by(_EVENT.c.kind)
)
# A form to pay is not noted: the checkout that it opens is known by its nonce. Once one is over,
# declined for one, the next try needs a nonce of its own.
_OVER = select(word(_KINDS[Purpose.PAY]), func.count()).where(
    _CHECKOUT.c.customer_id == bindparam("customer_id"), _CHECKOUT.c.state != word("open")
)
_STANDING = union_all(_REVISION, _TAKEN, _OVER)
