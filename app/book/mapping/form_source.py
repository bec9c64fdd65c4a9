"""How a file is written, as a mapping's `file` section says it."""

from __future__ import annotations

import codecs
from dataclasses import replace

from app.book.mapping.cells import CellType, Writing
from app.book.mapping.keys import FILE_KEYS
from app.book.mapping.shape import AsOf, FileForm, FileFormat
from app.book.mapping.values import Values, holds_a_day
from campaigns.findings import did_you_mean
from campaigns.language_source import Scalar, Table
from campaigns.language_values import Fields
from campaigns.worded import worded

DELIMITERS = (",", ";", "\t", "|")
_KNOWN_ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1255", "cp1256", "cp1257", "latin-1")
_MOST_SKIPPED = 100


def read_form(fields: Fields | None, values: Values, usual: FileForm) -> FileForm:
    """The form; what `fields` does not say is as `usual` says it. Sets how `values` are written."""
    values.writing = usual.writing
    if fields is None:
        return usual
    fields.allow(FILE_KEYS)
    values.writing = _writing(fields, values, usual.writing)
    blank = values.texts(fields, "blank")
    return replace(
        usual,
        format=fields.word("format", FileFormat) or usual.format,
        encoding=_encoding(fields) or usual.encoding,
        delimiter=_sign(fields, "delimiter", DELIMITERS) or usual.delimiter,
        quote=_sign(fields, "quote", ('"', "'")) or usual.quote,
        sheet=values.plain(fields, "sheet") or usual.sheet,
        skip=fields.whole("skip", limit=_MOST_SKIPPED) or usual.skip,
        writing=values.writing,
        blank=frozenset({"", *blank}) if blank else usual.blank,
        as_of=_as_of(fields, values) or usual.as_of,
    )


def _writing(fields: Fields, values: Values, usual: Writing) -> Writing:
    decimal = _sign(fields, "decimal", (".", ",")) or usual.decimal
    thousands = _sign(fields, "thousands", (".", ",", " ", "'", "’")) or usual.thousands
    if decimal == thousands:
        place = fields.place_of("thousands" if "thousands" in fields else "decimal")
        fields.say(
            place, worded("decimal and thousands are one sign"), worded("Give each its own.")
        )
    minus = _sign(fields, "minus", ("before", "behind"))
    return Writing(
        decimal,
        thousands,
        values.dates(fields) or usual.dates,
        minus == "behind" if minus else usual.minus_behind,
    )


def _sign(fields: Fields, key: str, known: tuple[str, ...]) -> str | None:
    found = fields.scalar(key)
    if found is None or found.text in known:
        return found.text if found else None
    shown = ", ".join(repr(sign)[1:-1] for sign in known)
    fields.say(
        found.place,
        worded("`%(key)s` cannot be `%(text)s`", key=key, text=found.text),
        worded("It is one of %(shown)s, in quotes.", shown=shown),
    )
    return None


def _encoding(fields: Fields) -> str | None:
    found = fields.scalar("encoding")
    if found is None:
        return None
    try:
        return codecs.lookup(found.text).name
    except LookupError:
        remedy = did_you_mean(found.text, _KNOWN_ENCODINGS)
        fields.say(
            found.place,
            worded("there is no encoding `%(text)s`", text=found.text),
            remedy or worded("Try utf-8."),
        )
        return None


def _as_of(fields: Fields, values: Values) -> AsOf | None:
    """A source of days, or `{ in_name: pattern }`."""
    node = fields.node("as_of")
    if isinstance(node, Table) and [key.text for key, _ in node.entries] == ["in_name"]:
        inner = fields.table("as_of", "`as_of`")
        pattern = inner.scalar("in_name") if inner else None
        return AsOf(in_name=_day_pattern(fields, pattern)) if pattern else None
    source = values.source(fields, "as_of", CellType.DATE)
    return AsOf(source) if source else None


def _day_pattern(fields: Fields, pattern: Scalar) -> str | None:
    if holds_a_day(pattern.text):
        return pattern.text
    remedy = worded("Write how the name holds the day, such as %%Y%%m%%d.")
    fields.say(
        pattern.place,
        worded("`%(pattern)s` does not hold a whole date", pattern=pattern.text),
        remedy,
    )
    return None
