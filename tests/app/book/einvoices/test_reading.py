"""Electronic invoices are read by their standard; what cannot be taken has a reason."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.book.einvoices.einvoice import EInvoiceProblem
from app.book.einvoices.reading import read_einvoice
from app.book.einvoices.terms import due_by_terms
from campaigns.money import Money
from tests.app.book.einvoices.files import cii, pdf, ubl


def test_a_ubl_invoice_is_read() -> None:
    found = read_einvoice(ubl().encode(), "a.xml")

    assert (found.number, found.order_number, found.credits) == ("INV-1001", "PO-5", None)
    assert (found.issued_on, found.due_on) == (date(2026, 9, 1), date(2026, 10, 1))
    assert found.payable == Money(12100, "EUR")
    assert found.buyer.identifiers == ("C-77", "LT100000000011", "300000000")
    assert (found.buyer.name, found.buyer.country) == ("Ada UAB", "LT")
    assert found.buyer.is_business
    assert found.buyer.email == "Rasa@ada.example"


@pytest.mark.parametrize("wrap", [str.encode, lambda text: pdf(("factur-x.xml", text))])
def test_a_cii_invoice_is_read_bare_and_inside_a_pdf(wrap: object) -> None:
    assert callable(wrap)

    found = read_einvoice(wrap(cii()), "a")

    assert (found.number, found.payment_reference) == ("INV-2001", "INV-2001")
    assert (found.due_on, found.payable) == (date(2026, 10, 1), Money(12100, "EUR"))
    assert found.buyer.identifiers == ("C-88", "FR11111111111")


def test_a_credit_note_names_what_it_credits() -> None:
    text = ubl(kind="CreditNote", code="381", number="CN-1", credits_="INV-1001")

    found = read_einvoice(text.encode(), "a.xml")

    assert (found.number, found.credits, found.due_on) == ("CN-1", ("INV-1001",), None)
    assert read_einvoice(cii(code="381").encode(), "a.xml").credits == ()


def test_a_ubl_credit_note_is_one_whatever_its_type_code_says() -> None:
    text = ubl(kind="CreditNote", code="380")
    bare = text.replace("<cbc:CreditNoteTypeCode>380</cbc:CreditNoteTypeCode>", "")

    assert bare != text
    assert [read_einvoice(each.encode(), "a.xml").credits for each in (text, bare)] == [(), ()]


def test_a_payment_reference_that_is_told_twice_counts_once_and_two_count_for_nothing() -> None:
    def with_references(*references: str) -> bytes:
        means = "".join(
            "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>"
            f"<cbc:PaymentID>{reference}</cbc:PaymentID></cac:PaymentMeans>"
            for reference in references
        )
        return ubl().replace("<cac:TaxTotal>", f"{means}<cac:TaxTotal>").encode()

    found = [
        read_einvoice(with_references(*references), "a.xml").payment_reference
        for references in (("REF-1", "REF-1"), ("REF-1", "REF-2"))
    ]

    assert found == ["REF-1", None]


def test_what_was_prepaid_is_not_asked_for() -> None:
    found = read_einvoice(ubl(prepaid="21.00", payable="100.00").encode(), "a.xml")

    assert (found.payable, found.prepaid) == (Money(10000, "EUR"), True)


def test_a_currency_without_decimals_is_exact() -> None:
    text = ubl(currency="JPY", payable="121")

    assert read_einvoice(text.encode(), "a.xml").payable == Money(121, "JPY")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (ubl()[:-60].encode(), "no whole XML document"),
        (
            ubl().replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>', 1).encode(),
            "declares a document type",
        ),
        (ubl().replace("Invoice-2", "Invoice-9").encode(), "no UBL 2.1 invoice"),
        (b"<html/>", "no UBL 2.1 invoice"),
        (ubl(issued="2026-02-31").encode(), "schema of its standard"),
        (ubl(payable="12,00").encode(), "schema of its standard"),
        (ubl(currency="XQX").encode(), "currency is not known|schema"),
        (ubl(payable="-5.00").encode(), "negative"),
        (ubl(payable="9" * 20).encode(), "larger than any invoice"),
        (ubl(payable="5.001").encode(), "none that EUR holds"),
        (ubl(currency="JPY", payable="121.50").encode(), "none that JPY holds"),
        (ubl(due=None).encode(), "no due date"),
        (ubl(due=None, terms="2% 10 days, net 30").encode(), "no due date"),
        (ubl(code="384").encode(), "corrects another invoice"),
        (pdf(), "carries 0 XML files"),
        (pdf(("a.xml", cii()), ("b.xml", cii())), "carries 2 XML files"),
        (b"%PDF-1.7 broken", "the PDF cannot be read"),
    ],
)
def test_a_document_that_cannot_be_taken_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(EInvoiceProblem, match=reason) as problem:
        read_einvoice(content, "a.xml")

    assert "Ada" not in str(problem.value)


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        ("Net 30", 30),
        ("30 days", 30),
        ("Apmokėti per 14 dienų", 14),
        ("Zahlbar innerhalb 14 Tagen", 14),
        ("30 jours", 30),
        ("תשלום תוך 45 ימים", 45),
        ("30 days end of month", None),
        ("2% discount in 10 days", None),
        ("Net 30, 1.5 percent a month after", None),
        ("10 business days", None),
        ("#SKONTO#TAGE=14#", None),
        ("as agreed", None),
        ("see contract 30", None),
    ],
)
def test_terms_count_only_when_they_leave_no_doubt(terms: str, days: int | None) -> None:
    issued_on = date(2026, 9, 1)

    due_on = due_by_terms(terms, issued_on)

    assert ((due_on - issued_on).days if due_on else None) == days


@settings(max_examples=60)
@given(st.sampled_from((ubl().encode(), cii().encode(), pdf(("a.xml", cii())))), st.data())
def test_a_damaged_document_is_refused_or_read_and_never_a_crash(
    source: bytes, data: st.DataObject
) -> None:
    content = bytearray(source)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=3))

    with suppress(EInvoiceProblem):
        assert read_einvoice(bytes(content), "a.xml").payable.minor >= 0
