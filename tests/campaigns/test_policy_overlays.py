"""What the packs of law ask beside the vectors: age, regions, places, consents, media."""

from dataclasses import replace
from datetime import date
from time import process_time
from typing import Any

from campaigns.policy import permits
from campaigns.vocabulary import Category, ContactPlace
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
    HOUR,
    contact,
    facts,
    invoice,
    local,
    permitted,
    proposal,
    refused,
)


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
