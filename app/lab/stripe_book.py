"""What the local Stripe knows: sessions, what was paid in them, what went back, what it told.

Its own list of payments is the evidence for what was taken from whom: the adapter's word is none.
`pay`, `decline` and the rest play the payer and the banks; each answers the signed event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, Final

from app.lab.stripe_cards import Object, Rejected, StripeCards, ensure_current
from app.payments.gateway import SessionClosed, SessionPaid, UnknownSession
from app.payments.signature import sign
from app.payments.stripe_events import MANDATE
from campaigns.keys import derive

HEADER: Final = "Stripe-Signature"


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it goes to the webhook: these bytes, with these headers."""

    event_id: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class StripeBook:
    """In memory. `origin` is where payers' pages are; `secret` signs what is told."""

    secret: str
    origin: str = "https://checkout.stripe.invalid"
    sessions: dict[str, Object] = field(default_factory=dict)
    payments: dict[str, Object] = field(default_factory=dict)
    refunds: dict[str, Object] = field(default_factory=dict)
    waiting: dict[str, bytes] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    cards: StripeCards = field(init=False)

    def __post_init__(self) -> None:
        self.cards = StripeCards(self.tell, self.payments)

    def open(self, asked: Mapping[str, Any], now: datetime) -> Object:
        """A session as the API makes it. Raises `Rejected`."""
        _ensure_valid(asked, now)
        with self.lock:
            id_ = "cs_test_" + derive("local stripe session", len(self.sessions))
            self.sessions[id_] = {
                "id": id_,
                "object": "checkout.session",
                "mode": asked["mode"],
                "status": "open",
                "customer": None,
                "setup_intent": None,
                **(_sums(asked) if asked["mode"] == "payment" else _NOTHING),
                "client_reference_id": asked.get("client_reference_id"),
                "expires_at": int(asked["expires_at"]),
                "metadata": dict(asked.get("metadata", {})),
                "payment_intent": None,
                "locale": asked.get("locale"),
                "success_url": asked["success_url"],
                "livemode": False,
                "url": f"{self.origin}/c/pay/{id_}",
            }
            return dict(self.sessions[id_])

    def session(self, id_: str) -> Object:
        """Raises `Rejected` as the API does."""
        if id_ not in self.sessions:
            raise Rejected(404, "resource_missing", f"No such checkout.session: '{id_}'")
        return dict(self.sessions[id_])

    def expire(self, id_: str, now: datetime) -> Object:
        with self.lock:
            found = self.session(id_)
            if found["status"] != "open":
                words = "Only Checkout Sessions with a status in [open] can be expired."
                raise Rejected(400, None, words)
            self.sessions[id_]["status"] = "expired"
            self.tell("checkout.session.expired", self.sessions[id_], now)
            return self.session(id_)

    def pay(self, id_: str, at: datetime, *, units: int | None = None) -> Told:
        """The payer pays. Raises `SessionPaid`, `SessionClosed`, `UnknownSession`.

        `units` plays a Stripe that takes something else than it was asked to.
        """
        with self.lock:
            session = self._payable(id_, at)
            self._complete(session)
            if units is not None:
                session["amount_total"] = units
            told = self._settle(session, at, "checkout.session.completed")
            if MANDATE in session["metadata"]:
                self.cards.keep(session, at)
            return told

    def enter_card(self, id_: str, at: datetime) -> Told:
        """The payer enters a card on a page that keeps it and takes nothing. Raises as `pay`."""
        with self.lock:
            session = self._payable(id_, at)
            session["status"] = "complete"
            session["setup_intent"] = "seti_" + derive("local stripe setup", id_)
            self.cards.keep(session, at)
            return self.tell("checkout.session.completed", session, at)

    def begin_debit(self, id_: str, at: datetime) -> Told:
        """The payer is done; the bank takes days."""
        with self.lock:
            session = self._payable(id_, at)
            self._complete(session)
            return self.tell("checkout.session.completed", session, at)

    def end_debit(self, id_: str, at: datetime, *, succeeds: bool) -> Told:
        """The bank has made up its mind."""
        with self.lock:
            session = self.sessions[id_]
            if succeeds:
                return self._settle(session, at, "checkout.session.async_payment_succeeded")
            return self.tell("checkout.session.async_payment_failed", session, at)

    def refund(self, payment: str, units: int, at: datetime) -> Told:
        with self.lock:
            id_ = "re_" + derive("local stripe refund", payment, len(self.refunds))
            currency = self.payments[payment]["currency"]
            refund = {"id": id_, "object": "refund", "amount": units, "currency": currency}
            self.refunds[id_] = {**refund, "payment_intent": payment, "status": "succeeded"}
            return self.tell("refund.created", self.refunds[id_], at)

    def fail_refund(self, id_: str, at: datetime) -> Told:
        """The bank of the payer sends a refund back."""
        with self.lock:
            self.refunds[id_]["status"] = "failed"
            return self.tell("refund.failed", self.refunds[id_], at)

    def dispute(self, payment: str, kind: str, at: datetime) -> Told:
        """An event about the dispute of a payment: `created`, `funds_withdrawn`, …"""
        with self.lock:
            paid = self.payments[payment]
            dispute = {
                "id": "dp_" + derive("local stripe dispute", payment),
                "object": "dispute",
                "amount": paid["amount"],
                "currency": paid["currency"],
                "payment_intent": payment,
                "evidence_details": {"due_by": int((at + timedelta(days=7)).timestamp())},
                "status": "needs_response",
            }
            return self.tell(f"charge.dispute.{kind}", dispute, at)

    def undelivered(self, now: datetime) -> list[Told]:
        """What nobody acknowledged, in the order of happening, signed anew."""
        with self.lock:
            return [self.signed(id_, body, now) for id_, body in self.waiting.items()]

    def acknowledge(self, event_id: str) -> None:
        with self.lock:
            self.waiting.pop(event_id, None)

    def signed(self, event_id: str, body: bytes, at: datetime) -> Told:
        header = sign(body, secret=self.secret, at=at)
        return Told(event_id, body, {HEADER: header, "Content-Type": "application/json"})

    def tell(self, kind: str, about: Object, at: datetime) -> Told:
        """An event of this kind about this object; it waits until it is acknowledged."""
        id_ = "evt_" + derive("local stripe event", kind, about["id"], len(self.waiting), at)
        event = {
            "id": id_,
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(at.timestamp()),
            "livemode": False,
            "type": kind,
            "data": {"object": about},
        }
        body = json.dumps(event).encode()
        self.waiting[id_] = body
        return self.signed(id_, body, at)

    def _payable(self, id_: str, at: datetime) -> Object:
        session = self.sessions.get(id_)
        if session is None:
            raise UnknownSession(f"there is no session {id_}")
        if session["status"] == "complete":
            raise SessionPaid(f"session {id_} is complete")
        if session["status"] != "open" or at.timestamp() >= session["expires_at"]:
            raise SessionClosed(f"session {id_} is over")
        return session

    def _complete(self, session: Object) -> None:
        session["status"] = "complete"
        session["payment_intent"] = "pi_" + derive("local stripe payment", session["id"])

    def _settle(self, session: Object, at: datetime, kind: str) -> Told:
        session["payment_status"] = "paid"
        self.payments[session["payment_intent"]] = {
            "amount": session["amount_total"],
            "currency": session["currency"],
            "session": session["id"],
        }
        return self.tell(kind, session, at)


