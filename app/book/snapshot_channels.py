"""Contact points as channels: the address, its suppressions, the consent, the sender."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.addresses import area_of
from app.book.heard import Heard, heard_on_whatsapp
from app.book.snapshot_parts import MEDIA, PLACES
from app.store.given import GIVEN, rows_given, table_of, tuples_given
from app.store.rows import (
    Address,
    ApprovedText,
    Consent,
    Contact,
    ContactPoint,
    Sender,
    Suppression,
)
from campaigns.facts import Agreed, ChannelFact, ConsentState
from campaigns.origins import OPTED_OUT, WRONG_PERSON
from campaigns.value import value
from campaigns.vocabulary import ContactRole, Purpose

_POINT, _ADDRESS, _SENDER = table_of(ContactPoint), table_of(Address), table_of(Sender)
_CONTACT, _TEXT = table_of(Contact), table_of(ApprovedText)
_SUPPRESSION, _CONSENT = table_of(Suppression), table_of(Consent)
RED = "red"
_IN_WRITING = ("written", "ticked", "reply")


@value
class Word:
    """What a customer last said about being written to on a medium."""

    state: ConsentState = ConsentState.UNKNOWN
    at: datetime | None = None
    is_written: bool = False


NO_WORD = Word()


@value
class _Words:
    """The latest word on reminders, and on offers where that is another."""

    reminders: Word = NO_WORD
    offers: Word | None = None


@dataclass(frozen=True, slots=True)
class _Closed:
    """Why an address is closed, and whether to offers alone."""

    why: str | None = None
    to_offers: bool = False


_UNSAID, _OPEN = _Words(), _Closed()


def word_of(*, given: bool, at: datetime, method: str) -> Word:
    """A row of the ledger of consents. Spoken words are not in writing, nor is what is unknown."""
    state = ConsentState.GIVEN if given else ConsentState.WITHDRAWN
    return Word(state, at, given and method in _IN_WRITING)


def channels(
    session: Session, owed_by: Mapping[int, int], now: datetime
) -> Mapping[int, list[ChannelFact]]:
    """The active contact points with the sender that would use each, by customer.

    `owed_by` names the creditor of each customer.
    """
    found: dict[int, list[ChannelFact]] = defaultdict(list)
    senders = _senders(session, set(owed_by.values()), now)
    customers = sorted(owed_by)
    points = tuples_given(session, _POINTS, customers)
    blocked = _suppressions(session, sorted({point[2] for point in points}))
    consents = _consents(session, customers)
    approvals = _approvals(session, senders.values(), customers)
    for point in points:
        customer, medium, address_id = point[:3]
        creditor, rows = owed_by[customer], blocked.get(address_id)
        found[customer].append(
            _channel(
                point,
                senders.get((creditor, medium), _NO_SENDER),
                _closed(rows, medium, creditor) if rows else _OPEN,
                consents.get((customer, medium), _UNSAID),
                approvals,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Approvals:
    """What providers approved, by provider, and when customers wrote on WhatsApp. Empty where no
    sender needs to know."""

    texts: Mapping[str, frozenset[tuple[str, str]]]
    heard_at: Heard


_NO_APPROVALS = _Approvals({}, {})


def _approvals(
    session: Session, senders: Iterable[_Sender], customers: Sequence[int]
) -> _Approvals:
    """The sandbox approves whatever its settings say, and needs no list."""
    asking = {s.provider for s in senders if s.medium == "whatsapp" and s.provider != "sandbox"}
    if not asking:
        return _NO_APPROVALS
    found: dict[str, set[tuple[str, str]]] = {provider: set() for provider in asking}
    for row in session.connection().execute(_APPROVED):
        if row.provider in found:
            found[row.provider].add((row.template, row.locale))
    texts = {provider: frozenset(pairs) for provider, pairs in found.items()}
    return _Approvals(texts, heard_on_whatsapp(session, customers))


@dataclass(frozen=True, slots=True)
class _Sender:
    """What a contact point needs to know of the sender that would use it."""

    id: int | None
    provider: str
    two_way: bool
    languages: frozenset[str] | None
    unhealthy: str | None
    medium: str = ""
    cleared: frozenset[str] | None = None
    stopped: frozenset[str] = frozenset()


_NO_SENDER = _Sender(None, "", False, None, None)
_REHEARSED = "sandbox"
"""The provider that reaches nobody: no registration is asked of it."""


def why_silent(sender: Any, now: datetime) -> str | None:
    """Why a sender says nothing at `now`, as staff read it."""
    if sender.quality == RED:
        return "its quality rating is red"
    paused = sender.paused_until is not None and sender.paused_until > now
    return (sender.pause_reason or "paused") if paused else None


def _senders(
    session: Session, creditors: set[int], now: datetime
) -> Mapping[tuple[int, str], _Sender]:
    """The sender that speaks for each creditor and medium: the first that is active and not paused.
    The first of all where every one of them is paused."""
    found: dict[tuple[int, str], _Sender] = {}
    for row in rows_given(session, _SENDERS, sorted(creditors)):
        why = why_silent(row, now)
        earlier = found.get((row.creditor_id, row.medium))
        if earlier is not None and (why is not None or earlier.unhealthy is None):
            continue
        found[row.creditor_id, row.medium] = _Sender(
            id=row.id,
            provider=row.provider,
            two_way=row.two_way,
            languages=frozenset(row.languages) if row.languages is not None else None,
            unhealthy=why,
            medium=row.medium,
            cleared=None if row.provider == _REHEARSED else frozenset(row.cleared),
            stopped=frozenset(row.stopped_templates),
        )
    return found


_SENDERS = (
    select(_SENDER).where(_SENDER.c.creditor_id.in_(GIVEN), _SENDER.c.active).order_by(_SENDER.c.id)
)
_POINTS = (
    select(
        _POINT.c.customer_id,
        _POINT.c.medium,
        _POINT.c.address_id,
        _POINT.c.id,
        _POINT.c.asked,
        _POINT.c.answered,
        _POINT.c.place,
        _ADDRESS.c.valid,
        _ADDRESS.c.zone,
        _ADDRESS.c.value,
        _CONTACT.c.role,
        _CONTACT.c.locale,
    )
    .select_from(_POINT)
    .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
    .outerjoin(_CONTACT, _CONTACT.c.id == _POINT.c.contact_id)
    .where(_POINT.c.customer_id.in_(GIVEN), _POINT.c.active)
    .order_by(_POINT.c.id)
)
_SUPPRESSIONS = select(_SUPPRESSION).where(
    _SUPPRESSION.c.address_id.in_(GIVEN), _SUPPRESSION.c.lifted_at.is_(None)
)
_CONSENTS = (
    select(
        _CONSENT.c.customer_id,
        _CONSENT.c.medium,
        _CONSENT.c.given,
        _CONSENT.c.at,
        _CONSENT.c.method,
        _CONSENT.c.purpose,
    )
    .where(_CONSENT.c.customer_id.in_(GIVEN))
    .order_by(_CONSENT.c.at, _CONSENT.c.id)
)


_APPROVED = select(_TEXT.c.provider, _TEXT.c.template, _TEXT.c.locale).where(
    _TEXT.c.status == "approved"
)


def _channel(
    point: Any, sender: _Sender, closed: _Closed, said: _Words, approvals: _Approvals
) -> ChannelFact:
    _, medium, address_id, id_, asked, answered, place, valid, zone, value, role, locale = point
    consent, offers = said.reminders, said.offers
    return ChannelFact(
        contact_point_id=id_,
        address_id=address_id,
        medium=MEDIA[medium],
        sender_id=sender.id,
        provider=sender.provider,
        stands_for=sender.provider,
        two_way=sender.two_way,
        valid=valid,
        suppressed=closed.why,
        unhealthy=sender.unhealthy,
        consent=consent.state,
        consent_at=consent.at,
        consent_written=consent.is_written,
        zones=(zone,) if zone else (),
        asked=asked,
        answered=answered,
        languages=sender.languages,
        approved=approvals.texts.get(sender.provider) if medium == "whatsapp" else None,
        heard_at=approvals.heard_at.get((address_id, sender.id)) if medium == "whatsapp" else None,
        cleared=sender.cleared,
        stopped=sender.stopped,
        role=ContactRole(role) if role else None,
        locale=locale,
        offers_stopped=closed.to_offers,
        offers=Agreed(offers.state, offers.at, offers.is_written) if offers else None,
        place=PLACES[place],
        area=area_of(value),
    )


def _suppressions(session: Session, addresses: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows_given(session, _SUPPRESSIONS, addresses):
        found[row.address_id].append(row)
    return found


def _closed(rows: Sequence[Row[Any]], medium: str, creditor_id: int) -> _Closed:
    """Of several reasons what a confirmation passes is named last: the opt-out, then an address
    that is somebody else's. It passes its own and no other."""
    here = [
        row
        for row in rows
        if row.medium in (None, medium) and row.creditor_id in (None, creditor_id)
    ]
    reasons = [str(row.reason) for row in here if row.category is None]
    return _Closed(
        min(reasons, key=lambda reason: _CONFIRMED.get(reason, 0), default=None),
        any(row.category is not None for row in here),
    )


_CONFIRMED = {WRONG_PERSON: 1, OPTED_OUT: 2}


def _consents(session: Session, customers: Sequence[int]) -> Mapping[tuple[int, str], _Words]:
    """The latest words on each medium."""
    found: dict[tuple[int, str], _Words] = {}
    for customer, medium, given, at, method, purpose in tuples_given(session, _CONSENTS, customers):
        key, word = (customer, medium), word_of(given=given, at=at, method=method)
        if purpose is None:
            found[key] = _Words(word)
            continue
        before = found.get(key, _UNSAID)
        found[key] = (
            _Words(before.reminders, word)
            if purpose == Purpose.OFFERS
            else _Words(word, before.offers or before.reminders)
        )
    return found
