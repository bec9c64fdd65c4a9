"""Files made to do harm: two kinds in one, far more than they say, with passengers."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.intake.proofs.apart import cleaned_apart
from app.intake.proofs.cleaning import SECONDS, cleaned
from app.intake.proofs.kinds import FileProblem, FileRefused
from tests.app.intake.proofs.make import HAIFA, WORD, paper, photo, screenshot

SCRIPT = f"<html><script>{WORD}()</script><?php system('{WORD}'); ?>".encode()


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{WORD}.class", WORD)
    return packed.getvalue()


def _placed(kind: str, **options: object) -> bytes:
    """A picture that tells where it was taken, in the way of its kind."""
    exif = Image.Exif()
    exif[0x010F] = WORD
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", HAIFA, "E", HAIFA
    written = io.BytesIO()
    picture = Image.new("RGB", (40, 30), "green")
    picture.save(written, kind, exif=exif, icc_profile=b"x" * 128 + WORD.encode(), **options)
    return written.getvalue()


def _moving(kind: str) -> bytes:
    written = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save(written, kind, save_all=True, append_images=frames[1:])
    return written.getvalue()


def _before(content: bytes) -> bytes:
    """A page of the web that a reader of papers takes for a paper."""
    return SCRIPT + b"\n" + content


PASSENGERS: dict[str, Callable[[], bytes]] = {
    "a JPEG and an archive": lambda: photo() + _zip(),
    "a JPEG and a page": lambda: photo() + SCRIPT,
    "a PNG and a page": lambda: screenshot() + SCRIPT,
    "a WebP and an archive": lambda: screenshot("WEBP") + _zip(),
    "a JPEG and a paper": lambda: photo() + paper(),
    "a PNG of a place": lambda: _placed("PNG"),
    "a WebP of a place": lambda: _placed("WEBP"),
    "a JPEG of a place": lambda: _placed("JPEG", comment=WORD.encode()),
    "a PNG that moves": lambda: _moving("PNG"),
    "a WebP that moves": lambda: _moving("WEBP"),
}


@pytest.mark.parametrize("which", PASSENGERS)
def test_a_picture_leaves_its_passengers_behind(which: str) -> None:
    made = cleaned(PASSENGERS[which]())

    assert made.startswith(b"\xff\xd8\xff")
    assert made.endswith(b"\xff\xd9")
    for word in (
        WORD.encode(),
        b"<script",
        b"PK\x03\x04",
        b"%PDF",
        b"Exif",
        b"ICC_PROFILE",
        b"XMP",
    ):
        assert word not in made, word
    with Image.open(io.BytesIO(made)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "content",
    [_before(paper()), paper() + _zip(), paper() + SCRIPT],
    ids=["before", "zip", "after"],
)
def test_a_paper_leaves_what_stood_around_it_behind(content: bytes) -> None:
    try:
        made = cleaned(content)
    except FileRefused as refused:
        assert refused.problem is FileProblem.BROKEN  # noqa: PT017  (either is safe)
        return
    assert made.startswith(b"%PDF-")
    for word in (WORD.encode(), b"<script", b"PK\x03\x04"):
        assert word not in made


def _drawing(pdf: pikepdf.Pdf, **resources: Any) -> bytes:
    page = pdf.add_blank_page(page_size=(200, 300))
    page.obj.Resources = pikepdf.Dictionary(**resources)
    page.obj.Contents = pdf.make_stream(b"BT /F1 12 Tf (x) Tj ET")
    written = io.BytesIO()
    pdf.save(written, compress_streams=False)
    return written.getvalue()


@pytest.mark.parametrize("name", ["/AF", "/Metadata", "/PieceInfo", "/AA", "/EF", "/JS"])
def test_nothing_rides_on_a_font_or_a_state(name: str) -> None:
    """What a page draws with is kept, but not what hangs on that."""
    pdf = pikepdf.new()
    rider = pdf.make_stream(WORD.encode(), Type=pikepdf.Name.EmbeddedFile)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, CA=1)
    for each in (font, state):
        each[name] = pikepdf.Dictionary(Held=rider)
    content = _drawing(
        pdf, Font=pikepdf.Dictionary(F1=font), ExtGState=pikepdf.Dictionary(G1=state)
    )
    assert WORD.encode() in content

    with pikepdf.open(io.BytesIO(cleaned(content))) as made:
        drawn = made.pages[0].obj.Resources
        assert drawn.Font.F1.BaseFont == pikepdf.Name.Helvetica
        assert name not in drawn.Font.F1
        assert name not in drawn.ExtGState.G1
        streams = [each for each in made.objects if isinstance(each, pikepdf.Stream)]
        assert [each.read_bytes() for each in streams] == [b"BT /F1 12 Tf (x) Tj ET"]


def _heavy(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """Two gigabytes in two megabytes."""
    packer, written = zlib.compressobj(9), []
    for _ in range(2048):
        written.append(packer.compress(bytes(1024 * 1024)))
    written.append(packer.flush())
    heavy = pdf.make_stream(b"")
    heavy.write(b"".join(written), filter=pikepdf.Name.FlateDecode)
    return heavy


def _wide(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """A picture in a paper, of ten thousand million pixels."""
    return pdf.make_stream(
        b"x", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=100_000,
        Height=100_000, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("made", [_heavy, _wide])
def test_a_paper_that_is_far_more_than_it_says_is_refused(
    made: Callable[[pikepdf.Pdf], pikepdf.Stream],
) -> None:
    pdf = pikepdf.new()
    content = _drawing(pdf, XObject=pikepdf.Dictionary(Bomb=made(pdf)))
    started = time.monotonic()
    with pytest.raises(FileRefused) as caught:
        cleaned_apart(io.BytesIO(content))
    assert caught.value.problem is FileProblem.TOO_LARGE
    assert time.monotonic() - started < SECONDS


def test_a_note_in_a_picture_that_is_far_more_than_it_says_breaks_nothing() -> None:
    text = PngInfo()
    text.add_text("Comment", "x" * 50_000_000, zip=True)
    written = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(written, "PNG", pnginfo=text)
    try:
        made = cleaned_apart(io.BytesIO(written.getvalue()))
    except FileRefused as refused:
        assert refused.problem in (FileProblem.BROKEN, FileProblem.TOO_LARGE)  # noqa: PT017  (either is safe)
    else:
        assert len(made) < 5_000


@pytest.mark.parametrize(
    "content",
    [
        b"BM" + bytes(60), b"II*\x00" + bytes(60), b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(2000),
        b"<?xml version='1.0'?><svg/>", b"PK\x03\x04" + bytes(60), b"\x7fELF", b"#!/bin/sh\n",
        b"\x00\x00\x01\x00" + bytes(60), b"RIFF\x00\x00\x00\x00AVI " + bytes(60),
        b" " * 2000 + b"%PDF-1.7", b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(60),
    ],
)  # fmt: skip
def test_no_other_kind_is_even_opened(content: bytes) -> None:
    with pytest.raises(FileRefused) as caught:
        cleaned(content)
    assert caught.value.problem is FileProblem.UNKNOWN
