"""The bench of delivery: the engine and the loop by hand say the same, and both are counted."""

from pathlib import Path

import pytest

from app.lab.bench.deliver import Checked, run, wrong_in
from app.lab.bench.report import Report
from app.lab.bench.rounds import Series, Timed
from app.lab.bench.stores import Postgresql, Sqlite, Store
from tests.postgres import Postgres


@pytest.mark.slow  # two databases are made and filled
def test_the_engine_and_the_loop_by_hand_say_the_same(tmp_path: Path) -> None:
    report = _small(Sqlite(tmp_path), tmp_path)

    assert not report.wrong
    ratios = [each.name for each in report.figures if each.unit == "times"]
    assert ratios == ["sms to F2", "email to F2"]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_two_workers_share_the_work(tmp_path: Path, postgres_server: Postgres) -> None:
    report = _small(Postgresql(postgres_server.url("postgres")), tmp_path)

    assert not report.wrong
    assert report.figures[1].name == "sms, two workers to one"


def test_what_was_left_out_sent_twice_or_said_otherwise_is_told() -> None:
    right, wrong = Checked(3, 0, "a"), Checked(2, 1, "b")
    series = Series({"ours": [Timed(3, 1, 1, right)], "F2": [Timed(3, 1, 1, wrong)]})

    assert wrong_in(series, 3) == [
        "F2: 2 of 3 messages were accepted",
        "F2: 1 keys are there twice",
        "not all variants said the same",
    ]


def _small(store: Store, folder: Path) -> Report:
    return run(
        store, folder=folder, large=False, messages=10, rounds=1, progress=lambda done, total: None
    )
