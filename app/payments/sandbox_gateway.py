"""The gateway that Duly ships: a whole provider in one SQLite file, for the demo and the tests.

`SandboxGateway` is what Duly talks to. `pay`, `decline`, `refund` and `charge_back` are for whoever
plays the payer and the bank; each answers the callback that a provider would send. A callback stays
in `undelivered` until it is acknowledged, so one that a crash swallowed is told again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final

from app.payments.charging import ChargeRequest, KeepRequest, KeptCard
from app.payments.gateway import (
    CardKept,
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    CheckoutPending,
    CheckoutRequest,
    GatewayEvent,
    GatewaySession,
    OtherEvent,
    PaymentReversed,
    ReversalKind,
    SessionClosed,
    SessionPaid,
    UnknownSession,
    UnreadableCallback,
)
from app.payments.sandbox_book import SandboxBook, stamp
from app.payments.sandbox_cards import SandboxCards
from app.payments.signature import ensure_signed, sign
from campaigns.debits import Declined
from campaigns.keys import derive
from campaigns.money import Money

NAME: Final = "sandbox"
HEADER: Final = "Sandbox-Signature"


@dataclass(frozen=True, slots=True)
class Callback:
    """A signed call as it goes to Duly: these bytes, with these headers."""

    event_id: str
    body: bytes
    headers: Mapping[str, str]


class SandboxGateway:
    """Keeps the contract of `Gateway` and of `Charging`. `base_url` is where its pages
    would be."""

    name = NAME

    def __init__(
        self,
        path: Path | str = ":memory:",
        *,
        secret: str,
        base_url: str = "https://sandbox.invalid",
    ) -> None:
        self._book = SandboxBook(path)
        self._secret = secret
        self._base_url = base_url.rstrip("/")
        self.cards = SandboxCards(self._book, self._tell, self._base_url)

    def open(self, request: CheckoutRequest) -> GatewaySession:
        """The session of this key: the first request decides, later ones only find it."""
        session_id = "sbs_" + derive("sandbox session", request.key)
        with self._book.transaction() as run:
            run.execute(
                "INSERT INTO session (session_id, key, amount_minor, currency, description,"
                " return_url, customer_ref, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING",
                (session_id, *_columns(request)),
            )
            if request.keeps_card:
                run.execute("INSERT OR IGNORE INTO card VALUES (?)", (session_id,))
            if request.mandate:
                named = (session_id, request.mandate)
                run.execute("INSERT OR IGNORE INTO mandate VALUES (?, ?)", named)
        return GatewaySession(session_id, f"{self._base_url}/pay/{session_id}")

    def expire(self, session_id: str) -> None:
        with self._book.transaction() as run:
            if _session(run, session_id)["state"] == "paid":
                raise SessionPaid(f"session {session_id} was paid; wait for its callback")
            run.execute(
                "UPDATE session SET state = 'expired' WHERE session_id = ? AND state = 'open'",
                (session_id,),
            )

    def keep_card(self, request: KeepRequest) -> GatewaySession:
        return self.cards.open_page(request)

    def charge(self, request: ChargeRequest) -> str:
        return self.cards.charge(request)

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        found = {name.lower(): value for name, value in headers.items()}
        ensure_signed(body, found.get(HEADER.lower(), ""), secret=self._secret, now=now)
        return _read(body)

    def pay(self, session_id: str, at: datetime, *, amount: Money | None = None) -> Callback:
        """The payer pays. Raises `SessionPaid` the second time, `SessionClosed` when it is over.

        `amount` plays a gateway that takes something else than it was asked to.
        """
        with self._book.transaction() as run:
            session = _payable(run, session_id, at)
            taken = amount or Money(session["amount_minor"], session["currency"])
            reference = "sbp_" + derive("sandbox payment", session_id)
            run.execute("UPDATE session SET state = 'paid' WHERE session_id = ?", (session_id,))
            run.execute(
                "INSERT INTO payment (payment_ref, session_id, amount_minor, currency, at)"
                " VALUES (?, ?, ?, ?, ?)",
                (reference, session_id, taken.minor, taken.currency, stamp(at)),
            )
            keeps = "SELECT 1 FROM card WHERE session_id = ?"
            kept = run.execute(keeps, (session_id,)).fetchone() is not None
            mandate = "SELECT key FROM mandate WHERE session_id = ?"
            if given := run.execute(mandate, (session_id,)).fetchone():
                self.cards.keep(run, given["key"], session_id, session["customer_ref"], at)
            told = {**_told(session), **_amount(taken), "payment_ref": reference, "card_kept": kept}
            return self._tell(run, "checkout_paid", told, at)

    def decline(self, session_id: str, at: datetime) -> Callback:
        """The payer's bank says no; the session is over."""
        with self._book.transaction() as run:
            session = _payable(run, session_id, at)
            run.execute("UPDATE session SET state = 'declined' WHERE session_id = ?", (session_id,))
            return self._tell(run, "checkout_declined", _told(session), at)

    def let_expire(self, session_id: str, at: datetime) -> Callback:
        """The session ends unpaid, as a provider tells it. Raises `SessionPaid` if it was paid."""
        self.expire(session_id)
        with self._book.transaction() as run:
            return self._tell(run, "checkout_expired", _told(_session(run, session_id)), at)

    def refund(self, payment_ref: str, amount: Money, at: datetime) -> Callback:
        """The creditor gives (a part) back. Raises `ValueError` for more than is left of it."""
        return self._reverse(payment_ref, ReversalKind.REFUND, amount, at)

    def charge_back(self, payment_ref: str, at: datetime) -> Callback:
        """The payer's bank takes back what is left of a payment."""
        return self._reverse(payment_ref, ReversalKind.CHARGEBACK, None, at)

    def payments(self) -> list[tuple[str, str, Money]]:
        """(session id, payment ref, amount) of all that was ever paid, for comparing the books."""
        return [
            (row["session_id"], row["payment_ref"], Money(row["amount_minor"], row["currency"]))
            for row in self._book.rows("SELECT * FROM payment ORDER BY at, payment_ref")
        ]

    def undelivered(self, now: datetime) -> list[Callback]:
        """Callbacks that nobody acknowledged, in the order of happening, signed anew at `now`."""
        waiting = self._book.rows(
            "SELECT event_id, body FROM callback WHERE NOT delivered ORDER BY sequence"
        )
        return [self._signed(row["event_id"], row["body"], now) for row in waiting]

    def acknowledge(self, event_id: str) -> None:
        """Duly answered 2xx: this callback is not told again."""
        with self._book.transaction() as run:
            run.execute("UPDATE callback SET delivered = 1 WHERE event_id = ?", (event_id,))

    def close(self) -> None:
        """Gives the file back; twice is fine."""
        self._book.close()

    def _reverse(
        self, payment_ref: str, kind: ReversalKind, amount: Money | None, at: datetime
    ) -> Callback:
        with self._book.transaction() as run:
            payment = _payment(run, payment_ref)
            before = payment["reversed_minor"]
            left = Money(payment["amount_minor"] - before, payment["currency"])
            back = amount or left
            if back.currency != left.currency or not 0 < back.minor <= left.minor:
                raise ValueError(f"payment {payment_ref} has {left} left to give back, not {back}")
            run.execute(
                "UPDATE payment SET reversed_minor = ? WHERE payment_ref = ?",
                (before + back.minor, payment_ref),
            )
            reference = "sbr_" + derive("sandbox reversal", payment_ref, before)
            told = {"payment_ref": payment_ref, "reversal_ref": reference, "reversal_kind": kind}
            return self._tell(run, "payment_reversed", {**told, **_amount(back)}, at)

    def _tell(self, run: Connection, kind: str, told: Mapping[str, Any], at: datetime) -> Callback:
        event_id = "sbe_" + derive("sandbox event", kind, json.dumps(told, sort_keys=True))
        content = {"id": event_id, "kind": kind, "at": stamp(at), **told}
        body = json.dumps(content, sort_keys=True).encode()
        run.execute(
            "INSERT INTO callback (event_id, body, at) VALUES (?, ?, ?)"
            " ON CONFLICT (event_id) DO NOTHING",
            (event_id, body, stamp(at)),
        )
        return self._signed(event_id, body, at)

    def _signed(self, event_id: str, body: bytes, at: datetime) -> Callback:
        header = sign(body, secret=self._secret, at=at)
        return Callback(event_id, body, {HEADER: header, "Content-Type": "application/json"})


