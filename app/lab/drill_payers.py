"""The payers of the drill: they open pages at a local Stripe, some in two tabs, and pay in some.

Stripe has bad days by seed, and its calls are lost, doubled and late: what is not acknowledged is
told again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime
from typing import Final

from app.clock import SystemClock
from app.intake.sources import GatewaySource, Source
from app.lab.drill_door import Door
from app.lab.drill_field import BASE_URL, OWED, Fighter
from app.lab.drill_lines import READ_SECONDS
from app.lab.drill_money import STRIPE, Taken
from app.lab.drill_providers import bad_days
from app.lab.faults import Fate
from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET, LocalStripe
from app.lab.stripe_book import Told
from app.lab.twilio_calls import Call
from app.payments.checkout import CheckoutRefused, start_checkout
from app.payments.gateway import GatewayUnavailable, SessionOver
from app.payments.line import Line
from app.payments.stale import expire_stale, tell_gateways
from app.payments.stripe_gateway import StripeGateway
from app.payments.stripe_money import from_stripe
from app.store.engines import Database
from campaigns.keys import derive, draw

TABS: Final = ("first", "second")
TWO_TABS: Final = 0.3  # of those who press
LEFT: Final = 0.2  # of the pages, which nobody pays in
LOST: Final = 0.3  # of Stripe's calls, which it repeats
DOUBLED: Final = 0.2


def gateway(orders: Mapping[str, str]) -> StripeGateway:
    """The adapter that production uses, over a line that is soon given up."""
    line = Line(connect_seconds=READ_SECONDS, total_seconds=2 * READ_SECONDS)
    return StripeGateway(LOCAL_KEY, secret=LOCAL_SECRET, address=orders["stripe"], line=line)


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
        self._told: Counter[str] = Counter()

    @property
    def sources(self) -> Mapping[str, Source]:
        return {self._gateway.name: GatewaySource(self._gateway)}

    @property
    def sessions(self) -> int:
        return len(self._local.book.sessions)

    @property
    def telling(self) -> int:
        """How many of Stripe's calls nobody has acknowledged."""
        return len(self._local.book.waiting)

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

    def report(self, door: Door, now: datetime) -> list[Fighter]:
        """Tells what happened in the pages. Answers those whose payment is on record by that."""
        return [one for told in self._heard(door, now) if (one := self._payer(told)) is not None]

    def _heard(self, door: Door, now: datetime) -> Iterator[Told]:
        for told in self._local.book.undelivered(now):
            self._told[told.event_id] += 1
            if draw(self._seed, "lost", told.event_id, self._told[told.event_id]) < LOST:
                continue
            call = Call(f"{BASE_URL}/webhooks/{STRIPE}", told.body, told.headers)
            times = 2 if draw(self._seed, "doubled", told.event_id) < DOUBLED else 1
            for _ in range(times):
                door.take(call, now)
            self._local.book.acknowledge(told.event_id)
            yield told

    def _payer(self, told: Told) -> Fighter | None:
        session = json.loads(told.body)["data"]["object"]
        is_paid = session.get("payment_status") == "paid"
        return self._by_ref[session["client_reference_id"]] if is_paid else None

    def tidy(self, now: datetime) -> None:
        """Ends the pages that nobody should pay in any more."""
        with self._database.write() as session:
            expire_stale(session, now)
        tell_gateways(self._database, {self._gateway.name: self._gateway}, now)

    def close(self) -> None:
        self._own.close()
