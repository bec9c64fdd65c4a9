"""A logo is drawn anew and small; what cannot be one is refused with what would help."""

from __future__ import annotations

import io
from hashlib import shake_256

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from app.book.logo_drawing import KEPT_BYTES, LogoRefused, drawn


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def lettering(width: int = 900, height: int = 300) -> Image.Image:
    """Two shapes on nothing, with room around them."""
    picture = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width // 9, height // 6, width // 3, height * 5 // 6), fill="#0b6e8f")
    draw.rectangle((width // 2, height // 3, width * 8 // 9, height * 2 // 3), fill="#111111")
    return picture


def noise() -> Image.Image:
    return Image.frombytes("RGB", (600, 300), shake_256(b"noise").digest(600 * 300 * 3))


def test_a_logo_is_trimmed_made_small_and_keeps_what_is_transparent() -> None:
    made = drawn(saved(lettering()))

    assert made.height <= 96
    assert made.width / made.height == pytest.approx(700 / 200, rel=0.05)
    assert len(made.content) <= KEPT_BYTES
    with Image.open(io.BytesIO(made.content)) as picture:
        assert picture.size == (made.width, made.height)
        assert picture.convert("RGBA").getpixel((made.width - 1, 0))[3] == 0  # type: ignore[index]


def test_even_a_photo_becomes_small() -> None:
    assert len(drawn(saved(noise())).content) <= KEPT_BYTES


def test_nothing_that_came_beside_the_pixels_is_kept() -> None:
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", "<script>alert(1)</script>")
    made = drawn(saved(lettering(), pnginfo=about))

    assert b"script" not in made.content
    assert made.content.count(b"tEXt") == 0


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_other_pictures_become_a_png(kind: str) -> None:
    picture = Image.new("RGB", (300, 100), "#0b6e8f")

    assert drawn(saved(picture, kind)).content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "save it as PNG"),
        (b"", "save it as PNG"),
        (saved(lettering())[: len(saved(lettering())) // 2], "save it as PNG"),
        (saved(Image.new("RGBA", (100, 100))), "nothing is to be seen"),
        (saved(Image.new("RGB", (40, 10), "red")), "less than 24 pixels"),
        (saved(Image.new("L", (6000, 5000))), "25 million pixels"),
        (b"\x89PNG" + bytes(5 * 1024 * 1024), "more than 5 MB"),
    ],
)
def test_what_cannot_be_a_logo_says_what_would_help(content: bytes, why: str) -> None:
    with pytest.raises(LogoRefused, match=why):
        drawn(content)
