"""Customers by what somebody types. It only reads, and every answer comes from an index.

What is typed is a number of the ERP, an invoice, a phone number in any way of writing it, an email
address, or words of a name in any order, of which the first letters are enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, select
from sqlmodel import Session

from app.book.addresses import canonical_called, canonical_email
from app.book.errors import AddressError
from app.book.finding.folding import fold, words
from app.book.mapping.shape import AddressKind
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Address, ContactPoint, Creditor, Customer, CustomerWord, Invoice

USUAL: Final = 20
LOOKED_AT: Final = 20_000
"""Customers that share the rarest of the words, and are looked at for the others."""
LONGEST: Final = 200
MOST_WORDS: Final = 6

_CUSTOMER, _CREDITOR = table_of(Customer), table_of(Creditor)
_ADDRESS, _POINT = table_of(Address), table_of(ContactPoint)
_INVOICE, _WORD = table_of(Invoice), table_of(CustomerWord)
_LAST: Final = "\U0010ffff"
_FEWEST_DIGITS: Final = 6


class Means(StrEnum):
    """By what somebody was found; the first counts."""

    NUMBER = "number"
    INVOICE = "invoice"
    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Found:
    """A customer, and by what. `has_more` of `Answer` says that there are more of that."""

    customer_id: int
    means: Means


@dataclass(frozen=True, slots=True)
class Answer:
    found: Sequence[Found]
    has_more: bool = False


NOBODY: Final = Answer(())


def search(session: Session, typed: str, *, limit: int = USUAL) -> Answer:
    """At most `limit` customers, those of a whole number or address before those of a name."""
    text = _visible(typed)[:LONGEST]
    if not text:
        return NOBODY
    found: dict[int, Means] = {}
    for means, ids in _exact(session, text, limit):
        for id_ in ids:
            found.setdefault(id_, means)
    for id_ in _named(session, words(text)[:MOST_WORDS], limit + 1):
        found.setdefault(id_, Means.NAME)
    told = [Found(id_, means) for id_, means in found.items()]
    return Answer(told[:limit], has_more=len(told) > limit)


def _visible(typed: str) -> str:
    """Without what is copied along and not seen: marks of direction, and blanks around."""
    return "".join(letter for letter in typed if letter.isprintable() or letter == " ").strip()


def _exact(session: Session, text: str, limit: int) -> Iterator[tuple[Means, Sequence[int]]]:
    plain = " ".join(text.split())
    spellings = sorted({text, plain, plain.upper(), plain.lower()})
    yield Means.NUMBER, _ids(session, _BY_NUMBER, spellings, limit=limit)
    yield Means.INVOICE, _ids(session, _BY_INVOICE, spellings, limit=limit)
    yield Means.INVOICE, _ids(session, _BY_INVOICE_NUMBER, spellings, limit=limit)
    yield Means.PHONE, _at(session, AddressKind.PHONE, _phones(session, text), limit)
    yield Means.EMAIL, _at(session, AddressKind.EMAIL, _emails(text), limit)


def _at(session: Session, kind: AddressKind, values: Sequence[str], limit: int) -> Sequence[int]:
    return _ids(session, _BY_ADDRESS, values, limit=limit, kind=str(kind)) if values else ()


def _ids(session: Session, query: Select[Any], values: Sequence[str], **params: Any) -> list[int]:
    return [row[0] for row in rows_given(session, query, values, **params)]


def _phones(session: Session, text: str) -> list[str]:
    """The numbers that it may be, read as one of each country that a creditor is in."""
    digits = fold(text)
    if sum(letter.isdigit() for letter in digits) < _FEWEST_DIGITS:
        return []
    written = f"+{digits[2:]}" if digits.startswith("00") else digits
    countries = session.connection().execute(_COUNTRIES).scalars().all()
    return sorted({phone for country in countries if (phone := _phone(written, country))})


def _phone(text: str, country: str) -> str | None:
    try:
        return canonical_called(text, country)
    except AddressError:
        return None


def _emails(text: str) -> list[str]:
    try:
        return [canonical_email(text)]
    except AddressError:
        return []


def _named(session: Session, typed: Sequence[str], limit: int) -> list[int]:
    """Whose words begin with all that was typed, led by the rarest."""
    asked = sorted(set(typed), key=lambda word: -len(word))
    if not asked:
        return []
    if len(asked) > 1:
        asked.sort(key=lambda word: _count(session, word))
    first, *others = asked
    query = _led_by(first, limit if not others else LOOKED_AT)
    if others:
        leading = query.subquery()
        query = select(leading.c.customer_id).limit(limit)
        for word in others:
            also = _WORD.alias()
            query = query.where(
                select(also.c.word)
                .where(also.c.customer_id == leading.c.customer_id, _begins(also.c.word, word))
                .exists()
            )
    return list(dict.fromkeys(session.connection().execute(query).scalars()))


def _led_by(word: str, limit: int) -> Select[Any]:
    return (
        select(_WORD.c.customer_id)
        .where(_begins(_WORD.c.word, word))
        .order_by(_WORD.c.word, _WORD.c.customer_id)
        .limit(limit)
    )


def _count(session: Session, word: str) -> int:
    """How many have it; no further than is looked at."""
    first = select(_WORD.c.word).where(_begins(_WORD.c.word, word)).limit(LOOKED_AT).subquery()
    return session.connection().execute(select(func.count()).select_from(first)).scalar_one()


def _begins(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return (column >= word) & (column < word + _LAST)


_KIND: Final[BindParameter[str]] = bindparam("kind")
_LIMIT: Final[BindParameter[int]] = bindparam("limit")
_COUNTRIES: Final = select(_CREDITOR.c.country).distinct()
_BY_NUMBER: Final = (
    select(_CUSTOMER.c.id)
    .where(_CUSTOMER.c.creditor_id.in_(select(_CREDITOR.c.id)), _CUSTOMER.c.external_id.in_(GIVEN))
    .limit(_LIMIT)
)
_BY_INVOICE: Final = (
    select(_INVOICE.c.customer_id).where(_INVOICE.c.external_id.in_(GIVEN)).limit(_LIMIT)
)
_BY_INVOICE_NUMBER: Final = (
    select(_INVOICE.c.customer_id)
    .where(_INVOICE.c.number.in_(GIVEN), _INVOICE.c.number != _INVOICE.c.external_id)
    .limit(_LIMIT)
)
_BY_ADDRESS: Final = (
    select(_POINT.c.customer_id)
    .distinct()
    .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
    .where(_ADDRESS.c.kind == _KIND, _ADDRESS.c.value.in_(GIVEN))
    .limit(_LIMIT)
)
