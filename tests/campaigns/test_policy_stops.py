"""What no hour opens: opt-out, consent, forbidden media, a stale book; holds and promises."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from campaigns.facts import ConsentState, Facts, HoldFact, PlanFact, PromiseFact
from campaigns.money import Money
from campaigns.policy import next_opening, permits, stops
from campaigns.reasons import sentence
from campaigns.vocabulary import Category, HoldKind, Medium, SenderRole, SubjectKind
from tests.campaigns.policyfacts import (
    DAY,
    HOUR,
    MINUTE,
    channel,
    facts,
    invoice,
    local,
    pack_of,
    permitted,
    proposal,
    refused,
    ruleset,
)

RULES = ruleset()
NOON = local("2026-06-10 12:00")
WITHDRAWN, GIVEN = ConsentState.WITHDRAWN, ConsentState.GIVEN
THIRD = SenderRole.THIRD_PARTY


@pytest.mark.parametrize(
    ("on", "reason"),
    [
        ({"suppressed": "STOP", "consent": WITHDRAWN}, "opted_out"),
        ({"suppressed": "bounced"}, "address_suppressed"),
        ({"consent": WITHDRAWN}, "consent_withdrawn"),
    ],
)
def test_an_opt_out_comes_before_all_else_and_time_does_not_heal_it(
    on: dict[str, Any], reason: str
) -> None:
    for category in Category:
        asked = proposal(category=category, at_any_hour=True, **on)
        refusal = refused(permits(asked, facts("LT", "Nowhere"), RULES, NOON))
        assert (refusal.reason, refusal.look_again_at) == (reason, None)
        assert "«" not in sentence(refusal.reason, refusal.params)


def test_one_confirmation_of_an_opt_out_goes_within_five_minutes_at_any_hour() -> None:
    night = local("2026-06-10 23:00")
    asked = proposal(
        category=Category.RECEIPT,
        at_any_hour=True,
        answers_own_act_at=night,
        suppressed="opted_out",
        consent=WITHDRAWN,
    )

    permit = permitted(permits(asked, facts(), RULES, night + 4 * MINUTE))
    assert permit.until == night + 5 * MINUTE
    late = refused(permits(asked, facts(), RULES, night + 5 * MINUTE))
    assert (late.reason, late.look_again_at) == ("opted_out", None)


@pytest.mark.parametrize("why", ["bounced", "complained", "wrong_person", "staff"])
def test_no_confirmation_goes_to_an_address_that_is_closed_for_another_reason(why: str) -> None:
    asked = proposal(
        category=Category.RECEIPT, at_any_hour=True, answers_own_act_at=NOON, suppressed=why
    )

    refusal = refused(permits(asked, facts(), RULES, NOON + MINUTE))

    assert (refusal.reason, refusal.look_again_at) == ("address_suppressed", None)


@pytest.mark.parametrize("country", ["LT", "IL", "GB"])
def test_an_offer_needs_consent_on_record(country: str) -> None:
    person = facts(country)
    at = local("2026-06-10 10:00")

    refusal = refused(permits(proposal(category=Category.OFFER), person, RULES, at))

    assert (refusal.reason, refusal.look_again_at) == ("consent_missing", None)
    permitted(permits(proposal(category=Category.OFFER, consent=GIVEN), person, RULES, at))
    permitted(permits(proposal(), person, RULES, at))


def test_whatsapp_needs_consent_even_for_a_reminder() -> None:
    asked = proposal(Medium.WHATSAPP)
    soon = facts(invoices=(invoice(due_on=NOON.date()),))

    assert refused(permits(asked, soon, RULES, NOON)).rule == "WA-5"
    permitted(permits(proposal(Medium.WHATSAPP, consent=GIVEN), soon, RULES, NOON))


def test_whatsapp_is_off_for_third_party_collection() -> None:
    asked = proposal(Medium.WHATSAPP, consent=GIVEN)

    refusal = refused(permits(asked, facts(role=THIRD), RULES, NOON))

    assert (refusal.rule, refusal.reason, refusal.look_again_at) == (
        "WA-1", "medium_forbidden", None,
    )  # fmt: skip
    assert "Meta prohibits debt collection" in sentence(refusal.reason, refusal.params)


@pytest.mark.parametrize("country", ["US", "CA"])
def test_third_party_collection_by_twilio_sms_to_america_is_always_refused(country: str) -> None:
    noon = local("2026-06-10 12:00", "America/New_York")
    person = facts(country, "America/New_York", region="CO", role=THIRD)
    given: dict[str, Any] = {"consent": GIVEN, "consent_at": noon - DAY}
    asked = proposal(provider="twilio", **given)

    assert refused(permits(asked, person, RULES, noon)).rule == "TW-US-3P"
    permitted(permits(proposal(provider="sandbox", **given), person, RULES, noon))


def test_a_number_in_america_is_enough_for_twilios_ban() -> None:
    asked = proposal(provider="twilio", zones=("America/Toronto",), consent=GIVEN)

    assert refused(permits(asked, facts(role=THIRD), RULES, NOON)).rule == "TW-US-3P"


def test_an_sms_to_the_emirates_must_not_hold_a_link() -> None:
    noon = local("2026-06-10 12:00", "Asia/Dubai")
    person = facts("AE", "Asia/Dubai")

    refusal = refused(permits(proposal(), person, RULES, noon))

    assert (refusal.rule, refusal.reason) == ("AE-SMS-URL", "link_forbidden")
    assert sentence(refusal.reason, refusal.params) == "A link is not allowed in sms to AE."
    permitted(permits(proposal(template_has_link=False), person, RULES, noon))
    permitted(permits(proposal(Medium.EMAIL), person, RULES, noon))


def test_a_saudi_bank_may_use_only_the_listed_means() -> None:
    noon = local("2026-06-10 12:00", "Asia/Riyadh")
    asked = proposal(Medium.WHATSAPP, consent=GIVEN)
    owed = (invoice(due_on=noon.date()),)
    bank = facts("SA", "Asia/Riyadh", sector="bank", invoices=owed)
    shop = facts("SA", "Asia/Riyadh", invoices=owed)

    assert refused(permits(asked, bank, RULES, noon)).rule == "SA-MEANS"
    permitted(permits(proposal(), bank, RULES, noon))
    permitted(permits(asked, shop, RULES, noon))


def test_saudi_hours_bind_every_creditor_and_not_banks_alone() -> None:
    late = local("2026-06-10 18:00", "Asia/Riyadh")

    assert refused(permits(proposal(), facts("SA", "Asia/Riyadh"), RULES, late)).rule == "SA-HOURS"


# The book


def aged(age: Any, most: Any = 26 * HOUR) -> Facts:
    return facts(ledger_as_of=None if age is None else NOON - age, ledger_max_age=most)


def test_a_stale_book_stops_until_a_newer_one_is_imported() -> None:
    refusal = refused(permits(proposal(), aged(26 * HOUR + MINUTE), RULES, NOON))

    assert (refusal.rule, refusal.reason) == ("HOUSE-BOOK", "ledger_stale")
    assert refusal.look_again_at is None
    assert refused(permits(proposal(), aged(None), RULES, NOON)).reason == "ledger_stale"


def test_a_live_feed_is_never_stale_and_a_receipt_needs_no_book() -> None:
    permitted(permits(proposal(), aged(26 * HOUR), RULES, NOON))
    permitted(permits(proposal(), aged(99 * DAY, None), RULES, NOON))
    permitted(permits(proposal(category=Category.RECEIPT), aged(99 * DAY), RULES, NOON))


def test_a_row_may_ask_for_a_younger_book_than_the_setting() -> None:
    rules = ruleset(extra=(pack_of("{id: OWN, kind: freshness, max_age: 2h}"),))

    assert refused(permits(proposal(), aged(3 * HOUR), rules, NOON)).reason == "ledger_stale"
    permitted(permits(proposal(), aged(3 * HOUR), RULES, NOON))


def test_a_now_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no zone"):
        permits(proposal(), facts(), RULES, NOON.replace(tzinfo=None))


# Holds, disputes, promises, plans

PROMISE = PromiseFact(date(2026, 6, 20), NOON + 5 * DAY, Money(1, "EUR"))


@pytest.mark.parametrize(
    ("known", "reason", "later"),
    [
        ({"holds": (HoldFact(HoldKind.STAFF, NOON + DAY),)}, "hold", NOON + DAY),
        ({"holds": (HoldFact(HoldKind.HARDSHIP, None),)}, "hold", None),
        ({"holds": (HoldFact(HoldKind.REPLY, NOON + DAY),)}, "reply_unread", NOON + DAY),
        ({"holds": (HoldFact(HoldKind.PAYMENT, NOON + DAY),)}, "payment_arriving", NOON + DAY),
        ({"invoices": (invoice(1, disputed=True),)}, "dispute_open", None),
        ({"promise": PROMISE}, "promise_open", NOON + 5 * DAY),
        ({"plan": PlanFact(None)}, "plan_running", None),
        (
            {"holds": (HoldFact(HoldKind.STAFF, NOON + DAY),), "promise": PROMISE},
            "hold",
            NOON + 5 * DAY,
        ),
        ({"holds": (HoldFact(HoldKind.STAFF, NOON),)}, None, None),
        ({"invoices": (invoice(1, disputed=True), invoice(2))}, None, None),
        ({"invoices": ()}, None, None),
    ],
)
def test_what_was_arranged_or_contested_stops_reminders(
    known: dict[str, Any], reason: str | None, later: datetime | None
) -> None:
    refusal = stops(facts(**known), NOON)

    assert (refusal.reason if refusal else None) == reason
    if refusal is not None:
        assert refusal.look_again_at == later
        assert "«" not in sentence(refusal.reason, refusal.params)
        assert stops(facts(**known), NOON, category=Category.RECEIPT) is None
        assert stops(facts(**known), NOON, acted_at=NOON) is None
    if later is not None and "promise" not in known:  # see below
        assert stops(facts(**known), later + MINUTE) is None


def test_a_promise_stops_until_its_grace_is_over_and_then_until_it_is_judged() -> None:
    known = facts(promise=PROMISE)

    paused, over = stops(known, PROMISE.grace_until), stops(known, PROMISE.grace_until + MINUTE)
    assert paused is not None
    assert paused.look_again_at == PROMISE.grace_until
    assert over is not None
    assert over.look_again_at is None  # the verdict wakes the case
    assert stops(replace(known, promise=None), PROMISE.grace_until + MINUTE) is None


def test_a_plan_does_not_stop_its_own_reminders() -> None:
    known = facts(plan=PlanFact(None))

    assert stops(known, NOON, subject=SubjectKind.PLAN) is None


# When a day's step is due


def test_a_step_is_due_at_the_first_open_instant_on_or_after_its_date() -> None:
    assert next_opening(facts(), RULES, channel(), date(2026, 6, 10)) == local("2026-06-10 08:00")
    assert next_opening(facts(), RULES, channel(), date(2026, 7, 4)) == local("2026-07-07 08:00")


def test_a_step_for_two_zones_is_due_when_its_date_has_come_in_both() -> None:
    person = facts("US", "America/New_York", "Pacific/Auckland", role=THIRD)
    due = next_opening(person, RULES, channel(Medium.EMAIL), date(2026, 6, 10))

    assert due == local("2026-06-10 16:00", "America/New_York")  # 08:00 of the 11th in Auckland


def test_without_a_zone_no_step_has_a_due_time() -> None:
    assert next_opening(facts("LT", "Nowhere"), RULES, channel(), date(2026, 6, 10)) is None


@pytest.mark.parametrize(
    ("country", "medium", "provider", "cleared", "rule"),
    [
        ("AE", Medium.SMS, "other", set(), "AE-SMS-SENDER"),
        ("AE", Medium.SMS, "other", {"ae"}, None),
        ("AE", Medium.EMAIL, "other", set(), None),
        ("SA", Medium.SMS, "other", {"ae"}, "SA-SMS-SENDER"),
        ("IL", Medium.SMS, "other", set(), "IL-SENDER-NAME"),
        ("IL", Medium.SMS, "other", {"il"}, None),
        ("IT", Medium.SMS, "other", set(), "IT-SMS-SENDER"),
        ("LT", Medium.SMS, "other", set(), None),
        ("US", Medium.SMS, "twilio", set(), "TW-POL-4"),
        ("US", Medium.SMS, "twilio", {"twilio"}, None),
        ("LT", Medium.WHATSAPP, "other", set(), "WA-3-ATTESTATION"),
        ("LT", Medium.WHATSAPP, "other", {"whatsapp"}, None),
        ("AE", Medium.SMS, "sandbox", None, None),  # it reaches nobody, so nothing is asked of it
    ],
)
def test_a_sender_speaks_once_its_registration_is_on_record(
    country: str, medium: Medium, provider: str, cleared: set[str] | None, rule: str | None
) -> None:
    zones = {"AE": "Asia/Dubai", "SA": "Asia/Riyadh", "IL": "Asia/Jerusalem", "IT": "Europe/Rome"}
    zone = {**zones, "US": "America/Los_Angeles"}.get(country, "Europe/Vilnius")
    asked = proposal(medium, consent=ConsentState.GIVEN, provider=provider, template_has_link=False)
    on = replace(asked.channel, cleared=None if cleared is None else frozenset(cleared))
    region = "CA" if country == "US" else None
    person = facts(country, zone, region=region, invoices=(invoice(due_on=date(2026, 5, 27)),))

    verdict = permits(
        replace(asked, channel=on), person, ruleset(), local("2026-06-02 11:00", zone)
    )

    if rule is None:
        permitted(verdict)
        return
    refusal = refused(verdict)
    assert (refusal.rule, refusal.reason) == (rule, "clearance_missing")
    assert refusal.look_again_at is None
