"""The fixed words, read like drafts: what stands around every mail, and the customers' pages.

They are said to everybody, so the same slips and the same unkind words are looked for.
"""

from __future__ import annotations

from importlib.resources import files as package_files
from io import BytesIO

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from app.wording.files import LOCALES, DraftFile, Finding, read_layout
from app.wording.slips import slips_of
from app.wording.tone import threatening_words
from app.wording.words import LocalWords, Text


def check_fixed() -> list[Finding]:
    """Every finding in the words around mails and in the pages' catalogues."""
    findings: list[Finding] = []
    for locale in LOCALES:
        words, found = read_layout(_layout_file(locale), locale)
        findings += found
        for each in (words, _pages(locale)):
            findings += [*slips_of(each), *_unkind(each)]
    return findings


def _unkind(words: LocalWords) -> list[Finding]:
    return [
        Finding(words.file, text.line, f"`{word}` threatens or blames", "Say what would help")
        for text in words.texts.values()
        for word in threatening_words(text.source, words.locale)
    ]


def _layout_file(locale: str) -> DraftFile:
    name = f"{locale}.yaml"
    source = package_files("templates").joinpath("mail", name).read_text("utf-8")
    return DraftFile(f"templates/mail/{name}", source)


def _pages(locale: str) -> LocalWords:
    path = f"locale/{locale}/LC_MESSAGES/pages.po"
    source = package_files("templates").joinpath(path).read_bytes()
    catalogue = read_po(BytesIO(source), locale=locale, abort_invalid=True)
    texts = {
        f"{message.lineno}.{index}": Text(text, message.lineno or 1)
        for message in catalogue
        if message.id
        for index, text in enumerate(_said(message))
    }
    return LocalWords("pages", locale, "", texts, file=f"templates/{path}")


def _said(message: Message) -> tuple[str, ...]:
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)
