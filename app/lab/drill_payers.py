"""The payers of the drill: they open pages at a local Stripe, some in two tabs, and pay in some, by
card or by a debit that their bank takes its time for.

Stripe has bad days by seed. What happens in its pages is put into the post.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.exc import DBAPIError

from app.clock import SystemClock
from app.lab.drill_field import BASE_URL, OWED, Fighter
from app.lab.drill_lines import gateway
from app.lab.drill_money import STRIPE, Taken
from app.lab.drill_post import Post
from app.lab.drill_providers import bad_days
from app.lab.faults import Fate
from app.lab.stripe import LocalStripe
from app.lab.twilio_calls import Call
from app.payments.checkout import CheckoutRefused, start_checkout
from app.payments.gateway import GatewayUnavailable, SessionOver
from app.payments.stripe_money import from_stripe
from app.store.engines import Database
from campaigns.keys import derive, draw

TABS: Final = ("first", "second")
TWO_TABS: Final = 0.3  # of those who press
LEFT: Final = 0.2  # of the pages, which nobody pays in
DEBITS: Final = 0.4  # of the payments
BOUNCED: Final = 0.2  # of the debits


class Payers:
    """Whoever owes pays at most once; the local Stripe keeps the list of what was paid."""

    def __init__(self, database: Database, seed: int) -> None:
        self._database = database
        self._seed = seed
        faults = bad_days("stripe", seed, but=(Fate.REFUSED,))
        self._local = LocalStripe(SystemClock().now, faults)
        self._own = ExitStack()
        self.orders = {"stripe": self._own.enter_context(self._local.running())}
        self.gateway = gateway(self.orders)
        self._own.callback(self.gateway.close)
        self._by_ref: dict[str, Fighter] = {}
        self._pressing: list[tuple[Fighter, str]] = []
        self._pages: set[str] = set()
        self._debits: list[str] = []
        self._first: dict[str, str] = {}

    @property
    def sessions(self) -> int:
        return len(self._local.book.sessions)

    @property
    def undecided(self) -> int:
        """Debits that no bank has spoken of yet."""
        return len(self._debits)

    def taken(self) -> list[Taken]:
        """What was paid, by Stripe's own account."""
        book = self._local.book
        return [
            Taken(
                reference,
                str(book.sessions[paid["session"]]["client_reference_id"]),
                from_stripe(paid["amount"], paid["currency"]),
            )
            for reference, paid in list(book.payments.items())
        ]

    def press(self, someone: Fighter) -> None:
        """Somebody presses "pay", and perhaps in another tab as well."""
        self._by_ref[derive("customer", someone.customer_id)] = someone
        in_two = draw(self._seed, "tabs", someone.customer_id) < TWO_TABS
        self._pressing += [(someone, tab) for tab in TABS[: 1 + in_two]]

    def act(self, now: datetime) -> None:
        """Those who press get their pages, or press again next time; pages that were open before
        are paid in, or left; and banks make up their minds."""
        debits, self._debits = self._debits, []
        open_before, self._pages = self._pages, set()
        pressing, self._pressing = self._pressing, []
        for someone, tab in pressing:
            self._press(someone, tab, now)
        for page in sorted(open_before):
            if draw(self._seed, "left", page) >= LEFT:
                with suppress(SessionOver):
                    self._pay(page, now)
        for page in debits:
            is_good = draw(self._seed, "bounced", page) >= BOUNCED
            self._local.book.end_debit(page, now, succeeds=is_good)

    def _pay(self, page: str, now: datetime) -> None:
        if draw(self._seed, "debit", page) >= DEBITS:
            self._local.book.pay(page, now)
            return
        self._local.book.begin_debit(page, now)
        self._debits.append(page)

    def _press(self, someone: Fighter, tab: str, now: datetime) -> None:
        try:
            checkout = start_checkout(
                self._database,
                self.gateway,
                customer_id=someone.customer_id,
                case_id=None,
                amount=OWED,
                invoice_ids=[],
                nonce=derive("drill", self._seed, someone.customer_id, tab),
                now=now,
                return_url=BASE_URL,
            )
        except (GatewayUnavailable, DBAPIError):
            self._pressing.append((someone, tab))
        except CheckoutRefused:
            return  # paid meanwhile, disputed, or the other tab came later
        else:
            if checkout.url is not None:
                self._pages.add(checkout.url.rpartition("/")[2])

    def report(self, post: Post, taken: Callable[[Fighter], None]) -> None:
        """Puts down what happened in the pages; `taken` is told whose payment is on record."""
        with self._local.book.lock:
            events = list(self._local.book.waiting.items())
        for id_, body in events:
            heard = partial(self._heard, id_, body, taken)
            post.put(id_, partial(self._call, id_, body), heard, after=self._before(id_, body))

    def _before(self, id_: str, body: bytes) -> str | None:
        """The event that told first of the same page."""
        first = self._first.setdefault(json.loads(body)["data"]["object"]["id"], id_)
        return first if first != id_ else None

    def _call(self, id_: str, body: bytes, now: datetime) -> Call:
        signed = self._local.book.signed(id_, body, now)
        return Call(f"{BASE_URL}/webhooks/{STRIPE}", signed.body, signed.headers)

    def _heard(self, id_: str, body: bytes, taken: Callable[[Fighter], None]) -> None:
        self._local.book.acknowledge(id_)
        session = json.loads(body)["data"]["object"]
        if session.get("payment_status") == "paid":
            taken(self._by_ref[session["client_reference_id"]])

    def close(self) -> None:
        self._own.close()
