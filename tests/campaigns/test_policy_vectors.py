"""The test vectors of contact law that policy answers, by their numbers.

Where one names a rule that a default of the house would hide, the house is left out.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from time import process_time
from typing import Any

import pytest

from campaigns.duties import Fee, Fields, Frozen, Hold, Named, Stage, Unit
from campaigns.facts import ConsentState, Facts, HoldFact
from campaigns.packs import PackError
from campaigns.policy import permits, stops
from campaigns.proposal import Permit
from campaigns.ruleset import RuleSet
from campaigns.stops import frozen
from campaigns.vocabulary import Category, ContactPlace, DebtClass, HoldKind, Medium, SenderRole
from tests.campaigns.policyfacts import (
    DAY,
    HOUR,
    MINUTE,
    SHIPPED,
    channel,
    contact,
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
LAW = RuleSet(tuple(pack for name, pack in SHIPPED.items() if name != "house"))
THIRD = SenderRole.THIRD_PARTY
GIVEN = ConsentState.GIVEN
SMS, EMAIL, WHATSAPP = Medium.SMS, Medium.EMAIL, Medium.WHATSAPP
EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"


def american(region: str, zone: str = EASTERN, **more: Any) -> Facts:
    return facts("US", zone, region=region, **more)


def asked(medium: Medium = EMAIL, **more: Any) -> Any:
    """With a consent in writing, of yesterday, where nothing else is said."""
    given = {"consent": GIVEN, "consent_at": local("2026-01-01 12:00"), "consent_written": True}
    return proposal(medium, **{**given, **more})


def lately(now: datetime, *days: float, **more: Any) -> tuple[Any, ...]:
    return tuple(contact(now - day * DAY, **more) for day in days)


@pytest.mark.parametrize(
    ("zone", "wall"),
    [
        pytest.param(PACIFIC, "20:30", id="1-evening"),
        pytest.param(PACIFIC, "05:30", id="2-morning"),
    ],
)
def test_vectors_1_and_2_hours_hold_for_the_area_code_and_for_the_address(
    zone: str, wall: str
) -> None:
    person = american("CA", PACIFIC, role=THIRD)

    verdict = permits(asked(zones=(EASTERN,)), person, LAW, local(f"2026-06-10 {wall}", zone))

    assert refused(verdict).rule == "US-REGF-HOURS"
    noon = local("2026-06-10 12:00", EASTERN)
    permitted(permits(asked(zones=(EASTERN,)), person, LAW, noon))


def test_vector_3_a_third_partys_mail_to_florida_at_night_is_denied_by_regulation_f() -> None:
    night = local("2026-06-10 21:30", EASTERN)

    assert refused(permits(asked(), american("FL", role=THIRD), RULES, night)).rule == (
        "US-REGF-HOURS"
    )


def test_vector_4_a_creditors_own_mail_to_florida_at_night_is_lawful_and_the_house_waits() -> None:
    night = local("2026-06-10 21:30", EASTERN)

    permitted(permits(asked(), american("FL"), LAW, night))
    assert refused(permits(asked(), american("FL"), RULES, night)).rule == "HOUSE-HOURS"
    assert refused(permits(asked(SMS), american("FL"), LAW, night)).rule == "US-FL-17"


def test_vector_5_the_third_text_for_a_debt_within_seven_days_is_denied_in_massachusetts() -> None:
    noon = local("2026-06-10 12:00", EASTERN)
    said = lately(noon, 6, 3, invoice_ids=(1,))
    person = american("MA", contacts=said)

    assert refused(permits(asked(SMS), person, LAW, noon)).rule == "US-MA-2IN7"
    permitted(permits(asked(EMAIL), person, LAW, noon))
    other = replace(person, invoices=(invoice(2),))
    permitted(permits(asked(SMS), other, LAW, noon))
    permitted(permits(asked(SMS), replace(person, contacts=said[1:]), LAW, noon))


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        pytest.param("2026-08-31", None, id="6-the-day-before"),
        pytest.param("2026-09-01", "US-NYC-3IN7", id="6-the-first-day"),
    ],
)
def test_vector_6_the_fourth_attempt_in_new_york_city_differs_by_the_date(
    day: str, rule: str | None
) -> None:
    noon = local(f"{day} 12:00", EASTERN)
    person = american("NY", city="Brooklyn", contacts=lately(noon, 6, 4, 2, medium=EMAIL))

    verdict = permits(asked(SMS), person, LAW, noon)

    assert getattr(verdict, "rule", None) == rule


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        pytest.param({"consent": ConsentState.UNKNOWN}, "consent_missing", id="7-none"),
        pytest.param({"consent_written": False}, "consent_unwritten", id="7-spoken"),
    ],
)
def test_vector_7_a_text_to_new_york_city_needs_consent_in_writing(
    more: dict[str, Any], reason: str
) -> None:
    noon = local("2026-10-05 12:00", EASTERN)
    person = american("NY", city="Bronx")

    refusal = refused(permits(asked(SMS, **more), person, LAW, noon))

    assert (refusal.rule, refusal.reason) == ("US-NYC-ECONSENT", reason)
    assert refusal.look_again_at is None
    permitted(permits(asked(SMS), person, LAW, noon))
    for written in ("new  york", "Brooklyn, NY"):
        there = replace(person, city=written)
        assert refused(permits(asked(SMS, **more), there, LAW, noon)).rule == "US-NYC-ECONSENT"
    permitted(permits(asked(SMS, **more), replace(person, city="Albany"), LAW, noon))


@pytest.mark.parametrize(
    ("past_due", "rule"),
    [
        pytest.param(20, None, id="8-20-days"),
        pytest.param(30, None, id="8-30-days"),
        pytest.param(31, "US-DC-CONSENT", id="8-31-days"),
        pytest.param(40, "US-DC-CONSENT", id="8-40-days"),
    ],
)
def test_vector_8_the_rules_of_dc_begin_when_more_than_thirty_days_are_past(
    past_due: int, rule: str | None
) -> None:
    noon = local("2026-06-10 12:00", EASTERN)
    due_on = date(2026, 6, 10) - timedelta(days=past_due)
    person = american("DC", invoices=(invoice(due_on=due_on),))

    verdict = permits(proposal(EMAIL), person, LAW, noon)

    assert getattr(verdict, "rule", None) == rule


@pytest.mark.parametrize("country", [pytest.param("US", id="9-us"), pytest.param("CA", id="9-ca")])
def test_vector_9_third_party_collection_by_twilio_is_denied_whatever_the_consent(
    country: str,
) -> None:
    noon = local("2026-02-10 12:00", EASTERN)
    person = facts(country, EASTERN, region="CO", role=THIRD)

    refusal = refused(permits(asked(SMS, provider="twilio"), person, LAW, noon))

    assert (refusal.rule, refusal.look_again_at) == ("TW-US-3P", None)
    unasked = asked(SMS, provider="twilio", consent=ConsentState.UNKNOWN)
    assert refused(permits(unasked, person, LAW, noon)).look_again_at is None


def test_a_stop_that_came_meanwhile_denies_at_the_second_question() -> None:
    noon = local("2026-06-10 12:00", EASTERN)
    person = american("CO")
    claimed = asked(SMS)
    stopped = asked(SMS, suppressed="STOP", consent=ConsentState.WITHDRAWN)

    permitted(permits(claimed, person, LAW, noon - MINUTE / 60))
    assert refused(permits(stopped, person, LAW, noon)).rule == "OPT-OUT"


@pytest.mark.parametrize(
    ("wall", "rule"),
    [
        pytest.param("2026-09-04 13:30", "IL-HOURS", id="14-friday"),
        pytest.param("2026-09-05 12:00", "IL-", id="14-saturday"),
        pytest.param("2026-09-20 14:00", "IL-REST", id="14-eve-of-yom-kippur"),
        pytest.param("2026-09-06 09:00", "", id="14-sunday"),
    ],
)
def test_vector_14_israel_rests(wall: str, rule: str) -> None:
    person = facts("IL", "Asia/Jerusalem")

    verdict = permits(proposal(), person, LAW, local(wall, "Asia/Jerusalem"))

    assert isinstance(verdict, Permit) or refused(verdict).rule.startswith(rule)
    assert isinstance(verdict, Permit) == (not rule)


def test_vector_15_a_text_with_a_link_to_the_emirates_is_denied() -> None:
    noon = local("2026-06-10 12:00", "Asia/Dubai")

    assert refused(permits(proposal(), facts("AE", "Asia/Dubai"), LAW, noon)).rule == "AE-SMS-URL"


def test_vector_16_a_saudi_bank_does_not_write_on_whatsapp() -> None:
    noon = local("2026-06-10 12:00", "Asia/Riyadh")
    owed = (invoice(due_on=noon.date()),)
    bank = facts("SA", "Asia/Riyadh", sector="bank", invoices=owed)

    assert refused(permits(asked(WHATSAPP), bank, LAW, noon)).rule == "SA-MEANS"


def test_vector_17_breathing_space_stops_everything_for_sixty_days_and_freezes_fees() -> None:
    told_at = local("2026-06-10 12:00", "Europe/London")
    row = next(rule for rule in SHIPPED["gb"].rules if rule.id == "UK-BREATHE")
    assert isinstance(row, Hold)
    assert row.lasts is not None
    assert row.lasts.unit is Unit.DAYS
    assert row.freezes == {Frozen.INTEREST, Frozen.FEES}
    frozen_by = frozenset(map(str, row.freezes))
    until = row.lasts.after(told_at)
    hold = HoldFact(HoldKind.BREATHING_SPACE, until, since=told_at, freezes=frozen_by)
    person = facts("GB", "Europe/London", holds=(hold,))

    for category in Category:
        last = told_at + 60 * DAY - MINUTE
        assert stops(person, last, category=category, acted_at=last) is not None
    day_61 = told_at + 61 * DAY
    for what in Frozen:
        assert frozen(person, what, told_at + 60 * DAY - MINUTE) is not None
        assert frozen(person, what, day_61) is None
    assert stops(person, day_61) is None
    permitted(permits(proposal(), person, LAW, day_61))


def test_a_german_third_partys_first_demand_must_name_the_day_of_the_contract() -> None:
    noon = local("2026-06-10 12:00", "Europe/Berlin")
    person = facts("DE", "Europe/Berlin", role=THIRD)

    def bound(of: Facts) -> list[Fields]:
        span = LAW.timeline(of, channel(EMAIL), Category.REMINDER).at(noon)
        return [row for row in span.duties if isinstance(row, Fields) and row.head.pack == "de"]

    (row,) = bound(person)
    assert (row.id, row.stage) == ("DE-RDG13A", Stage.FIRST_MESSAGE)
    assert Named.CONTRACT_DATE in row.needs
    assert bound(replace(person, role=SenderRole.FIRST_PARTY)) == []


def test_vector_19_a_fixed_sum_of_forty_euros_is_refused_on_a_consumers_debt() -> None:
    noon = local("2026-06-10 12:00")

    def fees(debt_class: DebtClass) -> list[str]:
        person = facts(invoices=(invoice(debt_class=debt_class),))
        span = LAW.timeline(person, channel(EMAIL), Category.REMINDER).at(noon)
        return [row.id for row in span.duties if isinstance(row, Fee)]

    assert fees(DebtClass.CONSUMER) == []
    assert fees(DebtClass.COMMERCIAL) == ["EU-LPD"]
    with pytest.raises(PackError, match="a consumer would pay"):
        pack_of("{id: A, kind: fee, currency: EUR, bands: [{fixed: 40}]}")


def test_vector_21_two_minutes_before_the_close_a_message_lives_for_one() -> None:
    late = local("2026-06-10 19:58")

    assert permitted(permits(proposal(), facts(), RULES, late)).until - late == MINUTE
    refused(permits(proposal(), facts(), RULES, late + MINUTE + MINUTE / 2))


@pytest.mark.parametrize(
    "wall",
    [
        pytest.param("2027-01-30 12:00", id="the-day-before"),
        pytest.param("2027-01-31 12:00", id="the-first-day"),
    ],
)
def test_a_stop_on_one_subject_ends_all_others(wall: str) -> None:
    """Before the day as after it: it is the default."""
    noon = local(wall, EASTERN)
    stopped = asked(SMS, suppressed="STOP", consent=ConsentState.WITHDRAWN)

    for category in Category:
        verdict = permits(replace(stopped, category=category), american("CO"), LAW, noon)
        assert refused(verdict).rule == "OPT-OUT"
    reach = {
        day: any(
            row.id == "US-TCPA-REVOKEALL"
            for row in LAW.timeline(american("CO"), channel(SMS), Category.REMINDER)
            .at(local(day, EASTERN))
            .duties
        )
        for day in ("2027-01-30 23:59", "2027-01-31 00:00")
    }
    assert reach == {"2027-01-30 23:59": False, "2027-01-31 00:00": True}


# What the overlays ask beside the vectors


def test_a_rule_that_begins_with_age_is_foreseen() -> None:
    """Refused by night on the thirtieth day: by morning the rule of the thirty-first asks."""
    night = local("2026-05-31 22:30", EASTERN)
    owed = (invoice(due_on=date(2026, 5, 1)),)
    person = american("DC", role=THIRD, invoices=owed)
    day = local("2026-05-31 12:00", EASTERN)
    unasked = proposal(EMAIL, category=Category.LEGAL, at_any_hour=True)
    first = american("DC", invoices=owed)

    assert refused(permits(asked(), person, LAW, night)).look_again_at == local(
        "2026-06-01 08:00", EASTERN
    )
    assert permitted(permits(unasked, first, LAW, day)).until == local("2026-06-01 00:00", EASTERN)
    assert refused(permits(unasked, first, LAW, day + 12 * HOUR)).rule == "US-DC-CONSENT"


def test_a_region_that_is_not_known_binds_and_sets_nothing_of_the_house_aside() -> None:
    evening = local("2026-06-10 20:30", EASTERN)
    nowhere = facts("US", EASTERN, invoices=(invoice(due_on=evening.date()),))
    known = replace(nowhere, region="FL")

    permitted(permits(asked(SMS), known, RULES, evening))
    assert refused(permits(asked(SMS), nowhere, RULES, evening)).rule == "HOUSE-HOURS"
    late = evening + HOUR
    assert refused(permits(asked(SMS), nowhere, LAW, late)).rule in {"US-FL-17", "US-MA-HOURS"}


def test_what_nobody_read_restricts_and_sets_nothing_aside() -> None:
    rome = "Europe/Rome"
    saturday, early = local("2026-06-13 10:00", rome), local("2026-06-10 08:15", rome)

    assert refused(permits(proposal(), facts("IT", rome), RULES, saturday)).rule == "HOUSE-HOURS"
    assert refused(permits(proposal(), facts("IT", rome), RULES, early)).rule == "IT-UNIREC-HOURS"


def test_an_address_at_work_has_caps_of_its_own_in_washington() -> None:
    noon = local("2026-06-10 12:00", PACIFIC)
    work, home = ContactPlace.WORK, ContactPlace.HOME
    person = american("WA", PACIFIC, role=THIRD, contacts=lately(noon, 5, place=work))

    assert refused(permits(asked(place=work), person, LAW, noon)).rule == "US-WA-WORK"
    permitted(permits(asked(place=home), person, LAW, noon))
    at_home = replace(person, contacts=lately(noon, 5, place=home))
    permitted(permits(asked(place=work), at_home, LAW, noon))


def test_any_24_hours_are_not_a_day_of_the_calendar() -> None:
    noon = local("2026-06-10 12:00", EASTERN)
    offer = asked(EMAIL, category=Category.OFFER)
    said = tuple(
        contact(noon - hours * HOUR, category=Category.OFFER, medium=SMS) for hours in (1, 2, 23)
    )
    text = replace(offer, channel=replace(offer.channel, medium=SMS))

    refusal = refused(permits(text, american("FL", contacts=said), LAW, noon))

    assert (refusal.rule, refusal.params["per"]) == ("US-FL-OFFER-24H", "24 h")
    assert refusal.look_again_at == noon + HOUR
    permitted(permits(offer, american("FL", contacts=said), LAW, noon))


def test_a_consent_to_texts_grows_old() -> None:
    noon = local("2026-06-10 12:00", EASTERN)
    person = american("CO", role=THIRD)
    at_any_hour: dict[str, Any] = {"at_any_hour": True, "category": Category.LEGAL}
    fresh = asked(SMS, consent_at=noon - 59 * DAY - 20 * HOUR, **at_any_hour)

    assert permitted(permits(fresh, person, LAW, noon)).until == noon + 4 * HOUR
    refusal = refused(permits(fresh, person, LAW, noon + 4 * HOUR))
    assert (refusal.rule, refusal.reason) == ("US-REGF-SMS-SH", "consent_stale")
    assert refused(permits(asked(SMS, consent_at=None), person, LAW, noon)).rule == "US-REGF-SMS-SH"


def test_another_medium_waits_a_day_and_the_same_one_twenty_hours() -> None:
    noon = local("2026-06-10 12:00")
    person = facts(contacts=(contact(noon - 21 * HOUR),))

    permitted(permits(proposal(SMS), person, RULES, noon))
    refusal = refused(permits(proposal(EMAIL), person, RULES, noon))
    assert (refusal.rule, refusal.look_again_at) == ("HOUSE-SECOND-MEDIUM", noon + 3 * HOUR)


def test_a_permit_under_every_pack_takes_tens_of_microseconds() -> None:
    """Windows are worked out once a set of packs, zone and day. Processor time, best of many: the
    machine is shared."""
    noon = local("2026-06-10 12:00", EASTERN)
    person = american("NY", city="Brooklyn", contacts=lately(noon, 20, 15, 10))
    once = asked(EMAIL)

    def permit() -> float:
        start = process_time()
        for _ in range(100):
            permits(once, person, RULES, noon)
        return process_time() - start

    permitted(permits(once, person, RULES, noon))
    assert min(permit() for _ in range(20)) < 100 * 60e-6


def test_late_collection_does_not_belong_on_whatsapp() -> None:
    noon = local("2026-06-10 12:00")
    early = facts(invoices=(invoice(due_on=date(2026, 5, 11)),))
    late = facts(invoices=(invoice(due_on=date(2026, 5, 10)),))

    permitted(permits(asked(WHATSAPP), early, LAW, noon))
    assert refused(permits(asked(WHATSAPP), late, LAW, noon)).rule == "WA-3"
    receipt = asked(WHATSAPP, category=Category.RECEIPT)
    permitted(permits(receipt, late, LAW, noon))
    legal = asked(WHATSAPP, category=Category.LEGAL)
    assert refused(permits(legal, early, LAW, noon)).rule == "WA-3-LEGAL"
