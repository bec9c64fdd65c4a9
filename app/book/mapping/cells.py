"""What a cell of a feed says, in the type of its field. A reason never repeats the cell's text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import assert_never
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import list_currencies

from app.book.wrongs import wrong
from campaigns.packhours import own_week
from campaigns.vocabulary import CustomerKind, DebtClass, Medium
from campaigns.worded import spelled

ISO_DATE = "%Y-%m-%d"
LONGEST_TEXT = 2000
_FLAGS = {
    **dict.fromkeys(("yes", "y", "true", "t", "1"), True),
    **dict.fromkeys(("no", "n", "false", "f", "0"), False),
}
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_BLANKS = str.maketrans({" ": None, "\u00a0": None, "\u202f": None})


class CellError(ValueError):
    """Why a cell cannot be taken: a clause that follows the column's name."""


class CellType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"
    YEAR = "year"
    FLAG = "flag"
    CURRENCY = "currency"
    COUNTRY = "country"
    LOCALE = "locale"
    ZONE = "zone"
    KIND = "kind"
    MEDIUM = "medium"
    GENDER = "gender"
    FORMALITY = "formality"
    DEBT_CLASS = "debt_class"
    DISPUTE_END = "dispute_end"
    REVERSAL = "reversal"
    ROLE = "role"
    PLACE = "place"
    HOURS = "hours"


def _themselves(words: str) -> Mapping[str, object]:
    return MappingProxyType({word: word for word in words.split()})


_WORDS: Mapping[CellType, Mapping[str, object]] = MappingProxyType(
    {
        CellType.FLAG: MappingProxyType(_FLAGS),
        CellType.KIND: MappingProxyType({str(kind): kind.value for kind in CustomerKind}),
        CellType.MEDIUM: MappingProxyType({str(medium): medium.value for medium in Medium}),
        CellType.GENDER: _themselves("f m"),
        CellType.FORMALITY: _themselves("formal informal"),
        CellType.DEBT_CLASS: MappingProxyType({str(debt): debt for debt in DebtClass}),
        CellType.DISPUTE_END: _themselves("rejected upheld"),
        CellType.REVERSAL: _themselves("refund chargeback returned_debit"),
        CellType.ROLE: _themselves("payables manager copy"),
        CellType.PLACE: _themselves("home work"),
    }
)


@dataclass(frozen=True, slots=True)
class Writing:
    """How a feed writes numbers and dates.

    `thousands` is empty when it groups nothing; `minus_behind` takes `5,00-` for less than nothing.
    """

    decimal: str = "."
    thousands: str = ""
    dates: tuple[str, ...] = (ISO_DATE,)
    minus_behind: bool = False


Convert = Callable[[str], object]


def converter(cell_type: CellType, writing: Writing) -> Convert:
    """The function that reads a field's cells. It raises `CellError`."""
    match cell_type:
        case CellType.TEXT:
            return _text
        case CellType.DATE:
            return lambda text: read_date(text, writing.dates)
        case CellType.AMOUNT | CellType.NUMBER:
            return lambda text: read_number(text, writing)
        case CellType.YEAR:
            return _year
        case CellType.LOCALE:
            return _locale
        case CellType.HOURS:
            return _hours
        case (
            CellType.FLAG
            | CellType.CURRENCY
            | CellType.COUNTRY
            | CellType.ZONE
            | CellType.KIND
            | CellType.MEDIUM
            | CellType.GENDER
            | CellType.FORMALITY
            | CellType.DEBT_CLASS
            | CellType.DISPUTE_END
            | CellType.REVERSAL
            | CellType.ROLE
            | CellType.PLACE
        ):
            known = words_of(cell_type)
            return lambda text: _word(text, known, cell_type)
    assert_never(cell_type)


def _hours(text: str) -> str:
    told = " ".join(text.lower().split())
    try:
        own_week(told)
    except ValueError:
        raise CellError(wrong("no_hours")) from None
    return told


@lru_cache(maxsize=64)
def words_of(cell_type: CellType) -> Mapping[str, object]:
    """The closed set of a type by its spelling in small letters; empty for an open one."""
    fixed = _WORDS.get(cell_type)
    if fixed is not None:
        return fixed
    match cell_type:
        case CellType.CURRENCY:
            return {code.lower(): code for code in list_currencies() if _is_money(code)}
        case CellType.COUNTRY:
            territories = get_global("territory_zones")
            return {code.lower(): code for code in territories if re.fullmatch("[A-Z]{2}", code)}
        case CellType.ZONE:
            return {name.lower(): name for name in available_timezones()}
        case _:
            return {}


def _is_money(code: str) -> bool:
    """ISO 4217 has codes under X that nobody pays with: gold, a test, none at all."""
    lands = get_global("territory_currencies").values()
    return code[0] != "X" or any(
        code == paid and tender for land in lands for paid, *_, tender in land
    )


@lru_cache(maxsize=20_000)
def read_date(text: str, patterns: tuple[str, ...]) -> date:
    """The date, by the first pattern that fits all of the text."""
    for pattern in patterns:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  # only its date is used
        except ValueError:
            continue
    raise CellError(wrong("no_date", forms=" or ".join(patterns)))


def read_number(text: str, writing: Writing) -> Decimal:
    """The exact number. Groups must be whole, so that `1,5` is never read as 15."""
    plain = text.translate(_BLANKS) if writing.thousands in ("", " ") else text
    if plain.endswith(("-", "−")):
        if not writing.minus_behind:
            raise CellError(wrong("minus_behind"))
        plain = f"-{plain[:-1]}"
    if writing.thousands not in ("", " "):
        plain = _ungrouped(plain, writing)
    if writing.decimal != ".":
        if "." in plain:
            raise CellError(wrong("no_number", sign=writing.decimal))
        plain = plain.replace(writing.decimal, ".")
    if not _NUMBER.fullmatch(plain):
        raise CellError(wrong("no_number", sign=writing.decimal))
    return Decimal(plain)


def _ungrouped(text: str, writing: Writing) -> str:
    whole, point, rest = text.partition(writing.decimal)
    first, *groups = whole.split(writing.thousands)
    if groups and (len(first.strip("+-")) not in (1, 2, 3) or {len(g) for g in groups} != {3}):
        raise CellError(wrong("odd_groups", sign=writing.thousands))
    return first + "".join(groups) + point + rest


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise CellError(wrong("too_long", most=LONGEST_TEXT))
    if not text.isprintable() and any(
        ord(character) < 32 and character not in "\n\t" for character in text
    ):
        raise CellError(wrong("control_characters"))
    return text


def _year(text: str) -> int:
    if not re.fullmatch(r"(?:19|20)\d\d", text):
        raise CellError(wrong("no_year"))
    return int(text)


@lru_cache(maxsize=1000)
def _locale(text: str) -> str:
    try:
        return str(Locale.parse(text.replace("_", "-"), sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        raise CellError(wrong("no_language")) from None


def _word(text: str, known: Mapping[str, object], cell_type: CellType) -> object:
    found = known.get(text.lower())
    if found is None:
        what = spelled(cell_type)
        if len(known) <= 10:
            raise CellError(wrong("none_of", what=what, words=", ".join(known)))
        raise CellError(wrong("unknown_word", what=what))
    return found
