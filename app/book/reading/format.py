"""What kind of file this is, by its first bytes. Its name only says what it must not be."""

from __future__ import annotations

import codecs
from pathlib import Path

from app.book.errors import FeedError
from app.book.mapping.shape import FileFormat
from campaigns.worded import worded

_LOOKED_AT = 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOK = b"PK\x03\x04"
_NAMED_WORKBOOKS = (".xlsx", ".xlsm")
_NO_FEEDS = (
    (
        b"\xd0\xcf\x11\xe0",
        worded("an old Excel workbook, or one with a password; save it as XLSX, without one"),
    ),
    (b"%PDF", worded("a PDF; export the data instead")),
    (b"\x1f\x8b", worded("compressed; unpack it first")),
    (b"7z\xbc\xaf", worded("compressed; unpack it first")),
    (b"Rar!", worded("compressed; unpack it first")),
    (b"<", worded("HTML or XML; export it as CSV, XLSX or JSON lines")),
    (b"[", worded("a JSON array; write one object a line")),
)


def recognise(path: Path) -> FileFormat:
    """The format by content. Raises `FeedError` for what is known to be no feed, and for what is
    named a workbook and is none: read as text it would be told of columns that nobody knows."""
    head = first_bytes(path)
    if head.startswith(_WORKBOOK):
        return FileFormat.XLSX
    text = head.removeprefix(codecs.BOM_UTF8).replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    for mark, what in _NO_FEEDS:
        if text.startswith(mark) or head.startswith(mark):
            raise FeedError(worded("%(file)s is %(what)s", file=path.name, what=what))
    if path.suffix.lower() in _NAMED_WORKBOOKS:
        raise FeedError(
            worded(
                "%(file)s has the name of a workbook and is none that can be read; save it as XLSX"
                " again where it comes from, or name it .csv if it is text",
                file=path.name,
            )
        )
    return FileFormat.JSON_LINES if text.startswith(b"{") else FileFormat.CSV


def marked_encoding(path: Path) -> str | None:
    """The encoding that a byte order mark proves."""
    head = first_bytes(path)
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LOOKED_AT)
    except OSError as error:
        raise FeedError(
            worded(
                "%(file)s cannot be opened (%(why)s); check its path",
                file=path.name,
                why=error.strerror,
            )
        ) from None
