"""Which column is which field: by its header first, and by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.book.guessing.sample import MOSTLY, Column
from app.book.guessing.words import WORDS, likeness
from app.book.mapping.cells import CellType

_LIKE = 0.5
_HALF = 0.5
_SURE = 1.0
_Share = Callable[[Column], float]


def _days(column: Column) -> float:
    return column.dates()


def _numbers(column: Column) -> float:
    """Days of eight digits are no amounts."""
    return column.numbers() if column.dates() < MOSTLY else 0.0


_CONTENT: Mapping[str, _Share] = MappingProxyType(
    {
        "email": Column.emails,
        "phone": Column.phones,
        "invoice.amount": _numbers,
        "invoice.currency": lambda column: column.reads_as(CellType.CURRENCY),
        "invoice.issued_on": _days,
        "invoice.due_on": _days,
        "settlement.paid_on": _days,
        "settlement.amount": _numbers,
        "settlement.open": _numbers,
        "invoice.external_id": lambda column: column.distinct / column.rows,
        "dispute.disputed": lambda column: float(column.distinct <= 2),
        "customer.country": lambda column: column.reads_as(CellType.COUNTRY),
        "customer.locale": lambda column: column.reads_as(CellType.LOCALE),
    }
)
"""How much of a column is what a field must hold. A header alone proves little."""

_BY_CONTENT_ALONE = ("email", "invoice.currency")
_UNLIKE_ANY = ("email", "phone")


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
        fitting = [c for c in columns if c not in taken and _holds(field, c)]
        if field not in found and fitting:
            found[field] = FieldGuess(field, fitting[0], "told by its content alone")
            taken.append(fitting[0])
    _add_due_date(found, [column for column in columns if column not in taken])
    return found


def _ranked(columns: Sequence[Column]) -> list[tuple[float, str, Column]]:
    """Every field and column that go together, the likest first; then as the file has them."""
    pairs = [(likeness(field, c.name), field, c) for field in WORDS for c in columns]
    fitting = [
        (like, field, column)
        for like, field, column in pairs
        if like >= _LIKE and _holds(field, column, like)
    ]
    return sorted(fitting, key=lambda pair: (-pair[0], columns.index(pair[2])))


def _holds(field: str, column: Column, like: float = 0.0) -> bool:
    """Whether the column is of the field by its content. Where the header is the field's own, most
    of its cells are enough: those that are wrong are told row by row, and the column is there."""
    if field not in _CONTENT:
        return True
    if not column.texts:
        return False
    share = _CONTENT[field](column)
    if field in _UNLIKE_ANY:
        return share >= MOSTLY * _HALF
    return share > _HALF if like == _SURE else share >= MOSTLY


def _doubt(field: str, column: Column, columns: Sequence[Column]) -> str | None:
    rivals = [
        other.name
        for other in columns
        if other is not column
        and likeness(field, other.name) >= likeness(field, column.name)
        and _holds(field, other, likeness(field, other.name))
    ]
    if rivals:
        return f"or {', '.join(rivals)}"
    return None if likeness(field, column.name) == _SURE else "its name is only alike"


def _add_due_date(found: dict[str, FieldGuess], rest: Sequence[Column]) -> None:
    """Where no header says when an invoice is due, another column of days may."""
    days = [column for column in rest if column.texts and column.dates() >= MOSTLY]
    if "invoice.due_on" not in found and days:
        found["invoice.due_on"] = FieldGuess("invoice.due_on", days[-1], "a guess: it holds days")
    elif "invoice.due_on" not in found and "invoice.issued_on" in found:
        issued = found["invoice.issued_on"].column
        doubt = "no column tells the due date; this is the day of issue, so payable at once"
        found["invoice.due_on"] = FieldGuess("invoice.due_on", issued, doubt)
