"""Text files as lines of bounded length, and rows that are written in another encoding."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TextIO

from app.book.errors import FeedError
from app.book.reading.format import marked_encoding
from app.book.reading.rows import LONGEST_LINE
from app.book.wrongs import wrong
from campaigns.worded import worded

_REPLACED = "\ufffd"


def encoding_of(path: Path, stated: str | None) -> str:
    """The stated encoding, or the one that the file's mark proves, or UTF-8.

    Raises `FeedError` where the mark proves another than was stated.
    """
    marked = marked_encoding(path)
    if marked is None or stated is None:
        return _with_mark(stated or marked or "utf-8")
    if not marked.startswith(stated.removesuffix("-sig").rsplit("-le")[0].rsplit("-be")[0]):
        raise FeedError(
            worded(
                "%(file)s begins like %(found)s, and the mapping says %(stated)s; correct"
                " `encoding`",
                file=path.name,
                found=marked.removesuffix("-sig"),
                stated=stated,
            )
        )
    return marked


def _with_mark(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text. What cannot be decoded stays visible to `foreign`."""
    try:
        return path.open(encoding=encoding, errors=_on_error(encoding), newline="")
    except OSError as error:
        raise FeedError(
            worded(
                "%(file)s cannot be opened (%(why)s); check its path",
                file=path.name,
                why=error.strerror,
            )
        ) from None


def _on_error(encoding: str) -> str:
    # Wide encodings cannot smuggle single bytes through.
    return "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"


def foreign(text: str, encoding: str) -> str | None:
    """Why a row is not written in the file's encoding, if it is not."""
    if text.isascii():
        return None
    plain = encoding.removesuffix("-sig")
    if _on_error(encoding) == "replace":
        undecoded = _REPLACED in text
    else:
        undecoded = any("\udc80" <= character <= "\udcff" for character in text)
    if undecoded:
        return wrong("encoding", encoding=plain)
    if _is_single_byte(encoding) and _reads_as_utf8(text, encoding):
        return wrong("utf8_in_other", encoding=plain)
    return None


@lru_cache(maxsize=64)
def _is_single_byte(encoding: str) -> bool:
    """Whether most bytes above ASCII are characters by themselves."""
    high = [bytes([byte]).decode(encoding, "replace") for byte in range(0x80, 0x100)]
    return sum(character != _REPLACED for character in high) > len(high) // 2


def _reads_as_utf8(text: str, encoding: str) -> bool:
    """Single-byte encodings decode anything, so that UTF-8 among them would go in as rubbish."""
    try:
        text.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True


class Lines:
    """Iterates the lines of a stream. Of a line that is too long only the start is given.

    `overlong` says whether that happened since it was last asked.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._overlong = False

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            self._overlong = True
            while (rest := self._stream.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
            return line[:100] + "\n"
        return line

    def overlong(self) -> bool:
        found, self._overlong = self._overlong, False
        return found
