"""`duly bench`, at its smallest."""

from __future__ import annotations

from tests.app.cli.conftest import Duly


def test_a_bench_tells_its_figures_for_people_and_for_programs(duly: Duly) -> None:
    small = ("bench", "dispatch", "--messages", "20", "--latency", "0")

    told = duly(*small)
    assert told.code == 0
    assert told.out.startswith("dispatch on no store\n  messages handed over, 500 at once, 0 ms")
    assert "aim at least 1500" in told.out

    read = duly(*small, "--json").json
    assert read["machine"]["cores"] >= 1
    (report,) = read["reports"]
    assert (report["bench"], report["wrong"]) == ("dispatch", [])
    assert [figure["unit"] for figure in report["figures"]] == ["a second", "us", "MB", "MB"]


def test_an_option_before_the_benchs_name_is_refused_and_not_lost(duly: Duly) -> None:
    ended = duly("bench", "--json", "walk")

    assert ended.code == 2
    assert "duly bench walk" in ended.err
