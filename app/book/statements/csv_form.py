"""How a bank writes its CSV: by a small mapping file, or recognised from headers and content.

Recognised is only what cannot be read in two ways; anything else asks for a mapping.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from app.book.errors import FeedError, MappingError
from app.book.mapping.cells import Writing
from app.book.mapping.values import Values
from campaigns.findings import Place, Report
from campaigns.language_source import Table, read_tree
from campaigns.language_values import Context, Fields
from campaigns.worded import Worded, worded

SCHEMA = "duly-statement/1"
SECTIONS = ("schema", "account", "currency", "file", "columns")
FILE_KEYS = ("delimiter", "decimal", "thousands", "dates")
FIELDS = ("booked_on", "value_on", "amount", "credit", "debit", "currency", "bank_id",
          "end_to_end_id", "reference", "text", "payer", "payer_account")  # fmt: skip

# What banks call their columns in English, German, Lithuanian and Hebrew, in small letters.
HEADERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "booked_on": ("booked_on", "booking date", "date", "buchungstag", "data", "תאריך"),
        "value_on": ("value_on", "value date", "valuta", "wertstellung", "תאריך ערך"),
        "amount": ("amount", "betrag", "suma", "סכום"),
        "credit": ("credit", "paid in", "haben", "kreditas", "זכות"),
        "debit": ("debit", "paid out", "soll", "debetas", "חובה"),
        "currency": ("currency", "währung", "valiuta", "מטבע"),
        "bank_id": ("bank_id", "transaction id", "transaction reference", "אסמכתא"),
        "end_to_end_id": ("end_to_end_id", "end to end id", "kundenreferenz"),
        "reference": ("payment reference", "creditor reference", "įmokos kodas"),
        "text": (
            "text",
            "description",
            "reference",
            "referenz",
            "details",
            "verwendungszweck",
            "mokėjimo paskirtis",
            "תיאור",
        ),
        "payer": ("payer", "counterparty", "name", "auftraggeber", "mokėtojas", "שם"),
        "payer_account": ("payer_account", "counterparty account", "iban", "sąskaita"),
    }
)
_PLAIN = re.compile(r"[-+]?\d+(?:\.\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[-+]?\d+,\d{1,3}", re.ASCII)
_PATTERNS = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "%Y-%m-%d"),
    (re.compile(r"\d\d\.\d\d\.\d{4}"), "%d.%m.%Y"),
)


@dataclass(frozen=True, slots=True)
class CsvForm:
    """`columns` names, for each field, the columns that hold it; texts are joined."""

    columns: Mapping[str, tuple[str, ...]]
    delimiter: str = ","
    writing: Writing = field(default_factory=Writing)
    account: str = ""
    currency: str | None = None


def load_form(path: Path) -> CsvForm:
    """Reads a mapping of a statement. Raises `MappingError` with all that is wrong, `FeedError`."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise FeedError(
            worded(
                "%(file)s cannot be opened (%(why)s); check its path", file=path, why=error.strerror
            )
        ) from None
    except UnicodeDecodeError:
        raise FeedError(worded("%(file)s is not UTF-8 text; save it as UTF-8", file=path)) from None
    report = Report(str(path))
    root = read_tree(text, report)
    form = _form(root, report) if isinstance(root, Table) else None
    if form is None and not report.findings:
        report.add(
            Place(1, 1),
            worded("a mapping is a table"),
            worded("Begin with `schema: %(schema)s`.", schema=SCHEMA),
        )
    if form is None or report.findings:
        raise MappingError(report.findings)
    return form


def _form(root: Table, report: Report) -> CsvForm | None:
    top = Fields(root, Context(report, {}, None), worded("a mapping of a statement"))
    top.allow(SECTIONS)
    values = Values(report)
    schema = top.scalar("schema", needed=True)
    if schema is not None and schema.text != SCHEMA:
        top.say(
            schema.place,
            worded("`schema` is `%(text)s`", text=schema.text),
            worded("Write `schema: %(schema)s`.", schema=SCHEMA),
        )
    columns = top.table("columns", "`columns`")
    if columns is None:
        top.say(
            top.place,
            worded(
                "%(what)s has no `%(key)s`",
                what=worded("the mapping"),
                key="columns",
            ),
            worded(
                "Add `%(key)s:`.",
                key="columns",
            ),
        )
        return None
    columns.allow(FIELDS)
    named = {name: values.texts(columns, name) for name in FIELDS if name in columns}
    for problem in _gaps(named):
        columns.say(columns.place, problem, worded("Name its column."))
    delimiter, writing = _writing(top.table("file", "`file`"), values)
    return CsvForm(
        columns=named,
        delimiter=delimiter,
        writing=writing,
        account=values.plain(top, "account") or "",
        currency=values.plain(top, "currency"),
    )


