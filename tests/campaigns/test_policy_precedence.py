"""Which rule binds, which gives way to which, and from which day to which."""

from typing import Any

import pytest

from campaigns.calendar import BusinessCalendar
from campaigns.facts import ConsentState
from campaigns.policy import permits
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, CustomerKind, DebtClass, Medium, SenderRole
from tests.campaigns.policyfacts import (
    MINUTE,
    SHIPPED,
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
NOON = local("2026-06-10 12:00")  # a Wednesday
EASTERN = "America/New_York"
GIVEN = ConsentState.GIVEN


def test_a_window_of_the_law_sets_the_house_window_aside() -> None:
    saturday = local("2026-06-13 20:30", EASTERN)
    third = facts("US", EASTERN, region="CO", role=SenderRole.THIRD_PARTY)

    permit = permitted(permits(proposal(Medium.EMAIL, consent=GIVEN), third, RULES, saturday))

    assert "US-REGF-HOURS" in permit.rules
    assert "HOUSE-HOURS" not in permit.rules


def test_a_window_for_offers_alone_sets_nothing_aside() -> None:
    late = local("2026-06-10 20:30", EASTERN)
    asked = proposal(Medium.SMS, category=Category.OFFER, consent=GIVEN)

    refusal = refused(permits(asked, facts("US", EASTERN, region="CO"), RULES, late))

    assert refusal.rule == "HOUSE-HOURS"


def test_a_cap_of_the_law_sets_aside_only_the_house_cap_of_its_period() -> None:
    law = pack_of("{id: XX-CAP, kind: cap, n: 5, per: 7d}", level="law", name="xx", countries="LT")
    rules = RuleSet((*SHIPPED.values(), law))

    permit = permitted(permits(proposal(), facts(), rules, NOON))

    assert {"XX-CAP", "HOUSE-CAP-1D", "HOUSE-CAP-30D"} <= set(permit.rules)
    assert "HOUSE-CAP-7D" not in permit.rules


def test_a_gap_of_the_law_sets_nothing_aside() -> None:
    law = pack_of("{id: XX-GAP, kind: gap, least: 1h}", level="law", name="xx", countries="LT")
    rules = RuleSet((*SHIPPED.values(), law))
    person = facts(contacts=(contact(local("2026-06-09 18:00")),))

    assert refused(permits(proposal(), person, rules, NOON)).rule == "HOUSE-GAP"


@pytest.mark.parametrize("level", ["provider", "creditor"])
def test_a_provider_and_a_creditor_can_only_be_stricter(level: str) -> None:
    wide = '{id: OWN, kind: window, hours: {all: "00:00-24:00"}}'
    narrow = '{id: OWN, kind: window, hours: {all: "10:00-11:00"}}'
    early, noon = local("2026-06-10 07:00"), NOON

    refused(permits(proposal(), facts(), ruleset(extra=(pack_of(wide, level=level),)), early))
    verdict = permits(proposal(), facts(), ruleset(extra=(pack_of(narrow, level=level),)), noon)
    assert refused(verdict).rule == "OWN"


def test_a_rule_is_in_force_from_its_first_day_to_its_last() -> None:
    dated = pack_of(
        "{id: OWN, kind: medium_forbidden, why: law, effective_from: 2026-06-10,"
        " effective_to: 2026-06-11}"
    )
    rules = ruleset(extra=(dated,))

    before = permitted(permits(proposal(), facts(), rules, local("2026-06-09 12:00")))
    assert before.until == local("2026-06-09 19:59")
    refusal = refused(permits(proposal(), facts(), rules, NOON))
    assert (refusal.rule, refusal.look_again_at) == ("OWN", local("2026-06-12 08:00"))
    permitted(permits(proposal(), facts(), rules, local("2026-06-12 12:00")))


def test_it_looks_again_under_the_rules_of_that_day() -> None:
    friday = local("2026-06-12 21:00")
    narrow = '{id: OWN, kind: window, hours: {all: "10:00-11:00"}, effective_from: 2026-06-14}'

    refusal = refused(permits(proposal(), facts(), ruleset(extra=(pack_of(narrow),)), friday))

    assert (refusal.rule, refusal.look_again_at) == ("LT-HOURS", local("2026-06-15 10:00"))


def test_a_rule_begins_when_its_first_day_has_begun_in_some_place() -> None:
    ban = "{id: OWN, kind: medium_forbidden, why: law, effective_from: 2026-06-11}"
    rules = ruleset("house", extra=(pack_of(ban),))
    person = facts("XX", "Pacific/Auckland", "Europe/London")
    asked = proposal(category=Category.LEGAL, at_any_hour=True)
    begins = local("2026-06-11 00:00", "Pacific/Auckland")

    assert permitted(permits(asked, person, rules, begins - MINUTE)).until == begins
    assert refused(permits(asked, person, rules, begins)).rule == "OWN"


def test_a_permit_ends_when_the_rules_change() -> None:
    noon_rules = pack_of('{id: OWN, kind: window, hours: {all: "00:00-24:00"}}')
    dated = pack_of(
        "{id: NEW, kind: gap, least: 1h, effective_from: 2026-06-11}", level="law",
        name="xx", countries="LT",
    )  # fmt: skip
    asked = proposal(category=Category.LEGAL, at_any_hour=True)

    permit = permitted(permits(asked, facts(), RuleSet((noon_rules, dated)), NOON))

    assert permit.until == local("2026-06-11 00:00")


def test_law_is_named_before_provider_before_house_and_then_what_opens_last() -> None:
    night = local("2026-06-10 21:00")
    shut = '{{id: {}, kind: window, hours: {{all: "{}"}}}}'
    soon = pack_of(shut.format("P1", "06:00-09:00"), level="provider", name="p1")
    late = pack_of(shut.format("P2", "07:00-09:00"), level="provider", name="p2")
    house = SHIPPED["house"]

    assert refused(permits(proposal(), facts(), ruleset(extra=(late, soon)), night)).rule == (
        "LT-HOURS"
    )
    assert refused(permits(proposal(), facts(), RuleSet((house, soon, late)), night)).rule == "P2"
    assert refused(permits(proposal(), facts(), RuleSet((house,)), night)).rule == "HOUSE-HOURS"


def test_the_rules_of_a_region_bind_there_and_where_the_region_is_not_known() -> None:
    text = "{id: MA-1, kind: medium_forbidden, why: law}"
    pack = pack_of(text, level="law", name="ma", countries="US]\nregions: [MA")
    rules = ruleset("us", "house", extra=(pack,))
    noon = local("2026-06-10 12:00", EASTERN)

    def verdict(region: str | None) -> object:
        return permits(proposal(), facts("US", EASTERN, region=region), rules, noon)

    assert not hasattr(verdict("NY"), "rule")
    for region in ("MA", "US-MA", "Massachusetts", "Mass.", None):
        assert getattr(verdict(region), "rule", "") == "MA-1"


def test_a_debt_is_of_the_class_that_its_invoices_say() -> None:
    role = SenderRole.THIRD_PARTY
    late = local("2026-06-10 20:30", EASTERN)
    business = facts("US", EASTERN, region="CO", role=role, kind=CustomerKind.BUSINESS, invoices=())
    asked = proposal(Medium.EMAIL, consent=GIVEN)
    mixed = (invoice(1), invoice(2, debt_class=DebtClass.COMMERCIAL))

    def rule_of(**more: Any) -> str:
        person = facts("US", EASTERN, region="CO", role=role, **more)
        verdict = permits(asked, person, RULES, late)
        return getattr(verdict, "rule", "permitted")

    assert rule_of(invoices=mixed) == "permitted"  # consumer debt among it: Reg F until 21:00
    assert rule_of(invoices=mixed[1:]) == "HOUSE-HOURS"
    assert refused(permits(asked, business, RULES, late)).rule == "HOUSE-HOURS"


def test_the_creditor_corrects_a_holiday_of_the_recipients_country() -> None:
    holiday, workday = local("2026-07-06 12:00"), local("2026-07-07 12:00")
    corrected = BusinessCalendar(
        "LT", opened=frozenset({holiday.date()}), closed=frozenset({workday.date()})
    )
    rules = RuleSet(tuple(SHIPPED.values()), corrections={"LT": corrected})

    permitted(permits(proposal(), facts(), rules, holiday))
    assert refused(permits(proposal(), facts(), rules, workday)).rule == "LT-REST"


def test_a_second_whatsapp_to_the_same_person_waits_six_seconds() -> None:
    """WA-11, the pair rate, receipts included."""
    first = contact(NOON, medium=Medium.WHATSAPP)
    known = facts("IL", "Asia/Jerusalem", contacts=(first,))
    asked = proposal(Medium.WHATSAPP, category=Category.RECEIPT, consent=GIVEN)

    refusal = refused(permits(asked, known, RULES, NOON))

    assert (refusal.rule, refusal.params["gap"]) == ("WA-11", "6 s")
