"""Keys of the API: made once, shown once, known by their hash; each has scopes and may end.

A key is 256 random bits, so a plain hash is enough: there is nothing to guess.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Session

from app.api.scopes import Scope
from app.store.bulk import insert_returning_ids
from app.store.given import rows_by_id, table_of
from app.store.rows import ApiKey, Creditor

PREFIX: Final = "duly_"
"""Whoever scans texts for lost secrets finds ours by it."""

USE_NOTED_EVERY: Final = timedelta(minutes=5)
_SHOWN: Final = 6

_KEY, _CREDITOR = table_of(ApiKey), table_of(Creditor)
_FOUND: Final = select(_KEY).where(_KEY.c.digest == bindparam("digest"))


class KeyRefused(ValueError):
    """A key that cannot be made or replaced as told. Says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new key. `secret` is what callers send; it is shown now and never again."""

    id: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, by which key. `creditor_id` None: for every creditor of this house."""

    key_id: int
    name: str
    creditor_id: int | None
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


def make_key(
    session: Session,
    *,
    name: str,
    scopes: Sequence[Scope],
    creditor: str | None,
    by: str,
    expires_at: datetime | None,
    now: datetime,
    replaces: int | None = None,
) -> Made:
    """Makes a key. `creditor` is an external id. Raises `KeyRefused`."""
    if not scopes:
        raise KeyRefused("A key without a scope can do nothing: give it one.")
    if expires_at is not None and expires_at <= now:
        raise KeyRefused("A key cannot end before it begins.")
    secret = PREFIX + secrets.token_urlsafe(32)
    row = {
        "name": name,
        "creditor_id": None if creditor is None else _creditor_id(session, creditor),
        "scopes": [str(scope) for scope in scopes],
        "hint": secret[: len(PREFIX) + _SHOWN],
        "digest": digest_of(secret),
        "created_at": now,
        "created_by": by,
        "expires_at": expires_at,
        "replaces_id": replaces,
    }
    (key_id,) = insert_returning_ids(session, ApiKey, [row])
    return Made(key_id, secret)


def rotate_key(
    session: Session, key_id: int, *, overlap: timedelta, by: str, now: datetime
) -> Made:
    """Makes a key that may do what that one may, and ends that one after `overlap`.

    Raises `KeyRefused` for one that has ended.
    """
    old = rows_by_id(session, ApiKey, [key_id]).get(key_id)
    if old is None or not _lives(old, now):
        raise KeyRefused(f"There is no key {key_id} that could be replaced.")
    owner = rows_by_id(session, Creditor, [old.creditor_id] if old.creditor_id else [])
    made = make_key(
        session,
        name=old.name,
        scopes=[Scope(word) for word in old.scopes],
        creditor=owner[old.creditor_id].external_id if old.creditor_id else None,
        by=by,
        expires_at=old.expires_at,
        now=now,
        replaces=key_id,
    )
    ends_at = min(now + overlap, old.expires_at or datetime.max.replace(tzinfo=now.tzinfo))
    ending = update(_KEY).where(_KEY.c.id == key_id).values(expires_at=ends_at)
    session.connection().execute(ending)
    return made


def revoke_key(session: Session, key_id: int, now: datetime) -> bool:
    """Ends a key at once. Answers whether it was still good for anything."""
    row = rows_by_id(session, ApiKey, [key_id]).get(key_id)
    if row is None or not _lives(row, now):
        return False
    ending = update(_KEY).where(_KEY.c.id == key_id).values(revoked_at=now)
    session.connection().execute(ending)
    return True


def all_keys(session: Session) -> Sequence[Row[Any]]:
    """Every key there ever was, with its creditor's external id, the oldest first."""
    query = (
        select(_KEY, _CREDITOR.c.external_id.label("creditor"))
        .outerjoin(_CREDITOR, _CREDITOR.c.id == _KEY.c.creditor_id)
        .order_by(_KEY.c.id)
    )
    return session.connection().execute(query).all()


def caller_of(session: Session, secret: str, now: datetime) -> Caller | None:
    """Whose key this is; None for one that is not known or has ended."""
    row = session.connection().execute(_FOUND, {"digest": digest_of(secret)}).first()
    if row is None or not _lives(row, now):
        return None
    scopes = frozenset(Scope(word) for word in row.scopes if word in set(Scope))
    return Caller(row.id, row.name, row.creditor_id, scopes)


def is_use_unnoted(session: Session, caller: Caller, now: datetime) -> bool:
    """Whether its last use on record is older than `USE_NOTED_EVERY`."""
    query = select(_KEY.c.used_at).where(_KEY.c.id == caller.key_id)
    used_at = session.connection().execute(query).scalar_one()
    return used_at is None or used_at + USE_NOTED_EVERY <= now


def note_use(session: Session, caller: Caller, now: datetime) -> None:
    noted = update(_KEY).where(_KEY.c.id == caller.key_id).values(used_at=now)
    session.connection().execute(noted)


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _lives(row: Row[Any], now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def _creditor_id(session: Session, external_id: str) -> int:
    query = select(_CREDITOR.c.id).where(_CREDITOR.c.external_id == external_id)
    found = session.connection().execute(query).scalar_one_or_none()
    if found is None:
        raise KeyRefused(f"There is no creditor `{external_id}`.")
    return int(found)
