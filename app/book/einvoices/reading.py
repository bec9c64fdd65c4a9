"""Reads UBL 2.1 (Peppol BIS Billing 3) and UN/CEFACT CII, bare or inside a PDF (Factur-X).

The library factur-x knows where each term of EN 16931 stands in both; it is handed a tree that is
parsed here, because its own parser resolves entities, and is kept silent, because it logs content.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import facturx
from pypdf import PdfReader

from app.book.einvoices.einvoice import Buyer, EInvoice, EInvoiceProblem
from app.book.einvoices.terms import due_by_terms
from app.book.errors import FeedError
from app.book.mapping.cells import CellType, words_of
from app.book.wrongs import wrong
from app.book.xml_source import Element, parse_xml
from campaigns.money import Money, MoneyError

for _library in ("factur-x", "pypdf"):
    logging.getLogger(_library).setLevel(logging.CRITICAL + 1)

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_CREDIT_NOTE = "ubl-2.1-creditnote"
_FLAVORS = {
    f"{{{_UBL}:Invoice-2}}Invoice": "ubl-2.1-invoice",
    f"{{{_UBL}:CreditNote-2}}CreditNote": _CREDIT_NOTE,
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": (
        "factur-x"
    ),
}
# It replaces another invoice, or asks for nothing: neither can be booked as it stands.
_MOST = 10**15  # minor units: what every database holds exactly
_CORRECTED, _INFORMATION = "384", "751"


def read_einvoice(content: bytes, name: str) -> EInvoice:
    """What the document asks for. Raises `EInvoiceProblem`."""
    root = _root(content, name)
    flavor = _FLAVORS.get(root.tag)
    if flavor is None:
        raise EInvoiceProblem(wrong("einvoice_kind"))
    return _einvoice(_terms(root, flavor), is_credit_note=flavor == _CREDIT_NOTE)


def _root(content: bytes, name: str) -> Element:
    try:
        return parse_xml(_attachment(content) if content.startswith(b"%PDF-") else content, name)
    except FeedError as error:
        raise EInvoiceProblem(str(error)) from None


def _attachment(content: bytes) -> bytes:
    """The one XML that a PDF carries."""
    try:
        files = PdfReader(io.BytesIO(content)).attachment_list
        found = [
            bytes(file.content) for file in files if file.name.lower().endswith(".xml")
        ]  # fmt: skip
    except Exception:  # noqa: BLE001  # a broken PDF fails in many ways; none of them is ours
        raise EInvoiceProblem(wrong("einvoice_pdf")) from None
    if len(found) != 1:
        raise EInvoiceProblem(wrong("einvoice_attached", count=len(found)))
    return found[0]


def _terms(root: Element, flavor: str) -> Mapping[str, Any]:
    """The document by the numbers of its terms, such as BT-1, after its official schema agreed."""
    try:
        found = facturx.parse_ubl_cii_xml(root, flavor=flavor)
    except Exception:  # noqa: BLE001  # the library raises plain exceptions that quote the document
        raise EInvoiceProblem(wrong("einvoice_schema")) from None
    return cast("Mapping[str, Any]", found)


def _einvoice(terms: Mapping[str, Any], *, is_credit_note: bool) -> EInvoice:
    """`is_credit_note` says that the document is one by its root; else its type code tells."""
    number, issued_on = _one(terms.get("BT-1")), terms.get("BT-2")
    if not number or not isinstance(issued_on, date):
        raise EInvoiceProblem(wrong("einvoice_number"))
    kind = terms.get("BT-3")
    if kind == _CORRECTED:
        raise EInvoiceProblem(wrong("einvoice_corrects"))
    if kind == _INFORMATION:
        raise EInvoiceProblem(wrong("einvoice_informs"))
    is_credit_note = is_credit_note or bool(kind and facturx.is_credit_note(terms))
    credits_ = _credited(terms) if is_credit_note else None
    payable = _money(terms, "BT-115")
    due_on = _due_on(terms, issued_on)
    if credits_ is None and due_on is None:
        raise EInvoiceProblem(wrong("einvoice_due"))
    return EInvoice(
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        payable=payable,
        prepaid=bool(terms.get("BT-113")) and bool(_money(terms, "BT-113").minor),
        order_number=_one(terms.get("BT-13")),
        payment_reference=_one(terms.get("BT-83")),
        buyer=_buyer(terms),
        credits=credits_,
    )


def _credited(terms: Mapping[str, Any]) -> tuple[str, ...]:
    """The numbers of the invoices that a credit note is for."""
    return tuple(str(one["BT-25"]) for one in terms.get("BG-3") or () if one.get("BT-25"))


def _due_on(terms: Mapping[str, Any], issued_on: date) -> date | None:
    told = terms.get("BT-9")
    if isinstance(told, list):
        days = set(told)
        if len(days) > 1:
            raise EInvoiceProblem(wrong("einvoice_days"))
        told = days.pop()
    if isinstance(told, date):
        return told
    words = terms.get("BT-20")
    return due_by_terms(words, issued_on) if isinstance(words, str) else None


def _money(terms: Mapping[str, Any], term: str) -> Money:
    text, currency = terms.get(term), str(terms.get("BT-5") or "")
    if currency.lower() not in words_of(CellType.CURRENCY):
        raise EInvoiceProblem(wrong("einvoice_currency"))
    if not isinstance(text, str):
        raise EInvoiceProblem(wrong("einvoice_payable"))
    try:
        amount = Money.of(text.strip(), currency)
    except MoneyError:
        raise EInvoiceProblem(wrong("einvoice_amount", currency=currency)) from None
    if amount.minor > _MOST:
        raise EInvoiceProblem(wrong("einvoice_large"))
    if amount.minor < 0:
        raise EInvoiceProblem(wrong("einvoice_negative"))
    return amount


def _buyer(terms: Mapping[str, Any]) -> Buyer:
    party: Mapping[str, Any] = terms.get("BG-7") or {}
    named: Mapping[str | None, str] = party.get("identifiers") or {}
    own = [named[scheme] for scheme in sorted(named, key=lambda scheme: scheme or "")]
    vat, legal = party.get("vat_identifier"), party.get("legal_identifier")
    listed = [*own, vat, legal, party.get("einvoicing_addr")]
    country = str(party.get("country_code") or "").upper()
    emails = [contact.get("email") for contact in party.get("contacts") or ()]
    return Buyer(
        identifiers=tuple(
            dict.fromkeys(text.strip() for text in listed if isinstance(text, str) and text.strip())
        ),
        name=_one(party.get("name")) or _one(party.get("biz_name")),
        country=country if country.lower() in words_of(CellType.COUNTRY) else None,
        is_business=bool(vat or legal),
        email=next((email for email in emails if isinstance(email, str)), None),
    )


def _one(told: object) -> str | None:
    """The text that a term tells, once or again and again; None where it tells several."""
    several = told if isinstance(told, list) else [told]
    texts = {text.strip() for text in several if isinstance(text, str)}
    return texts.pop() or None if len(texts) == 1 else None
