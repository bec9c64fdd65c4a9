"""Amounts that a text names, exactly as written: a number, and its currency if there is one.

A number that is a day, an hour, a telephone or an invoice's is no amount, nor is "half" a figure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.hearing.tokens import Token

MOST: Final = Decimal(100_000_000)
LEAST_BARE: Final = Decimal(10)
"""A number without a currency is taken for money from here on."""
SIGNS: Final = {"₪": "ILS", "€": "EUR", "$": "USD", "£": "GBP", "₽": "RUB"}
_PLAIN: Final = re.compile(r"\d+(?:[.,'’ ]\d+)*")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[.,'’ ]\d{3})+")


@dataclass(frozen=True, slots=True)
class MoneyMark:
    """A word for a currency, for a thousand, or for a number that is no amount."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SaidAmount:
    """An amount in a text, end excluded."""

    start: int
    end: int
    amount: Decimal
    currency: str | None


def said_amounts(
    text: Sequence[Token], marks: Sequence[MoneyMark], taken: Collection[int]
) -> list[SaidAmount]:
    """The amounts of a text in its order. A number at a place of `taken` needs a currency."""
    return list(_amounts(text, marks, frozenset(taken)))


def _amounts(
    text: Sequence[Token], marks: Sequence[MoneyMark], taken: frozenset[int]
) -> Iterator[SaidAmount]:
    thousands = {m.start for m in marks if m.key == "thousand"}
    refused = {m.end for m in marks if m.key == "no_amount"} | {
        m.start - 1 for m in marks if m.key == "no_amount"
    }
    for place, token in enumerate(text):
        amount = _number(token.number) if token.number and not token.is_phone else None
        if amount is None:
            continue
        end = place + 1
        if end in thousands:
            amount, end = amount * 1000, end + 1
        currency = _currency(text, marks, place, end)
        is_free = place not in taken and place not in refused and amount >= LEAST_BARE
        if amount <= MOST and amount > 0 and (currency or is_free):
            yield SaidAmount(place, end, amount, currency)


def _currency(
    text: Sequence[Token], marks: Sequence[MoneyMark], start: int, end: int
) -> str | None:
    for place in (end, start - 1):
        if 0 <= place < len(text) and text[place].word in SIGNS:
            return SIGNS[text[place].word]
    for mark in marks:
        is_currency = mark.key not in ("thousand", "no_amount")
        if is_currency and (mark.start == end or _is_ahead(text, mark, start)):
            return mark.key
    return None


def _is_ahead(text: Sequence[Token], mark: MoneyMark, start: int) -> bool:
    """`EUR 20`; but the word in `5 EUR 20 May` is the first number's."""
    return mark.end == start and not (mark.start and text[mark.start - 1].number)


def _number(written: str) -> Decimal | None:
    """`1,240.50`, `1.240,50`, `1 240,50`, `1'240`: the last separator is a decimal one unless it
    stands before three figures."""
    if not _PLAIN.fullmatch(written) or len(written) > 16:
        return None
    if written.isdecimal() or _THOUSANDS.fullmatch(written):
        return Decimal(_figures_of(written))
    whole, mark, part = written.rpartition("." if written.rfind(".") > written.rfind(",") else ",")
    if not mark or len(part) > 2 or not (whole.isdecimal() or _THOUSANDS.fullmatch(whole)):
        return None
    return Decimal(f"{_figures_of(whole)}.{part}")


def _figures_of(written: str) -> str:
    return "".join(char for char in written if char.isdecimal())
