"""Sets a page as PDF, where the extra `duly[pdf]` and the libraries that it needs are installed.

Nothing is fetched: neither from the network nor from the disk, whatever the page names.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Final

from app.web.pages import static_file
from app.wording.bidi import FSI, PDI
from campaigns.worded import worded

REMEDY: Final = worded(
    "install the extra `duly[pdf]`, Pango (on Debian libpango-1.0-0, libpangoft2-1.0-0 and"
    " libharfbuzz-subset0) and a font for every script that you write (fonts-noto-core)"
)
_ISOLATES: Final = (("<bdi>", f"<bdi>{FSI}"), ("</bdi>", f"{PDI}</bdi>"))
"""WeasyPrint sets `<bdi>` like any other text: what stands apart is told by the characters."""
_AT_WORK: Final = Lock()
"""One at a time in a process: setting a page takes all of a core, and pages are waiting."""


@cache
def why_no_pdf() -> str | None:
    """What is missing for it, or None."""
    try:
        import weasyprint  # noqa: F401, PLC0415  (an extra: it need not be there)
    except ImportError:
        return "WeasyPrint is not installed"
    except OSError as problem:  # it opens Pango when it is imported
        return f"a library is missing ({problem})".splitlines()[0]
    return None


def as_pdf(html: str) -> bytes:
    """The page on paper, tagged for screen readers (PDF/UA-1). Its title and language are those of
    the page; what is used of the fonts is embedded."""
    from weasyprint import CSS, HTML  # noqa: PLC0415  (see above)
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    for tag, mark in _ISOLATES:
        html = html.replace(tag, mark)
    style = CSS(string=(static_file("paper.css") or b"").decode())
    with _AT_WORK:
        document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=()))
        return bytes(document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1"))
