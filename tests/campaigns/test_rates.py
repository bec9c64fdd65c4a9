"""Reference rates are read whole, or refused with all that is wrong with them."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns.duties import Reference
from campaigns.rates import RatesError, half_year_of, next_half_year, read_rates
from campaigns.rulehead import Status
from tests.campaigns.policyfacts import FOLDER

GOOD = """\
schema: duly-rates/1
reference: boe_base
rates:
  - from: 2026-01-01
    percent: "3.75"
    source: Bank of England
    status: V
    checked: 2026-01-02
"""


def test_a_rate_says_from_when_how_much_and_by_what_source() -> None:
    (rate,) = read_rates(GOOD, "boe_base.yaml")

    assert rate.reference is Reference.BOE_BASE
    assert (rate.starts_on, rate.percent) == (date(2026, 1, 1), Decimal("3.75"))
    assert (rate.source, rate.status) == ("Bank of England", Status.PRIMARY)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    source: Bank of England\n", "", "r.yaml:4:5: `source` is missing"),
        ("2026-01-01", "2026-02-01", "r.yaml:4:5: 2026-02-01 begins no half-year"),
        ('"3.75"', "3.75", "r.yaml:5:5: `percent` must be a text"),
        ('"3.75"', '"about 4"', "r.yaml:5:5: `percent` is no percentage: about 4"),
        ("boe_base", "boe", "r.yaml:2:1: unknown reference `boe`"),
        ("rates:", "rate: 1\nrates:", "r.yaml:3:1: unknown key `rate`"),
        ("rates:", "rates: [", "this is not YAML"),
    ],
)
def test_a_faulty_list_is_refused_with_file_and_line(old: str, new: str, told: str) -> None:
    with pytest.raises(RatesError) as refused:
        read_rates(GOOD.replace(old, new), "r.yaml")

    assert told in str(refused.value)


def test_two_rates_for_one_half_year_are_refused() -> None:
    entry = GOOD[GOOD.index("  - from") :]

    with pytest.raises(RatesError, match=r"r\.yaml:9:5: two rates from 2026-01-01"):
        read_rates(GOOD + entry, "r.yaml")


def test_what_ships_is_read_and_marked_as_secondary() -> None:
    files = sorted((FOLDER.parent / "reference_rates").glob("*.yaml"))

    rates = [rate for file in files for rate in read_rates(file.read_text("utf-8"), file.name)]

    assert [(str(r.reference), r.starts_on, str(r.percent), r.status) for r in rates] == [
        ("ecb_mro", date(2026, 1, 1), "2.15", Status.SECONDARY),
        ("ecb_mro", date(2026, 7, 1), "2.40", Status.SECONDARY),
    ]


def test_half_years_begin_in_january_and_in_july() -> None:
    assert half_year_of(date(2026, 6, 30)) == date(2026, 1, 1)
    assert half_year_of(date(2026, 12, 31)) == date(2026, 7, 1)
    assert next_half_year(date(2026, 6, 30)) == date(2026, 7, 1)
    assert next_half_year(date(2026, 7, 1)) == date(2027, 1, 1)
