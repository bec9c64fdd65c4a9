"""Recognises a statement by its content and reads it: camt.053, MT940 or CSV."""

from __future__ import annotations

from pathlib import Path

from app.book.errors import FeedError
from app.book.statements.camt import is_camt, read_camt
from app.book.statements.csv_form import load_form, recognised
from app.book.statements.csv_statement import read_csv
from app.book.statements.mt940 import is_mt940, read_mt940
from app.book.statements.statement import Statement
from app.book.xml_source import namespace_of, parse_xml, read_bytes
from campaigns.worded import worded


def read_statements(
    path: Path, *, currency: str, mapping: Path | None = None, encoding: str = "utf-8"
) -> list[Statement]:
    """The statements of a file. `currency` is that of a CSV that names none.

    Raises `FeedError` for a file that is none of the three, and `MappingError`.
    """
    content = read_bytes(path)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") or content[:2] in _UTF16:
        root = parse_xml(content, path.name)
        if not is_camt(root):
            raise FeedError(
                worded(
                    "%(file)s is XML of another kind (`%(kind)s`), not a camt.053; ask the bank"
                    " for an end-of-day statement",
                    file=path.name,
                    kind=namespace_of(root)[:80],
                )
            )
        return read_camt(root, path.name)
    text = _decoded(content, encoding, path.name)
    if is_mt940(text):
        return read_mt940(text, path.name)
    form = load_form(mapping) if mapping is not None else recognised(text, path.name)
    return [read_csv(text, form, currency=currency, name=path.name)]


_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def _decoded(content: bytes, encoding: str, name: str) -> str:
    if b"\0" in content:
        raise FeedError(
            worded("%(file)s is no text; ask the bank for camt.053, MT940 or CSV", file=name)
        )
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        raise FeedError(
            worded(
                "%(file)s is not written in %(encoding)s; name the encoding that it is written in",
                file=name,
                encoding=encoding,
            )
        ) from None
    except LookupError:
        raise FeedError(
            worded("there is no encoding %(encoding)s; try cp1252 or cp1255", encoding=encoding)
        ) from None
