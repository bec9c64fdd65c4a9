"""The fixed words, read like drafts: those around every mail, on customers' pages, on the stage.

They are said to everybody, so the same slips and the same unkind words are looked for. The stage
speaks of a woman to whoever plays her: in a language with one form nothing there could be a slip.
"""

from __future__ import annotations

from importlib.resources import files as package_files
from io import BytesIO

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from app.wording.address import manner_of
from app.wording.files import LOCALES, DraftFile, Finding, read_layout
from app.wording.slips import slips_of
from app.wording.tone import threatening_words
from app.wording.words import LocalWords, Text
from campaigns.worded import worded


def check_fixed() -> list[Finding]:
    """Every finding in the words around mails and in the pages' catalogues."""
    findings: list[Finding] = []
    for locale in LOCALES:
        words, found = read_layout(_layout_file(locale), locale)
        findings += found
        pages = catalogue_words("pages", locale)
        for each in (words, pages):
            findings += [*slips_of(each), *_unkind(each)]
    return [*findings, *_check_stage()]


def catalogue_words(domain: str, locale: str) -> LocalWords:
    """The texts of a catalogue as words that can be checked."""
    path = f"locale/{locale}/LC_MESSAGES/{domain}.po"
    source = package_files("templates").joinpath(path).read_bytes()
    catalogue = read_po(BytesIO(source), locale=locale, abort_invalid=True)
    texts = {
        f"{message.lineno}.{index}": Text(text, message.lineno or 1)
        for message in catalogue
        if message.id
        for index, text in enumerate(_said(message))
    }
    return LocalWords(domain, locale, "", texts, file=f"templates/{path}")


def _check_stage() -> list[Finding]:
    speaking = (
        locale
        for locale in LOCALES
        if len(manner_of(locale).forms) > 1
        and package_files("templates").joinpath(f"locale/{locale}/LC_MESSAGES/stage.po").is_file()
    )
    return [found for locale in speaking for found in slips_of(catalogue_words("stage", locale))]


def _unkind(words: LocalWords) -> list[Finding]:
    return [
        Finding(
            words.file,
            text.line,
            worded("`%(word)s` threatens or blames", word=word),
            worded("Say what would help"),
        )
        for text in words.texts.values()
        for word in threatening_words(text.source, words.locale)
    ]


def _layout_file(locale: str) -> DraftFile:
    name = f"{locale}.yaml"
    source = package_files("templates").joinpath("mail", name).read_text("utf-8")
    return DraftFile(f"templates/mail/{name}", source)


def _said(message: Message) -> tuple[str, ...]:
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)
