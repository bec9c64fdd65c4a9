"""Promise 10: every message exists in every language that it is published for, with the
right direction; here through the loops, for everything that the shipped journeys name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.inbox import receive
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.intake.sources import GatewaySource
from app.payments.checkout import start_checkout
from app.payments.sandbox_gateway import SandboxGateway
from app.store.journal import Happened, record
from app.store.rows import Attempt, Checkout, Customer, Invoice, Message, Revision, Task
from app.wording.bidi import balanced
from campaigns.journey import Journey, Reaction, Send, day_of
from campaigns.language import read_journey
from campaigns.money import Money
from campaigns.vocabulary import Signal
from tests.databases import on_both_stores
from tests.factories import add_campaign, add_invoice
from tests.promises.stage import DUE, Stage

LOCALES = ("en", "he", "ar", "lt", "de")
MEDIA = ("sms", "email", "whatsapp")
SCRIPTS = {"he": "\u0590-\u05ff", "ar": "\u0600-\u06ff"}


def speakers(stage: Stage, **columns: Any) -> Mapping[tuple[str, str], int]:
    """A customer for each language and medium."""
    return {
        (locale, medium): stage.owe(
            f"P-{locale}-{medium}", media=(medium,), locale=locale, **columns
        )
        for locale, medium in product(LOCALES, MEDIA)
    }


def shipped(stage: Stage, name: str) -> Journey:
    content = stage.one(Revision, kind="journey", name=name).content
    return read_journey(content, f"{name}.yaml")


def expected(templates: set[str]) -> set[tuple[str, str, str]]:
    return set(product(templates, LOCALES, MEDIA))


def spoken(stage: Stage) -> set[tuple[str, str, str]]:
    """Template, language and medium of everything that was accepted. Nothing lacked words."""
    missing = ("template_missing", "variable_missing", "defect")
    assert [row.template for row in stage.get(Message) if row.reason in missing] == []
    assert stage.get(Task, kind="defect") == []
    messages = {row.id: row.template for row in stage.get(Message)}
    locales = {row.id: row.locale for row in stage.get(Customer)}
    owners = {row.id: row.customer_id for row in stage.get(Message)}
    found = set()
    for attempt in stage.get(Attempt):
        assert attempt.locale == locales[owners[attempt.message_id]]
        check_direction(attempt.locale, attempt.text, attempt.html)
        found.add((messages[attempt.message_id], attempt.locale, attempt.medium))
    return found


def check_direction(locale: str, text: str, html: str | None) -> None:
    assert balanced(text), text
    assert not [open_blank for open_blank in ("«", "{%", "None") if open_blank in text], text
    script = SCRIPTS.get(locale)
    letters = re.findall(f"[{script}]", text) if script else []
    assert bool(letters) == (script is not None), text
    if html is not None:
        direction = "rtl" if script else "ltr"
        assert f'dir="{direction}"' in html, html[:400]
        assert f'lang="{locale}"' in html, html[:400]


def isolated(stage: Stage) -> None:
    """What runs against the text around it, such as an amount in Hebrew, is marked off."""
    marks = ("\u2066", "\u2068")
    for attempt in stage.get(Attempt):
        if attempt.locale in SCRIPTS:
            assert any(mark in attempt.text for mark in marks), attempt.text


def test_all_that_the_gentle_journey_says_by_itself(stage: Stage) -> None:
    speakers(stage)

    stage.play(days=62)

    steps = [step for step in shipped(stage, "consumer_gentle").steps if isinstance(step, Send)]
    late = {step.template for step in steps if (day_of(step) or 0) > 30}
    by_whatsapp = set(product(late, LOCALES, ["whatsapp"]))  # WA-3: not so long after the due date
    assert by_whatsapp
    assert spoken(stage) == expected({step.template for step in steps}) - by_whatsapp
    isolated(stage)


def test_all_that_is_said_before_the_due_date(stage: Stage) -> None:
    journey = shipped(stage, "consumer_before_due")
    add_campaign(
        stage.database,
        stage.creditor,
        name="before",
        subject="invoice",
        journey="consumer_before_due",
    )
    speakers(stage, due_on=DUE + timedelta(days=5))

    stage.play(days=1)

    templates = {step.template for step in journey.steps if isinstance(step, Send)}
    assert spoken(stage) == expected(templates)


def answers(stage: Stage, customer: int, way: Reaction) -> None:
    """What makes the journey answer in this way, as it comes about in life."""
    now, invoices = stage.now, stage.get(Invoice, customer_id=customer)
    first = invoices[0]
    match way.signal:
        case Signal.PAYMENT_RECEIVED if way.template == "thank_you":
            stage.pay(customer, sum(invoice.open_minor for invoice in invoices))
        case Signal.PAYMENT_RECEIVED:
            stage.pay(customer, 4050)
        case Signal.PAYMENT_REVERSED:
            posted = stage.pay(customer, 4050)
            assert posted.payment_id is not None
            stage.take_back(customer, posted.payment_id, 4050)
        case Signal.PROMISE_MADE:
            stage.promise(customer)
        case Signal.PROMISE_BROKEN:
            stage.promise(customer, days=0)
        case Signal.INVOICE_DISPUTED:
            with stage.database.write() as session:
                dispute_invoice(
                    session,
                    customer_id=customer,
                    invoice_id=first.id,
                    kind=DisputeKind.OTHER,
                    words=None,
                    now=now,
                )
        case Signal.PLAN_AGREED:
            owed = Money(sum(invoice.open_minor for invoice in invoices), first.currency)
            half = Money(owed.minor // 2, owed.currency)
            day = DUE + timedelta(days=5)
            parts = [Part(owed - half, day), Part(half, day + timedelta(days=7))]
            with stage.database.write() as session:
                agree_plan(
                    session, customer_id=customer, parts=parts, agreed_by=MadeBy.PAGE, now=now
                )
        case Signal.HARDSHIP_REPORTED:
            with stage.database.write() as session:
                report_hardship(session, customer_id=customer, kind="illness", words=None, now=now)
        case _:
            with stage.database.write() as session:
                fact = Happened(way.signal, now, customer_id=customer, own_act=True)
                record(session, [fact], now=now)


def test_all_that_the_gentle_journey_answers(stage: Stage) -> None:
    """A customer for each answer and language; every second one is answered by mail."""
    reactions = dict(shipped(stage, "consumer_gentle").reactions)
    del reactions[Signal.PAYMENT_DECLINED]  # see below
    ways = [way for reaction in reactions.values() for way in reaction.ways()]
    asked: dict[int, Reaction] = {}
    for number, (way, locale) in enumerate(product(ways, LOCALES)):
        name = f"{way.template}-{locale}"
        medium = ("sms", "email")[(number + number // len(LOCALES)) % 2]
        customer = stage.owe(name, media=(medium,), locale=locale)
        add_invoice(stage.database, customer, f"{name}-2", amount=9900, due_on=DUE)
        asked[customer] = way
    stage.loops.settle(stage.now)
    for customer, way in asked.items():
        answers(stage, customer, way)

    stage.play(days=3)

    said = {(template, locale) for template, locale, _ in spoken(stage)}
    templates = {way.template for way in ways}
    assert said == set(product(templates | {"due_today", "reminder_first"}, LOCALES))
    isolated(stage)
    for customer, way in asked.items():
        assert way.template in stage.said(customer)


@on_both_stores
def test_a_declined_card_is_told_of_with_the_amount_that_was_declined(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.tick()
    gateway = SandboxGateway(secret="a secret of the tests")
    started = start_checkout(
        stage.database,
        gateway,
        customer_id=customer,
        case_id=stage.case_of(customer).id,
        amount=Money(24050, "ILS"),
        invoice_ids=(),
        nonce="form-1",
        now=stage.now,
        return_url="https://pay.example.com/p/token",
    )
    session = stage.one(Checkout, id=started.checkout_id).session_id
    call = gateway.decline(session, stage.now)
    receive(stage.database, GatewaySource(gateway), call.body, call.headers, now=stage.now)
    gateway.close()

    stage.play(hours=2)

    (sent,) = stage.sent(template="payment_failed")
    assert "240.50" in sent.text


@pytest.mark.parametrize("locale", ["xx", "he-IL", "EN_us"])
def test_a_language_that_is_not_there_falls_back_and_says_so(stage: Stage, locale: str) -> None:
    stage.owe("Ada", locale=locale)

    stage.tick()

    attempt = stage.one(Attempt)
    assert attempt.locale in LOCALES
    assert attempt.evidence["locale_asked"] == locale
    assert attempt.evidence["locales_tried"]
