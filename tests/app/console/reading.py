"""A page as its reader sees it: the words, without quotes, names and codes that are marked so."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_OURS_NOT: Final = frozenset(
    ("script", "style", "code", "kbd", "bdi", "q", "blockquote", "textarea", "iframe")
)
"""Elements that hold what is quoted, named or typed."""
_EMPTY: Final = frozenset(("br", "hr", "img", "input", "link", "meta", "col", "wbr", "source"))
_SPOKEN: Final = ("aria-label", "title", "placeholder", "alt")
_LATIN: Final = re.compile(r"[A-Za-z][a-z’']*(?:[ ,;:]+[A-Za-z][a-z’']*){2,}")


def english_in(page: str) -> list[str]:
    """Three and more Latin words in a row that stand outside of marked quotes, names and codes."""
    reader = _Reader()
    reader.feed(page)
    return [found[0] for said in reader.said for found in _LATIN.finditer(said)]


class _Reader(HTMLParser):
    """Collects what is said; `depth` counts the elements around that are not ours to say."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._language = ""
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "html":
            self._language = told.get("lang") or ""
        foreign = told.get("lang") not in (None, self._language)
        if not self._is_quoted and not foreign and "dir" not in told:
            self.said += [told[name] or "" for name in _SPOKEN if name in told]
        if tag not in _EMPTY:
            self._open.append((tag, tag in _OURS_NOT or foreign))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._is_quoted:
            self.said.append(data.replace("\u2068", "").replace("\u2069", ""))

    @property
    def _is_quoted(self) -> bool:
        return any(quoted for _, quoted in self._open)
