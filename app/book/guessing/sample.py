"""The first rows of a file, column by column, and what their content could be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import phonenumbers

from app.book.addresses import canonical_email
from app.book.errors import AddressError, FeedError
from app.book.guessing.encodings import EncodingGuess, guess_encoding
from app.book.guessing.tables import TableGuess, guess_table
from app.book.mapping.cells import (
    CellError,
    CellType,
    Writing,
    converter,
    read_date,
    read_number,
)
from app.book.mapping.shape import FileForm, FileFormat
from app.book.reading.delimited import open_delimited
from app.book.reading.format import recognise
from app.book.reading.json_lines import open_json_lines
from app.book.reading.rows import Feed
from app.book.reading.workbook import filled_cells, open_workbook
from campaigns.worded import worded

_SAMPLED = 500
MOSTLY = 0.9
DATE_PATTERNS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M",
)  # fmt: skip
WRITINGS = tuple(
    Writing(decimal, thousands)
    for decimal, thousands in (
        (".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", " "), (".", "'"),
    )
)  # fmt: skip
_BLANKS = frozenset({"", "-", "n/a", "null", "none"})
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,20}")


@dataclass(frozen=True, slots=True)
class Column:
    """One column's texts, blanks left out; `rows` is how many rows there were."""

    name: str
    texts: tuple[str, ...]
    rows: int

    @property
    def distinct(self) -> int:
        return len(set(self.texts))

    def patterns(self) -> Counter[str]:
        """How many texts each date pattern reads."""
        return Counter({each: self._count(partial(_read_date, each)) for each in DATE_PATTERNS})

    def unread(self, patterns: Sequence[str]) -> Column:
        """The texts that are no day by any of these."""
        known = tuple(patterns)
        left = [text for text in self.texts if not _reads(partial(read_date, patterns=known), text)]
        return replace(self, texts=tuple(left))

    def dates(self) -> float:
        return self._share(max(self.patterns().values()))

    def numbers(self) -> float:
        return self._share(max(self.writings().values()))

    def writings(self) -> Counter[Writing]:
        """How many texts each way of writing numbers reads."""
        found = {}
        for writing in WRITINGS:
            behind = replace(writing, minus_behind=True)
            found[writing] = self._count(partial(read_number, writing=behind))
        return Counter(found)

    def emails(self) -> float:
        return self._share(sum(_is_email(text) for text in self.texts))

    def phones(self) -> float:
        looking = [text for text in self.texts if _PHONE.fullmatch(text)]
        return self._share(len(looking)) if self.dates() < MOSTLY else 0.0

    def reads_as(self, cell_type: CellType) -> float:
        """How many texts are of a type that needs no pattern."""
        return self._share(self._count(converter(cell_type, Writing())))

    def countries_of_phones(self) -> Counter[str]:
        """The countries that numbers with a country code name."""
        found: Counter[str] = Counter()
        for text in self.texts:
            if text.startswith("+"):
                number = phonenumbers.parse(text, None) if _PHONE.fullmatch(text) else None
                region = phonenumbers.region_code_for_number(number) if number else None
                found.update([region] if region else [])
        return found

    def _share(self, count: int) -> float:
        """Of three texts and more one may be wrong: a few rows are no less a file."""
        told = len(self.texts)
        return min(count / (told - 1 if told > 2 else told), 1.0) if told else 0.0

    def _count(self, reads: Callable[[str], object]) -> int:
        return sum(_reads(reads, text) for text in self.texts)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of how a file is to be read; None is guessed."""

    encoding: str | None = None
    sheet: str | None = None
    skip: int | None = None


NOTHING_KNOWN: Final = Known()


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen of a file, and how it turned out to be written."""

    path: Path
    columns: tuple[Column, ...]
    delimiter: str
    format: FileFormat
    encoding: EncodingGuess
    table: TableGuess
    sheets: tuple[str, ...]
    """Those of a workbook that say something."""


def take_sample(path: Path, known: Known = NOTHING_KNOWN) -> Sample:
    """Reads the header and the first rows, as is known or likeliest. Raises `FeedError` for what is
    no feed."""
    found = recognise(path)
    guess, table = EncodingGuess(known.encoding), TableGuess(None, known.skip or 0)
    sheets: tuple[str, ...] = ()
    if found is FileFormat.XLSX:
        filled = filled_cells(path)
        table = guess_table(filled, known.sheet, known.skip)
        sheets = tuple(name for name, counts in filled.items() if any(counts))
    elif known.encoding is None:
        guess = guess_encoding(path)
    form = FileForm(encoding=guess.name, sheet=table.sheet, skip=table.skip)
    with _opened(path, found, form) as feed:
        rows = [row.cells for row in islice(feed.rows, _SAMPLED) if row.fault is None]
        if not any(feed.header):
            raise FeedError(
                worded(
                    "%(file)s has no header; its first row must name the columns", file=path.name
                )
            )
        columns = [
            _column(name, [row[at].strip() for row in rows]) for at, name in enumerate(feed.header)
        ]
        delimiter = feed.written.delimiter
    return Sample(path, tuple(columns), delimiter, found, guess, table, sheets)


@contextmanager
def _opened(path: Path, found: FileFormat, form: FileForm) -> Iterator[Feed]:
    match found:
        case FileFormat.CSV:
            opened = open_delimited(path, form, ())
        case FileFormat.JSON_LINES:
            opened = open_json_lines(path, form, ())
        case FileFormat.XLSX:
            opened = open_workbook(path, form, {})
    with opened as feed:
        yield feed


def _column(name: str, cells: Sequence[str]) -> Column:
    texts = tuple(cell for cell in cells if cell.lower() not in _BLANKS)
    return Column(name, texts, len(cells))


def _read_date(pattern: str, text: str) -> date:
    return read_date(text, (pattern,))


def _reads(reads: Callable[[str], object], text: str) -> bool:
    try:
        reads(text)
    except CellError:
        return False
    return True


def _is_email(text: str) -> bool:
    try:
        canonical_email(text)
    except AddressError:
        return False
    return True