def _columns(request: CheckoutRequest) -> tuple[object, ...]:
    asked, until = request.amount, stamp(request.expires_at)
    texts = (request.description, request.return_url, request.customer_ref)
    return (request.key, asked.minor, asked.currency, *texts, until)


def _session(run: Connection, session_id: str) -> Any:
    found = run.execute("SELECT * FROM session WHERE session_id = ?", (session_id,)).fetchone()
    if found is None:
        raise UnknownSession(f"the sandbox has no session {session_id}")
    return found


def _payable(run: Connection, session_id: str, at: datetime) -> Any:
    session = _session(run, session_id)
    if session["state"] == "paid":
        raise SessionPaid(f"session {session_id} was paid already")
    if session["state"] != "open" or stamp(at) >= session["expires_at"]:
        raise SessionClosed(f"session {session_id} is over: open a new one")
    return session


def _payment(run: Connection, payment_ref: str) -> Any:
    found = run.execute("SELECT * FROM payment WHERE payment_ref = ?", (payment_ref,)).fetchone()
    if found is None:
        raise ValueError(f"the sandbox has no payment {payment_ref}")
    return found


def _told(session: Any) -> dict[str, Any]:
    return {"session_id": session["session_id"], "checkout_key": session["key"]}


def _amount(money: Money) -> dict[str, Any]:
    return {"amount_minor": money.minor, "currency": money.currency}


def _read(body: bytes) -> GatewayEvent:
    try:
        return _event(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise UnreadableCallback(
            f"the sandbox signed a body that is no event of it ({type(wrong).__name__})"
        ) from wrong


def _event(told: Mapping[str, Any]) -> GatewayEvent:
    at = datetime.fromisoformat(told["at"])
    match told["kind"]:
        case "checkout_paid":
            amount = Money(told["amount_minor"], told["currency"])
            reference, key = told["payment_ref"], told["checkout_key"]
            kept = bool(told.get("card_kept", False))
            return CheckoutPaid(told["session_id"], amount, reference, at, key, kept)
        case "checkout_pending":
            return CheckoutPending(told["session_id"], at, told["checkout_key"])
        case "checkout_declined":
            declined = Declined(told["declined"]) if "declined" in told else None
            session_id, key = told["session_id"], told["checkout_key"]
            return CheckoutDeclined(session_id, at, key, declined, told.get("code"))
        case "card_kept":
            refs = told["customer_ref"], told["method_ref"]
            card = KeptCard(*refs, told["brand"], told["last_four"])
            return CardKept(told["mandate_key"], card, at)
        case "checkout_expired":
            return CheckoutExpired(told["session_id"], at, told["checkout_key"])
        case "payment_reversed":
            kind = ReversalKind(told["reversal_kind"])
            amount = Money(told["amount_minor"], told["currency"])
            return PaymentReversed(told["payment_ref"], told["reversal_ref"], kind, amount, at)
        case other:
            return OtherEvent(str(other), at)
