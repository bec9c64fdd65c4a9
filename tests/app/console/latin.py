"""Finds English that is left on a page of another language."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from app.wording.bidi import FSI, PDI

_RUN: Final = re.compile(r"(?<![\w./@-])[A-Za-z][a-z]*(?:[ ,;:]+(?:[a-z]+|[A-Z][a-z]*)){2,}")
_VALUE: Final = re.compile(f"{FSI}[^{PDI}]*{PDI}")
_QUOTED: Final = frozenset(
    {"code", "pre", "textarea", "script", "style", "bdi", "kbd", "iframe", "title"}
)
"""What stands there is code, or a name out of the data; so is all that says its direction."""
_SPOKEN: Final = ("aria-label", "title", "placeholder", "alt")
_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "col", "wbr"})


class _Page(HTMLParser):
    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        foreign = told.get("lang", self.language) != self.language or told.get("dir") in (
            "ltr",
            "auto",
        )
        apart = foreign or tag in _QUOTED or "code" in told.get("class", "").split()
        is_quoted = apart or bool(self._open and self._open[-1][1])
        if not is_quoted:
            for name in _SPOKEN:
                self._look(told.get(name, ""))
        if tag not in _VOID:
            self._open.append((tag, is_quoted))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1][1]):
            self._look(data)

    def _look(self, text: str) -> None:
        self.found += [run[0] for run in _RUN.finditer(_VALUE.sub("", text))]


def english_in(page: str, language: str) -> list[str]:
    """Runs of three or more words in Latin letters, outside of code, names and marked texts."""
    reader = _Page(language)
    reader.feed(page)
    return list(dict.fromkeys(reader.found))
