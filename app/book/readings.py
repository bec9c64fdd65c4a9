"""Which parts of a mapping read which file, and in which order files are best read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from app.book.errors import FeedError, MappingError
from app.book.mapping.shape import FeedMapping, Part
from app.book.rejects import SUFFIX, rejects_path
from campaigns.findings import Report
from campaigns.worded import worded

_LAST = 9


@dataclass(frozen=True, slots=True)
class Reading:
    """One file, or one sheet of it, read once by the parts whose rows it holds.

    `sheet` is the name of the part where other parts read other sheets of the same file.
    """

    path: Path
    parts: tuple[Part, ...]
    sheet: str | None = None

    @property
    def name(self) -> str:
        return f"{self.path.name} ({self.sheet})" if self.sheet else self.path.name

    @property
    def rejects(self) -> Path:
        return rejects_path(self.path, self.sheet)

    @property
    def is_about_money(self) -> bool:
        return any(part.is_about_money for part in self.parts)


def readings(paths: Sequence[Path], mapping: FeedMapping) -> list[Reading]:
    """How these files are read: those that tell about customers first, reversals last.

    Raises `FeedError` for a file that fits no part, and `MappingError` where two parts would read
    the same rows.
    """
    found = [reading for path in paths for reading in _of(path, mapping)]
    return sorted(found, key=lambda reading: min(map(_rank, reading.parts)))


def _of(path: Path, mapping: FeedMapping) -> list[Reading]:
    fitting = [part for part in mapping.parts if fits(path, part)]
    if not fitting:
        patterns = ", ".join(pattern for part in mapping.parts for pattern in part.patterns)
        raise FeedError(
            worded(
                "%(file)s fits no `name` of %(mapping)s: %(patterns)s",
                file=path.name,
                mapping=mapping.file,
                patterns=patterns,
            )
        )
    sheets: dict[str | None, list[Part]] = {}
    for part in fitting:
        sheets.setdefault(part.form.sheet, []).append(part)
    _check_apart(path, mapping, sheets.values())
    if len(sheets) == 1:
        return [Reading(path, tuple(fitting))]
    return [Reading(path, tuple(parts), parts[0].name) for parts in sheets.values()]


def fits(path: Path, part: Part) -> bool:
    """Whether the file, or the feed whose rejects it holds, is one of the part's."""
    name = path.name
    is_rejects = name.endswith(SUFFIX)
    while name.endswith(SUFFIX):
        name = name.removesuffix(SUFFIX)
    if not part.patterns:
        return True
    names = {name, name.removesuffix(f".{part.name}")} if is_rejects else {name}
    return any(
        fnmatchcase(each.lower(), pattern.lower()) for each in names for pattern in part.patterns
    )


def _check_apart(path: Path, mapping: FeedMapping, sheets: Iterable[Sequence[Part]]) -> None:
    report = Report(mapping.file)
    for part in (part for parts in sheets if len(parts) > 1 for part in parts):
        if part.only is None:
            problem = worded(
                "`%(part)s` reads all rows of %(file)s, and so does another",
                part=part.name,
                file=path.name,
            )
            report.add(part.place, problem, worded("Tell their rows apart with `only`."))
    if report.findings:
        raise MappingError(report.findings)


def rank_of(path: Path, mapping: FeedMapping) -> int:
    """When a file is best read: less is earlier, and what fits no part is last."""
    return min((_rank(part) for part in mapping.parts if fits(path, part)), default=_LAST)


def _rank(part: Part) -> int:
    if part.of_customer is None:
        return 0
    for rank, section in ((4, "reversal"), (3, "payment"), (3, "credit_note"), (2, "invoice")):
        if part.fields[section]:
            return rank
    return 1
