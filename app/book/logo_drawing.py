"""Draws a creditor's logo anew, as its customers' pages show it: small.

What staff hand in is a file like any other: only its pixels are taken. Pages open on old phones, so
a logo that would weigh more than their text gets fewer colours, and then less room.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from PIL import Image, ImageFile

MOST_BYTES: Final = 5 * 1024 * 1024
"""Of what is handed in."""
KEPT_BYTES: Final = 8 * 1024
"""Of what a page shows."""
SIZES: Final = ((440, 96), (330, 72), (220, 48))
"""The most pixels, width and height, from the best on. Pages show half of it, for fine screens."""
COLOURS: Final = (256, 64, 16)
LEAST_HEIGHT: Final = 24

_MOST_PIXELS: Final = 25_000_000
_READ: Final = ("PNG", "JPEG", "WEBP")


class LogoRefused(ValueError):
    """The file cannot be a logo; says why, and what would help."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A PNG and its size in pixels."""

    content: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()[:16]


def drawn(content: bytes) -> Drawn:
    """The logo in a picture of the usual kinds. Raises `LogoRefused`."""
    if len(content) > MOST_BYTES:
        raise LogoRefused("it has more than 5 MB; hand in a smaller picture")
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint allows it to its whole process
    try:
        with Image.open(io.BytesIO(content), formats=_READ) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise LogoRefused("it has more than 25 million pixels; hand in a smaller picture")
            picture = _trimmed(opened.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        if isinstance(problem, LogoRefused):
            raise
        raise LogoRefused("it is no whole PNG, JPEG or WebP; save it as PNG") from None
    if picture.height < LEAST_HEIGHT:
        raise LogoRefused(f"it is less than {LEAST_HEIGHT} pixels high; hand in a larger picture")
    return next(one for one in _attempts(picture) if len(one.content) <= KEPT_BYTES)


def _trimmed(picture: Image.Image) -> Image.Image:
    """Without what is wholly transparent around it."""
    box = picture.getchannel("A").getbbox()
    if box is None:
        raise LogoRefused("nothing is to be seen on it; hand in another picture")
    return picture.crop(box)


def _attempts(picture: Image.Image) -> Iterator[Drawn]:
    """From the best on. The last one fits, whatever it shows: it has half a byte a pixel."""
    for size in SIZES:
        small = picture.copy()
        small.thumbnail(size, Image.Resampling.LANCZOS)
        for colours in COLOURS:
            written = io.BytesIO()
            quantized = small.quantize(colours, method=Image.Quantize.FASTOCTREE)
            quantized.save(written, "PNG", optimize=True)
            yield Drawn(written.getvalue(), small.width, small.height)
