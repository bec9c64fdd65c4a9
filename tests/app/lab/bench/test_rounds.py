"""Rounds are fair, on copies that nobody has touched, and tell how far their figures spread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from app.lab.bench.report import Aim, Figure, Report, one, rates
from app.lab.bench.rounds import Series, Spread, Timed, Variant, run_rounds
from app.lab.bench.stores import Postgresql, Sqlite, Store
from app.store.engines import Database
from tests.databases import opened
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return Sqlite(tmp_path)
    server: Postgres = request.getfixturevalue("postgres_server")
    return Postgresql(server.url("postgres"))


def test_each_run_has_a_copy_of_its_own_and_each_round_another_beginner(store: Store) -> None:
    order: list[str] = []

    def fill(database: Database) -> None:
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE counted (number INTEGER)"))
            connection.execute(text("INSERT INTO counted VALUES (1)"))

    def variant(name: str) -> Variant:
        @contextmanager
        def prepare(url: str) -> Iterator[Callable[[], int]]:
            database = Database(url)

            def work() -> int:
                order.append(name)
                with database.engine.begin() as connection:
                    connection.execute(text("INSERT INTO counted VALUES (2)"))
                return 10

            yield work
            database.dispose()

        return Variant(name, prepare, _counted)

    with store.seeded(fill) as seeded:
        series = run_rounds(
            seeded, [variant("a"), variant("b")], rounds=2, progress=lambda done, total: None
        )

    assert order == ["a", "b", "b", "a"]
    assert series.checked("a") == series.checked("b") == [2, 2]
    assert series.ratio("a", "b").low > 0


def _counted(url: str) -> int:
    with opened(url).engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM counted")).scalar_one())


def test_a_ratio_is_taken_within_a_round_and_told_with_its_ends() -> None:
    fast = [Timed(100, 1.0, 0.5), Timed(100, 2.0, 0.5), Timed(100, 4.0, 0.5)]
    slow = [Timed(100, 2.0, 1.0), Timed(100, 6.0, 1.0), Timed(100, 16.0, 1.0)]
    series = Series({"fast": fast, "slow": slow})

    assert series.ratio("fast", "slow") == Spread(3.0, 2.0, 4.0)
    assert series.cpu_us("slow").middle == pytest.approx(10_000)
    assert [str(each) for each in rates(series)][:2] == [
        "fast: 50 a second (25 to 100)",
        "fast, our processor: 5000 us",
    ]


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("x", Spread(0.7, 0.6, 0.8), "times", Aim(at_least=0.6)), "met"),
        (Figure("x", Spread(0.5, 0.4, 0.6), "times", Aim(at_least=0.6)), "missed"),
        (Figure("x", Spread(0.7, 0.3, 0.9), "times", Aim(at_least=0.6)), "unclear"),
        (one("x", 99.0, "ms", Aim(at_most=100)), "met"),
        (one("x", 101.0, "ms", Aim(at_most=100)), "missed"),
        (one("x", 101.0, "ms"), ""),
    ],
)
def test_a_verdict_needs_an_aim_and_rounds_that_agree(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_ratios_are_told_first_and_what_went_wrong_last() -> None:
    report = Report(
        "walk",
        "sqlite",
        [one("rate", 1234.0, "a second"), one("to F1", 0.61, "times", Aim(at_least=0.6))],
        ["two messages have one key"],
    )

    assert report.lines() == [
        "walk on sqlite",
        "  to F1: 0.61 times, aim at least 0.6: met",
        "  rate: 1230 a second",
        "  wrong: two messages have one key",
    ]


def test_an_aim_is_one_of_the_two() -> None:
    with pytest.raises(ValueError, match="at_least or at_most"):
        Aim()
