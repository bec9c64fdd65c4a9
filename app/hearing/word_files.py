"""The files of words, `templates/heard/<locale>.yaml`: read strictly, every slip with its line.

HeardError(ValueError)   files that cannot be used, with all their findings

A leaf of a file is a text with one phrase a line; `app.hearing.phrases` has the notation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files as package_files
from typing import Final

from app.hearing.day_keys import DAY_KEYS
from app.hearing.intents import DisputeAbout, Intent
from app.hearing.phrases import Named, Phrase, PhraseError, Stands, read_phrase
from app.hearing.plain_tree import plain_tree
from campaigns.findings import Finding, Place, Report, did_you_mean
from campaigns.language_source import Node, Scalar, Table, describe, read_tree

LOCALES: Final = ("en", "he", "ar", "lt", "es", "fr", "de", "it", "pl", "ru")
METHODS: Final = ("card", "bank", "cash", "cheque", "app", "post_office")
MEDIA: Final = ("sms", "email", "whatsapp", "phone")
HOURS: Final = ("after", "before", "between", "morning", "afternoon", "evening", "late")
CURRENCIES: Final = ("EUR", "USD", "GBP", "ILS", "SAR", "AED", "EGP", "JOD", "PLN", "RUB")
WITH_DAY: Final = "with_day"
DATA_REQUEST: Final = "data_request"
KINDS: Final[Mapping[Intent, tuple[str, ...]]] = {
    Intent.DISPUTE: tuple(map(str, DisputeAbout)),
    Intent.LANGUAGE: LOCALES,
    Intent.CHANNEL: MEDIA,
    Intent.PROMISE: (WITH_DAY,),
    Intent.COMPLAINT: (DATA_REQUEST,),
}
"""What stands behind a slash: `dispute/amount`. `with_day` is a promise only if a day is named;
`data_request` is told by the end of the meaning's rule."""


class Section(StrEnum):
    """What a phrase of a file is for."""

    INTENT = "intents"
    DAY = "days"
    HOUR = "hours"
    MONEY = "money"
    METHOD = "methods"
    FILLER = "fillers"
    NEGATION = "negations"
    BUSINESS = "business"


_QUOTED: Final = ("|", ">", '"', "'")
_NEGATIONS: Final = ("before", "after")
_KEYS: Final[Mapping[Section, Collection[str]]] = {
    Section.DAY: DAY_KEYS,
    Section.HOUR: HOURS,
    Section.METHOD: METHODS,
    Section.NEGATION: _NEGATIONS,
    Section.MONEY: (*CURRENCIES, "thousand", "no_amount"),
}
_TOP: Final = ("locale", "words", *map(str, Section))


class HeardError(ValueError):
    """Everything that keeps files of words from being used."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, findings)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase with what it stands for: `key` within its section, `kind` behind the slash."""

    section: Section
    key: str
    kind: str
    phrase: Phrase
    locale: str
    line: int


def shipped_entries() -> tuple[Entry, ...]:
    """All phrases that come with Duly. Raises `HeardError`."""
    folder = package_files("templates").joinpath("heard")
    return tuple(
        entry
        for locale in LOCALES
        for entry in read_words(
            folder.joinpath(f"{locale}.yaml").read_text("utf-8"),
            locale=locale,
            file=f"templates/heard/{locale}.yaml",
        )
    )


def read_words(text: str, *, locale: str, file: str) -> tuple[Entry, ...]:
    """The phrases of a file's text. Raises `HeardError` with all findings."""
    report = Report(file)
    root = plain_tree(text) or read_tree(text, report)
    entries: tuple[Entry, ...] = ()
    if isinstance(root, Table):
        entries = tuple(_File(root, locale, report, text.splitlines()).entries())
    elif not report.findings:
        report.add(Place(1, 1), "the file is no table of keys", "Begin with `locale:`.")
    if report.findings:
        raise HeardError(report.findings)
    return entries


