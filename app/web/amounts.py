"""Reads an amount of money as a customer types it: own digits, own decimal sign, own currency.

What could mean two amounts is refused, never guessed: `1.234` is a thousand to one reader and a
bit more than one to another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from babel import Locale
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from app.web.catalogues import N_
from app.wording.formats import parsed_locale
from campaigns.money import Money, MoneyError, minor_digits

LONGEST = 40
_LARGEST = 10**13
_INVISIBLE = re.compile(r"[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f'’`\u066c]+")
_POINT = "\u066b"  # the Arabic decimal sign: wherever it stands, nothing else can be meant
_MARKS = str.maketrans({"\u060c": ",", "\uff0c": ",", "\uff0e": "."})
_SPACED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,\u066b][0-9]*)?")
_FIGURES = re.compile(r"[0-9]+(?:[.,][0-9]+)*[.,]?|[.,][0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")


class AmountFault(StrEnum):
    """Why a typed amount was not taken."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    TOO_PRECISE = "too_precise"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"


AMOUNT_FAULTS: Final[Mapping[AmountFault, str]] = {
    AmountFault.EMPTY: N_("Please write an amount."),
    AmountFault.UNREADABLE: N_("Please write the amount in figures only, for example 120.50."),
    AmountFault.TOO_PRECISE: N_("This amount has too many digits after the decimal point."),
    AmountFault.NOT_POSITIVE: N_("Please write an amount above zero."),
    AmountFault.TOO_LARGE: N_("This is more than what is open."),
}


class AmountRefused(ValueError):
    """A typed amount that is not taken; `fault` says why."""

    def __init__(self, fault: AmountFault) -> None:
        super().__init__(f"the amount is {fault}")
        self.fault = fault


def read_amount(typed: str, *, at_most: Money, locale: str) -> Money:
    """The amount in the currency of `at_most`, more than nothing and no more than that.

    Raises `AmountRefused`.
    """
    if not typed.strip():
        raise AmountRefused(AmountFault.EMPTY)
    if len(typed) > LONGEST:
        raise AmountRefused(AmountFault.UNREADABLE)
    babel_locale = parsed_locale(locale)
    figures = _figures(typed, at_most.currency, babel_locale)
    if figures.startswith(("-", "\u2212")):
        raise AmountRefused(AmountFault.NOT_POSITIVE)
    try:
        amount = Money.of(_plain(figures, at_most.currency, babel_locale), at_most.currency)
    except MoneyError:
        raise AmountRefused(AmountFault.TOO_PRECISE) from None
    if amount.minor <= 0:
        raise AmountRefused(AmountFault.NOT_POSITIVE)
    if amount.minor > at_most.minor:
        raise AmountRefused(AmountFault.TOO_LARGE)
    return amount


def read_any_amount(typed: str, *, currency: str, locale: str) -> Money:
    """An amount that is held against nothing: more than nothing, and of a size that a person can
    mean. Raises `AmountRefused`, never for being more than what is open."""
    try:
        return read_amount(typed, at_most=Money(_LARGEST, currency), locale=locale)
    except AmountRefused as refused:
        if refused.fault is AmountFault.TOO_LARGE:
            raise AmountRefused(AmountFault.UNREADABLE) from None
        raise


def _figures(typed: str, currency: str, locale: Locale) -> str:
    """`typed` without what only decorates: this currency's own sign, foreign digits, spaces
    between thousands. Spaces that part anything else would hide a sign that was forgotten."""
    text = _INVISIBLE.sub("", typed)
    # The sign may hold a dot of its own (`د.إ`, `kr.`), so it goes before any dot is weighed.
    for sign in (
        currency,
        currency.lower(),
        _INVISIBLE.sub("", get_currency_symbol(currency, locale)),
    ):
        text = text.replace(sign, "")
    text = "".join(_latin(character) for character in text.translate(_MARKS))
    text = _SPACES.sub(" ", text).strip()
    if " " not in text:
        return text
    if not _SPACED.fullmatch(text):
        raise AmountRefused(AmountFault.UNREADABLE)
    # Thousands are parted already, so a mark behind them is the decimal one.
    return text.replace(" ", "").replace(",", _POINT).replace(".", _POINT)


def _latin(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _plain(figures: str, currency: str, locale: Locale) -> str:
    """Digits with at most one point, the decimal one."""
    if _POINT in figures:
        whole, _, rest = figures.partition(_POINT)
        return f"{_thousands(whole)}.{_digits(rest)}"
    if not _FIGURES.fullmatch(figures):
        raise AmountRefused(AmountFault.UNREADABLE)
    marks = [character for character in figures if character in ".,"]
    if not marks:
        return figures
    last = marks[-1]
    if len(set(marks)) == 2:
        whole, _, rest = figures.rpartition(last)
        if marks.count(last) > 1 or not _GROUPED.fullmatch(whole):
            raise AmountRefused(AmountFault.UNREADABLE)
        return f"{_joined(whole)}.{rest or '0'}"
    if len(marks) > 1:
        return _thousands(figures)
    return _with_one_mark(figures, last, currency, locale)


def _with_one_mark(figures: str, mark: str, currency: str, locale: Locale) -> str:
    whole, _, rest = figures.partition(mark)
    if mark == get_decimal_symbol(locale, numbering_system="latn"):
        return f"{whole or '0'}.{rest or '0'}"
    groups = mark == get_group_symbol(locale, numbering_system="latn")
    if groups and _GROUPED.fullmatch(figures):
        return whole + rest
    if len(rest) <= min(minor_digits(currency), 2):
        return f"{whole or '0'}.{rest or '0'}"  # a foreign decimal mark that can mean nothing else
    raise AmountRefused(AmountFault.UNREADABLE)


def _thousands(figures: str) -> str:
    """Whole figures, grouped by threes or not at all."""
    return _joined(figures) if _GROUPED.fullmatch(figures) else _digits(figures)


def _digits(figures: str) -> str:
    if figures and not (figures.isascii() and figures.isdecimal()):
        raise AmountRefused(AmountFault.UNREADABLE)
    return figures or "0"


def _joined(grouped: str) -> str:
    return grouped.replace(".", "").replace(",", "")
