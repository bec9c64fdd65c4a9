"""Money, dates, counts and lists as one language writes them: Babel's words at string speed.

A money formatter is derived once per locale and currency from Babel's own output and checked
against Babel; where it cannot reproduce Babel it asks Babel each time. Decimals are those of
ISO 4217, so no part of an amount is ever rounded away. Digits are Latin everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import NumberPattern, format_decimal, get_currency_symbol

from campaigns.money import Money, minor_digits
from channels.sms import SmsEncoding, measure

Category = Literal["zero", "one", "two", "few", "many", "other"]
DateStyle = Literal["long", "short"]

# Written out: CLDR's `short` gives two-digit years and, in Arabic, invisible marks.
_LONG: Mapping[str, str] = {
    "en": "d MMMM y",
    "he": "d בMMMM y",
    "ar": "d MMMM y",
    "lt": "y 'm'. MMMM d 'd'.",
    "de": "d. MMMM y",
}
_SHORT: Mapping[str, str] = {
    "en": "d MMM y",
    "he": "d.M.y",
    "ar": "d/M/y",
    "lt": "y-MM-dd",
    "de": "dd.MM.y",
}
_SPECIMEN = re.compile(r"(\D*)1(\D*)234(\D*)567(?:(\D+)8{1,4})?(\D*)", re.DOTALL)
_PROBES = (0, 1, 7, 10, 99, 100, 999, 1_000, 9_999, 12_345, 99_999, 100_000, 1_234_567, 10**9 + 1)
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


@lru_cache(maxsize=256)
def parsed_locale(tag: str) -> Locale:
    """Babel's locale of a BCP 47 tag, or of its language when the rest is unknown.

    Raises `UnknownLocaleError` when Babel does not know the language either.
    """
    name = tag.replace("-", "_")
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(name.partition("_")[0])


def babel_money(money: Money, locale: Locale) -> str:
    """Babel's own text of an amount, with the decimals that the currency has."""
    pattern = _exact_pattern(locale, minor_digits(money.currency))
    text: str = pattern.apply(money.decimal, locale, currency=money.currency, currency_digits=False)
    return text


@dataclass(frozen=True, slots=True)
class MoneyFormatter:
    """How one locale writes one currency: what stands before, between and after the digits."""

    before: str
    after: str
    before_negative: str
    after_negative: str
    group: str
    point: str
    digits: int

    def __call__(self, minor: int) -> str:
        figures = str(abs(minor))
        cut = self.digits
        if cut:
            figures = figures.zfill(cut + 1)
            whole, fraction = figures[:-cut], self.point + figures[-cut:]
        else:
            whole, fraction = figures, ""
        if len(whole) > 3:
            whole = f"{int(whole):,}".replace(",", self.group)
        if minor < 0:
            return self.before_negative + whole + fraction + self.after_negative
        return self.before + whole + fraction + self.after

    def with_code(self, symbol: str, code: str) -> MoneyFormatter:
        """The same, with the ISO code where the symbol stood."""
        return MoneyFormatter(
            self.before.replace(symbol, code + " "), self.after.replace(symbol, code),
            self.before_negative.replace(symbol, code + " "),
            self.after_negative.replace(symbol, code), self.group, self.point, self.digits,
        )  # fmt: skip


def derived_formatter(locale: Locale, currency: str) -> MoneyFormatter | None:
    """The formatter read off Babel's output, or `None` when a probe differs from Babel."""
    digits = minor_digits(currency)
    minor = int("1234567" + "8" * digits)
    plus = _SPECIMEN.fullmatch(babel_money(Money(minor, currency), locale))
    minus = _SPECIMEN.fullmatch(babel_money(Money(-minor, currency), locale))
    if plus is None or minus is None or plus[2] != plus[3]:
        return None
    formatter = MoneyFormatter(
        before=plus[1], after=plus[5], before_negative=minus[1], after_negative=minus[5],
        group=plus[2], point=plus[4] or "", digits=digits,
    )  # fmt: skip
    probes = (sign * probe for probe in _PROBES for sign in (1, -1))
    same = all(formatter(n) == babel_money(Money(n, currency), locale) for n in probes)
    return formatter if same else None


