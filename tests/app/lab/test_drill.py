"""The drill itself: real processes, killed. The comparison is tested in `test_drill_compare`."""

from pathlib import Path

import pytest

from app.lab.drill import run_drill
from app.lab.drill_result import DrillResult
from tests.databases import on_both_stores


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


@on_both_stores
@pytest.mark.timeout(300)
def test_workers_that_die_send_nothing_twice_and_lose_nothing(
    migrated_url: str, tmp_path: Path
) -> None:
    result = _drill(migrated_url, tmp_path, kills=3)

    assert result.findings == ()
    assert (result.sent_twice, result.lost, result.after_stop) == (0, 0, 0)
    assert result.without_word == 0
    assert result.approved > 5
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
@pytest.mark.timeout(900)
def test_by_all_providers_whose_calls_are_lost_doubled_and_forged_every_promise_is_kept(
    migrated_url: str, tmp_path: Path
) -> None:
    result = _drill(migrated_url, tmp_path, kills=20, carrier="providers")

    assert result.findings == ()
    assert not result.is_broken
    assert sum(violations is not None for violations in result.promises.values()) == 9
    assert {each.route for each in result.routes if each.acceptances > 20} == {
        "sms_twilio",
        "whatsapp_twilio",
        "email_sendgrid",
        "email_smtp",
    }
    assert result.under_fire > 0
    assert result.calls.taken > 100
    befell = (result.calls.lost, result.calls.doubled, result.calls.late, result.calls.overtaken)
    assert min(*befell, result.calls.forged) > 5
    assert sum(each.replies for each in result.routes if each.route.startswith("email")) > 0
    assert result.money is not None
    assert result.money.paid > 5
