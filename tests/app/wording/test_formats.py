"""Money, dates, plurals and lists, against Babel, against ICU, and by hand."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from app.wording.formats import (
    babel_money,
    derived_formatter,
    formats_for,
    parsed_locale,
)
from campaigns.money import Money, minor_digits
from channels.sms import measure

RLM, NBSP = "\u200f", "\u00a0"

# Where Duly's money differs from ICU 78 (CLDR 48) in our languages, and why:
# - local digits: ICU writes ar-EG and ar-SA in Arabic-Indic digits, Duly writes Latin digits.
# - space after a code: ICU parts a code from a digit (CLDR's alphaNextToNumber pattern, which
#   Babel 2.18 does not have): "KWD 1.000" there, "KWD1.000" here.
# - minus sign: ICU takes CLDR's minusSign with its direction mark, Babel the pattern's hyphen.
# - rounded units: CLDR shows no fillér of HUF; an invoice may hold them, so Duly shows them.
ARABIC_INDIC = re.compile("[\u0660-\u0669]")
ROUNDED_BY_CLDR = frozenset({"HUF"})


@pytest.mark.parametrize(
    ("locale", "minor", "currency", "expected"),
    [
        ("en", 124050, "EUR", "€1,240.50"),
        ("en", -5, "EUR", "-€0.05"),
        ("en", 1240, "JPY", "¥1,240"),
        ("en-GB", 99, "GBP", "£0.99"),
        ("en", 1234567, "KWD", "KWD1,234.567"),
        ("he", 124050, "ILS", f"{RLM}1,240.50{NBSP}{RLM}₪"),
        ("he-IL", 0, "ILS", f"{RLM}0.00{NBSP}{RLM}₪"),
        ("ar-SA", 124050, "SAR", f"{RLM}1,240.50{NBSP}ر.س.{RLM}"),
        ("ar-EG", 124050, "EGP", f"{RLM}1,240.50{NBSP}ج.م.{RLM}"),
        ("ar", 1234567, "KWD", f"{RLM}1,234.567{NBSP}د.ك.{RLM}"),
        ("lt", 124050, "EUR", f"1{NBSP}240,50{NBSP}€"),
        ("lt-LT", 123456789, "EUR", f"1{NBSP}234{NBSP}567,89{NBSP}€"),
        ("lt", 50000, "USD", f"500,00{NBSP}USD"),
    ],
)
def test_money_is_written_exactly(locale: str, minor: int, currency: str, expected: str) -> None:
    assert formats_for(locale).money(Money(minor, currency)) == expected


@pytest.mark.parametrize(
    ("locale", "currency", "expected"),
    [("en", "ILS", "ILS 1,240.50"), ("lt", "EUR", "1 240,50 €"), ("fr", "EUR", "1 240,50 €"),
     ("he", "ILS", f"{RLM}1,240.50{NBSP}{RLM}₪")],
)  # fmt: skip
def test_money_in_an_sms_costs_no_alphabet(locale: str, currency: str, expected: str) -> None:
    assert formats_for(locale).sms_money(Money(124050, currency)) == expected


@pytest.mark.parametrize(
    ("locale", "currency", "expected", "size"),
    [
        pytest.param("lt", "EUR", "1 234,50 €", ("GSM-7", 11), id="26-lt"),
        pytest.param("fr", "EUR", "1 234,50 €", ("GSM-7", 11), id="26-fr"),
        pytest.param("he", "ILS", f"{RLM}1,234.50{NBSP}{RLM}₪", ("UCS-2", 12), id="26-he"),
        pytest.param("ar", "SAR", f"{RLM}1,234.50{NBSP}ر.س.{RLM}", ("UCS-2", 15), id="26-ar"),
    ],
)
def test_vector_26_an_amount_in_an_sms_is_exact_and_so_is_what_it_costs(
    locale: str, currency: str, expected: str, size: tuple[str, int]
) -> None:
    """A text that the amount fills to the last place of one part, and one place more."""
    amount = formats_for(locale).sms_money(Money(123450, currency))
    filler, room = ("a", 160) if size[0] == "GSM-7" else ("א", 70)

    measured = measure(amount)

    assert amount == expected
    assert (str(measured.encoding.value), measured.units, measured.segments) == (*size, 1)
    full = filler * (room - measured.units) + amount
    assert (measure(full).segments, measure(filler + full).segments) == (1, 2)


@given(
    minor=st.integers(-(10**13), 10**13),
    currency=st.sampled_from(["EUR", "ILS", "SAR", "USD", "JPY", "CLP", "KWD", "JOD"]),
    locale=st.sampled_from(["en", "en-GB", "he", "ar", "ar-EG", "lt", "pl", "fr", "de", "hi"]),
)
def test_a_formatter_writes_what_babel_writes(minor: int, currency: str, locale: str) -> None:
    money = Money(minor, currency)
    ours = formats_for(locale).money(money)
    assert ours == babel_money(money, parsed_locale(locale))
    assert ours == format_currency(
        money.decimal, currency, locale=parsed_locale(locale), currency_digits=True
    )


def test_a_currency_that_cldr_rounds_keeps_every_unit() -> None:
    assert minor_digits("IQD") == 3
    assert formats_for("en").money(Money(1234567, "IQD")).endswith("1,234.567")


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "ILS"])
@pytest.mark.parametrize("locale", ["en", "he", "ar", "lt", "de"])
def test_the_quick_way_is_taken_in_our_languages(locale: str, currency: str) -> None:
    assert derived_formatter(parsed_locale(locale), currency) is not None


def test_a_locale_that_groups_otherwise_falls_back_to_babel() -> None:
    assert derived_formatter(parsed_locale("hi"), "INR") is None
    assert formats_for("hi").money(Money(123456789, "INR")) == "₹12,34,567.89"


@pytest.mark.parametrize(
    ("locale", "long", "short"),
    [
        ("en", "5 March 2026", "5 Mar 2026"),
        ("he", "5 במרץ 2026", "5.3.2026"),
        ("ar", "5 مارس 2026", "5/3/2026"),
        ("ar-EG", "5 مارس 2026", "5/3/2026"),
        ("lt", "2026 m. kovo 5 d.", "2026-03-05"),
        ("de", "5. März 2026", "05.03.2026"),
    ],
)
def test_dates_are_written_exactly(locale: str, long: str, short: str) -> None:
    formats = formats_for(locale)
    assert formats.date(date(2026, 3, 5)) == long
    assert formats.date(date(2026, 3, 5), "short") == short


NUMBERS: list[int | Decimal] = [0, 1, 2, 3, 5, 11, 21, 22, 100, 101, Decimal("1.5")]


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "other one other other other other other other other other other"),
        ("he", "other one two other other other other other other other other"),
        ("ar", "zero one two few few many many many other other other"),
        ("lt", "other one few few few other one few other one many"),
        ("de", "other one other other other other other other other other other"),
    ],
)
def test_plural_categories(locale: str, expected: str) -> None:
    formats = formats_for(locale)
    assert [formats.plural_category(number) for number in NUMBERS] == expected.split()


def test_lists_are_joined_as_the_language_does() -> None:
    assert formats_for("en").joined(["€1", "$2"]) == "€1 and $2"
    assert formats_for("he").joined(["1", "2"]) == "1 ו-2"
    assert formats_for("ar").joined(["1", "2"]) == "1 و2"
    assert formats_for("lt").joined(["1", "2", "3"]) == "1, 2 ir 3"


def _cases(vectors: Path, name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((vectors / "cldr" / name).read_text("utf-8"))["cases"]
    return cases


def test_money_agrees_with_icu_in_our_languages(vectors: Path) -> None:
    seen = 0
    for case in _cases(vectors, "icu_currency_format.json"):
        language = case["locale"].partition("-")[0]
        if language not in {"en", "he", "ar", "lt"} or case["amount"].startswith("-"):
            continue
        if case["currency"] in ROUNDED_BY_CLDR or ARABIC_INDIC.search(case["formatted"]):
            continue
        digits = minor_digits(case["currency"])
        amount = Decimal(case["amount"]).quantize(Decimal(1).scaleb(-digits))
        ours = formats_for(case["locale"]).money(Money.of(amount, case["currency"]))
        icu = case["formatted"]
        if icu.startswith(case["currency"]) and language == "en":
            icu = icu.replace(NBSP, "")
        assert ours == icu, case["id"]
        seen += 1
    assert seen > 40


def test_long_dates_agree_with_icu(vectors: Path) -> None:
    seen = 0
    for case in _cases(vectors, "icu_date_format.json"):
        ours = case["locale"] == "en-GB" or case["locale"][:2] in {"he", "ar", "lt"}
        if case["style"] == "long" and ours:
            day = date.fromisoformat(case["date"])
            assert formats_for(case["locale"]).date(day) == case["formatted_gregorian_latn"]
            seen += 1
    assert seen >= 15


def test_plurals_agree_with_cldr(vectors: Path) -> None:
    seen = 0
    for case in _cases(vectors, "plural_cardinal_samples.json"):
        if case["compact_exponent"]:
            continue
        number = Decimal(case["number"])
        if case["kind"] == "integer":
            number = Decimal(int(number))
        assert formats_for(case["locale"]).plural_category(number) == case["category"], case["id"]
        seen += 1
    assert seen > 800


def test_minor_units_differ_from_cldr_only_where_cldr_rounds(vectors: Path) -> None:
    path = vectors / "cldr" / "currency_fraction_digits.json"
    fractions = json.loads(path.read_text("utf-8"))["fractions"]
    for currency in ("EUR", "ILS", "USD", "GBP", "PLN", "JPY", "KWD", "JOD", "BHD", "CLP"):
        row = fractions.get(currency, fractions["DEFAULT"])
        assert minor_digits(currency) == int(row["_digits"])
    assert all(
        minor_digits(currency) >= int(row["_digits"])
        for currency, row in fractions.items()
        if currency != "DEFAULT"
    )
