"""The cards that the sandbox keeps: pages that keep one, charges of one, and how its bank answers.

`play` sets how the bank of a card answers from now on, so that demo and tests see every answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from sqlite3 import Connection
from typing import Any, Final, Protocol

from app.payments.charging import ChargeRequest, KeepRequest, KeptCard
from app.payments.gateway import (
    CardGone,
    GatewaySession,
    GatewayUnavailable,
    SessionClosed,
    SessionPaid,
    UnknownSession,
)
from app.payments.sandbox_book import SandboxBook, stamp
from campaigns.debits import Declined
from campaigns.keys import derive
from campaigns.money import Money

EVERY_CARD: Final = "*"


class CardCourse(StrEnum):
    """How the bank of a card answers a charge."""

    PAYS = "pays"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LOST_CARD = "lost_card"
    AUTHENTICATION_REQUIRED = "authentication_required"
    PENDING = "pending"
    SILENT = "silent"  # it pays, and whoever asked never hears that
    DOWN = "down"  # nothing is done, and nothing is heard
    GONE = "gone"


DECLINES: Final[Mapping[str, Declined]] = {
    CardCourse.INSUFFICIENT_FUNDS: Declined.SOFT,
    CardCourse.LOST_CARD: Declined.HARD,
    CardCourse.AUTHENTICATION_REQUIRED: Declined.CONFIRM,
}


class Tell(Protocol):
    """Writes down what the gateway calls back with, in a running transaction."""

    def __call__(
        self, run: Connection, kind: str, told: Mapping[str, Any], at: datetime
    ) -> object: ...


class SandboxCards:
    """Over the book of a gateway, which calls back by `tell`."""

    def __init__(self, book: SandboxBook, tell: Tell, base_url: str) -> None:
        self._book = book
        self._tell = tell
        self._base_url = base_url

    def open_page(self, request: KeepRequest) -> GatewaySession:
        session_id = "sbk_" + derive("sandbox keeping", request.key)
        with self._book.transaction() as run:
            run.execute(
                "INSERT INTO keeping (session_id, key, customer_ref, expires_at)"
                " VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                (session_id, request.key, request.customer_ref, stamp(request.expires_at)),
            )
        return GatewaySession(session_id, f"{self._base_url}/card/{session_id}")

    def enter_card(self, session_id: str, at: datetime, course: CardCourse) -> KeptCard:
        """The payer enters a card on a page that keeps it. Raises `SessionPaid` the second time,
        and `SessionClosed` when it is over."""
        with self._book.transaction() as run:
            query = "SELECT * FROM keeping WHERE session_id = ?"
            page = run.execute(query, (session_id,)).fetchone()
            if page is None:
                raise UnknownSession(f"the sandbox has no page {session_id}")
            if page["state"] != "open":
                raise SessionPaid(f"a card was entered on page {session_id} already")
            if stamp(at) >= page["expires_at"]:
                raise SessionClosed(f"page {session_id} is over: open a new one")
            run.execute("UPDATE keeping SET state = 'kept' WHERE session_id = ?", (session_id,))
            card = self.keep(run, page["key"], session_id, page["customer_ref"], at)
            _set_course(run, card.method_ref, course)
            return card

    def keep(
        self, run: Connection, mandate: str, session_id: str, customer_ref: str, at: datetime
    ) -> KeptCard:
        """Keeps the card of a session, and tells so."""
        customer = "sbc_" + derive("sandbox customer", customer_ref)
        method = "sbm_" + derive("sandbox card", session_id)
        card = KeptCard(customer, method, "Visa", f"{int(derive(method)[:8], 16) % 10000:04}")
        run.execute("INSERT OR IGNORE INTO course (method_ref) VALUES (?)", (method,))
        told = {"mandate_key": mandate, "customer_ref": customer, "method_ref": method}
        shown = {"brand": card.brand, "last_four": card.last_four}
        self._tell(run, "card_kept", told | shown, at)
        return card

    def play(self, course: CardCourse, method_ref: str = EVERY_CARD) -> None:
        """How the bank of this card, or of every card, answers from now on."""
        with self._book.transaction() as run:
            _set_course(run, method_ref, course)

    def charge(self, request: ChargeRequest) -> str:
        session_id = "sbs_" + derive("sandbox session", request.key)
        with self._book.transaction() as run:
            course = _course(run, request.card.method_ref)
            if course is CardCourse.DOWN:
                raise GatewayUnavailable("the sandbox plays a dead line")
            if course is CardCourse.GONE:
                raise CardGone("the sandbox keeps no such card")
            if self._is_new(run, session_id, request):
                self._answer(run, session_id, request, course)
        if course is CardCourse.SILENT:
            raise GatewayUnavailable("the sandbox plays an answer that was lost")
        return session_id

    def settle(self, session_id: str, at: datetime) -> None:
        """The bank has confirmed a charge that was pending."""
        with self._book.transaction() as run:
            query = "SELECT * FROM session WHERE session_id = ? AND state = 'pending'"
            session = run.execute(query, (session_id,)).fetchone()
            if session is None:
                raise UnknownSession(f"nothing is pending under {session_id}")
            amount = Money(session["amount_minor"], session["currency"])
            self._take(run, session_id, session["key"], amount, at)

    def _is_new(self, run: Connection, session_id: str, request: ChargeRequest) -> bool:
        made = run.execute(
            "INSERT INTO session (session_id, key, amount_minor, currency, description,"
            " return_url, customer_ref, expires_at, state)"
            " VALUES (?, ?, ?, ?, ?, '', ?, '', 'pending') ON CONFLICT (key) DO NOTHING",
            (
                *(session_id, request.key, request.amount.minor, request.amount.currency),
                *(request.description, request.card.customer_ref),
            ),
        )
        return made.rowcount > 0

    def _answer(
        self,
        run: Connection,
        session_id: str,
        request: ChargeRequest,
        course: CardCourse,
    ) -> None:
        at = request.asked_at
        named = {"session_id": session_id, "checkout_key": request.key}
        declined = DECLINES.get(course)
        if course is CardCourse.PENDING:
            self._tell(run, "checkout_pending", named, at)
        elif declined is not None:
            run.execute("UPDATE session SET state = 'declined' WHERE session_id = ?", (session_id,))
            told = {**named, "declined": declined.value, "code": course.value}
            self._tell(run, "checkout_declined", told, at)
        else:
            self._take(run, session_id, request.key, request.amount, at)

    def _take(
        self, run: Connection, session_id: str, key: str, amount: Money, at: datetime
    ) -> None:
        reference = "sbp_" + derive("sandbox payment", session_id)
        run.execute("UPDATE session SET state = 'paid' WHERE session_id = ?", (session_id,))
        run.execute(
            "INSERT INTO payment (payment_ref, session_id, amount_minor, currency, at)"
            " VALUES (?, ?, ?, ?, ?)",
            (reference, session_id, amount.minor, amount.currency, stamp(at)),
        )
        told = {"session_id": session_id, "checkout_key": key, "payment_ref": reference}
        taken = {"amount_minor": amount.minor, "currency": amount.currency}
        self._tell(run, "checkout_paid", told | taken, at)


def _set_course(run: Connection, method_ref: str, course: CardCourse) -> None:
    run.execute("INSERT OR REPLACE INTO course VALUES (?, ?)", (method_ref, course.value))


def _course(run: Connection, method_ref: str) -> CardCourse:
    """Of every card, where that was set; else of this one, which must be kept here."""
    query = "SELECT course FROM course WHERE method_ref IN (?, ?) ORDER BY method_ref LIMIT 1"
    found = run.execute(query, (EVERY_CARD, method_ref)).fetchone()
    return CardCourse(found["course"]) if found else CardCourse.GONE
