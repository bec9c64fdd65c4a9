"""The bench of the walk, at its smallest: all of its ways leave the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.lab.bench import tick, walk
from app.lab.bench.stores import Postgresql, Sqlite, Store
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return Sqlite(tmp_path)
    server: Postgres = request.getfixturevalue("postgres_server")
    return Postgresql(server.url("postgres"))


def test_floor_walk_and_loop_write_the_same_for_everybody(store: Store, tmp_path: Path) -> None:
    report = walk.run(
        store,
        folder=tmp_path,
        progress=lambda done, total: None,
        due=400,
        walked=5,
        looped=5,
        rounds=1,
    )

    assert report.wrong == []
    assert [str(figure.aim) for figure in report.figures[:2]] == ["at least 0.6", "at least 4"]


@pytest.mark.slow  # two books, and processes over each
@pytest.mark.timeout(300)
def test_as_many_fall_due_in_a_book_of_any_size(store: Store, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    report = tick.run(
        store,
        folder=tmp_path,
        progress=lambda done, total: told.append((done, total)),
        sizes=(40, 1_200),
        due=10,
        rounds=2,
    )

    assert report.wrong == []
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {figure.unit for figure in report.figures} == {"times", "a second", "us", "ms", "MB"}
