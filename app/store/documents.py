"""Files of invoices, kept by the hash of their content. It judges a file by its first bytes.

A file is written once and never changed; it goes when the last that it was about is erased. The
folder holds no names: the name that a file came with lives in its reference, so the same file under
two names is kept once.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

MOST_BYTES: Final = 20 * 1024 * 1024
_HEAD_BYTES = 16
_MOST_OF_A_NAME = 80  # 240 bytes at most: file systems take 255, the suffix included
_REFERENCE = re.compile(r"sha256:(?P<digest>[0-9a-f]{64})/(?P<name>.+)", re.DOTALL)
_UNFIT_IN_NAMES = re.compile(r'[<>:"|?*%;]+')


class DocumentRefused(ValueError):
    """A file that is not kept: its kind is not known by its first bytes, or it is too large."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was kept: where it lies, what to call it, and what it is."""

    path: Path
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class _Kind:
    media_type: str
    suffix: str
    signatures: tuple[bytes, ...]


_KINDS = (
    _Kind("application/pdf", ".pdf", (b"%PDF-",)),
    _Kind("image/png", ".png", (b"\x89PNG\r\n\x1a\n",)),
    _Kind("image/jpeg", ".jpg", (b"\xff\xd8\xff",)),
    _Kind(
        "application/xml",
        ".xml",
        (
            b"<?xml",
            b"\xef\xbb\xbf<?xml",
            b"\xff\xfe<\x00?\x00x\x00m\x00",
            b"\xfe\xff\x00<\x00?\x00x\x00m",
        ),
    ),
)


class Documents:
    """The documents below one folder, which is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes, name: str) -> str:
        """Keeps a PDF, PNG, JPEG or XML file of at most 20 MB; the same file again is kept once.

        Answers its reference, `sha256:<hex>/<name>`, with the name made safe. Raises
        `DocumentRefused` for anything else, and `OSError` when the folder cannot be written.
        """
        if len(content) > MOST_BYTES:
            raise DocumentRefused(
                f"the document has {len(content):,} bytes; at most {MOST_BYTES:,} are kept"
            )
        kind = _kind_of(content[:_HEAD_BYTES])
        if kind is None:
            raise DocumentRefused(
                "the document does not begin like a PDF, PNG, JPEG or XML file; save it as PDF"
            )
        digest = sha256(content).hexdigest()
        path = self._path(digest)
        if not path.is_file():
            _write(path, content)
        return f"sha256:{digest}/{_safe(name, kind)}"

    def find(self, reference: str) -> Document | None:
        """The document behind a reference; None if it is no reference, or the file is not here."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            return None
        path = self._path(match["digest"])
        try:
            with path.open("rb") as file:
                kind = _kind_of(file.read(_HEAD_BYTES))
        except OSError:
            return None
        # References travel through feeds and databases, so the name is not taken on trust.
        return Document(path, _safe(match["name"], kind), kind.media_type) if kind else None

    def drop(self, references: Iterable[str]) -> None:
        """Deletes the files behind these references, for good. Call it when no row names them."""
        for reference in references:
            match = _REFERENCE.fullmatch(reference)
            if match is not None:
                self._path(match["digest"]).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def is_reference(text: str) -> bool:
    """Whether it names a document that was kept here, as `Documents.keep` answers."""
    return _REFERENCE.fullmatch(text) is not None


def _kind_of(head: bytes) -> _Kind | None:
    return next((kind for kind in _KINDS if head.startswith(kind.signatures)), None)


def _safe(name: str, kind: _Kind) -> str:
    """A name that is one plain file name everywhere, and ends as its kind does."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Control and format characters go: one that turns the direction hides what a file is.
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    plain = " ".join(_UNFIT_IN_NAMES.sub(" ", shown).split()).strip(". ")
    stem = re.sub(r"\.(pdf|png|jpe?g|xml)$", "", plain, flags=re.IGNORECASE)
    return (stem[:_MOST_OF_A_NAME].strip(". ") or "document") + kind.suffix


def _write(path: Path, content: bytes) -> None:
    """Writes beside its place and moves it there whole: a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
