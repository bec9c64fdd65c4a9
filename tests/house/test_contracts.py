"""Architecture is a test: who imports whom, what lies where, and what no file may say."""

import ast
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from app.cli.lab import DEMO_FILE
from app.store.turns import BESIDE
from tests.house.tree import ROOT, files, modules

EXPECTED = {
    ".ci", ".containerignore", ".editorconfig", ".env.example", ".gitattributes", ".gitignore",
    "CHANGELOG.md", "CONTRIBUTING.md", "Containerfile", "LICENSE", "Makefile", "README.md",
    "SECURITY.md", "app", "campaigns", "channels", "compose.yaml", "docs", "hatch_build.py",
    "pyproject.toml", "requirements", "templates", "tests",
}  # fmt: skip
LONGEST_MODULE = 400

REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.|npmjs\.|deb\.debian\.|index-url\s*[=:]|//[^\s\"']+/simple\b"
)
MACHINE_PATH = re.compile(rf"(?<![\w.:/])/(?:root|home|Users)/\w|{re.escape(str(ROOT))}/")
# The machine's: a virtual clock is asked for the time by its own `now`.
CLOCK = re.compile(
    r"\b(?:datetime|date|SystemClock\(\))\.(?:now|utcnow|today)\(|\btime\.time(?:_ns)?\b"
)


def test_the_import_contracts_are_kept() -> None:
    """In a process of its own: import-linter silences the loggers of the one that it runs in."""
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )

    assert ended.returncode == 0, ended.stdout
    assert " 0 broken." in ended.stdout


def test_the_root_holds_only_what_is_expected() -> None:
    assert {path.parts[0] for path in files()} <= EXPECTED


@pytest.mark.parametrize("beside", ["", "-shm", "-wal", *BESIDE])
def test_what_a_demo_leaves_here_is_nobodys_file(beside: str) -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()

    assert any(fnmatch(f"{DEMO_FILE}{beside}", pattern) for pattern in ignored)


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine_path"])
def test_no_file_tells_where_it_was_made(pattern: re.Pattern[str]) -> None:
    assert [path for path in files() if pattern.search(_text(path))] == []


def test_every_module_says_what_it_does() -> None:
    assert [path for path in modules() if not ast.get_docstring(ast.parse(_text(path)))] == []


def test_no_module_outgrows_its_reader() -> None:
    written = [path for path in modules() if "migrations" not in path.parts]

    assert [path for path in written if len(_text(path).splitlines()) > LONGEST_MODULE] == []


def test_the_lab_plays_with_chance_but_never_with_the_clock() -> None:
    lab = [path for path in modules() if path.is_relative_to("app/lab")]

    assert lab
    assert [path for path in lab if CLOCK.search(_text(path))] == []


def _text(path: Path) -> str:
    return (ROOT / path).read_bytes().decode("utf-8", errors="replace")


def test_a_locked_row_may_still_be_referred_to() -> None:
    """A plain FOR UPDATE makes every insert that names the row wait; one that waits with a lock of
    its own is a deadlock (`app.store.guard`)."""
    plain = re.compile(r"with_for_update\((?![^)]*key_share=True)")
    assert [path for path in modules() if plain.search((ROOT / path).read_text("utf-8"))] == []
