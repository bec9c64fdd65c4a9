"""The files of errands: what was uploaded, and what came of it. Each lies under a random name.

They hold customers' data, so only the owner of the process may read them, and they go after some
days. A reference is one or several files that came together.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from app.errands.kinds import ErrandFailed
from campaigns.worded import worded

_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_UNFIT: Final = re.compile(r'[<>:"|?*%;\\/]+')
_LONGEST_NAME: Final = 100
_PIECE: Final = 1 << 20


class Files:
    """The files below one folder, which is made when the first one is kept. All workers need it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, files: Sequence[tuple[str, BinaryIO]]) -> str:
        """Copies the files and answers their reference. Raises `OSError`."""
        reference = token_hex(16)
        folder = self._folder / reference
        folder.mkdir(parents=True, mode=0o700)
        try:
            for name, stream in files:
                with _free(folder, safe_name(name)).open("xb") as kept:
                    shutil.copyfileobj(stream, kept, _PIECE)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return reference

    def move_in(self, path: Path) -> str:
        """Keeps a file that we made."""
        with path.open("rb") as stream:
            return self.keep([(path.name, stream)])

    def paths(self, reference: str) -> list[Path]:
        """The files of a reference, by name; none if they are gone."""
        if not _REFERENCE.fullmatch(reference):
            return []
        folder = self._folder / reference
        return sorted(folder.iterdir()) if folder.is_dir() else []

    @contextmanager
    def lent(self, reference: str) -> Iterator[list[Path]]:
        """The files in a folder of their own, where more may be written beside them."""
        found = self.paths(reference)
        if not found:
            raise ErrandFailed(worded("The file is no longer kept; upload it again."))
        with TemporaryDirectory(prefix="duly-") as folder:
            lent = [Path(folder) / path.name for path in found]
            for path, link in zip(found, lent, strict=True):
                link.symlink_to(path.resolve())
            yield lent

    def older_than(self, before: datetime) -> list[str]:
        """The references that were kept before, whoever needs them."""
        folders = [*self._folder.iterdir()] if self._folder.is_dir() else []
        return sorted(
            each.name
            for each in folders
            if _REFERENCE.fullmatch(each.name) and each.stat().st_mtime < before.timestamp()
        )

    def drop(self, references: Sequence[str]) -> None:
        for reference in references:
            if _REFERENCE.fullmatch(reference):
                shutil.rmtree(self._folder / reference, ignore_errors=True)


def safe_name(name: str) -> str:
    """A name that is one plain file name everywhere, with its own ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    plain = " ".join(_UNFIT.sub(" ", shown).split()).strip(". ")
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        return plain[:_LONGEST_NAME] or "file"
    return f"{stem[:_LONGEST_NAME].strip('. ') or 'file'}.{suffix[:20]}"


def _free(folder: Path, name: str) -> Path:
    found, number = folder / name, 1
    while found.exists():
        number += 1
        stem, dot, suffix = name.rpartition(".")
        found = folder / (f"{stem}-{number}.{suffix}" if dot else f"{name}-{number}")
    return found
