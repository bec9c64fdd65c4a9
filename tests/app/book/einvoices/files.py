"""Electronic invoices as sellers' systems write them, made for these tests."""

from __future__ import annotations

import io

from pypdf import PdfWriter

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_VAT = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
BUYER_ID = "<cac:PartyIdentification><cbc:ID>C-77</cbc:ID></cac:PartyIdentification>"


def ubl(
    *,
    number: str = "INV-1001",
    kind: str = "Invoice",
    code: str = "380",
    issued: str = "2026-09-01",
    due: str | None = "2026-10-01",
    terms: str | None = None,
    currency: str = "EUR",
    payable: str = "121.00",
    prepaid: str | None = None,
    buyer: str = BUYER_ID,
    vat: str | None = "LT100000000011",
    credits_: str | None = None,
) -> str:
    """A UBL 2.1 document by Peppol BIS Billing 3."""
    line = "InvoicedQuantity" if kind == "Invoice" else "CreditedQuantity"
    due_date = f"<cbc:DueDate>{due}</cbc:DueDate>" if due and kind == "Invoice" else ""
    note = f"<cac:PaymentTerms><cbc:Note>{terms}</cbc:Note></cac:PaymentTerms>" if terms else ""
    paid = f'<cbc:PrepaidAmount currencyID="{currency}">{prepaid}</cbc:PrepaidAmount>'
    tax = f"<cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID>{_VAT}</cac:PartyTaxScheme>"
    billing = (
        f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{credits_}</cbc:ID>"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{_UBL}:{kind}-2" xmlns:cac="{_UBL}:CommonAggregateComponents-2"
  xmlns:cbc="{_UBL}:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issued}</cbc:IssueDate>{due_date}
<cbc:{kind}TypeCode>{code}</cbc:{kind}TypeCode>
<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
<cac:OrderReference><cbc:ID>PO-5</cbc:ID></cac:OrderReference>{billing if credits_ else ""}
<cac:AccountingSupplierParty><cac:Party>
<cac:PartyLegalEntity><cbc:RegistrationName>Northwind</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cbc:EndpointID schemeID="0200">300000000</cbc:EndpointID>{buyer}
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>LT</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
{tax if vat else ""}
<cac:PartyLegalEntity><cbc:RegistrationName>Ada UAB</cbc:RegistrationName></cac:PartyLegalEntity>
<cac:Contact><cbc:Name>Rasa</cbc:Name><cbc:ElectronicMail>Rasa@ada.example</cbc:ElectronicMail></cac:Contact>
</cac:Party></cac:AccountingCustomerParty>{note}
<cac:TaxTotal><cbc:TaxAmount currencyID="{currency}">21.00</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal>
<cbc:LineExtensionAmount currencyID="{currency}">100.00</cbc:LineExtensionAmount>
<cbc:TaxInclusiveAmount currencyID="{currency}">121.00</cbc:TaxInclusiveAmount>
{paid if prepaid else ""}
<cbc:PayableAmount currencyID="{currency}">{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:{kind}Line><cbc:ID>1</cbc:ID><cbc:{line} unitCode="C62">1</cbc:{line}>
<cbc:LineExtensionAmount currencyID="{currency}">100.00</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>Water</cbc:Name></cac:Item>
<cac:Price><cbc:PriceAmount currencyID="{currency}">100.00</cbc:PriceAmount></cac:Price>
</cac:{kind}Line></{kind}>"""


def cii(
    *, number: str = "INV-2001", code: str = "380", due: str = "20261001", payable: str = "121.00"
) -> str:
    """A CII document of the profile Basic WL."""
    standard = "urn:un:unece:uncefact:data:standard"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{standard}:CrossIndustryInvoice:100"
  xmlns:ram="{standard}:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="{standard}:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
<ram:ID>urn:factur-x.eu:1p0:basicwl</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{code}</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">20260901</udt:DateTimeString>
</ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Northwind</ram:Name><ram:PostalTradeAddress>
<ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress></ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:ID>C-88</ram:ID><ram:Name>Ben SARL</ram:Name>
<ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>
<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR11111111111</ram:ID>
</ram:SpecifiedTaxRegistration>
</ram:BuyerTradeParty>
<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-6</ram:IssuerAssignedID>
</ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:PaymentReference>INV-2001</ram:PaymentReference>
<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:ApplicableTradeTax><ram:CalculatedAmount>21.00</ram:CalculatedAmount>
<ram:TypeCode>VAT</ram:TypeCode><ram:BasisAmount>100.00</ram:BasisAmount>
<ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>21.00</ram:RateApplicablePercent>
</ram:ApplicableTradeTax>
<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>
<udt:DateTimeString format="102">{due}</udt:DateTimeString></ram:DueDateDateTime>
</ram:SpecifiedTradePaymentTerms>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation>
<ram:LineTotalAmount>100.00</ram:LineTotalAmount>
<ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">21.00</ram:TaxTotalAmount>
<ram:GrandTotalAmount>121.00</ram:GrandTotalAmount>
<ram:DuePayableAmount>{payable}</ram:DuePayableAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def pdf(*attachments: tuple[str, str]) -> bytes:
    """A PDF of one empty page that carries these files."""
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    for name, text in attachments:
        writer.add_attachment(name, text.encode())
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
