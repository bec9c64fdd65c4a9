"""A mapping for a file that nobody has mapped yet, as text, with a comment at every doubt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.book.guessing.fields import FieldGuess, guess_fields
from app.book.guessing.places import PlaceGuess, guess_place
from app.book.guessing.sample import NOTHING_KNOWN, Column, Known, Sample, take_sample
from app.book.guessing.words import plain
from app.book.guessing.writing import WritingGuess, guess_writing
from app.book.mapping.cells import Writing
from app.book.mapping.keys import SCHEMA
from app.book.mapping.shape import FileFormat

_DAYS = ("invoice.issued_on", "invoice.due_on", "settlement.paid_on")
_AMOUNTS = ("invoice.amount", "settlement.amount", "settlement.open")
_SECTIONS = ("customer", "postal", "invoice", "settlement", "dispute")
_NEEDED = ("customer.external_id", "invoice.external_id", "invoice.amount", "invoice.due_on")
_COMPANY = re.compile(
    r"\b(ltd|llc|inc|gmbh|ag|uab|ab|sia|s\.?p\.?a|s\.?r\.?l|sarl|sas|sp\.? z o\.?o|oy|bv)\b"
    r"|בע.?מ|ש\.מ",
    re.IGNORECASE,
)
_UNQUOTED = re.compile(r"[^\W\d][\w ]*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`text` is the mapping; `doubts` its comments, for those who do not read it."""

    text: str
    doubts: tuple[str, ...]
    missing: tuple[str, ...]


def propose(path: Path, known: Known = NOTHING_KNOWN) -> Proposal:
    """Looks at the first rows of the file, read as is known or likeliest. Raises `FeedError` for
    what is no feed."""
    sample = take_sample(path, known)
    fields = guess_fields(sample.columns)
    _stand_in(fields)
    days = [guess.column for name, guess in fields.items() if name in _DAYS]
    amounts = [guess.column for name, guess in fields.items() if name in _AMOUNTS]
    writing = guess_writing(days, amounts)
    headers = [plain(column.name) for column in sample.columns]
    place = guess_place(sample.columns, headers, month_first=writing.month_first)
    text = _Text(sample, fields, writing, place)
    missing = tuple(name for name in _NEEDED if name not in fields)
    return Proposal("\n".join(text.lines()) + "\n", tuple(text.doubts), missing)


def _stand_in(fields: dict[str, FieldGuess]) -> None:
    """Where no column holds a customer's key, the name must do."""
    name = fields.get("customer.name")
    if "customer.external_id" not in fields and name is not None:
        doubt = "no column holds a key, so the name is taken: two of one name would be one customer"
        fields["customer.external_id"] = FieldGuess("customer.external_id", name.column, doubt)


