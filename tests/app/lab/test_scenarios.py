"""Each scenario's report shows the marks of its law, and none of another's."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from app.lab.demo import run_demo
from app.lab.result import DemoResult
from app.lab.scenarios import scenario_of, scenarios
from app.lab.summary import render_summary
from app.store.engines import Database
from app.store.migrate import upgrade

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DemoResult]:
    folder = tmp_path_factory.mktemp("scenarios")
    return {name: result for name in scenarios() for result in _walk(folder, name)}


def _walk(folder: Path, name: str) -> Iterator[DemoResult]:
    url = f"sqlite:///{folder / name}.sqlite3"
    upgrade(url)
    database = Database(url)
    yield run_demo(
        database,
        customers=24,
        days=45,
        seed=7,
        today=TODAY,
        progress=lambda done, total: None,
        scenario=name,
    )
    database.dispose()


@pytest.mark.slow
def test_each_report_shows_the_marks_of_its_law(walked: dict[str, DemoResult]) -> None:
    american, israeli, german = (
        walked[name].law for name in ("us-collector", "il-utility", "de-business")
    )

    assert set(walked) == {"us-collector", "il-utility", "de-business"}
    assert not any(result.broken for result in walked.values())
    assert all(result.sent for result in walked.values())
    assert {"US-REGF-HOURS", "WA-1"} <= american.refusals.keys()
    assert "whatsapp" not in american.hours
    assert american.tasks["notice"]
    assert {"IL-HOURS"} <= israeli.refusals.keys()
    assert {"he", "ar"} <= walked["il-utility"].by_locale.keys()
    assert "40.00 EUR each" in german.charges[0]
    assert "statutory interest" in german.charges[1]
    assert american.charges == israeli.charges == ()
    for law, place in ((american, "US-"), (israeli, "IL-")):
        others = {"US-", "IL-"} - {place}
        assert not any(rule.startswith(tuple(others)) for rule in law.refusals)


@pytest.mark.slow
def test_the_report_has_a_section_of_the_law(walked: dict[str, DemoResult]) -> None:
    said = StringIO()

    render_summary(walked["de-business"], Console(file=said, width=80))

    section = said.getvalue().partition("What the law did")[2]
    assert "a lump sum for" in section
    assert "refused by HOUSE-HOURS" in section


def test_every_scenario_can_be_read_and_has_customers() -> None:
    for name in scenarios():
        book = scenario_of(name).book(12, seed=7, start=date(2026, 5, 1), end=TODAY)
        assert len({account.phone for account in book}) > 1
        assert all(account.bills for account in book[:3])
    with pytest.raises(ValueError, match="no scenario 'moon'"):
        scenario_of("moon")
