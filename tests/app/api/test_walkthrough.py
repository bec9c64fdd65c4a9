"""The commands of `docs/walkthrough-api.md`, run as they stand, and its client's calls."""

from __future__ import annotations

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "walkthrough-api.md").read_text("utf-8")
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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    script = BEFORE + "\n".join(re.findall(r"^```sh\n(.*?)^```", TEXT, re.S | re.M))
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


def test_what_the_client_calls_is_described_as_it_is_called(erp: TestClient) -> None:
    """A generator makes a module of each operation under its tag, and a class of each shape."""
    described = erp.get("/openapi.json").json()
    operations = [each for path in described["paths"].values() for each in path.values()]
    calls = {(each["tags"][0], each["operationId"]) for each in operations}
    schemas = described["components"]["schemas"]
    shapes = {
        name.replace("_", ""): set(told["properties"])
        for name, told in schemas.items()
        if "properties" in told
    }
    (written,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.S | re.M)
    imports = [node for node in ast.parse(written).body if isinstance(node, ast.ImportFrom)]
    named = {node.module: {one.name for one in node.names} for node in imports}

    assert named["duly_client.models"] <= set(shapes)
    tags = [module for module in named if module and module.startswith("duly_client.api.")]
    assert {(tag.split(".")[-1], call) for tag in tags for call in named[tag]} <= calls
    assert len(tags) == 2
    for made in (node for node in ast.walk(ast.parse(written)) if isinstance(node, ast.Call)):
        if isinstance(made.func, ast.Name) and made.func.id in shapes:
            assert {told.arg for told in made.keywords} <= shapes[made.func.id]
