"""The pages' words in every language, compiled in memory from the `.po` files at the start.

The words of a domain stand in one file a language; or, where many rooms share them, in a folder of
files, one a room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from app.wording.formats import parsed_locale

DOMAIN = "pages"  # the customer's pages; other rooms have catalogues of their own
FALLBACK = "en"
_OLD_TAGS = {"iw": "he"}


def N_(text: str) -> str:  # noqa: N802 (the name that gettext's tools look for)
    """Marks a text that is translated later, where the language is known."""
    return text


@lru_cache(maxsize=4)
def languages(domain: str = DOMAIN) -> tuple[str, ...]:
    """The languages that the pages speak: a folder each below `templates/locale`."""
    found = files("templates").joinpath("locale").iterdir()
    known = sorted(folder.name for folder in found if _sources(folder.name, domain))
    return (FALLBACK, *(name for name in known if name != FALLBACK))


def catalogue(language: str, domain: str = DOMAIN) -> Catalog:
    """The catalogue of a language as it was written."""
    first, *others = parts(language, domain).values()
    for other in others:
        for message in other:
            if message.id:
                first[message.id] = message
    return first


def parts(language: str, domain: str = DOMAIN) -> Mapping[str, Catalog]:
    """The files that a catalogue is made of, each by its name."""
    return {
        source.name.removesuffix(".po"): read_po(
            BytesIO(source.read_bytes()), locale=language, domain=domain, abort_invalid=True
        )
        for source in _sources(language, domain)
    }


@lru_cache(maxsize=32)
def translations(language: str, domain: str = DOMAIN) -> Translations:
    """The words of a language, ready for use. Compiled once a process."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language, domain))
    compiled.seek(0)
    return Translations(compiled, domain=domain)


@lru_cache(maxsize=32)
def own_name(language: str) -> str:
    """What a language calls itself."""
    locale = parsed_locale(language)
    return str(locale.get_display_name(locale)).capitalize()


def language_of(wishes: Iterable[str | None], domain: str = DOMAIN) -> tuple[str, str]:
    """The first wish that the pages speak, as (language, locale for formats)."""
    for wish in wishes:
        if not wish:
            continue
        language = wish.replace("_", "-").partition("-")[0].lower()
        language = _OLD_TAGS.get(language, language)
        if language in languages(domain):
            return language, wish.replace("_", "-")
    return FALLBACK, FALLBACK


def _sources(language: str, domain: str) -> Sequence[Traversable]:
    spoken = files("templates").joinpath("locale", language)
    one, many = spoken.joinpath("LC_MESSAGES", f"{domain}.po"), spoken.joinpath(domain)
    if one.is_file():
        return [one]
    found = many.iterdir() if many.is_dir() else iter(())
    return sorted((file for file in found if file.name.endswith(".po")), key=lambda file: file.name)
