"""Which files are taken, by their first bytes and never by their name, and why others are not."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MOST_BYTES: Final = 10 * 1024 * 1024
"""Of a file. Photos of phones have 3 to 8 MB."""


class FileKind(StrEnum):
    """What a file is."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    PDF = "pdf"


class FileProblem(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"  # in bytes, pixels or pages
    UNKNOWN = "unknown"  # of no kind that is taken
    HEIC = "heic"  # a photo in a form that only few programs read
    LOCKED = "locked"  # a password is needed to read it
    BROKEN = "broken"  # it does not hold what it begins like
    BUSY = "busy"  # too many files at once: welcome in a minute


class FileRefused(Exception):
    """A file that is not taken; `problem` says why. It tells nothing of what is in it."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(f"the file is not taken: {problem}")
        self.problem = problem


def kind_of(content: bytes) -> FileKind:
    """The kind of a file that may be taken. Raises `FileRefused`."""
    if not content:
        raise FileRefused(FileProblem.EMPTY)
    if len(content) > MOST_BYTES:
        raise FileRefused(FileProblem.TOO_LARGE)
    kind = _begun_like(content)
    if kind is None:
        raise FileRefused(FileProblem.UNKNOWN)
    if kind is FileKind.HEIC:
        raise FileRefused(FileProblem.HEIC)
    return kind


def _begun_like(content: bytes) -> FileKind | None:
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileKind.WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return FileKind.HEIC
    # Readers look for it in the first kilobyte: some programs write a line of their own before.
    return FileKind.PDF if b"%PDF-" in content[:1024] else None


_HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}
)
