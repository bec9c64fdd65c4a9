"""The rule packs that are published, read once a process."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Final

from sqlmodel import Session

from app.store.publishing import contents, current
from campaigns.packs import read_pack
from campaigns.rules import Pack

_kept = lru_cache(maxsize=64)(read_pack)
"""Reading a pack takes tens of milliseconds, and many ask."""
_ALONE: Final = Lock()


def published_packs(session: Session) -> tuple[Pack, ...]:
    """All of them, by name. Raises `PackError` when one cannot be read."""
    hashes = current(session, "pack")
    texts = contents(session, hashes.values())
    return tuple(_pack(texts[digest], f"{name}.yaml") for name, digest in sorted(hashes.items()))


def _pack(text: str, file: str) -> Pack:
    """A pack. When a process starts, all of its threads want them: the first one reads."""
    with _ALONE:
        return _kept(text, file)
