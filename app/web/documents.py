"""`/p/{token}/documents/{invoice}`: the file of one of the customer's own invoices, to download.

A file is always handed over as an attachment: an XML or a PDF from elsewhere never runs on our
origin. An address is a plain link, and only if it is encrypted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from sqlmodel import Session, select
from starlette.responses import FileResponse, Response

from app.store.documents import Document, is_reference
from app.store.rows import Invoice
from app.web.brand import brand_of
from app.web.catalogues import N_
from app.web.pages import tongues
from app.web.site import Site
from app.web.tickets import Held
from app.web.visits import Visit, spoken, visit

MISSING_TITLE = N_("This document is not here at the moment")
MISSING = N_("Please talk to us, and we will send it.")


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """Where the document of an invoice is: here, or `elsewhere` on a site of the creditor's."""

    href: str
    elsewhere: bool


class Documented(Protocol):
    """A line about an invoice, which may have a document."""

    @property
    def id(self) -> int: ...

    @property
    def document(self) -> str | None: ...


def document_links(
    lines: Iterable[Documented], path: str, language: str
) -> Mapping[int, DocumentLink]:
    """The documents that may be followed, by invoice."""
    links = {line.id: _link(line, f"{path}/documents/{line.id}?lang={language}") for line in lines}
    return {invoice_id: link for invoice_id, link in links.items() if link is not None}


def _link(line: Documented, here: str) -> DocumentLink | None:
    if line.document is None:
        return None
    if is_reference(line.document):
        return DocumentLink(here, elsewhere=False)
    return DocumentLink(line.document, elsewhere=True) if _is_encrypted(line.document) else None


def router(site: Site) -> APIRouter:
    """The documents."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}/documents/{invoice}", methods=["GET", "HEAD"])
    def download(ticket: Held, invoice: str, lang: str | None = None) -> Response:
        with site.database.read() as session:
            found = visit(site, session, ticket, site.clock.now())
            document = _document(site, session, found, invoice)
        if document is None:
            return missing(site, found, f"documents/{invoice}", lang)
        return FileResponse(document.path, media_type=document.media_type, filename=document.name)

    return routes


def missing(
    site: Site, found: Visit, where: str, lang: str | None, *, status: int = 404
) -> Response:
    """The page that says that a document cannot be had now; `where` is its address behind the
    link."""
    language, locale = spoken(found, lang)
    say, path = site.pages.words, f"/p/{found.token}"
    page = {
        "title": say(language, MISSING_TITLE),
        "paragraphs": [say(language, MISSING)],
        "back": f"{path}?lang={language}",
    }
    return site.pages.answer(
        "pages/missing.html",
        language=language,
        locale=locale,
        brand=brand_of(found.creditor),
        tongues=tongues(f"{path}/{where}", language),
        status=status,
        page=page,
    )


def _document(site: Site, session: Session, found: Visit, invoice: str) -> Document | None:
    if not invoice.isdecimal() or len(invoice) > 17:
        return None
    reference = session.exec(
        select(Invoice.document).where(
            Invoice.id == int(invoice), Invoice.customer_id == found.customer_id
        )
    ).first()
    return site.documents.find(reference) if reference else None


def _is_encrypted(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:  # brackets that are no address
        return False
