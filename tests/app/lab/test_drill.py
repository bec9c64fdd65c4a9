"""The drill itself: real processes, killed. The comparison is tested in `test_drill_compare`."""

from pathlib import Path

import pytest

from app.lab.drill import DrillResult, run_drill


def _drill(url: str, folder: Path, kills: int, *, carrier: str = "sandbox") -> DrillResult:
    return run_drill(
        kills=kills,
        workers=2,
        seed=7,
        database_url=url,
        folder=folder,
        progress=lambda done, total: None,
        carrier=carrier,
    )


@pytest.mark.timeout(300)
def test_workers_that_die_send_nothing_twice_and_lose_nothing(
    migrated_url: str, tmp_path: Path
) -> None:
    result = _drill(migrated_url, tmp_path, kills=3)

    assert result.findings == ()
    assert (result.sent_twice, result.lost, result.after_stop) == (0, 0, 0)
    assert result.kills == 3
    assert result.acceptances > 100
    assert result.stops > 5


@pytest.mark.slow
@pytest.mark.timeout(900)  # one minute on a quiet machine
def test_fifty_deaths_change_nothing(migrated_url: str, tmp_path: Path) -> None:
    result = _drill(migrated_url, tmp_path, kills=50)

    assert result.findings == ()
    assert (result.sent_twice, result.lost, result.after_stop) == (0, 0, 0)
    assert result.unclear > 0
    assert result.acceptances > 1000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_by_a_twilio_on_its_bad_days_nothing_is_sent_twice_or_lost(
    migrated_url: str, tmp_path: Path
) -> None:
    result = _drill(migrated_url, tmp_path, kills=6, carrier="twilio")

    assert result.findings == ()
    assert (result.sent_twice, result.lost, result.after_stop) == (0, 0, 0)
    assert result.acceptances > 100
    assert result.under_fire > 0
