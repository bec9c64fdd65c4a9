"""The bench of dispatch hands real messages to a real server, and counts what it took."""

from app.lab.bench.dispatch import run


def test_a_small_bench_hands_all_over_and_tells_what_it_took() -> None:
    told: list[int] = []

    report = run(
        messages=120,
        batch=50,
        latency_ms=5,
        rounds=2,
        progress=lambda at, total: told.append(at),
    )

    assert told == [1, 2]
    assert not report.wrong
    assert [figure.unit for figure in report.figures] == ["a second", "us", "MB", "MB"]
    assert all(figure.spread.low > 0 for figure in report.figures[:3])
