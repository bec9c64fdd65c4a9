"""The test vectors of contact law that policy answers, by their numbers."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from campaigns.duties import Fee, Fields, Frozen, Hold, Named, Stage, Unit
from campaigns.facts import ConsentState, Facts, HoldFact
from campaigns.packs import PackError
from campaigns.policy import permits, stops
from campaigns.proposal import Permit
from campaigns.stops import frozen
from campaigns.vocabulary import Category, DebtClass, HoldKind, SenderRole
from tests.campaigns.lawfacts import (
    EASTERN,
    EMAIL,
    LAW,
    PACIFIC,
    RULES,
    SMS,
    THIRD,
    WHATSAPP,
    american,
    asked,
    lately,
)
from tests.campaigns.policyfacts import (
    DAY,
    MINUTE,
    SHIPPED,
    channel,
    facts,
    invoice,
    local,
    pack_of,
    permitted,
    proposal,
    refused,
)


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
