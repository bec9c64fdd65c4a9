"""Sample contexts for previews, the checker and tests: a few customers who do not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import lru_cache
from types import MappingProxyType

from app.wording.address import NEUTRAL, address_in
from app.wording.context import (
    Answer,
    Brand,
    Call,
    Claim,
    InstalmentLine,
    InvoiceLine,
    MessageContext,
)
from app.wording.crisis import crisis_line
from app.wording.files import LOCALES
from app.wording.render import Rendered, Wording
from campaigns.money import Money, totals

SAMPLES = ("one_invoice", "three_invoices", "no_name", "business", "one_way")
TODAY = date(2026, 3, 8)
# The day on which the house journey speaks each template; a preview shows that day.
_DAYS: Mapping[str, int] = MappingProxyType(
    {
        "due_soon": -5,
        "due_today": 0,
        "reminder_second": 10,
        "reminder_third": 21,
        "offer_help": 35,
        "notice_handover": 50,
    }
)
_LINKS: Mapping[str, str] = MappingProxyType(
    {
        "pay": "{{link:11}}",
        "unsubscribe": "{{link:12}}",
        "dispute": "{{link:13}}",
        "help": "{{link:14}}",
        "card": "{{link:15}}",
    }
)
_CODE = "{{code:11}}"


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who plays in one language."""

    creditor: str
    sender: str
    colour: str
    phone: str
    postal_address: str
    customer: str
    vocative: str | None
    business: str
    partner: str
    currency: str
    second_currency: str
    subscription: str


