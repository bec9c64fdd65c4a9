"""The mappings that creditors' files are read by, kept under the creditor and the feed's name.

Each version stays, as of journeys and packs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlmodel import Session

from app.book.errors import MappingError
from app.book.mapping.shape import FeedMapping
from app.book.mapping.source import read_mapping
from app.store.publishing import contents, current, publish

_KIND: Final = "mapping"
_COUNTED: Final = re.compile(r"[\W\d_]+")


def save_mapping(
    session: Session, mapping: FeedMapping, text: str, file_name: str, *, now: datetime
) -> str:
    """Keeps it for the next file of this kind and answers the name that it has."""
    name = f"{mapping.creditor.external_id}/{feed_name(file_name)}"
    publish(session, _KIND, name, text, now=now)
    return name


def feed_name(file_name: str) -> str:
    """What files of one kind have in common: `Open items 2026-09 (2).csv` is `open-items`."""
    stem = file_name.lower().partition(".")[0]
    return _COUNTED.sub("-", stem).strip("-") or "feed"


def saved_mappings(session: Session) -> Mapping[str, str]:
    """Their texts, by name."""
    named = current(session, _KIND)
    texts = contents(session, named.values())
    return {name: texts[digest] for name, digest in sorted(named.items())}


def fitting(session: Session, header: Iterable[str], file_name: str) -> tuple[str, str] | None:
    """Name and text of a mapping all of whose columns the file has; the one of the same feed's
    name before others. One that no longer can be read fits nothing."""
    columns, alike = set(header), f"/{feed_name(file_name)}"
    found = saved_mappings(session)
    for name in sorted(found, key=lambda each: (not each.endswith(alike), each)):
        try:
            mapping = read_mapping(found[name], name)
        except MappingError:
            continue
        wanted = {s.column for part in mapping.parts for s in part.sources() if s.column}
        if wanted <= columns and len(mapping.parts) == 1:
            return name, found[name]
    return None