def _writing(fields: Fields | None, values: Values) -> tuple[str, Writing]:
    if fields is None:
        return ",", Writing()
    fields.allow(FILE_KEYS)
    told = {key: fields.scalar(key) for key in ("delimiter", "decimal", "thousands")}
    usual = {"delimiter": ",", "decimal": ".", "thousands": ""}
    known = {"delimiter": ",;\t|", "decimal": ".,", "thousands": ".,' ’"}
    signs = {}
    for key, found in told.items():
        signs[key] = found.text if found else usual[key]
        if found and found.text not in tuple(known[key]):
            remedy = worded(
                "It is one of %(known)s.", known=", ".join(repr(sign)[1:-1] for sign in known[key])
            )
            fields.say(
                found.place,
                worded("`%(key)s` cannot be `%(text)s`", key=key, text=found.text),
                remedy,
            )
    dates = values.dates(fields) or Writing().dates
    return signs["delimiter"], Writing(signs["decimal"], signs["thousands"], dates)


def _gaps(columns: Mapping[str, Sequence[str]]) -> list[Worded]:
    gaps = (
        []
        if "booked_on" in columns
        else [
            worded(
                "%(what)s has no `%(key)s`",
                what="`columns`",
                key="booked_on",
            )
        ]
    )
    if "amount" not in columns and "credit" not in columns:
        gaps.append(worded("`columns` has neither `amount` nor `credit`"))
    return gaps


def recognised(text: str, name: str) -> CsvForm:
    """The form that headers and content leave no doubt of. Raises `FeedError` else."""
    header = text.partition("\n")[0].strip("\r")
    delimiter = max(",;\t|", key=header.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FeedError(
            worded(
                "%(file)s cannot be read as CSV (%(why)s); ask the bank for it again",
                file=name,
                why=error,
            )
        ) from None
    names = [cell.strip() for cell in rows[0]] if rows else []
    columns = {
        key: tuple(cell for cell in names if cell.lower() in known)
        for key, known in HEADERS.items()
    }
    found = {key: cells for key, cells in columns.items() if cells}
    doubtful = [key for key, cells in found.items() if len(cells) > 1]
    if _gaps(found) or doubtful:
        raise FeedError(
            worded(
                "%(file)s is no statement that can be recognised (its headers name no booking"
                " date and amount, or one of them twice); write a mapping for it",
                file=name,
            )
        )
    cells = [dict(zip(names, row, strict=False)) for row in rows[1:]]
    dates = _dates([row.get(found["booked_on"][0], "") for row in cells], name)
    amounts = [
        row.get(found[key][0], "") for row in cells for key in ("amount", "credit") if key in found
    ]
    return CsvForm(found, delimiter, Writing(_decimal(amounts, name), "", dates))


def _dates(texts: Sequence[str], name: str) -> tuple[str, ...]:
    told = [text.strip() for text in texts if text.strip()]
    for shape, pattern in _PATTERNS:
        if all(shape.fullmatch(text) for text in told):
            return (pattern,)
    raise FeedError(
        worded(
            "%(file)s writes dates that can be read in two ways, or in several; write a mapping"
            " with `dates` for it",
            file=name,
        )
    )


def _decimal(texts: Sequence[str], name: str) -> str:
    told = [text.strip() for text in texts if text.strip()]
    if all(_PLAIN.fullmatch(text) for text in told):
        return "."
    if all(_COMMA.fullmatch(text) or text.lstrip("+-").isdigit() for text in told):
        return ","
    raise FeedError(
        worded(
            "%(file)s writes amounts that can be read in two ways; write a mapping with `decimal`"
            " and `thousands` for it",
            file=name,
        )
    )
