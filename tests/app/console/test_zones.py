"""The time zones to choose from: near ones first, each once, in the reader's language."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from app.console.zones import zone_groups, zone_name
from app.staff.users import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_zone_is_there_once_and_what_is_near_comes_first(language: str) -> None:
    groups = zone_groups(language, ["Europe/Berlin"], "Asia/Calcutta")

    near = [zone for zone, _ in groups[0][1]]
    assert near[:2] == ["Asia/Calcutta", "Europe/Berlin"]
    assert len(near) < 12
    found = Counter(zone for _, zones in groups for zone, _ in zones)
    assert set(found.values()) == {1}
    assert {"UTC", "Asia/Jerusalem", "Europe/Vilnius", "America/New_York"} <= set(found)
    assert all(ZoneInfo(zone) for zone in found)


def test_a_zone_is_called_by_its_city_and_country() -> None:
    assert zone_name("Asia/Jerusalem", "he") == "ירושלים (ישראל)"
    assert zone_name("Europe/Vilnius", "lt") == "Vilnius (Lietuva)"
    assert zone_name("Asia/Kolkata", "ar") == zone_name("Asia/Calcutta", "ar") == "كالكتا (الهند)"
    assert zone_name("America/Argentina/Buenos_Aires", "en") == "Buenos Aires (Argentina)"
    assert zone_name("Asia/Singapore", "en") == "Singapore"
    assert zone_name("UTC", "he") == "UTC"