_COUNTRIES: Mapping[str, str] = MappingProxyType(
    {"en": "GB", "he": "IL", "ar": "SA", "lt": "LT", "de": "DE"}
)
_CASTS = {
    "en": _Cast(
        "Alder & Finch", "Noa", "#1f6f5c", "+44 20 7946 0142", "1 Sample Street, London",
        "Dana", None, "Millstone Bakery Ltd", "Brook Partners", "EUR", "USD", "Premium",
    ),
    "he": _Cast(
        "אלון ושקד", "נועה", "#2457a6", "+972 3 555 0142", "רחוב הדוגמה 1, חיפה",
        "דנה", None, "מאפיית הטחנה בע״מ", "ברק שירותים", "ILS", "USD", "מנוי פרימיום",
    ),
    "ar": _Cast(
        "دار النخيل", "سلمى", "#7a3e8e", "+966 11 555 0142", "شارع المثال 1، الرياض",
        "لينا", None, "مخبز الطاحونة", "شركة الجسر", "SAR", "USD", "الباقة المميزة",
    ),
    "lt": _Cast(
        "Ąžuolyno namai", "Rasa", "#a3392f", "+370 5 255 0142", "Pavyzdžio g. 1, Vilnius",
        "Jonas", "Jonai", "UAB „Malūno kepykla“", "UAB „Tiltas“", "EUR", "USD", "Premium",
    ),
    "de": _Cast(
        "Eichenhof", "Anna", "#3f5b2a", "+49 30 5550142", "Musterstraße 1, Berlin",
        "Jonas", None, "Mühlenbäckerei GmbH", "Brücke Partner GmbH", "EUR", "USD", "Premium",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Law:
    """What some laws want said, in one language."""

    department: str
    working_hours: str
    on_behalf_of: str
    behalf_address: str
    supervisor: str
    claim_ground: str
    interest_calculation: str
    above_statutory_rate: str
    cost_breakdown: str
    vat_statement: str
    address_source: str


_LAWS = {
    "en": _Law(
        "Customer accounts", "Mon-Fri 9-17", "Elm Energy Ltd", "2 Sample Street, London",
        "The Sample Authority, 3 Sample Street, London", "Electricity, March to June",
        "5 % a year on what is open, since 1 March 2026", "The rate is the statutory one",
        "none", "No VAT is asked for", "The address comes from your contract",
    ),
    "he": _Law(
        "מחלקת לקוחות", "ימים א׳–ה׳, 9:00–17:00", "אלה אנרגיה", "רחוב הדוגמה 2, חיפה",
        "הרשות לדוגמה, רחוב הדוגמה 3, ירושלים", "חשמל, ממרץ עד יוני",
        "5% לשנה על היתרה, מ־1 במרץ 2026", "השיעור הוא השיעור שבחוק",
        "אין הוצאות", "לא נדרש מע״מ", "הכתובת לקוחה מהחוזה",
    ),
    "ar": _Law(
        "قسم حسابات العملاء", "من الأحد إلى الخميس، 9–17", "شركة الطاقة", "شارع المثال 2، الرياض",
        "هيئة المثال، شارع المثال 3، الرياض", "كهرباء، من مارس إلى يونيو",
        "5% سنويًا على المبلغ المتبقي منذ 1 مارس 2026", "النسبة هي النسبة القانونية",
        "لا تكاليف", "لا تُطلب ضريبة القيمة المضافة", "العنوان من العقد",
    ),
    "lt": _Law(
        "Klientų sąskaitų skyrius", "I–V 9–17 val.", "UAB „Guobos energija“",
        "Pavyzdžio g. 2, Vilnius", "Pavyzdžio tarnyba, Pavyzdžio g. 3, Vilnius",
        "Elektra, kovas–birželis", "5 % per metus nuo likusios sumos, nuo 2026 m. kovo 1 d.",
        "Taikoma įstatyme nustatyta norma", "išlaidų nėra", "PVM neprašoma",
        "Adresas paimtas iš sutarties",
    ),
    "de": _Law(
        "Kundenbuchhaltung", "Mo-Fr 9-17 Uhr", "Ulme Energie GmbH", "Musterstraße 2, Berlin",
        "Musterbehörde, Musterstraße 3, Berlin", "Strom, März bis Juni",
        "5 % im Jahr auf den offenen Betrag, seit 1. März 2026", "Es gilt der gesetzliche Zinssatz",
        "keine", "Umsatzsteuer wird nicht verlangt", "Die Adresse stammt aus Ihrem Vertrag",
    ),
}  # fmt: skip


def sample_context(
    sample: str = "one_invoice", locale: str = "en", *, days: int = 3, form: str = NEUTRAL
) -> MessageContext:
    """A full context of this name in this language, its first invoice `days` past due.

    `form` is the form of address; unless told, nothing is known of it. Raises `ValueError` for an
    unknown name.
    """
    if sample not in SAMPLES:
        raise ValueError(f"unknown sample {sample!r}; known are {', '.join(SAMPLES)}")
    cast = _CASTS.get(locale.partition("-")[0], _CASTS["en"])
    context = replace(_one_invoice(cast, locale, days), address=address_in(form))
    match sample:
        case "three_invoices":
            return _owing(context, _three(cast, days))
        case "no_name":
            return replace(context, customer=None, vocative=None)
        case "business":
            return replace(context, customer=cast.business, vocative=None)
        case "one_way":
            return replace(context, two_way=False)
        case _:
            return context


def sample_urls(base_url: str) -> Mapping[int, str]:
    """Where the links of a sample lead: to our pages, which know none of them."""
    return {int(link[len("{{link:") : -2]): f"{base_url}/p/sample" for link in _LINKS.values()}


def render_sample(
    template: str, medium: str, locale: str, sample: str = "one_invoice",
    *, form: str = NEUTRAL, wording: Wording | None = None,
) -> Rendered:  # fmt: skip
    """A template as this sample customer would get it; of the shipped words unless told."""
    words = wording or shipped()
    context = sample_context(sample, locale, days=day_of(template), form=form)
    return words.render(template, medium, locale, context)


def day_of(template: str) -> int:
    """How many days past due a template is usually said; before, it is negative."""
    return _DAYS.get(template, 3)


@lru_cache(maxsize=1)
def shipped() -> Wording:
    """The shipped words, read once."""
    return Wording.from_files()


def _one_invoice(cast: _Cast, locale: str, days: int) -> MessageContext:
    amount = Money(12_450, cast.currency)
    law = _LAWS.get(locale.partition("-")[0], _LAWS["en"])
    brand = Brand(
        name=cast.creditor, sender=cast.sender, colour=cast.colour, phone=cast.phone,
        postal_address=cast.postal_address, locale=locale if locale in LOCALES else "en",
        department=law.department, working_hours=law.working_hours,
        on_behalf_of=law.on_behalf_of, behalf_address=law.behalf_address,
        supervisor=law.supervisor,
    )  # fmt: skip
    context = MessageContext(
        brand=brand, today=TODAY, customer=cast.customer, vocative=cast.vocative,
        payment=Money(5_000, cast.currency), left=(Money(7_450, cast.currency),),
        promise_amount=amount, promise_on=date(2026, 3, 28),
        instalment=InstalmentLine(2, 3, Money(4_150, cast.currency), date(2026, 3, 10)),
        debit_on=date(2026, 3, 10), card_ending="4242",
        plan=tuple(
            InstalmentLine(n, 3, Money(4_150, cast.currency), date(2026, 2 + n, 10))
            for n in (1, 2, 3)
        ),
        subscription=cast.subscription,
        claim=Claim(
            claim_ground=law.claim_ground, contract_on=date(2025, 11, 3),
            interest_calculation=law.interest_calculation,
            above_statutory_rate=law.above_statutory_rate, cost_breakdown=law.cost_breakdown,
            vat_statement=law.vat_statement, address_source=law.address_source,
        ),
        handover_on=date(2026, 5, 4), handover_to=cast.partner, answer_by=date(2026, 3, 15),
        dispute_numbers="D-4711",
        call=Call(date(2026, 3, 12), time(10), time(12), "567"),
        answer=Answer(cast.sender, "1042\n120.50"),
        crisis=crisis_line(_COUNTRIES.get(locale.partition("-")[0]), locale),
        links=_LINKS, page_code=_CODE, two_way=True,
    )  # fmt: skip
    return _owing(context, (_invoice("1042", amount, days),))


def _three(cast: _Cast, days: int) -> tuple[InvoiceLine, ...]:
    return (
        _invoice("1042", Money(124_050, cast.currency), days),
        _invoice("INV-2026/17", Money(9_900, cast.currency), days - 2),
        _invoice("1051", Money(50_000, cast.second_currency), days - 7),
    )


def _invoice(number: str, amount: Money, days: int) -> InvoiceLine:
    return InvoiceLine(number, TODAY - timedelta(days=days), amount, amount, days)


def _owing(context: MessageContext, invoices: tuple[InvoiceLine, ...]) -> MessageContext:
    return replace(
        context, invoices=invoices, totals=totals(row.open for row in invoices),
        due_on=invoices[0].due_on, days_past_due=invoices[0].days_past_due,
    )  # fmt: skip