class Formats:
    """One locale's way with money, dates, counts and lists. Get it from `formats_for`."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale
        self.language = locale.language
        self.rtl = locale.text_direction == "rtl"
        self._plural = locale.plural_form
        self._money: dict[str, Callable[[int], str]] = {}
        self._sms_money: dict[str, Callable[[int], str]] = {}
        self._long = _LONG.get(self.language) or locale.date_formats["long"].pattern
        self._short = _SHORT.get(self.language) or locale.date_formats["medium"].pattern
        self._whole_category = lru_cache(maxsize=1024)(self._plural)

    def money(self, money: Money) -> str:
        """The amount exactly as Babel writes it, direction marks and no-break spaces included."""
        formatter = self._money.get(money.currency)
        if formatter is None:
            formatter = self._money[money.currency] = self._formatter(money.currency)
        return formatter(money.minor)

    def sms_money(self, money: Money) -> str:
        """The amount for an SMS: plain spaces, and the code where the sign would cost GSM-7."""
        formatter = self._sms_money.get(money.currency)
        if formatter is None:
            formatter = self._sms_money[money.currency] = self._sms_formatter(money.currency)
        text = formatter(money.minor)
        return text if self.rtl else text.translate(_SPACES)

    def date(self, day: date, style: DateStyle = "long") -> str:
        """The day in this locale's explicit pattern, year in full."""
        return _written_date(day, self._long if style == "long" else self._short, self.locale)

    def count(self, number: int | Decimal) -> str:
        """A number as text; whole numbers below a thousand need no grouping."""
        if isinstance(number, int) and -1000 < number < 1000:
            return str(number)
        return format_decimal(number, locale=self.locale, decimal_quantization=False)

    def joined(self, parts: Sequence[str]) -> str:
        """Parts as one list in this language, "a and b". Hebrew puts a hyphen before a figure."""
        if len(parts) == 1:
            return parts[0]
        last = f"-{parts[-1]}" if self.language == "he" else parts[-1]
        return format_list([*parts[:-1], last], locale=self.locale)

    def plural_category(self, number: int | Decimal) -> str:
        """The CLDR category of a number as it is displayed: 1.0 need not be 1."""
        # A cache would take Decimal("1.0") for 1, and the two differ in Hebrew and Lithuanian.
        return self._whole_category(number) if isinstance(number, int) else self._plural(number)

    @property
    def plural_categories(self) -> frozenset[str]:
        """The CLDR categories of this language, `other` among them."""
        return frozenset(self._plural.tags) | {"other"}

    def _formatter(self, currency: str) -> Callable[[int], str]:
        derived = derived_formatter(self.locale, currency)
        if derived is not None:
            return derived
        return lambda minor: babel_money(Money(minor, currency), self.locale)

    def _sms_formatter(self, currency: str) -> Callable[[int], str]:
        derived = derived_formatter(self.locale, currency)
        symbol = get_currency_symbol(currency, self.locale)
        if derived is None or self.rtl or measure(symbol).encoding is SmsEncoding.GSM_7:
            return self._formatter(currency)
        return derived.with_code(symbol, currency)


@lru_cache(maxsize=256)
def formats_for(tag: str) -> Formats:
    """The formats of a BCP 47 tag such as `he-IL`; built once."""
    return Formats(parsed_locale(tag))


@lru_cache(maxsize=256)
def _exact_pattern(locale: Locale, digits: int) -> NumberPattern:
    pattern: NumberPattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(maxsize=16384)
def _written_date(day: date, pattern: str, locale: Locale) -> str:
    return format_date(day, pattern, locale=locale)
