"""Makes a photo or a screenshot anew: its pixels alone, upright, as a JPEG of readable size.

Nothing that came beside the pixels is kept: no place, camera, thumbnail, comment or colour profile.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageFile, ImageOps

from app.intake.proofs.kinds import FileProblem, FileRefused

MOST_PIXELS: Final = 64_000_000
"""Of what is opened. A small file may claim far more than memory holds."""

KEPT_PIXELS: Final = 6_000_000
"""Of what is kept: a page of small print stays readable."""

_READ: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 85
_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, struct.error, KeyError, IndexError)
"""What Pillow raises over a file that is not what it claims."""


def remade(content: bytes) -> bytes:
    """The JPEG. Raises `FileRefused`."""
    # Half a picture proves nothing. WeasyPrint allows it to the whole process that it is loaded in.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(content), formats=_READ) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise FileRefused(FileProblem.TOO_LARGE)
            return _written(_upright(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise FileRefused(FileProblem.TOO_LARGE) from None
    except _BROKEN:
        raise FileRefused(FileProblem.BROKEN) from None


def _upright(opened: Image.Image) -> Image.Image:
    """Decoded, turned as it was held, and no larger than it is kept."""
    opened.draft("RGB", _kept_size(opened))  # a large JPEG at a quarter of the time and memory
    paper = _on_paper(ImageOps.exif_transpose(opened))
    size = _kept_size(paper)
    return paper if paper.size == size else paper.resize(size, Image.Resampling.LANCZOS)


def _kept_size(image: Image.Image) -> tuple[int, int]:
    share = math.sqrt(min(1.0, KEPT_PIXELS / (image.width * image.height)))
    return max(1, round(image.width * share)), max(1, round(image.height * share))


def _on_paper(image: Image.Image) -> Image.Image:
    """Whatever is transparent is white."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


def _written(image: Image.Image) -> bytes:
    image.info = {}  # a JPEG would carry the comment on
    written = io.BytesIO()
    image.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()


def bare_jpeg(content: bytes) -> bytes:
    """A JPEG that stands in a PDF, with the same pixels and without what came beside them.

    Segments of applications and comments go, but that by which readers know its colours. One that
    cannot be walked is answered as it is: it was no JPEG.
    """
    if not content.startswith(b"\xff\xd8"):
        return content
    kept = [b"\xff\xd8"]
    for marker, segment in _segments(content):
        if marker in _NEEDED or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(segment)
    return b"".join(kept)


_NEEDED: Final = frozenset({0xE0, 0xEE})  # JFIF, and Adobe's: which colours the components are
_SCAN: Final = 0xDA


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each with its marker; the pixels, and what follows them, are the last."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != _SCAN:
        length = 2 + int.from_bytes(content[at + 2 : at + 4])
        yield content[at + 1], content[at : at + length]
        at += length
    yield _SCAN, content[at:]
