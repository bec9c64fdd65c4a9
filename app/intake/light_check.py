"""Whether whoever opens a page is its customer: one short answer that we have on file.

Nothing says which part of an answer was wrong. Five wrong ones end the link, and a new one goes to
the address on file: whoever only holds a link gains nothing by guessing.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, bindparam, exists, func
from sqlmodel import Session, col, select

from app.engine.catalogue import Catalogue, NotPublished
from app.intake.bound import bound_facts
from app.intake.page_links import end_link, send_new_link
from app.store.bulk import lock_rows, update_rows
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.guard import lock_persons
from app.store.rows import Creditor, Customer, Invoice, Link
from campaigns.duties import LightCheck
from campaigns.facts import Facts
from campaigns.notices import duties_of
from campaigns.ruleset import RuleSet

TRIES: Final = 5
DIGITS: Final = 4
"""Of an invoice's number: as many as are asked for."""
_SHORTEST: Final = 3
_LOOKED_THROUGH: Final = 200  # invoices, the newest
_CUSTOMER, _INVOICE, _LINK = table_of(Customer), table_of(Invoice), table_of(Link)
_OWES = exists().where(_INVOICE.c.customer_id == _CUSTOMER.c.id, _INVOICE.c.open_minor > NOTHING)


class Proof(StrEnum):
    """What may be asked for, whichever is on file."""

    POSTCODE = "postcode"
    BIRTH_YEAR = "birth_year"
    INVOICE = "invoice"


class Verdict(StrEnum):
    PROVEN = "proven"
    WRONG = "wrong"
    LOCKED = "locked"


def is_wanted_by_law(
    catalogue: Catalogue,
    customer: Row[Any] | Customer,
    creditor: Row[Any] | Creditor,
    now: datetime,
) -> bool:
    """Whether a rule in force says so. The catalogue must be fresh; where the creditor's rules
    cannot be read, it is wanted: that is the safe side."""
    try:
        rules = catalogue.policy(customer.creditor_id).rules
    except NotPublished:
        return True
    return _binds(bound_facts(customer, creditor), rules, now)


def asking(session: Session, catalogue: Catalogue, now: datetime) -> list[Creditor]:
    """The creditors who wish it of all, or of whom a law of their own country wants it for
    consumers."""
    creditors = session.exec(select(Creditor).order_by(col(Creditor.id))).all()
    return [row for row in creditors if is_wanted(catalogue, _consumer_of(row), row, now)]


def unprovable(session: Session, creditor: Creditor) -> int:
    """How many of this creditor's customers owe something and can be asked nothing."""
    wanted = tuple(Proof) if creditor.page_check is None else creditor.page_check
    if Proof.INVOICE in wanted:
        return 0  # whoever owes has one
    lacking = [_CUSTOMER.c.creditor_id == creditor.id, _CUSTOMER.c.erased_at.is_(None), _OWES]
    if Proof.BIRTH_YEAR in wanted:
        lacking.append(_CUSTOMER.c.birth_year.is_(None))
    if Proof.POSTCODE in wanted:
        lacking.append(func.coalesce(_CUSTOMER.c.postal["postcode"].as_string(), "") == "")
    query = select(func.count()).select_from(_CUSTOMER).where(*lacking)
    return int(session.connection().scalar(query) or 0)


def is_wanted(
    catalogue: Catalogue,
    customer: Row[Any] | Customer,
    creditor: Row[Any] | Creditor,
    now: datetime,
) -> bool:
    """Whether nothing of a debt may be shown before an answer: by the creditor's wish or by law."""
    return creditor.page_check is not None or is_wanted_by_law(catalogue, customer, creditor, now)


def proofs_of(
    session: Session, customer: Row[Any] | Customer, creditor: Row[Any] | Creditor, *, by_law: bool
) -> tuple[Proof, ...]:
    """What this customer may be asked for. Where the law wants the check, an invoice's number
    counts only if nothing else is on file: the message with the link may hold the number too."""
    wanted = tuple(Proof) if creditor.page_check is None else creditor.page_check
    found = tuple(p for p in Proof if p in wanted and any(_answers(session, customer, p)))
    others = tuple(proof for proof in found if proof is not Proof.INVOICE)
    return others if by_law and others else found


