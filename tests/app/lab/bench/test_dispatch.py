"""The bench measures real messages that a real server accepts."""

from app.lab.bench.dispatch import run_bench


def test_a_small_bench_hands_all_over_and_counts_what_it_took() -> None:
    told: list[int] = []

    done = run_bench(
        messages=250, batch=100, latency_ms=5, progress=lambda at, total: told.append(at)
    )

    assert told == [100, 200, 250]
    assert done.accepted == done.messages == 250
    assert done.per_second > 10
    assert 0 < done.cpu_us < 1e6
    assert set(done.as_json()) == {
        "messages", "accepted", "batch", "latency_ms", "seconds", "per_second", "cpu_us",
        "peaks_mb", "grown_mb",
    }  # fmt: skip
