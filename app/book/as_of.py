"""Up to when a feed tells the truth, and what says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from app.book.days import end_of
from app.book.errors import FeedError
from campaigns.worded import worded

_DIRECTIVES = {"Y": r"\d{4}", "y": r"\d\d", "b": r"[^\W\d_]+", "B": r"[^\W\d_]+"}
_TWO_DIGITS = r"\d\d"
_HOURS = ("%H", "%I")


class AsOfFrom(StrEnum):
    """What told up to when a feed is true, the surest first."""

    OPTION = "option"
    MAPPING = "mapping"
    FILE_NAME = "file name"
    FILE_TIME = "file time"


@dataclass(frozen=True, slots=True)
class Truth:
    until: datetime
    told_by: AsOfFrom


def of_day(day: date, zone: str) -> Truth:
    """What the rows say: true to the end of the day."""
    return Truth(end_of(day, zone), AsOfFrom.MAPPING)


def of_name(path: Path, pattern: str, zone: str) -> Truth:
    """What the file's name says. A day counts to its end, an hour to itself.

    Raises `FeedError` where the name does not hold the pattern.
    """
    found = re.search(_expression(pattern), path.name)
    try:
        told = datetime.strptime(found[0] if found else "", pattern).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise FeedError(
            worded(
                "the name of %(file)s holds no day of the form %(pattern)s; correct `as_of`",
                file=path.name,
                pattern=pattern,
            )
        ) from None
    if any(hour in pattern for hour in _HOURS):
        return Truth(told.astimezone(UTC), AsOfFrom.FILE_NAME)
    return Truth(end_of(told.date(), zone), AsOfFrom.FILE_NAME)


def of_file(path: Path) -> Truth:
    """When the file was written last."""
    return Truth(datetime.fromtimestamp(path.stat().st_mtime, UTC), AsOfFrom.FILE_TIME)


def _expression(pattern: str) -> str:
    parts = re.split(r"(%[a-zA-Z])", pattern)
    return "".join(
        _DIRECTIVES.get(part[1], _TWO_DIGITS)
        if re.fullmatch("%[a-zA-Z]", part)
        else re.escape(part)
        for part in parts
    )
