"""The bench of a stop pays for real: over the wire, with messages that were about to leave."""

from pathlib import Path

import pytest

from app.lab.bench.stop import run_bench_stop


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_is_paid_for_is_stopped_and_the_time_is_told(
    migrated_url: str, tmp_path: Path
) -> None:
    done = run_bench_stop(
        cases=200,
        payments=20,
        database_url=migrated_url,
        folder=tmp_path,
        progress=lambda done, total: None,
    )

    assert (done.cases, done.payments, done.left) == (200, 20, 0)
    assert 0 < done.answered_p50 <= done.answered_p99
    assert done.answered_p50 < done.stopped_p50 <= done.stopped_p99 <= done.stopped_max
