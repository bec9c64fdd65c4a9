"""Who listens to somebody in danger: complete rows, one for each country, honest hours."""

from __future__ import annotations

import re
from datetime import date

import pytest

from app.wording.crisis import CrisisRow, crisis_line, crisis_lines, crisis_row
from app.wording.files import LOCALES

ROWS = [CrisisRow(country, row) for country, row in crisis_lines().items()]


@pytest.mark.parametrize("each", ROWS, ids=lambda each: each.country)
def test_a_row_says_who_listens_when_and_where_that_stands(each: CrisisRow) -> None:
    row = each.row
    assert re.fullmatch(r"\d{3}", row["emergency"])
    assert row["source"]
    assert "read" in row, "a row that nobody has read says so by an empty day"
    assert row["read"] is None or isinstance(row["read"], date)
    assert ("number" in row) == ("name" in row) == ("hours" in row)
    assert re.fullmatch(r"24/7|\d{1,2}-\d{1,2}", row.get("hours", "24/7"))


def test_a_country_has_its_own_row_or_one_for_many_or_that_of_everywhere() -> None:
    found = {country: crisis_row(country) for country in ("IL", "AT", "BR", None)}
    assert [row.country for row in found.values()] == ["IL", "EU", "all", "all"]
    assert [row.is_verified for row in found.values()] == [True, True, False, False]
    for country, row in found.items():
        for locale in LOCALES:
            assert crisis_line(country, locale).emergency == row.row["emergency"]
    assert crisis_line("AT", "de").number is None, "no line is known: the emergency number alone"


def test_a_line_that_sleeps_says_its_hours() -> None:
    assert crisis_line("IT", "it").name == "Telefono Amico (10-24)"
    assert crisis_line("GB", "en").name == "Samaritans"


def test_what_was_confirmed_is_one_content_of_a_row() -> None:
    row = crisis_lines()["IT"]
    same, other = CrisisRow("IT", dict(row)), CrisisRow("IT", {**row, "number": "1"})
    assert same.hash == crisis_row("IT").hash != other.hash
    assert same.name == other.name == "crisis-it"
