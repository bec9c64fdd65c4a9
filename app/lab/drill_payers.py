"""The payers of the drill: they open pages at a local Stripe, some in two tabs, and pay in some.

Stripe has bad days by seed. What happens in its pages is put into the post.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from typing import Final

from app.clock import SystemClock
from app.intake.sources import GatewaySource, Source
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
from app.payments.stale import expire_stale, tell_gateways
from app.payments.stripe_money import from_stripe
from app.store.engines import Database
from campaigns.keys import derive, draw

TABS: Final = ("first", "second")
TWO_TABS: Final = 0.3  # of those who press
LEFT: Final = 0.2  # of the pages, which nobody pays in


class Payers:
    """Whoever owes pays at most once; the local Stripe keeps the list of what was paid."""

    def __init__(self, database: Database, seed: int) -> None:
        self._database = database
        self._seed = seed
        faults = bad_days("stripe", seed, but=(Fate.REFUSED,))
        self._local = LocalStripe(SystemClock().now, faults)
        self._own = ExitStack()
        self.orders = {"stripe": self._own.enter_context(self._local.running())}
        self._gateway = gateway(self.orders)
        self._own.callback(self._gateway.close)
        self._by_ref: dict[str, Fighter] = {}
        self._pressing: list[tuple[Fighter, str]] = []
        self._pages: dict[str, Fighter] = {}

    @property
    def sources(self) -> Mapping[str, Source]:
        return {self._gateway.name: GatewaySource(self._gateway)}

    @property
    def sessions(self) -> int:
        return len(self._local.book.sessions)

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
        are paid in, or left."""
        open_before, self._pages = self._pages, {}
        pressing, self._pressing = self._pressing, []
        for someone, tab in pressing:
            self._press(someone, tab, now)
        for page in open_before:
            if draw(self._seed, "left", page) >= LEFT:
                with suppress(SessionOver):
                    self._local.book.pay(page, now)

    def _press(self, someone: Fighter, tab: str, now: datetime) -> None:
        try:
            checkout = start_checkout(
                self._database,
                self._gateway,
                customer_id=someone.customer_id,
                case_id=None,
                amount=OWED,
                invoice_ids=[],
                nonce=derive("drill", self._seed, someone.customer_id, tab),
                now=now,
                return_url=BASE_URL,
            )
        except GatewayUnavailable:
            self._pressing.append((someone, tab))
        except CheckoutRefused:
            return  # paid meanwhile, disputed, or the other tab came later
        else:
            if checkout.url is not None:
                self._pages[checkout.url.rpartition("/")[2]] = someone

    def report(self, post: Post, taken: Callable[[Fighter], None]) -> None:
        """Puts down what happened in the pages; `taken` is told whose payment is on record."""
        with self._local.book.lock:
            events = list(self._local.book.waiting.items())
        for id_, body in events:
            post.put(id_, partial(self._call, id_, body), partial(self._heard, id_, body, taken))

    def _call(self, id_: str, body: bytes, now: datetime) -> Call:
        signed = self._local.book.signed(id_, body, now)
        return Call(f"{BASE_URL}/webhooks/{STRIPE}", signed.body, signed.headers)

    def _heard(self, id_: str, body: bytes, taken: Callable[[Fighter], None]) -> None:
        self._local.book.acknowledge(id_)
        session = json.loads(body)["data"]["object"]
        if session.get("payment_status") == "paid":
            taken(self._by_ref[session["client_reference_id"]])

    def tidy(self, now: datetime) -> None:
        """Ends the pages that nobody should pay in any more."""
        with self._database.write() as session:
            expire_stale(session, now)
        tell_gateways(self._database, {self._gateway.name: self._gateway}, now)

    def close(self) -> None:
        self._own.close()
