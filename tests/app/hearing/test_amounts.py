"""Amounts as people write them."""

from decimal import Decimal

import pytest

from app.hearing.amounts import MoneyMark, said_amounts
from app.hearing.lexicon import lexicon
from app.hearing.tokens import tokens
from app.hearing.word_files import Section


def amounts(text: str) -> list[tuple[str, str | None]]:
    words = tokens(text)
    marks = [
        MoneyMark(hit.entry.key, hit.start, hit.end)
        for hit in lexicon().find(words)
        if hit.entry.section is Section.MONEY
    ]
    return [(str(said.amount), said.currency) for said in said_amounts(words, marks, ())]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$1,240.50", "1240.50", "USD"),
        ("1.240,50 €", "1240.50", "EUR"),
        ("1 240,50 zł", "1240.50", "PLN"),
        ("1'240 Euro", "1240", "EUR"),
        ('500 ש"ח', "500", "ILS"),
        ("₪500", "500", "ILS"),
        ("٥٠٠ ريال", "500", "SAR"),
        ("5 тыс руб", "5000", "RUB"),
        ("pay 200 now", "200", None),
        ("7 euros", "7", "EUR"),
    ],
)
def test_an_amount_is_read_exactly(text: str, amount: str, currency: str | None) -> None:
    assert amounts(text) == [(amount, currency)]


@pytest.mark.parametrize(
    "text",
    ["invoice 2041", "3 days", "call 0501234567", "17:30", "half of it", "pay 5", "in 12 payments"],
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amounts(text) == []


def test_a_currency_belongs_to_the_number_before_it() -> None:
    assert amounts("5000 руб 20 февраля")[0] == ("5000", "RUB")
    assert amounts("5000 руб 20 февраля")[1][1] is None


def test_amounts_are_decimals() -> None:
    words = tokens("€0.10")
    assert said_amounts(words, (), ())[0].amount == Decimal("0.10")
