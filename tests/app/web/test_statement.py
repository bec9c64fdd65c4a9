"""The statement: what was invoiced and paid, as a table for programs and a page for people."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from app.book.ledger import PaymentIn, ReversalIn, ReversalKind, post_payment, post_reversal
from app.intake.disputes import DisputeKind, dispute_invoice
from app.web.paper import as_pdf, why_no_pdf
from campaigns.money import Money
from tests.app.web.people import NOW, Payer, Stand, add_interest, add_payer, change
from tests.databases import on_both_stores
from tests.factories import add_invoice

HEADERS = "Date,Entry,Number,Due date,Currency,Amount,Settled,Balance,Note"


@pytest.fixture
def told(stand: Stand) -> Payer:
    """Two invoices; a payment over both that is partly taken back; a credit note; a dispute."""
    payer = add_payer(stand, invoices=False)
    first, second = (
        add_invoice(
            stand.database, payer.customer_id, number, amount=amount, due_on=due, issued_on=issued
        )
        for number, amount, due, issued in (
            ("A-1", 100_000, date(2026, 11, 12), date(2026, 10, 12)),
            ("=A-2", 24_050, date(2026, 11, 27), date(2026, 10, 27)),
        )
    )
    with stand.database.write() as session:
        paid = post_payment(
            session,
            PaymentIn(
                "p1", payer.customer_id, Money(110_000, "ILS"), date(2026, 11, 1), NOW,
                reference="+972 5", invoice_ids=(first,),
            ),
            now=NOW,
        )  # fmt: skip
        back = ReversalIn(
            "r1", ReversalKind.CHARGEBACK, payer.customer_id, Money(40_000, "ILS"),
            date(2026, 11, 8), NOW, paid.payment_id,
        )  # fmt: skip
        post_reversal(session, back, now=NOW)
        note = ReversalIn(
            "c1", ReversalKind.CREDIT_NOTE, payer.customer_id, Money(5_025, "ILS"),
            date(2026, 11, 9), NOW, invoice_id=second,
        )  # fmt: skip
        post_reversal(session, note, now=NOW)
        dispute_invoice(
            session,
            customer_id=payer.customer_id,
            invoice_id=second,
            kind=DisputeKind.OTHER,
            words=None,
            now=NOW,
        )
    return payer


@on_both_stores
def test_the_table_has_every_entry_and_adds_up(client: TestClient, told: Payer) -> None:
    answer = client.get(f"{told.path}/statement.csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="statement-2026-11-24.csv"'
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.decode("utf-8-sig").splitlines() == [
        HEADERS,
        ",Opening balance,,,ILS,0.00,,0.00,",
        "2026-10-12,Invoice,A-1,2026-11-12,ILS,1000.00,,1000.00,",
        "2026-10-27,Invoice,'=A-2,2026-11-27,ILS,240.50,,1240.50,We are checking this",
        "2026-11-01,Payment,'+972 5,,ILS,-1100.00,,140.50,",
        '2026-11-01,"of that, for the invoice",A-1,,ILS,,1000.00,,',
        '2026-11-01,"of that, for the invoice",\'=A-2,,ILS,,100.00,,',
        "2026-11-08,Card payment taken back,,,ILS,400.00,,540.50,",
        '2026-11-08,"open again, of the invoice",\'=A-2,,ILS,,-100.00,,',
        '2026-11-08,"open again, of the invoice",A-1,,ILS,,-300.00,,',
        "2026-11-09,Credit note,,,ILS,-50.25,,490.25,",
        '2026-11-09,"of that, for the invoice",\'=A-2,,ILS,,50.25,,',
    ]


def test_the_page_says_the_same_with_what_the_balance_is_made_of(
    client: TestClient, told: Payer
) -> None:
    page = client.get(f"{told.path}/statement").text

    for text in ("₪1,240.50", "-₪1,100.00", "₪540.50", "₪490.25", "-₪50.25"):
        assert f"<bdi>{text}</bdi>" in page, text
    assert "Closing balance" in page
    assert "<dt>Left to pay</dt><dd><bdi>₪300.00</bdi></dd>" in page
    assert "<dt>We are checking this</dt><dd><bdi>₪190.25</bdi></dd>" in page
    assert "Credit in your favour" not in page
    assert page.count('<span class="marked">') == 1
    assert "<bdi>₪300.00</bdi> of invoice" in page


def test_what_lies_more_than_a_year_back_is_in_the_opening_balance(
    stand: Stand, client: TestClient, told: Payer
) -> None:
    change(stand, "UPDATE invoice SET issued_on = '2025-10-31' WHERE number = 'A-1'")

    year = client.get(f"{told.path}/statement.csv").text.splitlines()
    whole = client.get(f"{told.path}/statement.csv?period=all").text.splitlines()
    page = client.get(f"{told.path}/statement?period=all").text

    assert year[1] == ",Opening balance,,,ILS,1000.00,,1000.00,"
    assert year[-2] == whole[-2] == "2026-11-09,Credit note,,,ILS,-50.25,,490.25,"
    assert "2025-10-31,Invoice,A-1,2026-11-12,ILS,1000.00,,1000.00," in whole
    assert len(whole) == len(year) + 1
    assert f'href="{told.path}/statement.csv?lang=en&amp;period=all"' in page
    assert "lang=he&amp;period=all" in page


def test_a_surplus_is_credit(stand: Stand, client: TestClient, dana: Payer) -> None:
    with stand.database.write() as session:
        amount = Money(130_000, "ILS")
        payment = PaymentIn("p1", dana.customer_id, amount, date(2026, 11, 24), NOW)
        post_payment(session, payment, now=NOW)

    page = client.get(f"{dana.path}/statement").text

    assert "<dt>Credit in your favour</dt><dd><bdi>₪59.50</bdi></dd>" in page
    assert "<bdi>-₪59.50</bdi>" in page
    assert "<dt>Left to pay</dt><dd><bdi>₪0.00</bdi></dd>" in page


@pytest.mark.parametrize(
    "number", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "＝1", "\u200e=1", '"=1']
)
def test_no_cell_can_become_a_formula(stand: Stand, client: TestClient, number: str) -> None:
    payer = add_payer(stand, invoices=False)
    add_invoice(stand.database, payer.customer_id, number, due_on=date(2026, 12, 1))

    text = client.get(f"{payer.path}/statement.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))

    assert len(rows) == 3
    assert rows[2][2][0] in "'\""


def test_nothing_yet_is_said(stand: Stand, client: TestClient) -> None:
    payer = add_payer(stand, invoices=False)

    assert "Nothing was invoiced or paid yet." in client.get(f"{payer.path}/statement").text
    assert client.get(f"{payer.path}/statement.csv").text.strip("\ufeff\r\n") == HEADERS


def test_an_ended_link_has_no_statement(stand: Stand, client: TestClient, told: Payer) -> None:
    stand.clock.move_to(NOW + timedelta(days=31))

    for address in (f"{told.path}/statement", f"{told.path}/statement.csv"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "A-1" not in answer.text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Interest on invoice", "10.15%", "a year on", "83.42", "was charged before", "Why?"),
        ),
        ("he", ("ריבית על חשבונית", "למה?")),
        ("ar", ("فائدة على الفاتورة", "لماذا؟")),
        ("lt", ("Palūkanos už sąskaitą", "Kodėl?")),
    ],
)
def test_a_charge_is_shown_with_its_working(
    client: TestClient, stand: Stand, language: str, words: tuple[str, ...]
) -> None:
    payer = add_payer(stand, invoices=False)
    add_interest(stand, payer)

    page = client.get(f"{payer.path}?lang={language}").text
    statement = client.get(f"{payer.path}/statement?lang={language}").text

    assert [word for word in words if word not in page] == []
    assert [word for word in words if word not in statement] == [words[-1]]
    assert words[0] in client.get(f"{payer.path}/statement.csv?lang={language}").text


@pytest.mark.parametrize(
    ("language", "one", "none"),
    [
        ("en", "You have an open invoice with", "Interest or a fixed sum on an earlier invoice"),
        ("he", "יש לך חשבונית פתוחה אצל", "נותרו לתשלום ריבית או סכום קבוע"),
        ("ar", "لديك فاتورة مفتوحة لدى", "ما زالت هناك فائدة أو مبلغ ثابت"),
        ("lt", "Turite 1 neapmokėtą", "liko nesumokėtos palūkanos arba fiksuota suma"),
        ("de", "Sie haben eine offene Rechnung bei", "noch Zinsen oder eine Pauschale offen"),
    ],
)
def test_a_charge_is_not_counted_as_an_invoice(
    client: TestClient, stand: Stand, language: str, one: str, none: str
) -> None:
    payer = add_payer(stand, invoices=False)
    add_interest(stand, payer)
    address = f"{payer.path}?lang={language}"

    assert one in client.get(address).text
    change(stand, "UPDATE invoice SET open_minor = 0 WHERE external_id = 'B-1'")
    page = client.get(address).text

    assert none in page
    assert one not in page


pdf = pytest.mark.skipif(why_no_pdf() is not None, reason=f"no PDF: {why_no_pdf()}")


@pdf
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_statement_as_pdf_is_tagged_and_in_the_readers_language(
    client: TestClient, told: Payer, lang: str
) -> None:
    answer = client.get(f"{told.path}/statement.pdf?lang={lang}")

    document = PdfReader(BytesIO(answer.content))
    root: Any = document.trailer["/Root"]
    text = "".join(page.extract_text() for page in document.pages)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="statement-2026-11-24.pdf"'
    )
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (lang, True)
    assert document.metadata is not None
    assert "Carmel Water" in str(document.metadata.title)
    assert "=A-2" in text
    assert told.token not in text  # who is handed the paper has no way to the page
    assert all(_embedded(font) for page in document.pages for font in _fonts(page))


@pdf
def test_nobody_has_more_of_them_than_a_few_a_minute(client: TestClient, told: Payer) -> None:
    asked = [client.head(f"{told.path}/statement.pdf").status_code for _ in range(7)]

    assert asked == [*[200] * 6, 429]


@pdf
def test_nothing_is_fetched_for_a_document(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("told to nobody", "utf-8")
    html = f'<html lang="en"><title>t</title><img src="{secret.as_uri()}" alt="a picture">'

    document = PdfReader(BytesIO(as_pdf(html + '<img src="http://127.0.0.1:9/" alt="b">')))

    assert "told to nobody" not in document.pages[0].extract_text()


def _fonts(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def _embedded(font: Any) -> bool:
    (descendant,) = font["/DescendantFonts"]
    return (
        "/FontFile2" in descendant.get_object()["/FontDescriptor"]
        or "/FontFile3" in (descendant.get_object()["/FontDescriptor"])
    )
