"""`duly charges` and `duly rates`: what is owed on top is shown, claimed once, and explained."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Duly
from tests.app.loops.books import MAPPING, write_book

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_charges_are_allowed_shown_and_claimed(with_book: Duly) -> None:
    refused = with_book("charges", "claim", "alder")
    assert (refused.code, "claims no charges" in refused.err) == (2, True)
    allowed = with_book("charges", "allow", "alder", "--law", "lt", "--kind", "cost")
    assert (allowed.code, "alder claims cost under the law of LT" in allowed.err) == (0, True)

    shown = with_book("charges", "show", "dana", "--creditor", "alder", "--on", "2026-04-03")
    assert (shown.code, "business debts alone" in shown.err) == (0, True)
    claimed = with_book("charges", "claim", "alder", "--on", "2026-04-03", "--json")

    assert claimed.json["posted"] == []
    assert "business debts alone" in claimed.json["refused"][0]["why"]


def test_a_business_is_charged_the_fixed_sum_once(with_database: Duly, home: Path) -> None:
    mapping = MAPPING.replace(
        "  due_on: due\n", "  due_on: due\n  debt_class: { value: commercial }\n"
    )
    feed, mapping_file = write_book(home, mapping=mapping)
    assert with_database("db", "upgrade").code == 0
    assert with_database("import", feed, "--map", mapping_file).code == 0
    with_database("charges", "allow", "alder", "--law", "LT", "--kind", "cost")

    shown = with_database("charges", "show", "dana", "--creditor", "alder", "--on", "2026-04-03")
    foreseen = with_database(
        "charges", "claim", "alder", "--on", "2026-04-03", "--dry-run", "--json"
    )
    first, second = (
        with_database("charges", "claim", "alder", "--on", "2026-04-03", "--json").json["posted"]
        for _ in range(2)
    )

    assert "40.00" in shown.out
    assert first == foreseen.json["posted"]
    assert [(each["number"], each["amount_minor"]) for each in first] == [
        ("INV-1-C1", 4000), ("INV-3-C1", 4000), ("INV-5-C1", 4000),
    ]  # fmt: skip
    assert second == []
    assert with_database("check").code == 0


def test_rates_are_listed_and_added_with_their_source(with_database: Duly) -> None:
    with_database("db", "upgrade")
    rate = ("--reference", "boe_base", "--from", "2026-07-01", "--percent", "4.00")
    told = (*rate, "--source", "The bank's page", "--by", "ada")

    added, again = with_database("rates", "add", *told), with_database("rates", "add", *told)

    assert (added.code, again.code, "added before" in again.err) == (0, 2, True)
    listed = with_database("rates", "list", "--json").json["rates"]
    assert [(each["reference"], each["percent"], each["status"]) for each in listed] == [
        ("boe_base", "4.00", "V"),
        ("ecb_mro", "2.15", "S"),
        ("ecb_mro", "2.40", "S"),
    ]
    assert "ada" in with_database("rates", "list").out
    unknown = with_database("rates", "add", "--reference", "x", *told[2:])
    assert (unknown.code, "known: boe_base" in unknown.err) == (2, True)
