"""Opens a file by a small mapping and answers what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.book.mapping.source import read_mapping
from app.book.reading.feed import open_feed
from app.book.reading.rows import RawRow, Written
from tests.app.book.feeds import MAPPING

COLUMNS = ("cust", "name", "inv", "amount", "due")


@dataclass(frozen=True)
class WasRead:
    header: tuple[str, ...]
    rows: tuple[RawRow, ...]
    written: Written

    @property
    def cells(self) -> list[tuple[str, ...]]:
        return [row.cells for row in self.rows]

    @property
    def faults(self) -> list[str | None]:
        return [row.fault for row in self.rows]


def read(path: Path, mapping: str = MAPPING) -> WasRead:
    parts = read_mapping(mapping, "m.yaml").parts
    with open_feed(path, parts, "m.yaml") as feed:
        return WasRead(feed.header, tuple(feed.rows), feed.written)


def text(
    folder: Path, *rows: str, encoding: str = "utf-8", header: Sequence[str] = COLUMNS
) -> Path:
    path = folder / "feed"
    path.write_bytes("\n".join([",".join(header), *rows, ""]).encode(encoding))
    return path
