"""Where a recipient may be: address, number and declared zone meet; the unknown is anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import phonenumbers
import pytest

from app.book.addresses import area_of
from campaigns.area_codes import AREAS
from campaigns.calendar import zone_of
from campaigns.facts import ConsentState, Facts
from campaigns.packhours import own_week
from campaigns.policy import permits
from campaigns.proposal import Permit
from campaigns.rules import Cap
from campaigns.vocabulary import ContactPlace, Medium, SenderRole
from campaigns.whereabouts import zones_in
from tests.campaigns.policyfacts import (
    DAY,
    channel,
    contact,
    facts,
    local,
    proposal,
    refused,
    ruleset,
)

LAW = ruleset("us", "us-ca", "us-ma", "us-ny", "us-nyc", "us-wa", "il")
PACIFIC, EASTERN, HAWAII = "America/Los_Angeles", "America/New_York", "Pacific/Honolulu"
COLLECTOR = SenderRole.THIRD_PARTY


def american(region: str | None = "CA", *, declared: str | None = None, **more: Any) -> Facts:
    """Somebody whose zone stands on record only where it is declared."""
    found = facts("US", region=region, **more)
    return replace(found, zones=(declared,) if declared else ())


@pytest.mark.parametrize(
    ("number", "at", "rule"),
    [
        ("+13105550100", "2026-06-02 20:30", None),
        ("+12125550100", "2026-06-02 20:30", "US-REGF-HOURS"),  # vector 1: 23:30 in New York
        ("+12125550100", "2026-06-02 05:30", "US-REGF-HOURS"),  # vector 2: 05:30 in California
        ("+12125550100", "2026-06-02 17:58", None),  # 20:58 in New York
        ("+12125550100", "2026-06-02 17:59", "US-REGF-HOURS"),
        ("+18005550100", "2026-06-02 20:30", None),  # it is given out anywhere, and tells nothing
    ],
)
def test_the_area_code_and_the_address_must_both_be_open(
    number: str, at: str, rule: str | None
) -> None:
    person = american(role=COLLECTOR)
    now = local(at, PACIFIC)
    asked = proposal(consent=ConsentState.GIVEN, consent_at=now)
    asked = replace(asked, channel=replace(asked.channel, area=area_of(number)))

    verdict = permits(asked, person, ruleset("us"), now)

    assert (None if isinstance(verdict, Permit) else verdict.rule) == rule


def bound(person: Facts, number: str, medium: Medium = Medium.SMS) -> set[str]:
    """The caps and consents of states and the city that bind."""
    on = replace(channel(medium), area=area_of(number))
    span = LAW.timeline(person, on, proposal().category).at(local("2026-11-23 12:00", EASTERN))
    return {id_ for id_ in span.ids if id_.startswith(("US-MA", "US-NYC", "US-WA", "US-CA"))}


@pytest.mark.parametrize(
    ("region", "number", "rules"),
    [
        ("CA", "+13105550100", set()),
        ("CA", "+16175550100", {"US-MA-2IN7", "US-MA-HOURS"}),
        ("MA", "+13105550100", {"US-MA-2IN7", "US-MA-HOURS"}),
        ("CA", "+12125550100", {"US-NYC-3IN7", "US-NYC-ECONSENT"}),  # the city's code
        ("CA", "+17165550100", set()),  # Buffalo
    ],
)
def test_the_state_of_the_area_code_binds_beside_that_of_the_address(
    region: str, number: str, rules: set[str]
) -> None:
    assert bound(american(region, postcode="00000"), number) == rules


def test_a_third_text_in_a_week_to_a_number_of_massachusetts_is_too_much() -> None:
    now = local("2026-06-03 15:00", EASTERN)
    said = tuple(contact(local(f"2026-06-0{day} 15:00", EASTERN)) for day in (1, 2))
    person = american("CA", declared=EASTERN, contacts=said)

    refusal = refused(permits(replace(proposal(), channel=replace(
        proposal().channel, area=area_of("+16175550100"))), person, LAW, now))  # fmt: skip

    assert refusal.rule == "US-MA-2IN7"


@pytest.mark.parametrize(
    ("postcode", "city", "is_in"),
    [
        ("11211", "Williamsburg", True),  # a name that the list does not have
        ("11211-1234", None, True),
        ("14201", "New York Mills", False),
        ("12110", "Jamaica", False),  # the name of a quarter, somewhere else
        ("11001", "Floral Park", True),  # shared with Nassau: the stricter reading
        ("11530", "Garden City", False),
        (None, "Brooklyn", True),
        (None, "Albany", False),
        (None, None, True),  # it may be anywhere in the state
    ],
)
def test_the_city_is_told_by_the_postcode_and_else_by_its_name(
    postcode: str | None, city: str | None, is_in: bool
) -> None:
    person = american("NY", postcode=postcode, city=city)

    assert ("US-NYC-3IN7" in bound(person, "+18005550100")) is is_in


def test_the_number_may_be_the_citys_when_the_address_is_not() -> None:
    person = american("NY", postcode="14201")

    assert "US-NYC-3IN7" in bound(person, "+17185550100")
    assert "US-NYC-3IN7" not in bound(person, "+17165550100")


def test_a_place_unknown_within_the_united_states_is_open_when_all_of_it_is() -> None:
    """11:00 to 21:00 Eastern is open on the mainland; Alaska and Hawaii are added."""
    person = american(None, role=COLLECTOR)
    timeline = ruleset("us").timeline(person, channel(), proposal().category)
    hours = timeline.at(local("2026-06-02 12:00", EASTERN)).clocks

    def is_open(at: str) -> bool:
        return all(clock.closes(local(at, EASTERN)) is not None for clock in hours)

    assert not is_open("2026-06-02 11:00")  # 05:00 in Honolulu
    assert not is_open("2026-06-02 13:59")
    assert is_open("2026-06-02 14:00")  # 08:00 in Honolulu
    assert is_open("2026-06-02 20:58")
    assert not is_open("2026-06-02 20:59")


@pytest.mark.parametrize(
    ("country", "region", "zones"),
    [
        ("US", "FL", {"America/Chicago", EASTERN}),
        ("US", "Hawaii", {HAWAII}),
        ("LT", None, {"Europe/Vilnius"}),
        ("DE", None, {"Europe/Berlin"}),
        ("ES", None, {"Atlantic/Canary", "Africa/Ceuta"}),  # Ceuta keeps Madrid's time
        ("ZZ", None, set()),
    ],
)
def test_a_country_or_a_state_has_its_zones(
    country: str, region: str | None, zones: set[str]
) -> None:
    assert set(zones_in(country, region)) == zones


def test_without_a_country_nobody_knows_when() -> None:
    nobody = replace(facts(None), zones=())

    assert refused(permits(proposal(), nobody, LAW, local("2026-06-02 12:00"))).reason == (
        "unknown_zone"
    )


def test_a_number_from_another_country_brings_its_hours_and_rules() -> None:
    person = facts("LT", "Europe/Vilnius")
    sms = replace(proposal(), channel=replace(proposal().channel, area=area_of("+972541234567")))
    rules = ruleset("house", "lt", "il")

    friday = local("2026-06-05 15:00")
    assert refused(permits(sms, person, rules, friday)).rule.startswith("IL-")
    assert isinstance(permits(proposal(), person, rules, friday), Permit)


def test_every_cap_of_a_state_is_still_of_its_state() -> None:
    person = american("CA", declared=PACIFIC)
    on = replace(channel(), area=area_of("+13105550100"))
    span = LAW.timeline(person, on, proposal().category).at(local("2026-06-02 12:00", PACIFIC))

    assert [row for group in span.limits for row, _, _ in group.rows if isinstance(row, Cap)] == []


@pytest.mark.slow
def test_area_codes_are_those_of_the_numbering_plan() -> None:
    from phonenumbers.geodata import GEOCODE_DATA
    from phonenumbers.tzdata import TIMEZONE_DATA

    zones: dict[str, set[str]] = {}
    for prefix, names in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            zones.setdefault(prefix[1:4], set()).update(names)
    assert {code: set(area.zones) for code, area in AREAS.items()} == {
        code: zones[code] for code in AREAS
    }
    for code, area in AREAS.items():
        number = phonenumbers.parse(f"+1{code}2345678")
        assert phonenumbers.region_code_for_number(number) == area.country
        told = GEOCODE_DATA.get(f"1{code}", {}).get("en", "")
        if ", " in told:
            assert area.region == told.rpartition(", ")[2]
        assert [name for name in area.zones if zone_of(name) is None] == []


@pytest.mark.parametrize(
    ("region", "medium", "place", "rule"),
    [
        ("NY", Medium.EMAIL, ContactPlace.WORK, "US-NY-EMAIL-WORK"),  # also with consent
        ("NY", Medium.EMAIL, ContactPlace.HOME, None),
        ("WA", Medium.EMAIL, ContactPlace.WORK, "US-WA-WORK"),  # once in seven days
        ("WA", Medium.EMAIL, ContactPlace.HOME, None),
        ("WA", Medium.EMAIL, None, None),
        ("CA", Medium.EMAIL, ContactPlace.WORK, None),
    ],
)
def test_an_address_at_work_has_rules_of_its_own(
    region: str, medium: Medium, place: ContactPlace | None, rule: str | None
) -> None:
    now = local("2026-06-03 15:00", EASTERN)
    earlier = contact(now - 3 * DAY, medium=medium, place=ContactPlace.WORK)
    person = american(region, declared=EASTERN, role=COLLECTOR, contacts=(earlier,), postcode="0")

    asked = proposal(medium, place=place, consent=ConsentState.GIVEN, consent_at=now)
    verdict = permits(asked, person, LAW, now)

    assert (None if isinstance(verdict, Permit) else verdict.rule) == rule


@pytest.mark.parametrize(
    ("hours", "at", "rule"),
    [
        ("mon-fri 17:00-20:00", "2026-06-03 16:59", "CUSTOMER-HOURS"),
        ("mon-fri 17:00-20:00", "2026-06-03 17:00", None),
        ("mon-fri 17:00-20:00", "2026-06-03 19:59", "CUSTOMER-HOURS"),
        ("mon-fri 17:00-22:00", "2026-06-03 20:30", "HOUSE-HOURS"),  # it opens nothing
        ("mon 10:00-12:00; wed 13:00-14:00", "2026-06-03 13:30", None),
        ("mon 10:00-12:00; wed 13:00-14:00", "2026-06-04 13:30", "CUSTOMER-HOURS"),
        ("wed 02:00-03:00", "2026-06-03 12:00", "CUSTOMER-HOURS"),  # and the house's never meet
        (None, "2026-06-03 12:00", None),
    ],
)
def test_what_a_customer_finds_inconvenient_is_kept(
    hours: str | None, at: str, rule: str | None
) -> None:
    """US-REGF-INCONV, and UK-CONC-TIME: due regard to when a customer wants to be written to."""
    person = facts("LT", hours=hours)

    verdict = permits(proposal(), person, ruleset("house"), local(at))

    assert (None if isinstance(verdict, Permit) else verdict.rule) == rule


@pytest.mark.parametrize(
    "text", ["", "mon", "mon 20:00-17:00", "mon 17:00-20:00; mon-fri 09:00-10:00", "someday 1-2"]
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours|weekday"):
        own_week(text)
