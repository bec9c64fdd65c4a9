"""The bench of a stop pays for real: over the wire, with messages that were about to leave."""

from pathlib import Path

import pytest

from app.lab.bench.stop import run
from app.lab.bench.stop_book import fill, payers_of, wrong_of
from app.lab.bench.stores import Sqlite
from tests.databases import on_both_stores, opened


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_is_paid_for_is_stopped_and_the_time_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    report = run(
        Sqlite(tmp_path),
        folder=tmp_path,
        cases=300,
        payments=16,
        progress=lambda done, total: told.append((done, total)),
    )

    assert report.wrong == []
    assert told[-1] == (600, 600)
    times = {each.name: each.spread.middle for each in report.figures if each.unit == "ms"}
    for when in ("nothing else to do", "busy"):
        assert 0 < times[f"{when}: answered, p50"] <= times[f"{when}: stopped, p99"]
        assert times[f"{when}: stopped, p99"] <= times[f"{when}: stopped, longest"]


@on_both_stores
def test_whoever_has_not_paid_is_told_as_wrong(migrated_url: str) -> None:
    database = opened(migrated_url)
    fill(database, cases=6, progress=lambda done, total: None)

    with database.read() as session:
        payers = payers_of(session, 3)
        wrong = wrong_of(session, payers)

    assert len({payer.customer_id for payer in payers}) == 3
    assert wrong == [
        "3 payments were not booked once and in full",
        "3 invoices are open that were paid",
        "3 messages were not stopped",
    ]
