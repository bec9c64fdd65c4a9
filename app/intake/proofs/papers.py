"""Makes a PDF anew from what its pages look like: nothing runs, opens, calls or hides in it.

Each page keeps its size, its content and what that draws with. What filled-in fields and stamps
look like is drawn into the page first; everything else stays behind: scripts, actions, links,
attachments, forms, layers' scripts, outlines, names, tags, thumbnails and every kind of metadata.
"""

from __future__ import annotations

import io
from typing import Final

import pikepdf

from app.intake.proofs.images import bare_jpeg
from app.intake.proofs.kinds import FileProblem, FileRefused
from app.intake.proofs.weighing import ensure_bearable

MOST_PAGES: Final = 60
_OF_A_PAGE: Final = (
    *("/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group"),
)
_BESIDE: Final = (
    *("/Metadata", "/PieceInfo", "/LastModified", "/OPI", "/Ref", "/AF", "/Alternates", "/PS"),
    *("/F", "/FFilter", "/FDecodeParms", "/ID", "/StructParent", "/StructParents", "/Measure"),
    *("/PtData", "/WebCaptureInfo", "/OC"),
)
"""Of a stream: what is not drawn, and files elsewhere from which a reader would fetch it."""

_DRAWN_WITH: Final = frozenset(
    {"/ColorSpace", "/ExtGState", "/Font", "/Pattern", "/ProcSet", "/Shading", "/XObject"}
)
_RIDERS: Final = frozenset(
    {"/A", "/AA", "/AF", "/EF", "/JS", "/Metadata", "/Names", "/OpenAction", "/PieceInfo", "/URI"}
)
_NAMED: Final = _DRAWN_WITH | {"/CharProcs", "/Colorants"}
"""What holds things by names of the file's own: a font or a letter may well be called `/A`."""

_HOLDS: Final = (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)
_JPEG: Final = pikepdf.Name("/DCTDecode")


def redrawn(content: bytes) -> bytes:
    """The PDF. Raises `FileRefused`."""
    try:
        with pikepdf.open(io.BytesIO(content)) as given, pikepdf.new() as made:
            _take_over(given, made)
            written = io.BytesIO()
            made.save(written, deterministic_id=True, recompress_flate=False)
    except pikepdf.PasswordError:
        raise FileRefused(FileProblem.LOCKED) from None
    except MemoryError:
        raise FileRefused(FileProblem.TOO_LARGE) from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, RuntimeError):
        raise FileRefused(FileProblem.BROKEN) from None
    return written.getvalue()


def _take_over(given: pikepdf.Pdf, made: pikepdf.Pdf) -> None:
    pages = len(given.pages)
    if pages == 0:
        raise FileRefused(FileProblem.BROKEN)
    if pages > MOST_PAGES:
        raise FileRefused(FileProblem.TOO_LARGE)
    given.generate_appearance_streams()
    given.flatten_annotations("all")
    for page in given.pages:
        for name in set(page.obj.keys()) - {"/Type", "/Parent", *_OF_A_PAGE}:
            del page.obj[name]
    made.pages.extend(given.pages)
    for page in made.pages:
        _narrow(page.obj)
    for each in made.objects:
        if isinstance(each, pikepdf.Stream):
            ensure_bearable(each)
            _bare(each)
            _narrow(each)
    _unburden(made)


def _narrow(drawing: pikepdf.Object) -> None:
    resources = drawing.get("/Resources")
    if isinstance(resources, pikepdf.Dictionary):
        for name in set(resources.keys()) - _DRAWN_WITH:
            del resources[name]


def _unburden(made: pikepdf.Pdf) -> None:
    """Has fonts, states, patterns and all below them carry nothing that runs or comes along."""
    ahead: list[tuple[pikepdf.Object, bool]] = [(page.obj, False) for page in made.pages]
    seen = set[tuple[int, int]]()
    while ahead:
        each, is_named = ahead.pop()
        if each.is_indirect:
            if each.objgen in seen:
                continue
            seen.add(each.objgen)
        if isinstance(each, pikepdf.Array):
            ahead += [(child, False) for child in each if isinstance(child, _HOLDS)]
            continue
        for name in set(each.keys()):
            if name in _RIDERS and not is_named:
                del each[name]
            elif name != "/Parent" and isinstance(each[name], _HOLDS):
                ahead.append((each[name], name in _NAMED))


def _bare(stream: pikepdf.Stream) -> None:
    for name in _BESIDE:
        if name in stream:
            del stream[name]
    if stream.get("/Filter") in (_JPEG, [_JPEG]):
        parms = stream.get("/DecodeParms")
        how = parms if isinstance(parms, pikepdf.Dictionary) else None
        stream.write(bare_jpeg(stream.read_raw_bytes()), filter=_JPEG, decode_parms=how)
