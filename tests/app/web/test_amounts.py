"""Amounts as customers type them: own digits and signs, and never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.amounts import AmountFault, AmountRefused, read_amount
from app.wording.formats import formats_for
from campaigns.money import Money

MUCH = 10**9


@pytest.mark.parametrize(
    ("typed", "locale", "currency", "minor"),
    [
        ("12.50", "en", "ILS", 1250),
        ("12", "en", "ILS", 1200),
        ("1,234.50", "en", "USD", 123450),
        ("1,234", "en", "USD", 123400),
        ("12,50", "he", "ILS", 1250),
        ("₪ 120", "he", "ILS", 12000),
        ("ILS 120.5", "en", "ILS", 12050),
        ("120,50 €", "lt", "EUR", 12050),
        ("1 234,50", "lt", "EUR", 123450),
        ("1\u00a0234,50 €", "lt", "EUR", 123450),
        ("1.234,50", "lt", "EUR", 123450),
        ("12.50", "lt", "EUR", 1250),
        ("١٢٫٥٠", "ar", "ILS", 1250),
        ("١٬٢٣٤٫٥٠", "ar", "SAR", 123450),
        ("۱۲۳", "ar", "SAR", 12300),
        ("1.234", "ar", "KWD", 1234),
        ("100", "en", "JPY", 100),
        (".5", "en", "USD", 50),
        ("\u200f12.50\u200e", "he", "ILS", 1250),
        ("١٬٢٣٤٫٥٦٧", "lt", "KWD", 1234567),
        ("٫٥", "lt", "ILS", 50),
        ("١٬٢٣٤", "en", "JPY", 1234),
        ("١٠٠،٥٠", "ar", "ILS", 10050),
        ("１，２３４", "en", "JPY", 1234),
        ("100.0", "he", "JPY", 100),
        ("1 234.567", "lt", "KWD", 1234567),
        ("1 234,567", "en", "KWD", 1234567),
        ("1'234.50", "en", "EUR", 123450),
        ("1 234 567", "he", "JPY", 1234567),
        ("0.001", "en", "KWD", 1),
        ("1,5", "en", "KWD", 1500),
    ],
)
def test_it_reads_what_people_write(typed: str, locale: str, currency: str, minor: int) -> None:
    read = read_amount(typed, at_most=Money(MUCH, currency), locale=locale)

    assert read == Money(minor, currency)


@pytest.mark.parametrize(
    ("typed", "locale", "fault"),
    [
        ("", "en", AmountFault.EMPTY),
        ("   ", "en", AmountFault.EMPTY),
        ("ten", "en", AmountFault.UNREADABLE),
        ("$50", "en", AmountFault.UNREADABLE),
        ("50 €", "lt-LT", AmountFault.UNREADABLE),
        ("1e3", "en", AmountFault.UNREADABLE),
        ("NaN", "en", AmountFault.UNREADABLE),
        ("1.2.3", "en", AmountFault.UNREADABLE),
        ("12,34,56", "en", AmountFault.UNREADABLE),
        ("1.234", "lt", AmountFault.UNREADABLE),
        ("<b>5</b>", "en", AmountFault.UNREADABLE),
        ("9" * 41, "en", AmountFault.UNREADABLE),
        ("1²", "en", AmountFault.UNREADABLE),
        ("12 50", "en", AmountFault.UNREADABLE),
        ("1 2", "he", AmountFault.UNREADABLE),
        ("1 234 50", "lt", AmountFault.UNREADABLE),
        ("١٫٢٫٣", "ar", AmountFault.UNREADABLE),
        ("12,34٫5", "ar", AmountFault.UNREADABLE),
        ("-5", "en", AmountFault.NOT_POSITIVE),
        ("−5", "he", AmountFault.NOT_POSITIVE),
        ("0", "en", AmountFault.NOT_POSITIVE),
        ("0.00", "en", AmountFault.NOT_POSITIVE),
        ("1.234", "en", AmountFault.TOO_PRECISE),
        ("1000.01", "en", AmountFault.TOO_LARGE),
        ("9" * 39, "en", AmountFault.TOO_LARGE),
    ],
)
def test_it_refuses_and_says_why(typed: str, locale: str, fault: AmountFault) -> None:
    with pytest.raises(AmountRefused) as refused:
        read_amount(typed, at_most=Money(100_000, "ILS"), locale=locale)

    assert refused.value.fault is fault


@given(
    minor=st.integers(1, MUCH),
    currency=st.sampled_from(["ILS", "EUR", "USD", "SAR", "KWD", "JPY", "AED"]),
    locale=st.sampled_from(["en", "he-IL", "ar", "lt", "ar-SA"]),
)
def test_it_reads_whatever_the_page_itself_writes(minor: int, currency: str, locale: str) -> None:
    money = Money(minor, currency)

    assert read_amount(formats_for(locale).money(money), at_most=money, locale=locale) == money


@given(typed=st.text(max_size=60), locale=st.sampled_from(["en", "he", "ar", "lt"]))
def test_whatever_is_typed_it_reads_a_payable_amount_or_refuses(typed: str, locale: str) -> None:
    try:
        read = read_amount(typed, at_most=Money(5000, "ILS"), locale=locale)
    except AmountRefused:
        return
    assert 0 < read.minor <= 5000
