"""Locale tags: the language in them, and the one to format with."""

from __future__ import annotations

from collections.abc import Container

from babel import UnknownLocaleError

from app.wording.formats import parsed_locale

DEFAULT_LOCALE = "en"
_OLD_TAGS = {"iw": "he"}


def language_of(tag: str) -> str:
    """The language of a tag such as `he-IL` or the old `iw`: `he`."""
    language = tag.replace("_", "-").partition("-")[0].lower()
    return _OLD_TAGS.get(language, language)


def tried_for(words: Container[str], locale: str, creditor_locale: str) -> tuple[str, ...]:
    """The locales to look for in `words`, as far as the first that is there: the customer's, the
    creditor's, then English; each as it is and then its language alone."""
    tried: list[str] = []
    for tag in (locale, creditor_locale, DEFAULT_LOCALE):
        for step in (tag, language_of(tag)):
            if step not in tried:
                tried.append(step)
            if step in words:
                return tuple(tried)
    return tuple(tried)


def formats_tag(language: str, *wanted: str) -> str:
    """The customer's region where its language is the one written, else the language alone."""
    for tag in wanted:
        if language_of(tag) != language:
            continue
        try:
            return tag if parsed_locale(tag).language == language else language
        except (UnknownLocaleError, ValueError):
            continue
    return language
