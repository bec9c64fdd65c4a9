"""The creditor of a feed: created when it is new, never overwritten by a mapping."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, text, update
from sqlmodel import Session

from app.book.customers import Owner
from app.book.errors import FeedError, MappingError
from app.book.mapping.shape import CreditorForm, CustomForm, FeedMapping
from app.store.bulk import insert_new
from app.store.given import table_of
from app.store.rows import Creditor
from campaigns.findings import Report
from campaigns.worded import worded

_CREDITOR = table_of(Creditor)
_IMPORTS = 0x64756C79  # the class of our advisory locks: "duly"


def take_owner(session: Session, mapping: FeedMapping, *, now: datetime) -> tuple[Owner, bool]:
    """The creditor, and whether it is new. Holds off other imports of it until the commit.

    Typed attributes that the mapping declares are added to the creditor's. Raises `MappingError`
    for one that the creditor knows under another type.
    """
    form = mapping.creditor
    added = add_creditor(session, form, now=now)
    query = select(_CREDITOR).where(_CREDITOR.c.external_id == form.external_id)
    row = session.connection().execute(query).one()
    hold_off(session, row.id)
    _declare(session, mapping, row.id)
    return Owner(row.id, row.external_id, row.zone, row.currency), added


def add_creditor(session: Session, form: CreditorForm, *, now: datetime) -> bool:
    """Adds it, and answers False where one of this external id is known, which stays as it is."""
    return bool(insert_new(session, Creditor, [_row(form, now)], unique="external_id"))


def find_owner(session: Session, external_id: str) -> Owner:
    """The creditor of this external id. Raises `FeedError`."""
    columns = (_CREDITOR.c.id, _CREDITOR.c.external_id, _CREDITOR.c.zone, _CREDITOR.c.currency)
    query = select(*columns).where(_CREDITOR.c.external_id == external_id)
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise FeedError(
            worded("there is no creditor %(creditor)s; import its book first", creditor=external_id)
        )
    return Owner(row.id, row.external_id, row.zone, row.currency)


def move_as_of(session: Session, owner: Owner, as_of: datetime) -> None:
    """Says up to when the book is true. Only ever forward: an old feed makes no book older."""
    session.connection().execute(
        update(_CREDITOR)
        .where(
            _CREDITOR.c.id == owner.id,
            or_(_CREDITOR.c.ledger_as_of.is_(None), _CREDITOR.c.ledger_as_of < as_of),
        )
        .values(ledger_as_of=as_of)
    )


def _row(form: CreditorForm, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "external_id": form.external_id,
        "name": form.name,
        "role": str(form.role),
        "sector": form.sector,
        "country": form.country,
        "region": form.region,
        "zone": form.zone,
        "locale": form.locale,
        "currency": form.currency,
        "created_at": now,
    }
    return {**row, "ledger_max_age_s": None} if form.live else row


def hold_off(session: Session, creditor_id: int) -> None:
    """Two imports of one creditor would add the same customers. SQLite has one writer anyway.

    Not the creditor's row: payments lock that after persons, an import would lock it before.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:class, :id)"),
            {"class": _IMPORTS, "id": creditor_id},
        )


def _declare(session: Session, mapping: FeedMapping, creditor_id: int) -> None:
    query = select(_CREDITOR.c.custom_types).where(_CREDITOR.c.id == creditor_id)
    known: dict[str, str] = session.connection().execute(query).scalar_one()
    _check_types(mapping, mapping.custom, known)
    declared = {form.name: str(form.type) for form in mapping.custom}
    if not declared.items() <= known.items():
        session.connection().execute(
            update(_CREDITOR)
            .where(_CREDITOR.c.id == creditor_id)
            .values(custom_types={**known, **declared})
        )


def _check_types(mapping: FeedMapping, custom: Sequence[CustomForm], known: dict[str, str]) -> None:
    report = Report(mapping.file)
    for form in custom:
        usual = known.get(form.name, str(form.type))
        if usual != str(form.type):
            problem = worded(
                "`%(name)s` is %(here)s here and %(usual)s in the book",
                name=form.name,
                here=form.type,
                usual=usual,
            )
            remedy = worded("Write the book's type, or choose another name.")
            report.add(form.source.place, problem, remedy)
    if report.findings:
        raise MappingError(report.findings)
