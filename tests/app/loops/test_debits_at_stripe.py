"""From the page that keeps a card to the debit, at a Stripe on this machine and by its own list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.book.mandates import MandateIn, give_mandate
from app.intake.inbox import receive
from app.intake.sources import GatewaySource
from app.lab.faults import Fate, Faults
from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET, LocalStripe
from app.loops.debits import Debits
from app.payments.choice import Gateways
from app.payments.keeping import open_card_page
from app.payments.line import Line
from app.payments.stripe_gateway import StripeGateway
from app.store.rows import Customer
from tests.app.loops.debtor import FIRST, PARTS, Debtor, debtor

MORNING = datetime(FIRST.year, FIRST.month, FIRST.day, 7, tzinfo=UTC)
BACK = "https://pay.example.com/p/token"

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@dataclass
class AtStripe:
    """The debtor, whose card a local Stripe keeps."""

    dana: Debtor
    local: LocalStripe
    gateway: StripeGateway

    def keep_card(self) -> None:
        database, now = self.dana.world.database, self.dana.world.now
        with database.write() as session:
            creditor_id = session.get_one(Customer, self.dana.customer_id).creditor_id
            given = MandateIn(
                "m1",
                creditor_id,
                self.dana.customer_id,
                self.dana.plan_id,
                "EUR",
                "stripe",
                "h",
                "en",
            )
            mandate = give_mandate(session, given, now=now)
        open_card_page(
            database, self.gateway, mandate, return_url=BACK, cancel_url=BACK, language="en"
        )
        (page,) = self.local.book.sessions
        self.local.book.enter_card(page, now)
        self.hear()

    def hear(self) -> None:
        """Every event that waits, backwards: the order is nobody's promise."""
        now, source = self.dana.world.now, GatewaySource(self.gateway)
        for told in reversed(self.local.book.undelivered(now)):
            receive(self.dana.world.database, source, told.body, told.headers, now=now)
            self.local.book.acknowledge(told.event_id)


@contextmanager
def _at_stripe(url: str) -> Iterator[AtStripe]:
    with debtor(url, gateway="stripe") as dana:
        local = LocalStripe(clock=lambda: dana.world.now)
        with local.running() as address:
            line = Line(connect_seconds=0.5, total_seconds=0.5)
            gateway = StripeGateway(LOCAL_KEY, secret=LOCAL_SECRET, address=address, line=line)
            dana.debits = Debits(dana.world.database, Gateways.of(gateway))
            try:
                yield AtStripe(dana, local, gateway)
            finally:
                gateway.close()


def test_a_kept_card_is_debited_once_through_a_lost_answer_and_a_decline(migrated_url: str) -> None:
    with _at_stripe(migrated_url) as stripe:
        dana, book = stripe.dana, stripe.local.book
        stripe.keep_card()
        (mandate,) = dana.world.rows("mandate")
        assert mandate["method_ref"] in book.cards.cards
        dana.live(MORNING - timedelta(hours=2))

        book.cards.says[mandate["method_ref"]] = "insufficient_funds"
        dana.world.clock.move_to(MORNING)
        dana.debits.tick(MORNING)
        stripe.hear()
        (charge,) = dana.charges()
        assert (charge["state"], charge["declined"]) == ("declined", "soft")
        assert charge["decline_code"] == "insufficient_funds"

        book.cards.says.clear()
        again = MORNING + timedelta(days=5)
        dana.world.clock.move_to(again)
        silent = Faults(shares={Fate.SILENT_AFTER: 1.0}, silence=timedelta(seconds=2))
        stripe.local.faults = silent
        dana.debits.tick(again)
        assert dana.charges()[1]["session_id"] is None, "the answer was lost"
        stripe.local.faults = Faults()
        later = again + timedelta(minutes=11)
        dana.world.clock.move_to(later)
        dana.debits.tick(later)
        stripe.hear()
        stripe.hear()

        assert [row["state"] for row in dana.charges()] == ["declined", "paid"]
        assert [each["amount"] for each in book.payments.values()] == [PARTS[0]]
        assert dana.states() == ["paid", "due"]
        (payment,) = dana.world.rows("payment")
        assert payment["amount_minor"] == PARTS[0]
