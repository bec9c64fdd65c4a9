"""Each rule of contact policy, as a sentence."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.facts import ConsentState
from campaigns.policy import permits
from campaigns.reasons import sentence
from campaigns.vocabulary import Category, Medium, SenderRole
from tests.campaigns.policyfacts import (
    DAY,
    HOUR,
    MINUTE,
    contact,
    facts,
    local,
    permitted,
    proposal,
    refused,
    ruleset,
)

RULES = ruleset()
NOON = local("2026-06-10 12:00")  # a Wednesday
JERUSALEM = "Asia/Jerusalem"
EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"


# Hours and rest days


def test_a_reminder_may_go_by_day_until_the_window_closes() -> None:
    permit = permitted(permits(proposal(), facts(), RULES, NOON))

    assert permit.until == local("2026-06-10 19:59")
    assert {"LT-HOURS", "HOUSE-CAP-1D", "HOUSE-GAP"} <= set(permit.rules)


def test_it_waits_until_morning_when_due_at_night() -> None:
    refusal = refused(permits(proposal(), facts(), RULES, local("2026-06-10 21:00")))

    assert (refusal.rule, refusal.reason) == ("LT-HOURS", "outside_hours")
    assert refusal.look_again_at == local("2026-06-11 08:00")
    assert sentence(refusal.reason, refusal.params) == (
        "Outside the allowed hours of Europe/Vilnius."
    )


def test_a_window_ends_a_minute_early() -> None:
    seconds = timedelta(seconds=1)
    late = permitted(permits(proposal(), facts(), RULES, local("2026-06-10 19:58")))

    assert late.until - local("2026-06-10 19:58") == MINUTE
    refused(permits(proposal(), facts(), RULES, local("2026-06-10 19:59") + 30 * seconds))
    refused(permits(proposal(), facts(), RULES, late.until))
    permitted(permits(proposal(), facts(), RULES, late.until - seconds))


@pytest.mark.parametrize(
    ("wall", "reason", "opens"),
    [
        ("2026-09-04 13:30", "outside_hours", "2026-09-06 08:00"),
        ("2026-09-05 12:00", "rest_day", "2026-09-06 08:00"),
        ("2026-09-20 14:00", "rest_day", "2026-09-22 08:00"),  # the eve of Yom Kippur
        ("2026-09-06 09:00", None, None),
    ],
    ids=["friday afternoon", "sabbath", "eve of Yom Kippur", "sunday morning"],
)
def test_israel_rests_from_friday_to_sunday_and_on_the_eve_of_a_holy_day(
    wall: str, reason: str | None, opens: str | None
) -> None:
    verdict = permits(proposal(), facts("IL", JERUSALEM), RULES, local(wall, JERUSALEM))

    if reason is None or opens is None:
        permitted(verdict)
    else:
        assert refused(verdict).reason == reason
        assert refused(verdict).look_again_at == local(opens, JERUSALEM)


def test_the_walk_of_the_readme_sleeps_from_friday_to_sunday() -> None:
    verdict = permits(
        proposal(), facts("IL", JERUSALEM), RULES, local("2026-06-05 15:10", JERUSALEM)
    )

    assert refused(verdict).look_again_at == local("2026-06-07 08:00", JERUSALEM)


def test_a_holiday_is_named_to_staff() -> None:
    refusal = refused(permits(proposal(), facts(), RULES, local("2026-07-06 12:00")))

    assert refusal.rule == "LT-REST"
    assert refusal.look_again_at == local("2026-07-07 08:00")
    assert "Europe/Vilnius: Statehood Day" in sentence(refusal.reason, refusal.params)


@pytest.mark.parametrize(("zone", "wall"), [(PACIFIC, "20:30"), (EASTERN, "08:30")])
def test_the_hours_hold_in_every_place_where_the_recipient_may_be(zone: str, wall: str) -> None:
    person = facts("US", PACIFIC, region="CA", role=SenderRole.THIRD_PARTY)
    asked = proposal(Medium.EMAIL, zones=(EASTERN,), consent=ConsentState.GIVEN)

    refusal = refused(permits(asked, person, RULES, local(f"2026-06-10 {wall}", zone)))

    assert refusal.rule == "US-REGF-HOURS"
    permitted(permits(asked, person, RULES, local("2026-06-10 12:00", EASTERN)))


def test_a_third_partys_mail_at_night_is_stopped_by_law_and_a_creditors_own_by_the_house() -> None:
    night = local("2026-06-10 21:30", EASTERN)
    third = facts("US", EASTERN, region="FL", role=SenderRole.THIRD_PARTY)
    first = facts("US", EASTERN, region="FL")

    asked = proposal(Medium.EMAIL, consent=ConsentState.GIVEN)
    assert refused(permits(asked, third, RULES, night)).rule == "US-REGF-HOURS"
    assert refused(permits(asked, first, RULES, night)).rule == "HOUSE-HOURS"


def test_an_unknown_zone_blocks_until_somebody_finds_it() -> None:
    nowhere = facts("LT", "Europe/Nowhere")

    for person in (nowhere, facts("LT", "Europe/Vilnius", "Europe/Nowhere")):
        refusal = refused(permits(proposal(), person, RULES, NOON))
        assert (refusal.reason, refusal.look_again_at) == ("unknown_zone", None)


def test_a_zone_alone_brings_the_rules_of_its_country() -> None:
    wanderer = facts("LT", "Europe/Vilnius", JERUSALEM)

    assert refused(permits(proposal(), wanderer, RULES, local("2026-06-05 15:00"))).rule.startswith(
        "IL-"
    )


def test_what_the_law_dates_goes_at_any_hour_even_without_a_zone() -> None:
    night = local("2026-06-10 23:00")
    asked = proposal(category=Category.LEGAL, at_any_hour=True)

    assert permitted(permits(asked, facts(), RULES, night)).until == night + DAY
    permitted(permits(asked, facts("LT", "Nowhere"), RULES, night))


# Caps and gaps


def test_the_fourth_message_of_a_week_waits_until_the_first_is_a_week_old() -> None:
    said = tuple(contact(NOON - timedelta(days=age, hours=-2)) for age in (6, 4, 2))

    refusal = refused(permits(proposal(), facts(contacts=said), RULES, NOON))

    assert (refusal.rule, refusal.reason) == ("HOUSE-CAP-7D", "cap_reached")
    assert refusal.look_again_at == said[0].at + 7 * DAY
    assert sentence(refusal.reason, refusal.params) == "The cap of 3 per 7 days is reached."


def test_it_looks_again_when_gap_cap_and_hours_all_allow_it() -> None:
    said = (contact(local("2026-06-12 19:00")),)  # Friday evening

    refusal = refused(permits(proposal(), facts(contacts=said), RULES, local("2026-06-12 19:30")))

    assert refusal.rule == "HOUSE-GAP"
    assert refusal.look_again_at == local("2026-06-15 08:00")


def test_a_fallback_inside_the_step_is_no_second_message() -> None:
    failed = contact(NOON - HOUR, failed=True)
    same_step = contact(NOON - HOUR, slot="case:step")

    for said in (failed, same_step):
        permitted(permits(proposal(), facts(contacts=(said,)), RULES, NOON))
    refused(permits(proposal(), facts(contacts=(contact(NOON - HOUR),)), RULES, NOON))


def test_an_answer_is_exempt_from_house_caps_but_not_from_hours_nor_from_an_opt_out() -> None:
    person = facts(contacts=(contact(NOON - HOUR),))
    answer: Any = {"answers_own_act_at": NOON - MINUTE}
    night = local("2026-06-10 22:00")

    permitted(permits(proposal(**answer), person, RULES, NOON))
    assert refused(permits(proposal(**answer), person, RULES, night)).reason == "outside_hours"
    opted_out = proposal(suppressed="STOP", consent=ConsentState.WITHDRAWN, **answer)
    assert refused(permits(opted_out, person, RULES, NOON)).reason == "opted_out"


def test_an_answer_that_waits_too_long_is_capped_again() -> None:
    said = [contact(local(f"2026-06-{day} 12:00")) for day in ("08", "10", "12")]
    answer = proposal(answers_own_act_at=local("2026-06-12 20:00"))

    refusal = refused(
        permits(answer, facts(contacts=tuple(said)), RULES, local("2026-06-12 20:30"))
    )

    assert refusal.rule == "LT-HOURS"
    assert refusal.look_again_at == said[0].at + 7 * DAY  # exempt only until Saturday 20:00


def test_a_legal_cap_counts_answers_and_failed_attempts() -> None:
    at = local("2026-06-10 12:00", "Europe/Rome")
    said = contact(at - HOUR, failed=True, exempt=True)
    person = facts("IT", "Europe/Rome", contacts=(said,))
    answer = proposal(answers_own_act_at=at - MINUTE)

    assert refused(permits(answer, person, RULES, at)).rule == "IT-UNIREC-1D"
    receipt = proposal(category=Category.RECEIPT)
    permitted(permits(receipt, person, RULES, at))


def test_a_receipt_is_exempt_from_house_caps_but_not_from_hours() -> None:
    person = facts(contacts=(contact(NOON - HOUR),))
    receipt = proposal(category=Category.RECEIPT)

    permitted(permits(receipt, person, RULES, NOON))
    refused(permits(receipt, person, RULES, local("2026-06-10 22:00")))
