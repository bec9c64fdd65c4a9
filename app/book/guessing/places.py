"""Where a file seems to come from: its country, and what goes with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.book.guessing.sample import Column


@dataclass(frozen=True, slots=True)
class Place:
    country: str
    zone: str
    locale: str
    currency: str


def _place(told: str) -> Place:
    return Place(*told.split())


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        told.split()[0]: _place(told)
        for told in (
            "IL Asia/Jerusalem he ILS", "LT Europe/Vilnius lt EUR", "DE Europe/Berlin de EUR",
            "AT Europe/Vienna de EUR", "CH Europe/Zurich de CHF", "IT Europe/Rome it EUR",
            "FR Europe/Paris fr EUR", "ES Europe/Madrid es EUR", "PL Europe/Warsaw pl PLN",
            "LV Europe/Riga lv EUR", "EE Europe/Tallinn et EUR", "GB Europe/London en-GB GBP",
            "IE Europe/Dublin en-IE EUR", "US America/New_York en-US USD",
            "CA America/Toronto en-CA CAD", "AU Australia/Sydney en-AU AUD",
            "AE Asia/Dubai ar AED", "SA Asia/Riyadh ar SAR", "EG Africa/Cairo ar EGP",
            "JO Asia/Amman ar JOD", "KW Asia/Kuwait ar KWD", "JP Asia/Tokyo ja JPY",
            "NL Europe/Amsterdam nl EUR", "BE Europe/Brussels nl EUR", "PT Europe/Lisbon pt EUR",
        )
    }
)  # fmt: skip
_SHARED = frozenset({"EUR", "USD"})
"""Currencies that many countries have, or write invoices in."""
_ALONE: Mapping[str, str] = MappingProxyType(
    {place.currency: place.country for place in PLACES.values() if place.currency not in _SHARED}
)
_SCRIPTS = (("\u0590", "\u05ff", "IL"), ("\u0600", "\u06ff", "AE"))
_LETTERS = (("ąčęėįšųūž", "LT"), ("ßäöü", "DE"), ("ąćęłńśźż", "PL"))
_WORDS = (
    ("kliento suma saskaitos terminas apmoketi imone pavadinimas", "LT"),
    ("rechnung betrag kunde kundennummer faellig waehrung rechnungsnummer", "DE"),
    ("cliente importo fattura scadenza codice", "IT"),
    ("client montant facture echeance", "FR"),
    ("factura importe vencimiento", "ES"),
    ("kwota faktura klient faktury", "PL"),
)
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    place: Place
    why: str


def guess_place(
    columns: Sequence[Column], headers: Sequence[str], *, month_first: bool
) -> PlaceGuess:
    """The country by its phone numbers, by the only country that has its currency, else by how
    the file is written. Never sure."""
    phones: Counter[str] = Counter()
    most = False
    for column in columns:
        told = column.countries_of_phones()
        most = most or told.total() * 2 > len(column.texts)
        phones += told
    known = [country for country, _ in phones.most_common() if country in PLACES]
    if known and most:
        return PlaceGuess(PLACES[known[0]], "most numbers with a country code are from there")
    paid = _by_currency(columns)
    if paid is not None:
        return PlaceGuess(PLACES[paid], "most invoices are in its currency")
    if known:
        return PlaceGuess(PLACES[known[0]], "most numbers with a country code are from there")
    spoken = _by_words(headers) or _by_script(columns, headers)
    if spoken is not None:
        return PlaceGuess(PLACES[spoken], "the file is written in a language of it")
    return PlaceGuess(PLACES["US" if month_first else "GB"], "nothing tells the country")


def _by_currency(columns: Sequence[Column]) -> str | None:
    """The country that alone has the currency of most cells of a column."""
    for column in columns:
        for text, count in Counter(column.texts).most_common(1):
            if text in _ALONE and count * 2 > len(column.texts):
                return _ALONE[text]
    return None


def _by_words(headers: Sequence[str]) -> str | None:
    words = {word for header in headers for word in header.split()}
    found = {country: len(words & set(told.split())) for told, country in _WORDS}
    best = max(found, key=lambda country: found[country])
    return best if found[best] else None


def _by_script(columns: Sequence[Column], headers: Sequence[str]) -> str | None:
    text = "".join((*headers, *(t for column in columns for t in column.texts[:200]))).lower()
    for first, last, country in _SCRIPTS:
        if sum(first <= sign <= last for sign in text) > _LEAST_LETTERS:
            return country
    found = {country: sum(sign in letters for sign in text) for letters, country in _LETTERS}
    best = max(found, key=lambda country: found[country])
    return best if found[best] > _LEAST_LETTERS else None
