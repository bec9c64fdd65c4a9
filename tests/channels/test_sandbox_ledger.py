"""The sandbox's ledger under several processes, threads, and kill -9."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from channels.sandbox_ledger import Ledger
from channels.seam import Medium
from tests.channels.make import NOON, envelope

WRITER = """
import sys
from channels.sandbox import SandboxSms
from channels.sandbox_ledger import Ledger
from channels.seam import Medium
from channels.seam import Medium
from tests.channels.make import envelope, run

path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
channel = SandboxSms(Ledger(path))
for number in range(count):
    outcome = run(channel.send(envelope(attempt_key=f"{name}-{number}")))
    print(outcome.provider_id, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_open_a_new_file_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    writers = [writer(path, f"process-{number}", 50) for number in range(6)]

    told = [line for each in writers for line in each.communicate()[0].split()]

    ledger = Ledger(path)
    assert [each.returncode for each in writers] == [0] * 6
    assert sorted(told) == sorted(row.provider_id for row in ledger.acceptances())
    assert len(set(told)) == ledger.count() == 300
    ledger.close()


def test_what_was_answered_before_kill_9_is_in_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    killed = writer(path, "killed", 1_000_000)
    assert killed.stdout is not None

    told = [killed.stdout.readline().strip() for _ in range(100)]
    killed.kill()
    told += killed.communicate()[0].split()

    ledger = Ledger(path)
    taken = {row.provider_id for row in ledger.acceptances()}
    assert 100 <= len(told) <= len(taken) <= len(told) + 1
    ledger.close()


def test_threads_share_one_ledger() -> None:
    ledger = Ledger()

    def accept(number: int) -> str:
        return ledger.accept(envelope(attempt_key=f"thread-{number % 10}"), [])

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(accept, range(400)))

    assert len(set(ids)) == ledger.count() == 400
    ledger.close()


def test_acceptances_go_on_after_a_sequence() -> None:
    ledger = Ledger()
    for number in range(2500):
        ledger.accept(envelope(attempt_key=f"case-{number}"), [])

    rows = list(ledger.acceptances())

    assert [row.attempt_key for row in rows] == [f"case-{number}" for number in range(2500)]
    assert list(ledger.acceptances(after=rows[2497].sequence)) == rows[2498:]
    ledger.close()


def test_a_failed_acceptance_leaves_nothing_behind() -> None:
    ledger = Ledger()

    with pytest.raises(UnicodeEncodeError):
        ledger.accept(replace(envelope(), text="\ud83d"), [])

    ledger.accept(envelope(), [])
    assert ledger.count() == 1
    ledger.close()


def test_what_was_heard_is_kept_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    first, second = Ledger(path), Ledger(path)

    first.hear("+972500000100", at=NOON)
    first.hear("+972500000100", at=NOON - timedelta(hours=1))

    assert second.heard_at("+972500000100") == NOON
    assert second.heard_at("+972500000101") is None
    first.close()
    second.close()


def test_it_keeps_who_read_a_mail_along() -> None:
    ledger = Ledger()
    copied = envelope(Medium.EMAIL, cc=("noa@carmel.example", "omer@carmel.example"))

    first = ledger.accept(copied, ())
    second = ledger.accept(envelope(Medium.EMAIL, attempt_key="other"), ())

    assert ledger.copies(first) == ["noa@carmel.example", "omer@carmel.example"]
    assert ledger.copies(second) == []
