"""What a draft changes, text by text in each language, with the words that came and went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from app.wording.editing import Field, fields_of
from app.wording.words import LocalWords, Text

_WORDS: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\w+|\s+|.", re.DOTALL)
_MOST: Final = 3_000  # words
_ALIKE: Final = 0.4
SAME, GONE, CAME = "same", "gone", "came"

Piece = tuple[str, str]
"""What became of some words, and the words."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """One text that is not the same. `before` and `after` are empty where there is none."""

    field: Field
    before: str
    after: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class LanguageChange:
    """One language that is not the same."""

    locale: str
    texts: tuple[TextChange, ...]
    switches: tuple[tuple[str, str, str], ...]
    is_new: bool
    is_gone: bool


def changes(
    before: Mapping[str, LocalWords], after: Mapping[str, LocalWords]
) -> list[LanguageChange]:
    """The languages that differ, in the order in which the draft has them."""
    found = (
        _language(locale, before.get(locale), after.get(locale))
        for locale in dict.fromkeys([*after, *before])
    )
    return [each for each in found if each.texts or each.switches or each.is_new or each.is_gone]


def pieces(before: str, after: str) -> Iterator[Piece]:
    """The words of both, each once: those that stay, that went and that came. Texts that have
    little in common are told whole."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(old) + len(new) > _MOST or matcher.ratio() < _ALIKE:
        yield from _told(before, after)
        return
    gone = came = ""
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        was, becomes = "".join(old[i1:i2]), "".join(new[j1:j2])
        if was == becomes and (was.strip() or not (gone or came)):
            yield from _told(gone, came)
            yield SAME, was
            gone = came = ""
        else:  # changed words, or a space between some
            gone, came = gone + was, came + becomes
    yield from _told(gone, came)


def _told(gone: str, came: str) -> Iterator[Piece]:
    yield from ((tag, text) for tag, text in ((GONE, gone), (CAME, came)) if text)


def _language(locale: str, old: LocalWords | None, new: LocalWords | None) -> LanguageChange:
    held = new or old
    assert held is not None
    before = _sources(old)
    after = _sources(new)
    keys = replace(held, texts={key: Text("") for key in {**before, **after}})
    texts = tuple(
        TextChange(field, before.get(field.key, ""), after.get(field.key, ""),
                   tuple(pieces(before.get(field.key, ""), after.get(field.key, ""))))
        for field in fields_of(keys)
        if before.get(field.key) != after.get(field.key)
    )  # fmt: skip
    switches = () if old is None or new is None else tuple(_switches(old, new))
    return LanguageChange(locale, texts, switches, is_new=old is None, is_gone=new is None)


def _sources(words: LocalWords | None) -> dict[str, str]:
    return {} if words is None else {key: text.source for key, text in words.texts.items()}


def _switches(old: LocalWords, new: LocalWords) -> Iterator[tuple[str, str, str]]:
    for name in ("category", "button_link", "lists_invoices", "whatsapp_approved", "marks"):
        was, becomes = getattr(old, name), getattr(new, name)
        if was != becomes:
            yield name, _shown(was), _shown(becomes)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
