"""Lists of words, one file a language in `templates/phrases`, that rules about texts are kept by.

A list of words is a floor: it knows no grammar, and a person still reads the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files as package_files

from ruamel.yaml import YAML

from app.wording.files import LOCALES
from app.wording.tone import words_found


class Phrases(StrEnum):
    """What a list of words is about."""

    PRESSURE = "pressure"
    PROMOTION = "promotion"
    COLLECTION = "collection"
    LEGAL = "legal"
    REPLY = "reply"
    MONEY = "money"
    CONSENT = "consent"


def phrases_in(text: str, locale: str, about: Phrases) -> tuple[str, ...]:
    """The words of that list in `text`, as they stand there."""
    return words_found(text, locale, _lists()[about])


@lru_cache(maxsize=1)
def _lists() -> Mapping[Phrases, Mapping[str, tuple[str, ...]]]:
    read = {locale: _read(locale) for locale in LOCALES}
    return {
        about: {locale: tuple(words[about]) for locale, words in read.items()} for about in Phrases
    }


def _read(locale: str) -> Mapping[str, list[str]]:
    text = package_files("templates").joinpath("phrases", f"{locale}.yaml").read_text("utf-8")
    words: Mapping[str, list[str]] = YAML(typ="safe", pure=True).load(text)
    return words
