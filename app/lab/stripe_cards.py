"""The customers and cards that the local Stripe keeps, and its payments while nobody is at a page.

`says` is how the bank of a card answers: a decline code, `processing` or `requires_action`; a card
that is not named there pays. A decline is an answer, an event, and kept under its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from campaigns.keys import derive

Object = dict[str, Any]
Tell = Callable[[str, Object, datetime], object]
CARD: Final = {"brand": "visa", "last4": "4242"}


class Rejected(Exception):
    """A request that Stripe answers with an error of this status and this body."""

    def __init__(
        self,
        status: int,
        code: str | None,
        words: str,
        kind: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(words)
        error = {"type": kind or "invalid_request_error", "message": words, **more}
        self.status, self.body = status, {"error": error | ({"code": code} if code else {})}

    @property
    def is_kept(self) -> bool:
        """Whether a request was carried out, so that its key has this answer for good."""
        return self.status == 402


@dataclass
class StripeCards:
    """`payments` is the list of what was taken, which a book shares."""

    tell: Tell
    payments: dict[str, Object]
    cards: dict[str, Object] = field(default_factory=dict)
    intents: dict[str, Object] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)

    def keep(self, session: Object, at: datetime) -> None:
        """A card of a payer's page, as the events of its intents name it."""
        customer = "cus_" + derive("local stripe customer", session["id"])
        method = "pm_" + derive("local stripe card", session["id"])
        self.cards[method] = {"id": method, "customer": customer, "card": CARD}
        session["customer"] = customer
        named = {"customer": customer, "payment_method": method, "metadata": session["metadata"]}
        if session["mode"] == "setup":
            self._tell_setup(session, named, at)
        else:
            self._tell_paid({**named, "id": session["payment_intent"], **_sums(session)}, at)

    def charge(self, asked: Mapping[str, Any], now: datetime) -> Object:
        """Raises `Rejected` as the API does, for a decline too."""
        _ensure_off_session(asked)
        card = self.cards.get(asked["payment_method"])
        if card is None or card["customer"] != asked["customer"]:
            about = "payment_method" if card is None else "customer"
            raise Rejected(400, "resource_missing", f"No such {about}.", param=about)
        intent = self._made(asked, now)
        match self.says.get(card["id"], "pays"):
            case "pays":
                self.take(intent["id"], now)
            case "processing" | "requires_action" as status:
                intent["status"] = status
                self.tell(f"payment_intent.{status}", intent, now)
            case code:
                self._decline(intent, code, now)
        return dict(intent)

    def take(self, id_: str, at: datetime) -> None:
        """The bank has said yes."""
        intent = self.intents[id_]
        intent["status"], intent["amount_received"] = "succeeded", intent["amount"]
        self.payments[id_] = {"amount": intent["amount"], "currency": intent["currency"]}
        self._tell_paid(intent, at)

    def _made(self, asked: Mapping[str, Any], now: datetime) -> Object:
        id_ = "pi_" + derive("local stripe off-session", len(self.intents))
        self.intents[id_] = {
            "id": id_,
            "object": "payment_intent",
            "amount": int(asked["amount"]),
            "amount_received": 0,
            "currency": asked["currency"],
            "customer": asked["customer"],
            "payment_method": asked["payment_method"],
            "payment_method_types": ["card"],
            "metadata": dict(asked.get("metadata", {})),
            "description": asked.get("description"),
            "status": "requires_payment_method",
            "capture_method": "automatic",
            "confirmation_method": "automatic",
            "created": int(now.timestamp()),
            "livemode": False,
            "last_payment_error": None,
        }
        return self.intents[id_]

    def _decline(self, intent: Object, code: str, now: datetime) -> None:
        error = {"type": "card_error", "code": "card_declined", "decline_code": code}
        intent["last_payment_error"] = error
        self.tell("payment_intent.payment_failed", intent, now)
        words = "Your card was declined."
        told = dict(intent)
        raise Rejected(
            402, "card_declined", words, "card_error", decline_code=code, payment_intent=told
        )

    def _tell_setup(self, session: Object, named: Object, at: datetime) -> None:
        setup = {
            "id": session["setup_intent"],
            "object": "setup_intent",
            "created": int(at.timestamp()),
            "livemode": False,
            "payment_method_types": ["card"],
            "status": "succeeded",
            "usage": "off_session",
        }
        self.tell("setup_intent.succeeded", setup | named, at)

    def _tell_paid(self, intent: Object, at: datetime) -> None:
        """The payment, and the charge in it, which shows something of the card."""
        named = {name: intent[name] for name in ("customer", "payment_method", "metadata")}
        charge = {
            "id": "ch_" + derive("local stripe charge", intent["id"]),
            "object": "charge",
            "amount": intent["amount"],
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "payment_method_details": {"type": "card", "card": CARD},
            "status": "succeeded",
            "livemode": False,
        }
        self.tell("charge.succeeded", charge | named, at)
        self.tell("payment_intent.succeeded", intent, at)


def ensure_current(asked: Mapping[str, Any]) -> None:
    """A parameter that was taken away in 2026-09-30.endive."""
    if "payment_method_types" in asked:
        code = "payment_method_types_no_longer_supported"
        raise Rejected(400, code, "payment_method_types is no longer supported.")


def _sums(session: Object) -> Object:
    total = session["amount_total"]
    return {
        "object": "payment_intent",
        "amount": total,
        "amount_received": total,
        "currency": session["currency"],
        "status": "succeeded",
    }


def _ensure_off_session(asked: Mapping[str, Any]) -> None:
    """What we ask for, and what the API says no to in it."""
    ensure_current(asked)
    if asked.get("confirm") != "true" or asked.get("off_session") != "true":
        raise Rejected(400, "parameter_missing", "This is no off-session payment.")
    if not str(asked.get("amount", "")).isdecimal() or int(asked["amount"]) < 1:
        raise Rejected(400, "parameter_invalid_integer", "Invalid positive integer.")
    for name in ("currency", "customer", "payment_method"):
        if not asked.get(name):
            raise Rejected(400, "parameter_missing", f"Missing required param: {name}.")
