"""How much the streams of a PDF become when somebody opens it: a few kilobytes may be gigabytes."""

from __future__ import annotations

import zlib
from typing import Any, Final

import pikepdf

from app.intake.proofs.images import MOST_PIXELS
from app.intake.proofs.kinds import FileProblem, FileRefused

MOST_UNPACKED: Final = 200 * 1024 * 1024
"""Bytes of one stream: a scanned page in full colour has a hundred million at most."""

_CHUNK: Final = 1024 * 1024
_FLATE: Final = "/FlateDecode"
_PACKED: Final = frozenset(
    {_FLATE, "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"}
)


def ensure_bearable(stream: pikepdf.Stream) -> None:
    """Raises `FileRefused` for what nobody's machine should have to unpack."""
    if _pixels(stream) > MOST_PIXELS or _unpacked(stream) > MOST_UNPACKED:
        raise FileRefused(FileProblem.TOO_LARGE)


def _pixels(stream: pikepdf.Stream) -> int:
    return int(stream.get("/Width", 0)) * int(stream.get("/Height", 0))


def _unpacked(stream: pikepdf.Stream) -> int:
    """Of what is packed without loss; a picture in a kind of its own is measured by its pixels."""
    given: Any = stream.get("/Filter", [])
    names = [str(name) for name in given] if isinstance(given, pikepdf.Array) else [str(given)]
    if names == [_FLATE]:
        return _inflated(stream.read_raw_bytes())
    if given and set(names) <= _PACKED:
        return len(stream.read_bytes())  # rare, and the process has its limit of memory
    return 0


def _inflated(packed: bytes) -> int:
    """Counts without keeping, and no further than it must."""
    inflater, size = zlib.decompressobj(), 0
    try:
        while packed and size <= MOST_UNPACKED:
            size += len(inflater.decompress(packed, _CHUNK))
            packed = inflater.unconsumed_tail
    except zlib.error:
        return size  # cut off or damaged: readers show what there is
    return size