def answer(
    session: Session,
    *,
    link: Row[Any] | Link,
    customer: Row[Any] | Customer,
    proofs: Sequence[Proof],
    given: str,
    now: datetime,
) -> Verdict:
    """Takes one try for this link. Tries are counted one after the other, whoever makes them."""
    assert link.id is not None
    lock_persons(session, [customer.person_id])
    lock_rows(session, Link, [link.id])
    row = session.connection().execute(_TRIED, {"link_id": link.id}).one()
    if row.revoked_at is not None or row.tries >= TRIES:
        return Verdict.LOCKED
    known = [each for proof in proofs for each in _answers(session, customer, proof)]
    if _is_among(plain(given), known):
        if row.tries:
            update_rows(session, Link, [{"id": link.id, "tries": 0}])
        return Verdict.PROVEN
    update_rows(session, Link, [{"id": link.id, "tries": row.tries + 1}])
    if row.tries + 1 < TRIES:
        return Verdict.WRONG
    end_link(session, link.id, customer_id=row.customer_id, why="light_check", now=now)
    send_new_link(session, link.id, now)
    return Verdict.LOCKED


def plain(text: str) -> str:
    """Letters and digits alone, in one case; digits of any script as ours."""
    return "".join(_plainly(unicodedata.normalize("NFKC", text[:200])))


def _plainly(text: str) -> Iterator[str]:
    for character in text.casefold():
        if character.isdecimal():
            yield str(unicodedata.decimal(character))
        elif character.isalnum():
            yield character


def _binds(facts: Facts, rules: RuleSet, now: datetime) -> bool:
    return any(isinstance(duty, LightCheck) for duty in duties_of(facts, rules, now))


def _consumer_of(creditor: Creditor) -> Customer:
    """Nobody in particular: a consumer where the creditor is."""
    assert creditor.id is not None
    return Customer(
        id=0,
        creditor_id=creditor.id,
        person_id=0,
        external_id="",
        country=creditor.country,
        region=creditor.region,
        created_at=creditor.created_at,
    )


def _answers(session: Session, customer: Row[Any] | Customer, proof: Proof) -> Iterator[str]:
    """What would prove it; nothing where nothing is on file, or too little to prove anything."""
    match proof:
        case Proof.POSTCODE:
            found = plain(str(customer.postal.get("postcode") or ""))
            yield from [found] if len(found) >= _SHORTEST else []
            if (customer.country or "").upper() == "US" and len(found) == 9:
                yield found[:5]  # people leave the four of ZIP+4 out
        case Proof.BIRTH_YEAR:
            yield from [str(customer.birth_year)] if customer.birth_year else []
        case Proof.INVOICE:
            numbers = session.connection().execute(_NUMBERS, {"customer_id": customer.id})
            for number in numbers.scalars():
                yield from _of_number(plain(number))


def _of_number(number: str) -> Iterator[str]:
    """The whole number, and its last digits unless they are those of a year, which many share."""
    digits = "".join(filter(str.isdecimal, number))
    if len(number) >= DIGITS:
        yield number
    if len(digits) >= DIGITS and not 1990 <= int(digits[-DIGITS:]) <= 2099:
        yield digits[-DIGITS:]


def _is_among(given: str, known: Iterable[str]) -> bool:
    """Compares with all, each in the same time: nothing tells how near it was."""
    asked, is_right = sha256(given.encode()).digest(), False
    for each in known:
        is_right |= hmac.compare_digest(asked, sha256(each.encode()).digest())
    return is_right


_NUMBERS = (
    select(_INVOICE.c.number)
    .where(_INVOICE.c.customer_id == bindparam("customer_id"))
    .order_by(_INVOICE.c.id.desc())
    .limit(_LOOKED_THROUGH)
)
_TRIED = select(_LINK.c.customer_id, _LINK.c.tries, _LINK.c.revoked_at).where(
    _LINK.c.id == bindparam("link_id")
)
