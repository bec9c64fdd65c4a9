"""One customer's walk, as far as it is pure: the example of the design and of the README."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from campaigns.case import Phase
from campaigns.facts import Facts, PromiseFact
from campaigns.journey import GiveTask, Journey
from campaigns.money import Money
from campaigns.reasons import sentence
from campaigns.vocabulary import Category, Outcome, Signal
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    EMAIL,
    SMS,
    WHATSAPP,
    Played,
    anchored,
    channels,
    end,
    invoice,
    journey,
    on_day,
    owing,
    reaction,
    send,
    signal,
)

# The due date is Monday 2 March 2026; four days later is a Friday, so the reminder stands on day 4.
WALK = journey(
    send("reminder", 4),
    send("second", 20),
    GiveTask("call", anchored(40), "collections", "Call"),
    end("hand_over", 60),
    on=(
        reaction(Signal.PROMISE_MADE, Category.RECEIPT)
        | reaction(Signal.PROMISE_BROKEN)
        | reaction(Signal.INVOICE_DISPUTED, Category.RECEIPT)
        | reaction(Signal.PAYMENT_RECEIVED, Category.RECEIPT)
        | reaction(Signal.PAYMENT_REVERSED)
    ),
)
BEFORE = journey(
    send("due_soon", -5, order=(EMAIL, SMS), valid_for=4 * DAY),
    end("due", 0, Outcome.EXHAUSTED),
    subject="invoice",
)
LARGER, SMALLER = invoice(1, minor=990_50), invoice(2, minor=250_00)


def of_haifa(**more: Any) -> Facts:
    """She prefers WhatsApp, for which the template is not approved in Hebrew."""
    sms, email, whatsapp = channels(SMS, EMAIL, WHATSAPP)
    known = (sms, email, replace(whatsapp, languages=frozenset({"en"})))
    facts = {"invoices": (LARGER, SMALLER), "channels": known, "preferred": WHATSAPP, **more}
    return replace(owing(country="IL", **facts), locale="he")


def walked(steps: Journey = WALK, **more: Any) -> Played:
    return Played(steps, of_haifa(**more), country="IL", now=on_day(-6, country="IL"))


def reminded() -> Played:
    """Until her reminder was accepted, on Sunday morning."""
    played = walked()
    played.look(on_day(4, "15:10", "IL"))
    played.look(played.look_at)
    played.accepted(delivered=True)
    return played


def promised() -> Played:
    """She disputed the smaller invoice and promised the larger one for the 28th."""
    played = reminded()
    grace = on_day(28, "00:00", "IL")
    arranged = {
        "invoices": (LARGER, replace(SMALLER, disputed=True)),
        "promise": PromiseFact(ANCHOR + 26 * DAY, grace, LARGER.open),
    }
    now = on_day(6, "10:00", "IL")
    played.know(**arranged)
    played.signalled(
        signal(Signal.INVOICE_DISPUTED, now, 1, own_act=True),
        signal(Signal.PROMISE_MADE, now, 2, own_act=True),
    )
    played.look(now)
    played.accepted(now)
    played.accepted(now + timedelta(minutes=1))
    return played


def test_five_days_before_the_due_date_she_gets_a_mail() -> None:
    played = walked(BEFORE, invoices=(LARGER,))
    played.look()
    assert played.look_at == on_day(-5, "09:00", "IL")
    played.look(played.look_at)
    assert (played.templates, played.media) == (["due_soon"], [EMAIL])
    played.accepted(delivered=True)
    played.look(played.look_at)
    assert played.case.outcome is Outcome.EXHAUSTED


def test_on_a_friday_afternoon_it_sleeps_until_sunday_and_says_why() -> None:
    played = walked()
    last = played.look(on_day(4, "15:10", "IL")).last
    assert last.reason in ("rest_day", "outside_hours")  # the eve of the Sabbath is both
    assert "Asia/Jerusalem" in sentence(last.reason, last.params)
    assert last.look_at == on_day(6, "08:00", "IL")


def test_sms_speaks_for_whatsapp_which_is_not_approved_in_hebrew_and_that_is_on_record() -> None:
    played = reminded()
    said = played.said[0]
    assert said.channel.medium is SMS
    refused = {(r.medium, r.step, r.refusal.reason) for r in said.refusals}
    assert refused == {(WHATSAPP, "reminder", "template_not_approved")}


def test_a_dispute_and_a_promise_are_confirmed_and_the_case_pauses() -> None:
    played = promised()
    assert played.templates[1:] == ["on_invoice_disputed", "on_promise_made"]
    assert played.last is not None
    assert played.last.reason == "promise_open"
    assert played.look_at == on_day(28, "00:00", "IL")
    assert played.facts.balance == (LARGER.open,)


def test_a_dispute_carves_out_its_invoice_and_the_rest_goes_on() -> None:
    played = reminded()
    played.know(invoices=(LARGER, replace(SMALLER, disputed=True)))
    played.look(on_day(20, "10:00", "IL"))
    assert played.templates == ["reminder", "second"]


def test_a_broken_promise_is_answered_and_the_journey_goes_on_by_its_days() -> None:
    played = promised()
    now = on_day(28, "10:00", "IL")
    played.know(promise=None, promises_broken=1)
    played.signalled(signal(Signal.PROMISE_BROKEN, now, 3))
    played.look(now)
    assert played.templates[-1] == "on_promise_broken"
    played.accepted(now, delivered=True)
    assert played.case.done == ("reminder", "second")  # it fell due while she was trusted
    assert "superseded" in played.reasons
    played.look(on_day(36, "10:00", "IL"))
    assert played.templates[-1] == "on_promise_broken"


def test_a_payment_of_all_is_confirmed_and_closes_the_case() -> None:
    played = promised()
    now = on_day(13, "10:00", "IL")
    played.know(invoices=(), promise=None)
    played.signalled(signal(Signal.PAYMENT_RECEIVED, now, 4, own_act=True))
    played.look(now)
    assert played.templates[-1] == "on_payment_received"
    played.accepted(now)
    assert played.case.outcome is Outcome.SETTLED
    assert played.case.phase is Phase.CLOSED


def test_a_part_payment_is_confirmed_and_the_case_goes_on_at_its_place() -> None:
    played = reminded()
    now = on_day(7, "10:00", "IL")
    played.know(invoices=(replace(LARGER, open=Money(1_00, "EUR")),))
    played.signalled(signal(Signal.PAYMENT_RECEIVED, now, 4))
    played.look(now)
    played.accepted(now)
    assert played.look_at == on_day(20, "09:00", "IL")
