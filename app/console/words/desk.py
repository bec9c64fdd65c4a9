"""One template as a designer sees it: its draft if there is one, else what is published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import Session

from app.drafting.contents import Kind
from app.drafting.origin import published
from app.drafting.reading import Draft, live
from app.wording.editing import UnknownField, begun, edited
from app.wording.files import LOCALES, DraftFile, as_left
from app.wording.words import LocalWords
from app.wording.writing import rewritten

NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,47}")
TEXT: Final = "t."
"""What the names of a form's fields begin with that are texts."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The files of a template and the words in them. `base` are the words that are said now, none
    of a template that was never published."""

    name: str
    files: Mapping[str, str]
    words: Mapping[str, LocalWords]
    base: Mapping[str, LocalWords]
    held: Draft | None

    @property
    def category(self) -> str:
        return next((words.category for words in self.words.values()), "")

    def locale(self, *wishes: str) -> str:
        """The first language wished for that is written here."""
        return next((wish for wish in wishes if wish in self.words), next(iter(self.words)))

    def unwritten(self) -> tuple[str, ...]:
        """The languages that we write and this template does not."""
        return tuple(locale for locale in LOCALES if locale not in self.words)

    def with_words(self, words: LocalWords) -> dict[str, str]:
        """The files with these words of one language in them."""
        file = f"{words.locale}.yaml"
        return {**self.files, file: rewritten(self.files.get(file, ""), words)}


def desk_of(session: Session, name: str) -> Desk | None:
    """None where nothing of this name was published or begun."""
    if not NAME.fullmatch(name):
        return None
    held = live(session, Kind.TEMPLATE, name)
    if held is not None:
        return Desk(name, held.files, read(held.files), read(held.base), held)
    current = published(session, Kind.TEMPLATE, name)
    if current is None:
        return None
    words = read(current[1])
    return Desk(name, current[1], words, words, None) if words else None


def read(files: Mapping[str, str]) -> dict[str, LocalWords]:
    """The words of each language as far as they can be read, in the order in which we name
    languages."""
    found = {
        file.removesuffix(".yaml"): as_left(DraftFile(file, text)) for file, text in files.items()
    }
    order = {locale: at for at, locale in enumerate(LOCALES)}
    known = {locale: words for locale, words in found.items() if words is not None}
    return dict(sorted(known.items(), key=lambda item: order.get(item[0], len(order))))


def typed_words(words: LocalWords, typed: Mapping[str, str]) -> LocalWords:
    """The words as a form has them. Raises `UnknownField`."""
    texts = {
        name.removeprefix(TEXT): value for name, value in typed.items() if name.startswith(TEXT)
    }
    if not texts:
        raise UnknownField
    return edited(
        words,
        texts,
        button_link=typed.get("button_link", words.button_link),
        lists_invoices="lists_invoices" in typed,
        whatsapp_approved="whatsapp_approved" in typed,
    )


def renamed(files: Mapping[str, str], name: str, category: str = "") -> dict[str, str]:
    """The files of a template as those of another one, of which WhatsApp has approved nothing;
    of the same kind unless told."""
    return {
        f"{locale}.yaml": rewritten(
            files[f"{locale}.yaml"],
            replace(
                words,
                template=name,
                category=category or words.category,
                whatsapp_approved=False,
            ),
        )
        for locale, words in read(files).items()
    }


def with_language(desk: Desk, locale: str, source: str) -> dict[str, str]:
    """The files with a language begun from another: every text still to be written."""
    return desk.with_words(begun(desk.words[source], locale))
