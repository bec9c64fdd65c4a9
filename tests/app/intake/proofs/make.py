"""Files as customers hand them in, with a word hidden in every place that can hide one."""

from __future__ import annotations

import io
from typing import Any, Final

import pikepdf
from PIL import Image
from PIL.PngImagePlugin import PngInfo

WORD: Final = "Quillfeather"
HAIFA: Final = (32.0, 49.0, 12.0)


def photo(size: tuple[int, int] = (60, 40), *, turned: int = 6) -> bytes:
    """A JPEG from a phone that was held upright: red on top as people see it."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = turned, f"{WORD} phone", WORD
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", HAIFA, "E", HAIFA
    written = io.BytesIO()
    image.save(written, "JPEG", quality=95, exif=exif, comment=WORD.encode(), dpi=(300, 300))
    return written.getvalue()


def screenshot(kind: str = "PNG") -> bytes:
    """With a transparent half, and a text chunk or an XMP packet."""
    image = Image.new("RGBA", (50, 30), (0, 0, 0, 0))
    image.paste((0, 128, 0, 255), (0, 0, 25, 30))
    written = io.BytesIO()
    if kind == "PNG":
        text = PngInfo()
        text.add_text("Author", WORD)
        image.save(written, "PNG", pnginfo=text)
    else:
        image.save(written, "WEBP", xmp=f"<x>{WORD}</x>".encode(), lossless=True)
    return written.getvalue()


def paper(*, pages: int = 1, **changed: Any) -> bytes:
    """A PDF that shows a photo and a filled-in field, and does all that a PDF should not."""
    pdf = pikepdf.new()
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{WORD}')")
    for _ in range(pages):
        pdf.add_blank_page(page_size=(200, 300))
    page = pdf.pages[0]
    page.obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Photo=_embedded(pdf)), Evil=script
    )
    page.obj.Contents = pdf.make_stream(b"q 60 0 0 40 10 10 cm /Photo Do Q")
    page.obj.AA = pikepdf.Dictionary(O=script)
    page.obj.Metadata = pdf.make_stream(WORD.encode())
    page.obj.Annots = pdf.make_indirect(pikepdf.Array([_link(pdf), _stamp(pdf)]))
    pdf.Root.OpenAction = script
    pdf.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("x"), script]))
    )
    pdf.attachments[f"{WORD}.exe"] = b"MZ " + WORD.encode()
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = WORD
    pdf.docinfo["/Author"] = WORD
    written = io.BytesIO()
    pdf.save(written, **changed)
    return written.getvalue()


def _embedded(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return pikepdf.Stream(
        pdf,
        photo(),
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": 60,
            "/Height": 40,
            "/ColorSpace": pikepdf.Name.DeviceRGB,
            "/BitsPerComponent": 8,
            "/Filter": pikepdf.Name.DCTDecode,
            "/Metadata": pdf.make_stream(WORD.encode()),
        },
    )


def _link(pdf: pikepdf.Pdf) -> pikepdf.Object:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"https://{WORD}.example")
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=f"{WORD}.exe")
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 50, 50],
            A=action,
            PA=launch,
        )
    )


def _stamp(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """What it looks like is a black square: that is part of the page as people see it."""
    looks = pikepdf.Stream(
        pdf,
        b"0 0 0 rg 0 0 20 20 re f",
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Form,
            "/BBox": [0, 0, 20, 20],
            "/PieceInfo": pikepdf.Dictionary(Private=WORD),
        },
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Stamp,
            Rect=[100, 100, 120, 120],
            F=4,
            Contents=WORD,
            AP=pikepdf.Dictionary(N=looks),
        )
    )
