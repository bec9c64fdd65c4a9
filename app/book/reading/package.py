"""Looks into a workbook's package before it is opened: a bomb, or XML that reaches out, is refused.

Sizes are taken as the package declares them and as they turn out when unpacked.
"""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812  # it is an exception

from app.book.errors import FeedError
from campaigns.worded import worded

MOST_UNPACKED = 2 << 30  # a sheet is read as a stream
MOST_IN_MEMORY = 200 << 20  # shared texts and styles are held in memory
MOST_MEMBERS = 2000
MOST_SHRUNK = 250  # a real sheet of one repeated row shrinks about a hundredfold
_SMALL = 10 << 20
_PIECE = 1 << 20
_STREAMED = re.compile(r"xl/worksheets/[^/]+\.xml")
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check_package(path: Path) -> None:
    """Raises `FeedError` for what no honest workbook is."""
    try:
        with ZipFile(path) as package:
            members = package.infolist()
            _check_declared(path, members)
            unpacked = sum(_unpack(path, package, member) for member in members)
    except (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError):
        raise FeedError(
            worded("%(file)s is a broken workbook; save it again", file=path.name)
        ) from None
    except OSError as error:
        raise FeedError(
            worded(
                "%(file)s cannot be opened (%(why)s); check its path",
                file=path.name,
                why=error.strerror,
            )
        ) from None
    if unpacked > MOST_UNPACKED:
        raise _too_large(path)


def _check_declared(path: Path, members: list[ZipInfo]) -> None:
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise FeedError(
            worded("%(file)s is a ZIP file and no XLSX workbook; unpack it first", file=path.name)
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FeedError(
            worded("%(file)s holds macros; save it as XLSX without them", file=path.name)
        )
    if len(members) > MOST_MEMBERS or len(names) != len(members):
        raise _too_large(path)
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise _too_large(path)
    for member in members:
        packed = max(member.compress_size, 1)
        swollen = member.file_size > _SMALL and member.file_size / packed > MOST_SHRUNK
        held = not _STREAMED.fullmatch(member.filename)
        if swollen or (held and member.file_size > MOST_IN_MEMORY):
            raise _too_large(path)


def _unpack(path: Path, package: ZipFile, member: ZipInfo) -> int:
    """The true size. An entity can only be declared before the document begins, yet UTF-16 hides
    it from a search of bytes: such a member is refused too."""
    size = 0
    is_text = member.filename.endswith((".xml", ".rels"))
    with package.open(member) as stream:
        while piece := stream.read(_PIECE):
            if is_text and size == 0:
                _check_start(path, piece)
            size += len(piece)
            if size > max(member.file_size, 1):
                raise _too_large(path)
    return size


def _check_start(path: Path, piece: bytes) -> None:
    if _DECLARES.search(piece) or b"\0" in piece[:100]:
        raise FeedError(
            worded(
                "%(file)s declares entities, which no spreadsheet program writes; save it again",
                file=path.name,
            )
        )


def _too_large(path: Path) -> FeedError:
    return FeedError(
        worded(
            "%(file)s unpacks to far more than it should; it is refused. Save it again, or export"
            " it as CSV",
            file=path.name,
        )
    )
