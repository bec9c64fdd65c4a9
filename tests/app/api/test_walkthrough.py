"""The commands of `docs/walkthrough-api.md`, run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BEFORE = """
set -m
trap 'kill $(jobs -p) 2> /dev/null' EXIT
duly() { "$PYTHON" -c 'from app.cli import main; main()' "$@"; }
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl"
)
def test_the_walkthrough_does_what_it_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "walkthrough-api.md").read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    script = BEFORE + "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M))
    env = {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "DULY_PORT": port,
        "DULY_BASE_URL": f"http://127.0.0.1:{port}",
    }

    ended = subprocess.run(
        ["bash", "-c", script.replace(":8000", f":{port}")],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert "urn:duly:problem" not in ended.stdout
    for told in (
        '"taken":1,"refused":1',
        '"kind":"CaseOpened"',
        '"kind":"hardship_reported","customer_id":1',
        '"problem":"no answer (connect)"',
        "event: hardship_reported",
        '"active":false',
    ):
        assert told in ended.stdout, told
    assert "Cohen" not in (tmp_path / "serve.log").read_text("utf-8")