_NOTHING: Final = {
    "payment_status": "no_payment_required",
    "amount_total": None,
    "amount_subtotal": None,
    "currency": None,
}


def _sums(asked: Mapping[str, Any]) -> Object:
    price = asked["line_items"]["0"]["price_data"]
    total = int(price["unit_amount"]) * int(asked["line_items"]["0"]["quantity"])
    return {
        "payment_status": "unpaid",
        "amount_total": total,
        "amount_subtotal": total,
        "currency": price["currency"],
    }


def _ensure_valid(asked: Mapping[str, Any], now: datetime) -> None:
    """What the API says no to, of all that we ask."""
    ensure_current(asked)
    if asked.get("mode") not in ("payment", "setup") or "success_url" not in asked:
        raise Rejected(400, "parameter_missing", "Missing required param: mode or success_url.")
    if asked["mode"] == "payment":
        _ensure_line(asked.get("line_items", {}).get("0", {}))
    elif asked.get("allowed_payment_method_types", {}).get("0") != "card" or "line_items" in asked:
        raise Rejected(400, "parameter_invalid", "A setup has no items, and says which ways.")
    left = int(asked.get("expires_at", "0")) - now.timestamp()
    if not 1800 <= left <= 86400:
        raise Rejected(400, "parameter_invalid", "expires_at is 30 minutes to 24 hours from now.")
    metadata = asked.get("metadata", {})
    if len(metadata) > 50 or any(len(k) > 40 or len(v) > 500 for k, v in metadata.items()):
        raise Rejected(400, "parameter_invalid", "Metadata is too large.")


def _ensure_line(line: Mapping[str, Any]) -> None:
    units = line.get("price_data", {}).get("unit_amount", "")
    if not units.isdecimal() or int(units) < 1 or not line.get("quantity", "").isdecimal():
        raise Rejected(400, "parameter_invalid_integer", "Invalid line_items.")
