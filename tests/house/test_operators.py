"""What an operator meets stands in the pages: each loop, each metric and each line of the log."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.cli.parts import built, jobs
from app.settings import Settings
from app.store.engines import Database
from app.web.gauges import read_metrics
from tests.house.tree import PACKAGES, ROOT

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRODUCTION = (ROOT / "docs" / "production.md").read_text("utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")
TOLD = frozenset({"info", "warning", "error", "critical", "exception"})
"""The levels of what is logged unless it is asked for more."""
_BLANK = re.compile(r"%[.\d]*[a-z]|<loop>")


def rows_under(page: str, heading: str) -> list[str]:
    """The rows of the table whose first column has this heading."""
    table, _, _ = page.partition(f"| {heading} |")[2].partition("\n\n")
    return table.splitlines()[2:]


def first_cells(page: str, heading: str) -> list[str]:
    return [row.split("|")[1].strip() for row in rows_under(page, heading)]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_every_loop_is_in_the_table_and_no_other(migrated_url: str, tmp_path: Path) -> None:
    settings = Settings(
        database_url=migrated_url,
        sandbox_ledger=tmp_path / "sandbox.sqlite3",
        gateway_ledger=tmp_path / "gateway.sqlite3",
        documents=tmp_path / "documents",
        provider="real",
        twilio_account="AC" + "0" * 32,
        twilio_token=SecretStr("a token of the tests"),
    )
    with built(settings) as parts:
        run = {job.name for job in jobs(parts)}

    assert set(first_cells(OPERATING, "loop")) == run


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_every_metric_is_in_the_table_and_no_other(migrated_url: str) -> None:
    database = Database(migrated_url)
    with database.read() as session:
        told = {family.name for family in read_metrics(session, NOW)}
    database.dispose()

    cells = first_cells(PRODUCTION, "metric")
    assert told == {re.findall("[a-z_]+", cell)[0].removesuffix("_total") for cell in cells}


def test_every_line_of_the_log_is_in_the_table() -> None:
    codes = re.findall("`([^`]+)`", "".join(rows_under(PRODUCTION, "log line")))
    documented = tuple(filter(None, map(as_told, codes)))
    for sentence in sentences():
        assert sentence.startswith(documented), sentence


def as_told(line: str) -> str:
    """A line with one `…` for all that fills a gap of it, and none at its end."""
    return re.sub("(?:… *)+", "…", _BLANK.sub("…", line)).rstrip("…")


def sentences() -> Iterator[str]:
    """What the code logs. What holds no word is left out."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            if ROOT / "app" / "lab" in file.parents:
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="log"), attr=level),
                        args=[ast.Constant(value=str(sentence)), *_],
                    ) if level in TOLD and re.search("[a-z]{2}", _BLANK.sub("", sentence)):
                        yield as_told(sentence)
