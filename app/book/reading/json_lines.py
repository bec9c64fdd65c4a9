"""JSON lines as numbered rows of text: one object a line, its keys are the columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from app.book.mapping.shape import FileForm, FileFormat
from app.book.reading.rows import (
    LONGEST_CELL,
    LONGEST_LINE,
    MOST_COLUMNS,
    UNFIT,
    Feed,
    RawRow,
    Written,
    unfit,
)
from app.book.reading.text import Lines, encoding_of, foreign, open_text
from app.book.wrongs import wrong

_LOOKED_AT = 1000


class _Unusable(ValueError):
    """Why a line is no row."""


@contextmanager
def open_json_lines(path: Path, form: FileForm, columns: Sequence[str]) -> Iterator[Feed]:
    """Opens the file. Its columns are the mapping's, and all keys of its first 1,000 rows.

    Inner objects are columns with a dot: `{"customer": {"id": 7}}` has `customer.id`.
    """
    encoding = encoding_of(path, form.encoding)
    with open_text(path, encoding) as stream:
        rows = _objects(Lines(stream), encoding, form.writing.decimal)
        first = list(islice(rows, _LOOKED_AT))
        seen = dict.fromkeys(key for _, found in first if isinstance(found, dict) for key in found)
        header = tuple(dict.fromkeys((*seen, *columns)))[:MOST_COLUMNS]
        yield Feed(
            header,
            (_row(line, found, header) for line, found in chain(first, rows)),
            Written(FileFormat.JSON_LINES, encoding),
            tuple(column for column in columns if column not in seen),
        )


def _row(line: int, found: Mapping[str, str] | str, header: Sequence[str]) -> RawRow:
    if isinstance(found, str):
        return RawRow(line, (), found)
    return RawRow(line, tuple(found.get(name, "") for name in header))


def _objects(
    lines: Lines, encoding: str, decimal: str
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each line's keys and texts, or why it has none."""
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        if lines.overlong():
            yield line, wrong("long_line", most=LONGEST_LINE)
            continue
        why = foreign(text, encoding)
        if why is not None:
            yield line, why
            continue
        try:
            yield line, _flat(text, decimal)
        except _Unusable as error:
            yield line, str(error)


def _flat(text: str, decimal: str) -> dict[str, str]:
    try:
        found = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_once,
        )
    except (json.JSONDecodeError, RecursionError):
        raise _Unusable(wrong("no_json")) from None
    except _Unusable:
        raise
    except ValueError:
        raise _Unusable(wrong("json_digits")) from None
    if not isinstance(found, dict):
        raise _Unusable(wrong("no_json"))
    told = dict(_texts(found, "", decimal))
    if unfit("".join(told.values())):
        raise _Unusable(UNFIT)
    return told


def _refuse_constant(name: str) -> Any:
    raise _Unusable(wrong("json_number", name=name))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unusable(wrong("json_twice"))
    return found


def _texts(found: Mapping[str, Any], above: str, decimal: str) -> Iterator[tuple[str, str]]:
    for key, value in found.items():
        name = f"{above}{key.strip()}"
        match value:
            case dict():
                yield from _texts(value, f"{name}.", decimal)
            case list():
                raise _Unusable(wrong("json_list"))
            case _:
                yield name, _text(value, decimal)


def _text(value: Any, decimal: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            if abs(value.adjusted()) > 30:
                raise _Unusable(wrong("json_digits"))
            return format(value, "f").replace(".", decimal)
        case _:
            text = str(value)
            if len(text) > LONGEST_CELL:
                raise _Unusable(wrong("json_text"))
            return text