class _File:
    """Walks the tables of one file and collects what is wrong."""

    def __init__(self, root: Table, locale: str, report: Report, lines: Sequence[str]) -> None:
        self.report, self.locale, self.lines = report, locale, lines
        self.top = self._table(root, _TOP)
        self.named = self._named()

    def entries(self) -> Iterator[Entry]:
        said = self.top.get("locale")
        if not isinstance(said, Scalar) or said.text != self.locale:
            place = said.place if said else Place(1, 1)
            self.report.add(place, "`locale` is not the file's", f"Write `locale: {self.locale}`.")
        yield from self._intents()
        for section, known in _KEYS.items():
            for key, leaf in self._part(section, known).items():
                yield from self._phrases(leaf, section, key)
        for section in (Section.FILLER, Section.BUSINESS):
            yield from self._phrases(self.top.get(str(section)), section, "")

    def _named(self) -> Named:
        words: dict[str, str] = {}
        node = self.top.get("words")
        for name, value in node.entries if isinstance(node, Table) else ():
            if isinstance(value, Scalar):
                # A name may build on those above it.
                words[name.text] = self._written_out(value, Named(dict(words)))
        return Named(words)

    def _written_out(self, value: Scalar, named: Named) -> str:
        try:
            return named.written_out(value.text.strip())
        except PhraseError as error:
            self.report.add(value.place, str(error), error.remedy)
            return value.text

    def _intents(self) -> Iterator[Entry]:
        known = [
            *(str(intent) for intent in Intent if intent is not Intent.UNCLEAR),
            *(f"{intent}/{kind}" for intent, kinds in KINDS.items() for kind in kinds),
        ]
        for name, node in self._part(Section.INTENT, known).items():
            intent, _, kind = name.partition("/")
            for stands, leaf in self._table(node, tuple(map(str, Stands))).items():
                yield from self._phrases(leaf, Section.INTENT, intent, kind, Stands(stands))

    def _part(self, section: Section, known: Collection[str]) -> Mapping[str, Node]:
        node = self.top.get(str(section))
        return self._table(node, known) if node is not None else {}

    def _table(self, node: Node, known: Collection[str]) -> dict[str, Node]:
        if not isinstance(node, Table):
            self._fault(node, "a table of keys", "Write `key: |` and the phrases below it.")
            return {}
        found: dict[str, Node] = {}
        for key, value in node.entries:
            if key.text in known:
                found[key.text] = value
                continue
            remedy = did_you_mean(key.text, known) or f"Known: {', '.join(known)}."
            self.report.add(key.place, f"unknown key `{key.text}`", remedy)
        return found

    def _phrases(
        self, leaf: Node | None, section: Section, key: str, kind: str = "",
        stands: Stands = Stands.ANYWHERE,
    ) -> Iterator[Entry]:  # fmt: skip
        if leaf is None:
            return
        if not isinstance(leaf, Scalar):
            self._fault(leaf, "a text", "Write `|` and one phrase a line.")
            return
        if leaf.raw[:1] not in _QUOTED and " #" in self.lines[leaf.place.line - 1]:
            self.report.add(leaf.place, "`#` begins a comment here", "Put the phrase below `|`.")
        first = leaf.place.line + (1 if leaf.raw[:1] in ("|", ">") else 0)
        for line, written in enumerate(leaf.text.splitlines(), first):
            if written.strip():
                phrase = self._phrase(written, line, stands)
                if phrase is not None:
                    yield Entry(section, key, kind, phrase, self.locale, line)

    def _phrase(self, written: str, line: int, stands: Stands) -> Phrase | None:
        try:
            return read_phrase(written, self.named, stands=stands)
        except PhraseError as error:
            column = len(written) - len(written.lstrip()) + 1
            self.report.add(Place(line, column), str(error), error.remedy)
            return None

    def _fault(self, node: Node, wanted: str, remedy: str) -> None:
        problem = f"{describe(node)} stands where {wanted} is expected"
        self.report.add(node.place, problem, remedy)
