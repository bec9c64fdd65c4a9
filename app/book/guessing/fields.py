"""Which column is which field: by its header first, and by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.book.guessing.sample import MOSTLY, Column
from app.book.guessing.words import WORDS, likeness
from app.book.mapping.cells import CellType

_LIKE = 0.5
_Fits = Callable[[Column], bool]


def _says_dates(column: Column) -> bool:
    return column.dates() >= MOSTLY


def _says_numbers(column: Column) -> bool:
    return column.numbers() >= MOSTLY and not _says_dates(column)


_CONTENT: Mapping[str, _Fits] = MappingProxyType(
    {
        "email": lambda column: column.emails() >= MOSTLY / 2,
        "phone": lambda column: column.phones() >= MOSTLY / 2,
        "invoice.amount": _says_numbers,
        "invoice.currency": lambda column: column.reads_as(CellType.CURRENCY),
        "invoice.issued_on": _says_dates,
        "invoice.due_on": _says_dates,
        "settlement.paid_on": _says_dates,
        "settlement.amount": _says_numbers,
        "settlement.open": _says_numbers,
        "invoice.external_id": lambda column: column.distinct > MOSTLY * column.rows,
        "dispute.disputed": lambda column: column.distinct <= 2,
        "customer.country": lambda column: column.reads_as(CellType.COUNTRY),
        "customer.locale": lambda column: column.reads_as(CellType.LOCALE),
    }
)
"""What a column must hold for a field. A header alone proves little."""

_BY_CONTENT_ALONE = ("email", "invoice.currency")


@dataclass(frozen=True, slots=True)
class FieldGuess:
    """`doubt` says why it may be wrong, if it may."""

    field: str
    column: Column
    doubt: str | None = None


def guess_fields(columns: Sequence[Column]) -> dict[str, FieldGuess]:
    """The fields that have a column; each column is one field at most."""
    found: dict[str, FieldGuess] = {}
    for _, field, column in _ranked(columns):
        if field not in found and column not in [guess.column for guess in found.values()]:
            found[field] = FieldGuess(field, column, _doubt(field, column, columns))
    taken = [guess.column for guess in found.values()]
    for field in _BY_CONTENT_ALONE:
        fitting = [c for c in columns if c not in taken and c.texts and _CONTENT[field](c)]
        if field not in found and fitting:
            found[field] = FieldGuess(field, fitting[0], "told by its content alone")
            taken.append(fitting[0])
    _add_due_date(found, [column for column in columns if column not in taken])
    return found


def _ranked(columns: Sequence[Column]) -> list[tuple[float, str, Column]]:
    """Every field and column that go together, the likest first; then as the file has them."""
    pairs = [
        (likeness(field, column.name), field, column)
        for field in WORDS
        for column in columns
        if field not in _CONTENT or (column.texts and _CONTENT[field](column))
    ]
    fitting = [pair for pair in pairs if pair[0] >= _LIKE]
    return sorted(fitting, key=lambda pair: (-pair[0], columns.index(pair[2])))


def _doubt(field: str, column: Column, columns: Sequence[Column]) -> str | None:
    rivals = [
        other.name
        for other in columns
        if other is not column
        and likeness(field, other.name) >= likeness(field, column.name)
        and (field not in _CONTENT or (other.texts and _CONTENT[field](other)))
    ]
    if rivals:
        return f"or {', '.join(rivals)}"
    return None if likeness(field, column.name) == 1 else "its name is only alike"


def _add_due_date(found: dict[str, FieldGuess], rest: Sequence[Column]) -> None:
    """Where no header says when an invoice is due, another column of days may."""
    days = [column for column in rest if column.texts and _says_dates(column)]
    if "invoice.due_on" not in found and days:
        found["invoice.due_on"] = FieldGuess("invoice.due_on", days[-1], "a guess: it holds days")
    elif "invoice.due_on" not in found and "invoice.issued_on" in found:
        issued = found["invoice.issued_on"].column
        doubt = "no column tells the due date; this is the day of issue, so payable at once"
        found["invoice.due_on"] = FieldGuess("invoice.due_on", issued, doubt)
