"""The documents that a feed's rows name: an https address stays, a file beside the feed is kept.

What cannot be had is a note, never a reject: the invoice goes in without its document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from app.book.entries.shapes import Entry
from app.store.documents import MOST_BYTES, DocumentRefused, Documents


class _Unusable(ValueError):
    """Why a row's document is left out: a sentence that follows "the document"."""


@dataclass(frozen=True, slots=True)
class InvoiceDocuments:
    """Finds documents below `folder`, where the feed lies. None of `kept` only looks for them."""

    folder: Path
    kept: Documents | None

    def settle(self, entry: Entry) -> Entry:
        """The entry with a reference to its document, or with a note in its place."""
        invoice = entry.invoice
        if invoice is None or invoice.document is None:
            return entry
        try:
            document = self._reference(invoice.document)
        except _Unusable as problem:
            notes = (*entry.notes, f"the document {problem}; the invoice went in without it")
            return replace(entry, invoice=replace(invoice, document=None), notes=notes)
        return replace(entry, invoice=replace(invoice, document=document))

    def _reference(self, told: str) -> str | None:
        if "://" in told:
            return _address(told)
        path = self._path(told)
        if self.kept is None:
            return None
        try:
            return self.kept.keep(path.read_bytes(), path.name)
        except DocumentRefused as problem:
            raise _Unusable(f"is not kept: {problem}") from None
        except OSError as problem:
            raise _Unusable(f"cannot be read ({problem.strerror})") from None

    def _path(self, told: str) -> Path:
        folder = self.folder.resolve()
        try:
            path = (folder / told.replace("\\", "/")).resolve()
            inside = path.is_relative_to(folder)
            size = path.stat().st_size if inside and path.is_file() else None
        except (OSError, ValueError, RuntimeError):
            raise _Unusable("cannot be found by that name") from None
        if not inside:
            raise _Unusable("lies outside the feed's folder")
        if size is None:
            raise _Unusable("is not beside the feed")
        if size > MOST_BYTES:
            raise _Unusable(f"is larger than {MOST_BYTES:,} bytes")
        return path


def _address(told: str) -> str:
    try:
        parts = urlsplit(told)
    except ValueError:
        raise _Unusable("is no https address") from None
    if parts.scheme.lower() != "https" or not parts.hostname or parts.username is not None:
        raise _Unusable("is no https address")
    if any(sign.isspace() or not sign.isprintable() for sign in told):
        raise _Unusable("is no https address")
    return told
