"""The values of a mapping file: sources, constants, date patterns. Constants are tried at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from app.book.mapping.cells import CellError, CellType, Writing, converter, read_date, words_of
from app.book.mapping.keys import SOURCE_KEYS
from app.book.mapping.shape import Sign, Source
from campaigns.findings import Place, Report, did_you_mean
from campaigns.language_source import Items, Scalar, Table, describe
from campaigns.language_values import Fields
from campaigns.worded import worded

_A_DAY, _ANOTHER = date(2031, 3, 4), date(2031, 12, 25)


class Values:
    """Reads values into one report, in the feed's own way of writing once that is known."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.writing = Writing()

    def texts(self, fields: Fields, key: str) -> tuple[str, ...]:
        found = fields.node(key)
        if found is None:
            return ()
        items = found.items if isinstance(found, Items) else (found,)
        for item in items:
            if not isinstance(item, Scalar):
                self.report.add(
                    item.place,
                    worded("`%(key)s` holds %(what)s", key=key, what=describe(item)),
                    worded("Write plain texts."),
                )
        return tuple(item.text for item in items if isinstance(item, Scalar))

    def dates(self, fields: Fields) -> tuple[str, ...]:
        patterns = self.texts(fields, "dates")
        place = fields.place_of("dates")
        for pattern in patterns:
            if not holds_a_day(pattern):
                remedy = worded("Use %%d, %%m (or %%b, %%B) and %%Y, such as %%d/%%m/%%Y.")
                self.report.add(
                    place,
                    worded("`%(pattern)s` does not hold a whole date", pattern=pattern),
                    remedy,
                )
        for first in patterns:
            for second in patterns:
                if first < second and _clash(first, second):
                    problem = worded(
                        "`%(first)s` and `%(second)s` read the same text as different days",
                        first=first,
                        second=second,
                    )
                    self.report.add(place, problem, worded("Keep the one that the feed uses."))
        return patterns

    def plain(self, fields: Fields, key: str, *, needed: bool = False) -> str | None:
        found = fields.scalar(key, needed=needed)
        return found.text.strip() or None if found else None

    def known(self, fields: Fields, key: str, cell_type: CellType) -> str | None:
        found = fields.scalar(key, needed=True)
        if found is None:
            return None
        self._try(found.text, cell_type, found.place, key)
        try:
            return str(converter(cell_type, self.writing)(found.text))
        except CellError:
            return None

    def source(self, fields: Fields, key: str, cell_type: CellType) -> Source | None:
        """A column's name, or a table that says more about where the text comes from."""
        node = fields.node(key)
        if node is None:
            return None
        if isinstance(node, Scalar):
            return Source(node.place, column=node.text)
        inner = fields.table(key, f"`{key}`")
        if inner is None:
            return None
        inner.allow(SOURCE_KEYS)
        return self.told(inner, key, cell_type)

    def told(self, inner: Fields, key: str, cell_type: CellType) -> Source:
        column = inner.scalar("column")
        value = inner.scalar("value")
        default = inner.scalar("default")
        if (column is None) == (value is None):
            inner.say(
                inner.place,
                worded("`%(key)s` needs a `column` or a `value`", key=key),
                worded("Give one of the two."),
            )
        dates = self.dates(inner) or None
        writing = replace(self.writing, dates=dates or self.writing.dates)
        words = self._words(inner)
        for text, place in _constants(inner, words):
            self._try(text, cell_type, place, key, writing)
        return Source(
            inner.place,
            column=column.text if column else None,
            value=value.text if value else None,
            default=default.text if default else None,
            words={text: meaning.text for text, meaning in words.items()} if words else None,
            dates=dates,
            sign=self._sign(inner, key, cell_type),
        )

    def constant_or_source(self, fields: Fields, key: str, cell_type: CellType) -> Source | None:
        """Like `source`, but a plain word is a constant and only a table names a column."""
        node = fields.node(key)
        if not isinstance(node, Scalar):
            return self.source(fields, key, cell_type)
        self._try(node.text, cell_type, node.place, key)
        return Source(node.place, value=node.text)

    def _sign(self, inner: Fields, key: str, cell_type: CellType) -> Sign:
        sign = inner.word("sign", Sign)
        if sign is not None and cell_type is not CellType.AMOUNT:
            inner.say(
                inner.place_of("sign"),
                worded("`%(key)s` is no amount", key=key),
                worded("Delete its `sign`."),
            )
        return sign or Sign.PLUS

    def _words(self, inner: Fields) -> dict[str, Scalar]:
        node = inner.node("map")
        if node is None:
            return {}
        if not isinstance(node, Table):
            inner.say(
                node.place,
                worded("`%(key)s` is %(what)s", key="map", what=describe(node)),
                worded("Write one `text: meaning` a line."),
            )
            return {}
        found = {}
        for key, value in node.entries:
            if isinstance(value, Scalar):
                found[key.text] = value
            else:
                inner.say(
                    value.place,
                    worded("`%(name)s` means %(what)s", name=key.text, what=describe(value)),
                    worded("Write one text."),
                )
        return found

    def _try(
        self,
        text: str,
        cell_type: CellType,
        place: Place,
        key: str,
        writing: Writing | None = None,
    ) -> None:
        """Constants are known now, so what is wrong with them is said now."""
        if text == "":
            return
        try:
            converter(cell_type, writing or self.writing)(text)
        except CellError as error:
            near = did_you_mean(text.lower(), tuple(words_of(cell_type)))
            spelled = words_of(cell_type).get(str(near.values["near"])) if near else None
            remedy = (
                worded("Did you mean `%(near)s`?", near=spelled)
                if spelled
                else worded("docs/importing.md says what fits.")
            )
            self.report.add(
                place,
                worded("`%(key)s`: `%(text)s` %(why)s", key=key, text=text, why=error),
                remedy,
            )


def _constants(inner: Fields, words: Mapping[str, Scalar]) -> list[tuple[str, Place]]:
    found = [inner.scalar(key) for key in ("value", "default") if key in inner]
    return [(node.text, node.place) for node in (*found, *words.values()) if node is not None]


def holds_a_day(pattern: str) -> bool:
    try:
        return all(
            read_date(day.strftime(pattern), (pattern,)) == day for day in (_A_DAY, _ANOTHER)
        )
    except (CellError, ValueError):
        return False


def _clash(first: str, second: str) -> bool:
    """Whether a text that one pattern writes is another day to the other."""
    for writes, reads in ((first, second), (second, first)):
        try:
            if read_date(_A_DAY.strftime(writes), (reads,)) != _A_DAY:
                return True
        except (CellError, ValueError):
            continue
    return False
