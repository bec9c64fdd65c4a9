"""Who helps people with debts: a row for every country with rules, honest about what was read."""

from __future__ import annotations

import re
from datetime import date

import pytest

from app.wording.debt_advice import HOURS, advice_in, advice_rows
from campaigns.rulehead import Level
from tests.campaigns.policyfacts import SHIPPED

ROWS = advice_rows()
SERVICES = [(country, each) for country, row in ROWS.items() for each in row.get("services", ())]


def test_every_country_that_has_rules_has_services_or_says_why_not() -> None:
    ruled = {one for pack in SHIPPED.values() if pack.level is Level.LAW for one in pack.countries}

    assert ruled - set(ROWS) == set()
    for country, row in ROWS.items():
        assert re.fullmatch(r"[A-Z]{2}", country)
        assert set(row) in ({"services"}, {"none"}), country
        assert row.get("none") or row["services"], country


@pytest.mark.parametrize(("country", "service"), SERVICES)
def test_a_service_says_how_to_reach_it_and_where_that_stands(
    country: str, service: dict[str, object]
) -> None:
    assert set(service) <= {"name", "phone", "web", "hours", "source", "read"}
    assert service["name"]
    assert service["source"]
    assert service["read"] is None or isinstance(service["read"], date)
    assert service.get("phone") or service.get("web")
    assert re.fullmatch(r"[+0-9][0-9 -]+", str(service.get("phone", "0 0")))
    assert re.fullmatch(r"https://[a-z0-9./-]+", str(service.get("web", "https://a.b")))
    assert HOURS.fullmatch(str(service.get("hours", "1-5 08:00-18:00")))
    assert "memory" not in str(service["source"]) or service["read"] is None, country


def test_a_customer_is_told_of_verified_services_alone_in_their_language() -> None:
    assert [each.name for each in advice_in("GB", "he")] == ["StepChange Debt Charity"]
    assert advice_in("IL", "he-IL")[0].name == "פעמונים"
    assert advice_in("IL", "ru")[0].name == "Paamonim"  # in letters that they read
    assert advice_in("FR", "ru")[0].name == "Banque de France"
    assert advice_in("FR", "en")[0].hours == "Mon–Fri 08:00–18:00"
    assert advice_in("FR", "de")[0].hours == "Mo–Fr 08:00–18:00"
    for unknown in ("AE", "BR", None):
        assert advice_in(unknown, "en") == ()
