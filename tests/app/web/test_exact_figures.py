"""One book in five currencies: message, page, statement and table say the same exact figures."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from starlette.testclient import TestClient

from app.book.ledger import (
    InvoiceIn,
    PaymentIn,
    ReversalIn,
    ReversalKind,
    post_payment,
    post_reversal,
    upsert_invoices,
)
from app.delivery.preview import preview
from app.loops.assembly import publish_shipped
from campaigns.money import Money
from tests.app.web.people import NOW, Payer, Stand, add_payer, one_value, standing
from tests.databases import on_both_stores

LANGUAGES = ("en", "he", "ar", "lt")
# What is left to pay, as an English reader writes it: 0, 2 and 3 decimals. BHD has only credit.
LEFT = {"EUR": "1,000.00", "ILS": "140.50", "JPY": "120,000", "KWD": "1,234.567"}
CREDIT = {"BHD": "4.999"}
INVOICES = (
    ("A-1", "1000.00", "ILS"),
    ("A-2", "240.50", "ILS"),
    ("B-1", "1234.56", "EUR"),
    ("C-1", "150000", "JPY"),
    ("D-1", "1234.567", "KWD"),
    ("E-1", "5.001", "BHD"),
)
PAYMENTS = (
    ("p1", "1100.00", "ILS"),  # all of the first, a part of the second
    ("p2", "50000", "JPY"),
    ("p3", "0.567", "KWD"),
    ("p4", "10.000", "BHD"),  # more than is open
)
REVERSALS = (
    ("r1", ReversalKind.REFUND, "20000", "JPY", "p2"),
    ("r2", ReversalKind.CHARGEBACK, "0.567", "KWD", "p3"),
    ("r3", ReversalKind.CREDIT_NOTE, "234.56", "EUR", None),
)


@pytest.fixture
def book(migrated_url: str) -> Iterator[tuple[Stand, Payer]]:
    with standing(migrated_url) as stand:
        publish_shipped(stand.database, NOW)
        payer = add_payer(stand, invoices=False, medium="email", email="dana@people.example")
        _post(stand, payer)
        yield stand, payer


def _post(stand: Stand, payer: Payer) -> None:
    customer, due_on = payer.customer_id, date(2026, 11, 12)
    with stand.database.write() as session:
        told = [
            InvoiceIn(customer, number, Money.of(amount, currency), due_on, issued_on=due_on)
            for number, amount, currency in INVOICES
        ]
        upsert_invoices(session, stand.creditor_id, told, now=NOW)
        paid = {}
        for key, amount, currency in PAYMENTS:
            payment = PaymentIn(key, customer, Money.of(amount, currency), due_on, NOW)
            paid[key] = post_payment(session, payment, now=NOW).payment_id
        for key, kind, amount, currency, of in REVERSALS:
            money = Money.of(amount, currency)
            back = ReversalIn(key, kind, customer, money, due_on, NOW, paid.get(of or ""))
            post_reversal(session, back, now=NOW)


def written(figure: str, language: str) -> str:
    """The figure with the separators of the language."""
    return figure.translate(str.maketrans(",.", " ,")) if language == "lt" else figure


def plain(text: str) -> str:
    """Text as it is read: without marks of direction, every space an ordinary one."""
    return re.sub("[\u061c\u200e\u200f\u2066-\u2069]", "", re.sub("[\u00a0\u202f]", " ", text))


def says(text: str, figure: str) -> bool:
    """Whether the whole figure stands in the text, not a part of a longer one."""
    return re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d]|[.,]\d)", plain(text)) is not None


@on_both_stores
def test_every_surface_says_the_same_figures(book: tuple[Stand, Payer]) -> None:
    stand, payer = book
    with stand.client() as client:
        for language in LANGUAGES:
            left = {written(figure, language) for figure in LEFT.values()}
            for medium in ("email", "sms", "whatsapp"):
                for text in _message(stand, language, medium):
                    assert all(says(text, figure) for figure in left), (language, medium, text)
            assert _sums(client, payer, language) == left
            assert _credit(client, payer, language) == written("4.999", language)
            _statement_agrees(client, payer, language)
            _table_agrees(client, payer, language)


def _message(stand: Stand, language: str, medium: str) -> list[str]:
    number = one_value(stand, "SELECT external_id FROM customer")
    with stand.database.read() as session:
        said = preview(
            session,
            number,
            "reminder_second",
            medium,
            now=NOW,
            base_url="https://pay.example",
            locale=language,
        )
    html = re.sub(r"<style.*?</style>|<[^>]+>", "", said.html or "", flags=re.DOTALL)
    return [text for text in (said.text, html) if text]


def _sums(client: TestClient, payer: Payer, language: str) -> set[str]:
    page = client.get(f"{payer.path}?lang={language}").text
    sums = re.findall(r'<dd class="sum"><bdi>([^<]*)</bdi>', page)
    buttons = re.findall(r'name="shown" value="\d+">\s*<button>.*?<bdi>([^<]*)</bdi>', page)
    assert buttons == sums
    return {_bare(text) for text in sums}


def _credit(client: TestClient, payer: Payer, language: str) -> str:
    page = client.get(f"{payer.path}?lang={language}").text
    (note,) = re.findall(r'<div class="note calm">.*?<bdi>([^<]*)</bdi>', page, re.DOTALL)
    return _bare(note)


def _statement_agrees(client: TestClient, payer: Payer, language: str) -> None:
    page = client.get(f"{payer.path}/statement?lang={language}").text
    sheets = dict(re.findall(r'id="sheet-([A-Z]{3})"(.*?)</section>', page, re.DOTALL))
    assert list(sheets) == sorted({*LEFT, *CREDIT})
    for currency, figure in LEFT.items():
        assert _facts(sheets[currency]) == [written(figure, language)], (language, currency)
        assert _closing(sheets[currency]) == written(figure, language)
    nothing, credit = _facts(sheets["BHD"])
    assert (nothing, credit) == (written("0.000", language), written("4.999", language))
    assert _closing(sheets["BHD"]) == "-" + written("4.999", language)


def _facts(sheet: str) -> list[str]:
    return [_bare(text) for text in re.findall(r"<dd><bdi>([^<]*)</bdi>", sheet)]


def _closing(sheet: str) -> str:
    (text,) = re.findall(r"<tfoot.*?<bdi>([^<]*)</bdi>", sheet, re.DOTALL)
    return _bare(text)


def _bare(text: str) -> str:
    """The figure alone, with its minus."""
    found = plain(text).replace("−", "-")
    (figure,) = re.findall(r"\d[\d ,.]*\d|\d", found)
    return f"-{figure}" if "-" in found else str(figure)


def _table_agrees(client: TestClient, payer: Payer, language: str) -> None:
    answer = client.get(f"{payer.path}/statement.csv?lang={language}")
    _, *rows = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    last = {row[4]: row[7] for row in rows if row[7]}
    assert last == {
        **{currency: figure.replace(",", "") for currency, figure in LEFT.items()},
        **{currency: f"-{figure}" for currency, figure in CREDIT.items()},
    }
    for currency, balance in last.items():
        moves = [Money.of(row[5], currency).minor for row in rows if row[4] == currency and row[5]]
        assert sum(moves) == Money.of(balance, currency).minor


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [
        ("KWD", ("1,234.567", "1234.567", "١٬٢٣٤٫٥٦٧", "1 234,567"), 1_234_567),
        ("JPY", ("120,000", "120000", "١٢٠٬٠٠٠", "120 000"), 120_000),
        ("ILS", ("140.5", "₪140.50", "١٤٠٫٥٠", "140,50"), 14_050),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_typed_is_what_is_paid(
    book: tuple[Stand, Payer], currency: str, typed: tuple[str, ...], minor: int
) -> None:
    stand, payer = book
    with stand.client() as client:
        for language, amount in zip(LANGUAGES, typed, strict=True):
            page = client.get(f"{payer.path}?lang={language}").text
            nonce = re.search(
                r'action="[^"]*/pay">\s*<input[^>]*name="nonce" value="([^"]*)"', page
            )
            assert nonce
            answer = client.post(
                f"{payer.path}/pay",
                data={"nonce": nonce[1], "lang": language, "currency": currency, "amount": amount},
            )
            assert answer.status_code == 303, (language, amount)
            assert one_value(stand, "SELECT amount_minor FROM checkout ORDER BY id DESC") == minor
