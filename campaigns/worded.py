"""Texts that remember how they were worded: English here, any language where they are read.

What a checker finds and what a rule asks is a plain English string to whoever prints it. It also
keeps its template and what fills it, so that a catalogue can say it anew. No catalogue is known
here; the templates are its keys, which `worded` marks for the tools that gather them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any


class Worded(str):
    """A text with its `template`, whose blanks are `%(name)s`, and the `values` that fill them.

    A value may be `Worded` itself. `str()` of it is the same object, so that an error which carries
    it still tells how it was worded.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self


def worded(template: str, /, **values: object) -> Worded:
    """The text of a template with its blanks filled."""
    said = Worded(template % values)
    said.template, said.values = template, values
    return said


def as_written(text: str) -> Worded:
    """A text out of data, as its author wrote it: its own template, without blanks."""
    return text if isinstance(text, Worded) else worded(text.replace("%", "%%"))


def spelled(code: str) -> Worded:
    """A code of a closed set in words. A catalogue has one for each member."""
    return as_written(code.replace("_", " "))


def verbatim(text: str) -> Worded:
    """A text that is the same in every language: a sum, words that somebody sends."""
    return worded(_ITSELF, text=text)


def quoted(text: str) -> Worded:
    """What a parser of somebody else's says, in its own words, set apart from ours."""
    return worded("in the parser's words: %(text)s", text=text)


def listed(parts: Iterable[str]) -> Worded:
    """Several texts, one after the other."""
    return _chained(
        parts, lambda first, last: worded("%(first)s, %(last)s", first=first, last=last)
    )


def any_of(parts: Iterable[str]) -> Worded:
    """Several texts of which one will do."""
    return _chained(
        parts, lambda first, last: worded("%(first)s or %(last)s", first=first, last=last)
    )


def all_of(parts: Iterable[str]) -> Worded:
    """Several texts that hold together."""
    return _chained(
        parts, lambda first, last: worded("%(first)s and %(last)s", first=first, last=last)
    )


def joined(parts: Iterable[str], between: str) -> Worded:
    """Several texts with a mark between them that is the same in every language."""
    template = f"%(first)s{between}%(last)s"
    return _chained(parts, lambda first, last: worded(template, first=first, last=last))


def as_record(text: Worded) -> dict[str, object]:
    """The text in plain dicts and strings, which `from_record` reads back to an equal one."""
    values = {
        name: as_record(value) if isinstance(value, Worded) else str(value)
        for name, value in text.values.items()
    }
    return {"template": text.template, "values": values}


def from_record(record: Mapping[str, Any]) -> Worded:
    """The text that `as_record` wrote."""
    values = {
        name: value if isinstance(value, str) else from_record(value)
        for name, value in record["values"].items()
    }
    template: str = record["template"]
    return worded(template, **values)


def _chained(parts: Iterable[str], link: Callable[[Worded, Worded], Worded]) -> Worded:
    found = list(map(as_written, parts))
    return reduce(link, found) if found else as_written("")


_ITSELF = "%(text)s"
