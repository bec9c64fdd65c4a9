"""Does what the simulated people decide, by the ways in that real people have: the page behind the
link in their message, the gateway, the bank, and a reply. Money by transfer comes with the feed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import assert_never

from sqlmodel import Session

from app.intake.clicks import note_click
from app.intake.inbox import receive
from app.intake.plan_offers import Rhythm, Terms
from app.intake.replies import Written, receive_reply
from app.intake.sources import GatewaySource
from app.lab import acts
from app.lab.book import Account
from app.lab.feed import Feed
from app.lab.people import Crowd
from app.payments.checkout import CheckoutRefused, start_checkout
from app.payments.gateway import CheckoutPaid
from app.payments.sandbox_gateway import Callback, SandboxGateway
from app.store.engines import Database
from app.web import acts as page
from app.web.account import account as account_of
from app.web.payable import Share, payables
from app.web.visits import LinkClosed, Visit, behind
from campaigns.keys import derive
from campaigns.money import Money
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium

Step = Callable[[Session, Visit], None]


class Hands:
    """One database, one gateway, one bank. Each act is a transaction of its own, as on the web."""

    def __init__(
        self,
        database: Database,
        gateway: SandboxGateway,
        feed: Feed,
        crowd: Crowd,
        accounts: Mapping[str, Account],
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._source = GatewaySource(gateway)
        self._feed = feed
        self._crowd = crowd
        self._accounts = accounts
        self._numbers = count(1)
        self._paid_by_card: dict[str, str] = {}

    def do(self, act: acts.Act, now: datetime) -> None:
        """Does one act at `now`. What the page refuses is not done, as for a real visitor."""
        match act:
            case acts.Open(letter):
                self._on_page(letter, now, lambda s, v: _click(s, v, now))
            case acts.PayByCard() | acts.PayNextPart():
                self._pay(act, now)
            case acts.PayByTransfer(who, minor):
                self._feed.transfer(who, minor, now)
                self._paid_by_card.pop(who, None)
            case acts.Promise(letter, in_days):
                self._on_page(letter, now, lambda s, v: _promise(s, v, in_days, now))
            case acts.AgreePlan(letter, parts, rhythm):
                self._on_page(letter, now, lambda s, v: _agree(s, v, parts, rhythm, now))
            case acts.Contest(letter, kind):
                self._on_page(letter, now, lambda s, v: _contest(s, v, kind, now))
            case acts.AskForHelp(letter, kind):
                self._on_page(letter, now, lambda s, v: page.hardship(s, v, kind, "", None, now))
            case acts.SayWrongPerson(letter):
                self._on_page(letter, now, lambda s, v: page.wrong_person(s, v, now))
            case acts.PressStop(letter):
                self._on_page(letter, now, lambda s, v: page.stop(s, v, StopAct.PAGE, now))
            case acts.Write(letter, text):
                self._write(letter, text, now)
            case acts.TakeBack(who):
                self._take_back(who, now)
            case _:
                assert_never(act)

    def _on_page(self, letter: acts.Letter, now: datetime, step: Step) -> None:
        with suppress(LinkClosed), self._database.write() as session:
            step(session, behind(session, letter.token, now))

    def _pay(self, act: acts.PayByCard | acts.PayNextPart, now: datetime) -> None:
        with self._database.read() as session:
            try:
                found = behind(session, act.letter.token, now)
            except LinkClosed:
                return
            offered = payables(session, found, account_of(session, found, now))
        if isinstance(act, acts.PayNextPart):
            wanted, card = Share.NEXT, acts.PayByCard(act.letter)
        else:
            wanted, card = Share.ALL, act
        for one in (one for one in offered if one.share is wanted):
            amount = Money(max(1, one.amount.minor * card.percent // 100), one.currency)
            session_id = self._check_out(found, amount, list(one.invoice_ids), now)
            if session_id is not None and not card.leaves:
                self._settle(card, session_id, amount, now)

    def _check_out(
        self, found: Visit, amount: Money, invoice_ids: list[int], now: datetime
    ) -> str | None:
        """Presses "pay" and answers the gateway's session."""
        try:
            checkout = start_checkout(
                self._database,
                self._gateway,
                customer_id=found.customer_id,
                case_id=page.case_of(self._database, found),
                amount=amount,
                invoice_ids=invoice_ids,
                nonce=derive("demo", found.customer.external_id, next(self._numbers)),
                now=now,
                return_url="http://127.0.0.1/receipt",
            )
        except CheckoutRefused:
            return None
        return checkout.url.rpartition("/")[2] if checkout.url else None

    def _settle(self, act: acts.PayByCard, session_id: str, amount: Money, now: datetime) -> None:
        if act.declined:
            self._tell(self._gateway.decline(session_id, now), now)
            self._crowd.declined(act.letter, now)
            return
        callback = self._gateway.pay(session_id, now)
        paid = self._gateway.verify(callback.body, callback.headers, now)
        assert isinstance(paid, CheckoutPaid)
        self._tell(callback, now)
        self._paid_by_card[act.letter.who] = paid.payment_ref
        self._crowd.paid(act.letter, amount.minor, now)

    def _take_back(self, who: str, now: datetime) -> None:
        payment_ref = self._paid_by_card.pop(who, None)
        if payment_ref is None:
            self._feed.take_back(who)
        else:
            self._tell(self._gateway.charge_back(payment_ref, now), now)

    def _tell(self, callback: Callback, now: datetime) -> None:
        """The gateway calls Duly. Now and then it does so twice."""
        receive(self._database, self._source, callback.body, callback.headers, now=now)
        if callback.event_id.endswith("7"):
            receive(self._database, self._source, callback.body, callback.headers, now=now)
        self._gateway.acknowledge(callback.event_id)

    def _write(self, letter: acts.Letter, text: str, now: datetime) -> None:
        written = Written(
            key=f"sandbox:{derive('text', letter.who, next(self._numbers))}",
            medium=Medium(letter.medium),
            from_address=letter.recipient,
            to_address=letter.sender,
            text=text,
            at=now,
        )
        with self._database.write() as session:
            receive_reply(session, written, now=now)


def _click(session: Session, found: Visit, now: datetime) -> None:
    assert found.link.id is not None
    note_click(session, found.link.id, now)


def _promise(session: Session, found: Visit, in_days: int, now: datetime) -> None:
    standing = account_of(session, found, now)
    for owed in standing.owed[:1]:
        page.promise(session, found, owed, standing.today + timedelta(days=in_days), now)


def _agree(session: Session, found: Visit, parts: int, rhythm: str, now: datetime) -> None:
    currencies = [owed.currency for owed in account_of(session, found, now).owed]
    for offer in page.plan_offers(session, found, currencies, now)[:1]:
        planned = offer.schedule(Terms(parts, Rhythm(rhythm), offer.today))
        if planned is not None:
            page.agree(session, found, planned, now)


def _contest(session: Session, found: Visit, kind: str, now: datetime) -> None:
    for line in account_of(session, found, now).asked[:1]:
        page.dispute(session, found, line.id, kind, "", now)