@dataclass(slots=True)
class _Text:
    """Writes the mapping line by line."""

    sample: Sample
    fields: Mapping[str, FieldGuess]
    writing: WritingGuess
    place: PlaceGuess
    doubts: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield f"# Proposed for {self.sample.path.name}. Read every line that has a comment."
        yield f"schema: {SCHEMA}"
        yield ""
        yield from self._creditor()
        yield ""
        yield from self._file()
        for section in _SECTIONS:
            yield from self._section(section)
            if section == "customer":
                yield from self._contacts()
        yield from self._unmapped()

    def _line(self, text: str, doubt: str | None, subject: str) -> str:
        if doubt is None:
            return text
        self.doubts.append(f"{subject}: {doubt}")
        return f"{text} # unsure: {doubt}"

    def _creditor(self) -> Iterator[str]:
        place, why = self.place.place, self.place.why
        name = self.sample.path.stem
        slug = plain(name).replace(" ", "-") or "creditor"
        yield "creditor:"
        yield self._line(f"  external_id: {_quoted(slug)}", "a key of yours", "external_id")
        yield f"  name: {_quoted(name)} # as customers know you"
        yield self._line(f"  country: {_quoted(place.country)}", why, "country")
        yield f"  zone: {place.zone}"
        yield f"  locale: {place.locale}"
        yield self._line(f"  currency: {place.currency}", self._currency_doubt(), "currency")

    def _currency_doubt(self) -> str:
        if "invoice.currency" in self.fields:
            return "the country's; each invoice tells its own"
        return "the country's; no column tells another"

    def _file(self) -> Iterator[str]:
        usual, writing = Writing(), self.writing.writing
        yield "file:"
        yield f"  format: {self.sample.format}"
        encoding = self.sample.encoding
        if encoding.name is not None:
            yield self._line(f"  encoding: {encoding.name}", encoding.doubt, "encoding")
        table = self.sample.table
        if table.sheet is not None:
            name = json.dumps(table.sheet, ensure_ascii=False)
            yield self._line(f"  sheet: {name}", table.doubt, "sheet")
        if table.skip:
            yield f"  skip: {table.skip} # lines above the headings"
        if self.sample.format is FileFormat.CSV:
            yield f"  delimiter: {json.dumps(self.sample.delimiter)}"
        # Typed cells need no pattern and no signs; texts among them do.
        is_typed = self.sample.format is FileFormat.XLSX
        if not is_typed or writing.dates != usual.dates:
            shown = ", ".join(f'"{pattern}"' for pattern in writing.dates)
            yield self._line(f"  dates: [{shown}]", self.writing.dates_doubt, "dates")
        if not is_typed or writing.decimal != usual.decimal:
            yield self._line(
                f'  decimal: "{writing.decimal}"', self.writing.numbers_doubt, "decimal"
            )
        if writing.thousands != usual.thousands:
            yield f'  thousands: "{writing.thousands}"'
        if writing.minus_behind:
            yield "  minus: behind"
        yield "  # as_of: without it, the file's own time tells up to when it is true"

    def _section(self, section: str) -> Iterator[str]:
        told = {
            name: guess for name, guess in self.fields.items() if name.startswith(f"{section}.")
        }
        missing = [name for name in _NEEDED if name.startswith(f"{section}.") and name not in told]
        if not told and not missing:
            return
        yield ""
        yield f"{section}:"
        for name, guess in told.items():
            key = name.partition(".")[2]
            yield self._line(f"  {key}: {self._source(name, guess)}", guess.doubt, name)
        for name in missing:
            yield f"  # {name.partition('.')[2]}: needed, and no column looks like it"
            self.doubts.append(f"{name}: needed, and no column looks like it")
        if section == "customer" and self._are_companies():
            doubt = "many names are of companies"
            yield self._line("  kind: { value: business }", doubt, "customer.kind")
        if section == "invoice" and self._are_companies():
            yield "  debt_class: { value: commercial } # as the customers are companies"

    def _source(self, name: str, guess: FieldGuess) -> str:
        column = _quoted(guess.column.name)
        if name != "dispute.disputed":
            return column
        words = sorted(set(guess.column.texts))
        if all(
            word.lower() in ("yes", "no", "y", "n", "true", "false", "0", "1") for word in words
        ):
            return column
        return f'{{ column: {column}, map: {{ "*": "no" }} }}'

    def _are_companies(self) -> bool:
        guess = self.fields.get("customer.name")
        texts = guess.column.texts if guess else ()
        return sum(bool(_COMPANY.search(text)) for text in texts) * 3 > len(texts) > 0

    def _contacts(self) -> Iterator[str]:
        told = [self.fields[name] for name in ("phone", "email") if name in self.fields]
        if not told:
            self.doubts.append("contacts: no column holds numbers or mailboxes; nobody is reached")
            yield ""
            yield "# contacts: no column holds numbers or mailboxes, so nobody can be written to"
            return
        yield ""
        yield "contacts:"
        for guess in told:
            yield self._line(
                f"  - {guess.field}: {_quoted(guess.column.name)}", guess.doubt, guess.field
            )
        yield ""
        yield "# consents: never guessed. Say where and how they were given; see docs/importing.md"

    def _unmapped(self) -> Iterator[str]:
        taken: Sequence[Column] = [guess.column for guess in self.fields.values()]
        rest = [column.name for column in self.sample.columns if column not in taken]
        if rest:
            yield ""
            yield f"# Left out: {', '.join(rest)}. `custom` keeps what journeys should ask for."


def _quoted(text: str) -> str:
    """A text as YAML reads it back."""
    if _UNQUOTED.fullmatch(text) and text.lower() not in _WORDS_OF_YAML and text == text.strip():
        return text
    return json.dumps(text, ensure_ascii=False)
