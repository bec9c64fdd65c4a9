"""Reads XML that strangers sent: no entity, no network, no document type, and a limit in size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast

from lxml import etree

from app.book.errors import FeedError
from campaigns.worded import worded

LARGEST = 64 << 20  # bytes; a day of 30,000 movements takes half of it


class Element(Protocol):
    """What is used of an element; the parser's own package ships no types."""

    tag: str
    text: str | None

    def get(self, key: str) -> str | None: ...

    def iterfind(self, path: str) -> Iterator[Element]: ...


def read_bytes(path: Path, *, largest: int = LARGEST) -> bytes:
    """The content of a file. Raises `FeedError` when it cannot be read, is empty or too large."""
    try:
        if path.stat().st_size > largest:
            raise FeedError(
                worded(
                    "%(file)s is larger than %(most)s MB; ask for it in smaller parts",
                    file=path.name,
                    most=largest >> 20,
                )
            )
        content = path.read_bytes()
    except OSError as error:
        raise FeedError(
            worded(
                "%(file)s cannot be opened (%(why)s); check its path",
                file=path.name,
                why=error.strerror,
            )
        ) from None
    if not content.strip():
        raise FeedError(worded("%(file)s is empty; ask for it again", file=path.name))
    return content


def parse_xml(content: bytes, name: str) -> Element:
    """The root of a document. Raises `FeedError`, which never repeats what the document says."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = worded(" (line %(line)s)", line=line) if line else ""
        raise FeedError(
            worded(
                "%(file)s is no whole XML document%(where)s; ask for it again, it may have been"
                " cut off",
                file=name,
                where=where,
            )
        ) from None
    if root.getroottree().docinfo.doctype:
        raise FeedError(
            worded(
                "%(file)s declares a document type, which no bank and no invoice needs; ask its"
                " sender for plain XML",
                file=name,
            )
        )
    return cast("Element", root)


def namespace_of(root: Element) -> str:
    """The root's namespace, which names the format and its version; empty when there is none."""
    return str(etree.QName(root).namespace or "")
