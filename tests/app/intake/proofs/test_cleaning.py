"""A file that was handed in is made anew: what people see stays, all else goes, and what is no
photo and no PDF is refused with its reason."""

from __future__ import annotations

import io
import zlib

import pikepdf
import pytest
from PIL import Image

from app.intake.proofs.apart import cleaned_apart
from app.intake.proofs.cleaning import cleaned
from app.intake.proofs.images import KEPT_PIXELS, bare_jpeg
from app.intake.proofs.kinds import MOST_BYTES, FileProblem, FileRefused
from app.intake.proofs.papers import MOST_PAGES
from tests.app.intake.proofs.make import WORD, paper, photo, screenshot


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def refused(content: bytes) -> FileProblem:
    with pytest.raises(FileRefused) as caught:
        cleaned(content)
    return caught.value.problem


def test_a_photo_is_upright_and_says_nothing_of_its_place_or_camera() -> None:
    made = cleaned(photo())

    image = opened(made)
    assert image.format == "JPEG"
    assert image.size == (40, 60), "it was held upright"
    assert image.getpixel((20, 5))[0] > 200, "red is on top"  # type: ignore[index]  # a colour
    assert not image.getexif()
    assert WORD.encode() in photo()
    assert WORD.encode() not in made
    assert "comment" not in image.info


def test_a_large_photo_is_kept_as_large_as_it_can_be_read() -> None:
    width, height = opened(cleaned(photo((6000, 4000), turned=1))).size

    assert KEPT_PIXELS * 0.98 < width * height <= KEPT_PIXELS * 1.01
    assert abs(width / height - 1.5) < 0.01


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_screenshot_becomes_a_jpeg_on_white_paper(kind: str) -> None:
    made = cleaned(screenshot(kind))

    image = opened(made)
    assert (image.format, image.size) == ("JPEG", (50, 30))
    assert min(image.getpixel((45, 15))) > 250  # type: ignore[arg-type]  # a colour
    assert WORD.encode() not in made


def test_a_paper_keeps_what_it_looks_like_and_nothing_that_runs_opens_or_hides() -> None:
    made = cleaned(paper())

    with pikepdf.open(io.BytesIO(made)) as pdf:
        everything = b"".join(map(_all_of, pdf.objects))
        (page,) = pdf.pages
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
        assert not pdf.attachments
        assert "/Info" not in pdf.trailer
        assert set(page.obj.keys()) <= {"/Type", "/Parent", "/Contents", "/MediaBox", "/Resources"}
        drawn = page.obj.Resources.XObject
        assert drawn.Photo.Filter == "/DCTDecode"
        assert opened(drawn.Photo.read_raw_bytes()).size == (60, 40)
        assert len(drawn.keys()) == 2, "the stamp is drawn into the page"
    for word in (WORD, "JavaScript", "Launch", "URI", "Metadata", "PieceInfo", "Annot", "Exif"):
        assert word.encode() not in everything, word


def test_a_page_keeps_the_size_that_it_has_from_above() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(111, 222))
        box = pdf.pages[0].obj.MediaBox
        del pdf.pages[0].obj["/MediaBox"]
        pdf.Root.Pages.MediaBox = box
        written = io.BytesIO()
        pdf.save(written)

    with pikepdf.open(io.BytesIO(cleaned(written.getvalue()))) as made:
        assert [int(each) for each in made.pages[0].mediabox] == [0, 0, 111, 222]


def test_a_paper_that_only_forbids_changes_is_taken_and_one_with_a_password_is_not() -> None:
    owned = paper(encryption=pikepdf.Encryption(owner=WORD, user=""))
    locked = paper(encryption=pikepdf.Encryption(owner=WORD, user=WORD))

    assert b"/Encrypt" not in cleaned(owned)
    assert refused(locked) is FileProblem.LOCKED


def test_what_is_not_taken_says_why() -> None:
    whole = photo((400, 400))
    assert refused(b"") is FileProblem.EMPTY
    assert refused(b"\xff\xd8\xff" + bytes(MOST_BYTES)) is FileProblem.TOO_LARGE
    assert refused(b"MZ\x90 an executable") is FileProblem.UNKNOWN
    assert refused(b"<svg onload='x'/>") is FileProblem.UNKNOWN
    assert refused(b"GIF89a" + bytes(50)) is FileProblem.UNKNOWN
    assert refused(b"\x00\x00\x00\x18ftypheic" + bytes(50)) is FileProblem.HEIC
    assert refused(whole[: len(whole) // 2]) is FileProblem.BROKEN
    assert refused(b"\xff\xd8\xff" + bytes(500)) is FileProblem.BROKEN
    assert refused(b"%PDF-1.7\nnothing follows") is FileProblem.BROKEN
    assert refused(paper(pages=MOST_PAGES + 1)) is FileProblem.TOO_LARGE
    assert refused(_bomb()) is FileProblem.TOO_LARGE


def test_a_jpeg_in_a_paper_keeps_its_pixels_to_the_byte_and_loses_what_came_beside() -> None:
    bare = bare_jpeg(photo())

    assert WORD.encode() not in bare
    assert opened(bare).tobytes() == opened(photo()).tobytes()
    assert bare_jpeg(b"no JPEG") == b"no JPEG"
    assert bare_jpeg(b"\xff\xd8\xff\xe1") == b"\xff\xd8\xff\xe1", "cut off: as it is"


def test_it_is_made_in_a_process_of_its_own_which_says_why_it_refuses() -> None:
    assert opened(cleaned_apart(io.BytesIO(photo()))).size == (40, 60)
    for content, problem in ((_bomb(), FileProblem.TOO_LARGE), (b"MZ", FileProblem.UNKNOWN)):
        with pytest.raises(FileRefused) as caught:
            cleaned_apart(io.BytesIO(content))
        assert caught.value.problem is problem


def _all_of(each: pikepdf.Object) -> bytes:
    if not isinstance(each, pikepdf.Stream):
        return each.unparse(resolved=True)
    is_photo = each.get("/Filter") == "/DCTDecode"
    shape = each.stream_dict.unparse(resolved=True)
    return shape + (each.read_raw_bytes() if is_photo else each.read_bytes())


def _bomb() -> bytes:
    """A PNG of a few hundred bytes that claims ten thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        summed = zlib.crc32(kind + data).to_bytes(4)
        return len(data).to_bytes(4) + kind + data + summed

    size = (100_000).to_bytes(4)
    head = chunk(b"IHDR", size + size + b"\x08\x02\x00\x00\x00")
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")
