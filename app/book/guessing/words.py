"""What columns are called, by field, in the languages of our customers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_APART = re.compile(r"[\W_]+")

_SPELLED = {
    "customer.external_id": """
        customer id|customer no|customer nr|customer number|customer code|cust id|cust no|cust
        account|account id|account no|account number|client id|client no|client code|debtor
        debtor id|debtor no|debtor number|debtor code
        מספר לקוח|קוד לקוח|מס לקוח|מזהה לקוח
        رقم العميل|كود العميل|رقم الحساب|معرف العميل
        kliento kodas|kliento nr|kliento numeris|kliento id|pirkejo kodas|imones kodas
        kundennummer|kundennr|kunden nr|kunden id|debitor|debitorennummer|debitoren nr
        codice cliente|cod cliente|id cliente|numero cliente|codigo cliente|codigo de cliente
        numero client|code client|no client|compte client
        kod klienta|nr klienta|numer klienta|код клиента|номер клиента""",
    "customer.name": """
        customer name|name|full name|client name|customer|client|company|company name|debtor name
        שם לקוח|שם|שם מלא|שם החברה|שם הלקוח|לקוח
        اسم العميل|الاسم|اسم الشركة|العميل|الاسم الكامل
        vardas|pavadinimas|kliento pavadinimas|vardas pavarde|klientas|imone|pirkejas
        kundenname|firma|kunde|nachname vorname
        nome|ragione sociale|nome cliente|cliente|denominazione
        nom|raison sociale|nom client|nombre|razon social|nombre cliente
        nazwa|klient|nazwa klienta|имя|наименование|клиент|фио""",
    "customer.given_name": """
        first name|given name|forename|שם פרטי|الاسم الأول|vorname|prenom|nombre de pila|imie|имя
        """,
    "customer.family_name": """
        last name|family name|surname|שם משפחה|اسم العائلة|pavarde|nachname|cognome|nom de famille
        apellido|apellidos|nazwisko|фамилия""",
    "customer.locale": """
        language|lang|locale|שפה|اللغة|kalba|sprache|lingua|langue|idioma|jezyk|язык""",
    "customer.country": """
        country|country code|ארץ|מדינה|البلد|الدولة|salis|land|paese|pays|pais|kraj|страна""",
    "email": """
        email|e mail|mail|email address|contact email|אימייל|מייל|דואל|דוא ל|דואר אלקטרוני
        البريد الإلكتروني|بريد إلكتروني|البريد|el pastas|el pasto adresas|epastas|mailadresse
        indirizzo email|posta elettronica|courriel|correo|correo electronico|почта""",
    "phone": """
        phone|mobile|mobile phone|cell|cell phone|telephone|tel|phone number|mobile number|sms
        טלפון|נייד|טלפון נייד|סלולרי|פלאפון|מספר טלפון
        الهاتف|الجوال|رقم الهاتف|رقم الجوال|موبايل
        telefonas|mobilus|tel nr|telefono nr|mob tel|telefon|handy|mobil|mobilnummer|telefonnummer
        telefono|cellulare|portable|movil|telefon komorkowy|komorka|телефон|мобильный""",
    "invoice.external_id": """
        invoice|invoice no|invoice nr|invoice number|invoice id|inv no|inv|document|document no
        document number|doc no|doc|bill no|bill number|reference no|arid
        חשבונית|מספר חשבונית|מס חשבונית|מספר מסמך|אסמכתא
        رقم الفاتورة|الفاتورة|فاتورة|رقم المستند
        saskaita|saskaitos nr|saskaitos numeris|saskaitos faktura|dokumento nr|sf nr
        rechnung|rechnungsnummer|rechnungsnr|rechnungs nr|beleg|belegnummer|belegnr
        fattura|numero fattura|n fattura|nr fattura|facture|numero facture|no facture
        factura|numero factura|faktura|numer faktury|nr faktury|счет|номер счета""",
    "invoice.amount": """
        amount|total|invoice amount|total amount|gross|gross amount|value|sum|amount due
        original amount|סכום|סכום חשבונית|סכום לתשלום|סה כ|סך הכל
        المبلغ|مبلغ الفاتورة|الإجمالي|المبلغ الإجمالي|القيمة
        suma|suma su pvm|viso|saskaitos suma|betrag|rechnungsbetrag|bruttobetrag|summe|brutto
        importo|totale|importo fattura|montant|montant ttc|importe|kwota|kwota brutto|сумма""",
    "invoice.currency": """
        currency|curr|ccy|currency code|מטבע|العملة|valiuta|wahrung|waehrung|valuta|devise|moneda
        divisa|waluta|валюта""",
    "invoice.issued_on": """
        invoice date|issue date|issued|issued on|document date|doc date|date|bill date
        תאריך חשבונית|תאריך|תאריך הפקה|تاريخ الفاتورة|تاريخ الإصدار|التاريخ
        saskaitos data|israsymo data|data|rechnungsdatum|belegdatum|datum|data fattura
        data emissione
        date facture|date de facture|date d emission|fecha factura|fecha|fecha de emision
        data wystawienia|data faktury|дата|дата счета""",
    "invoice.due_on": """
        due date|due|due on|payment due|pay by|maturity|maturity date|net due date
        תאריך פירעון|תאריך פרעון|לתשלום עד|מועד תשלום|מועד פירעון|תאריך לתשלום
        تاريخ الاستحقاق|الاستحقاق|موعد السداد
        apmoketi iki|mokejimo terminas|terminas|moketi iki|apmokejimo terminas
        falligkeit|faelligkeit|fallig|faellig|falligkeitsdatum|faelligkeitsdatum|fallig am
        zahlbar bis
        scadenza|data scadenza|echeance|date d echeance|vencimiento|fecha vencimiento
        fecha de vencimiento|termin platnosci|data platnosci|срок оплаты|оплатить до""",
    "invoice.order_number": """
        order|order no|order number|po|po number|purchase order|customer reference|הזמנה|מספר הזמנה
        رقم الطلب|أمر الشراء|uzsakymo nr|uzsakymas|bestellnummer|bestellnr|auftrag|auftragsnummer
        ordine|numero ordine|commande|numero commande|pedido|numero pedido|zamowienie|заказ""",
    "invoice.document": """
        document url|invoice url|pdf|pdf url|link|file|invoice file|attachment|קובץ|קישור|ملف|رابط
        failas|nuoroda|datei|anhang|allegato|fichier|archivo|plik|файл""",
    "settlement.paid_on": """
        paid on|payment date|settled date|settled on|received date|date paid|clearing date|paid date
        תאריך תשלום|שולם בתאריך|تاريخ الدفع|تاريخ السداد|apmoketa data|mokejimo data|apmokejimo data
        bezahlt am|zahlungsdatum|zahldatum|data pagamento|date de paiement|fecha de pago
        data zaplaty|дата оплаты""",
    "settlement.amount": """
        paid amount|amount paid|paid|paid so far|received amount|שולם|סכום ששולם
        المدفوع|المبلغ المدفوع
        apmoketa|apmoketa suma|bezahlt|gezahlt|pagato|importo pagato|paye|montant paye|pagado
        zaplacono|оплачено""",
    "settlement.open": """
        open amount|outstanding|outstanding amount|balance|open balance|remaining|amount open|open
        יתרה|יתרה לתשלום|יתרת חוב|חוב|الرصيد|المتبقي|المبلغ المتبقي|likutis|skola|neapmoketa|likes
        offen|offener betrag|restbetrag|saldo|residuo|solde|reste a payer|pendiente|saldo pendiente
        pozostalo|saldo do zaplaty|остаток|долг""",
    "dispute.disputed": """
        disputed|dispute|in dispute|במחלוקת|متنازع|ginčijama|strittig|contestata|conteste|disputada
        sporna""",
    "postal.street": """
        street|address|street address|address line 1|כתובת|רחוב|العنوان|الشارع|adresas|gatve|strasse
        adresse|anschrift|indirizzo|via|rue|direccion|calle|ulica|adres|улица|адрес""",
    "postal.postcode": """
        postcode|zip|zip code|postal code|מיקוד|الرمز البريدي|pasto kodas|plz|postleitzahl|cap
        code postal|codigo postal|kod pocztowy|индекс""",
    "postal.city": """
        city|town|עיר|ישוב|المدينة|miestas|stadt|ort|citta|comune|ville|ciudad|miasto|город""",
}


def plain(text: str) -> str:
    """Small letters without accents and punctuation, words apart."""
    folded = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text)).casefold()
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return _APART.sub(" ", bare).strip()


def _phrases(spelled: str) -> frozenset[str]:
    return frozenset(plain(each) for line in spelled.splitlines() for each in line.split("|")) - {
        ""
    }


WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {field: _phrases(spelled) for field, spelled in _SPELLED.items()}
)
"""By field, what its column is called."""


def likeness(field: str, header: str) -> float:
    """1 for a header that is one of the field's own, less for one that holds its words."""
    name = plain(header)
    words = set(name.split())
    if name in WORDS[field]:
        return 1.0
    held = [phrase for phrase in WORDS[field] if set(phrase.split()) <= words]
    return max((len(phrase.split()) / len(words) * 0.9 for phrase in held), default=0.0)


def is_known(header: str) -> bool:
    return any(likeness(field, header) >= 0.5 for field in WORDS)
