"""`duly policy list|coverage`."""

from typing import Any

from tests.app.cli.conftest import Duly


def test_the_list_shows_the_rules_of_a_place_and_of_those_within_it(duly: Duly) -> None:
    ended = duly("policy", "list", "--jurisdiction", "us-ny", "--json")

    found = {rule["id"]: rule for rule in ended.json["rules"]}
    assert {rule["pack"] for rule in found.values()} == {"us-ny"}
    everything = duly("policy", "list", "--jurisdiction", "us", "--json").json["rules"]
    assert {"us", "us-ny", "us-nyc", "us-dc"} < {rule["pack"] for rule in everything}
    assert found["US-NY-EMAIL"]["source"] == "23 NYCRR 1.6"
    assert found["US-NY-OFFER"]["asks"] == "mon-sun 08:00-21:00"


def test_the_list_is_a_table_for_people(duly: Duly) -> None:
    ended = duly("policy", "list", "--jurisdiction", "lt")

    assert ended.code == 0
    for words in ("LT-HOURS", "mon-fri", "08:00-20:00", "S caution"):
        assert words in ended.out


def test_coverage_says_which_rows_are_off_and_why_and_what_nothing_keeps(duly: Duly) -> None:
    told = duly("policy", "coverage", "--json").json

    rows: dict[str, Any] = {rule["id"]: rule for rule in told["rules"]}
    assert rows["DE-BGB288"]["state"] == "disabled"
    assert rows["DE-BGB288"]["disabled"] == "the law itself was not read"
    assert rows["US-NYC-3IN7"]["effective_from"] == "2026-09-01"
    assert rows["US-REGF-HOURS"]["kept_by"] == "campaigns/policy.py"
    assert rows["DE-RDG13A"]["kept_by"] == "app/wording/lawful.py"
    counts = told["counts"]
    assert counts["rules"] == len(rows)
    assert counts["disabled"] == sum(row["state"] == "disabled" for row in rows.values())
    assert counts["cautions"] == sum(row["caution"] for row in rows.values())
    kept = ("kept_by", "unkept", "disabled")
    assert counts["kept by nothing yet"] == sum(
        not any(row[word] for word in kept) for row in rows.values()
    )
    assert rows["US-TCPA-DAMAGES"]["unkept"].startswith("the size of a risk")

    table = duly("policy", "coverage", "--jurisdiction", "de").out
    for words in ("disabled: the law", "not by Duly", "G caution"):
        assert words in table


def test_a_pack_that_does_not_exist_is_said(duly: Duly) -> None:
    ended = duly("policy", "coverage", "--jurisdiction", "xx")

    assert ended.code == 2
    assert "There is no pack xx" in ended.err
