"""Locale tags: the language in them, and the one to format with."""

from __future__ import annotations

from babel import UnknownLocaleError

from app.wording.formats import parsed_locale

_OLD_TAGS = {"iw": "he"}


def language_of(tag: str) -> str:
    """The language of a tag such as `he-IL` or the old `iw`: `he`."""
    language = tag.replace("_", "-").partition("-")[0].lower()
    return _OLD_TAGS.get(language, language)


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
