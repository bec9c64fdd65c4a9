"""Writes the sample book into a database: creditors, campaigns, customers, addresses, consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.book.charges.terms import ChargeKind, set_terms
from app.lab.book import HOUSES, Account, House
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.rows import (
    Address,
    Campaign,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Person,
    Sender,
)

CONTROL_SHARE = 0.05


def stock(
    session: Session,
    accounts: Sequence[Account],
    now: datetime,
    *,
    houses: Mapping[str, House] = HOUSES,
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Writes everything but the invoices, which come with the feed. Answers the ids of the
    creditors by key and of the customers by number."""
    creditors = {key: _creditor(session, house, now) for key, house in houses.items()}
    people = list(dict.fromkeys(account.person for account in accounts))
    persons = dict(
        zip(
            people, insert_returning_ids(session, Person, [{"key": k} for k in people]), strict=True
        )
    )
    rows = [_customer(account, creditors, persons, now) for account in accounts]
    ids = insert_returning_ids(session, Customer, rows)
    customers = {account.who: id_ for account, id_ in zip(accounts, ids, strict=True)}
    _reachable(session, accounts, customers, now)
    return creditors, customers


def _creditor(session: Session, house: House, now: datetime) -> int:
    row = {
        "external_id": house.key,
        "name": house.name,
        "brand": {
            "person": house.person,
            "phone": house.phone,
            "colour": house.colour,
            "postal_address": house.postal_address,
            "handover_to": house.handover_to,
            **house.brand,
        },
        "role": house.role,
        "sector": house.sector,
        "country": house.country,
        "zone": house.zone,
        "locale": house.locale,
        "currency": house.currency,
        "created_at": now,
    }
    (creditor_id,) = insert_returning_ids(session, Creditor, [row])
    insert_rows(session, Sender, [_sender(house, creditor_id, m) for m in _MEDIA])
    insert_rows(
        session,
        Campaign,
        [
            {
                "creditor_id": creditor_id,
                "name": name,
                "subject": subject,
                "journey": journey,
                "control_share": CONTROL_SHARE,
            }
            for name, subject, journey in house.campaigns
        ],
    )
    if house.charges:
        kinds = frozenset(map(ChargeKind, house.charges))
        set_terms(session, creditor_id, law=house.country, kinds=kinds)
    return creditor_id


_MEDIA = ("sms", "email", "whatsapp")


def _sender(house: House, creditor_id: int, medium: str) -> dict[str, Any]:
    return {
        "creditor_id": creditor_id,
        "medium": medium,
        "provider": "sandbox",
        "address": house.sender_mail if medium == "email" else house.sender_phone,
        "display_name": house.name,
        "per_second": 100.0,
    }


def _customer(
    account: Account, houses: Mapping[str, int], persons: Mapping[str, int], now: datetime
) -> dict[str, Any]:
    name = account.name
    return {
        "creditor_id": houses[account.house],
        "person_id": persons[account.person],
        "external_id": account.who,
        "name": name.full,
        "given_name": name.given,
        "family_name": name.family,
        "vocative": name.vocative,
        "gender": name.gender if account.gender_known else None,
        "locale": account.locale,
        "kind": account.creditor.kind,
        "country": account.country,
        "region": account.region,
        "postal": {"city": account.city} if account.city else {},
        "zone": account.zone,
        "preferred_medium": account.preferred,
        "created_at": now,
    }


def _reachable(
    session: Session, accounts: Sequence[Account], customers: Mapping[str, int], now: datetime
) -> None:
    """Addresses once each, a contact point a medium, and the consents that were given."""
    uses = [(account, medium, *_address(account, medium)) for account in accounts
            for medium in account.media]  # fmt: skip
    values = list(dict.fromkeys((kind, value) for _, _, kind, value in uses))
    ids = insert_returning_ids(session, Address, [{"kind": k, "value": v} for k, v in values])
    addresses = dict(zip(values, ids, strict=True))
    points = [
        {
            "customer_id": customers[account.who],
            "address_id": addresses[kind, value],
            "medium": medium,
        }
        for account, medium, kind, value in uses
    ]
    insert_rows(session, ContactPoint, points)
    agreed = {"given": True, "at": now, "source": "contract", "method": "written"}
    consents = [
        {**agreed, **point}
        for point, (account, *_) in zip(points, uses, strict=True)
        if account.consented
    ]
    insert_rows(session, Consent, consents)


def _address(account: Account, medium: str) -> tuple[str, str]:
    if medium == "email":
        assert account.email is not None
        return "email", account.email
    assert account.phone is not None
    return "phone", account.phone
