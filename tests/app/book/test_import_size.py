"""How fast and how flat an import is. Generous, because machines differ."""

import os
import time
import tracemalloc
from pathlib import Path

import pytest

from app.book.mapping.source import read_mapping
from app.book.reading.feed import open_feed
from app.store.engines import Database
from tests.app.book.feeds import CONTACTS, HEADER, MAPPING, run

ROWS = int(os.environ.get("DULY_TEST_ROWS", "6000"))
MEGABYTES = int(os.environ.get("DULY_TEST_MEGABYTES", "40"))
LEAST_A_SECOND = 100
MOST_MEMORY = 100 << 20
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def write_feed(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(f"{HEADER},phone,email,ok,asked\n")
        for n in range(rows):
            stream.write(
                f"C{n},Dana {n},I{n},{n % 900}.{n % 90 + 10},2026-09-{n % 28 + 1:02d},"
                f"+97252{5000000 + n},p{n}@example.com,yes,2026-01-02\n"
            )


def test_a_large_book_goes_in_at_a_good_rate_and_in_flat_memory(
    database: Database, tmp_path: Path
) -> None:
    feed = tmp_path / "feed.csv"
    write_feed(feed, ROWS)
    began = time.monotonic()
    report = run(database, feed, MAPPING + CONTACTS)
    took = time.monotonic() - began
    tracemalloc.start()

    again = run(database, feed, MAPPING + CONTACTS)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (report.accepted, report.rejected, again.changed) == (ROWS, 0, 0)
    assert ROWS / took > LEAST_A_SECOND
    assert peak < MOST_MEMORY


def test_a_large_file_is_read_as_a_stream(tmp_path: Path) -> None:
    """DULY_TEST_MEGABYTES=500 reads one of 500 MB."""
    feed = tmp_path / "feed.csv"
    row = f"C1,{'x' * 900},I1,1.00,2026-09-01\n"
    with feed.open("w", encoding="utf-8") as stream:
        stream.write(f"{HEADER}\n")
        for _ in range(MEGABYTES):
            stream.write(row * ((1 << 20) // len(row)))
    tracemalloc.start()

    with open_feed(feed, read_mapping(MAPPING, "m.yaml").parts, "m.yaml") as found:
        read = sum(raw.fault is None for raw in found.rows)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == MEGABYTES * ((1 << 20) // len(row))
    assert peak < 4 << 20
