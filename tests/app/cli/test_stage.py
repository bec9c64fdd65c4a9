"""`duly demo` on a terminal: the stage's link at once, a walk beside it, and an end by Ctrl+C."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

import pytest

from tests.house.tree import ROOT

CALL = "from app.cli import main; main()"
SMALL = ("--days", "3", "--customers", "5", "--today", "2026-06-01")
PATIENCE = 100.0  # seconds, on a busy machine


class Terminal:
    """A terminal of its own, and what was printed on it."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", CALL, *arguments],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.printed = ""

    def until(self, pattern: str) -> re.Match[str]:
        ends = monotonic() + PATIENCE
        while not (found := re.search(pattern, self.printed)):
            assert monotonic() < ends, self.printed
            self.printed += os.read(self._ours, 4096).decode("utf-8", "replace")
        return found

    def close(self) -> None:
        os.close(self._ours)
        self.process.kill()
        self.process.wait()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals")
def test_the_stage_is_there_at_once_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "demo", *SMALL)
    try:
        origin = terminal.until(r"The stage is open: (http://127\.0\.0\.1:\d+)")[1]
        with urlopen(f"{origin}/?lang=en", timeout=PATIENCE) as answer:
            assert "1,240.50" in answer.read().decode()
        terminal.until("5 simulated customers, 3 days")
        outbox = terminal.until(r"(http://127\.0\.0\.1:\d+)/outbox")[0]
        terminal.until("Ctrl\\+C ends it")
        with urlopen(f"{origin}/thousand?lang=en", timeout=PATIENCE) as answer:
            assert "M10000" in answer.read().decode()
        with urlopen(outbox, timeout=PATIENCE) as answer:
            assert answer.status == 200
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert terminal.process.wait(PATIENCE) == 0
    finally:
        terminal.close()
