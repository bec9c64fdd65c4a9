"""Whom to visit after a demo: one customer in each language, with open debts and a live link."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Row, Select, exists, func, select

from app.store.columns import NOTHING
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Creditor, Customer, Dispute, Hold, Invoice, Link, Message

LANGUAGES = (("he", "Hebrew"), ("ar", "Arabic"), ("lt", "Lithuanian"), ("en", "English"))
_CREDITOR, _CUSTOMER, _LINK = table_of(Creditor), table_of(Customer), table_of(Link)
_DISPUTE, _HOLD, _INVOICE = table_of(Dispute), table_of(Hold), table_of(Invoice)
_MESSAGE = table_of(Message)


class Shown(NamedTuple):
    """The token of the link is `app.wording.links.token(secret, link_id)`."""

    label: str
    customer_id: int
    locale: str
    link_id: int


def showcase(database: Database) -> list[Shown]:
    """At most one customer a language: the one with most open invoices whose link came last."""
    found = []
    with database.read() as session:
        for locale, language in LANGUAGES:
            row = session.connection().execute(_best(locale)).first()
            if row is not None:
                found.append(_shown(row, locale, language))
    return found


def _best(locale: str) -> Select[Any]:
    open_invoices = (
        select(func.count())
        .where(_INVOICE.c.customer_id == _CUSTOMER.c.id, _INVOICE.c.open_minor > NOTHING)
        .scalar_subquery()
    )
    disputed = exists().where(_DISPUTE.c.customer_id == _CUSTOMER.c.id)
    held = exists().where(_HOLD.c.person_id == _CUSTOMER.c.person_id, _HOLD.c.released_at.is_(None))
    return (
        select(
            _CUSTOMER.c.id, _CREDITOR.c.name.label("creditor"), func.max(_LINK.c.id).label("link")
        )
        .select_from(_LINK)
        .join(_MESSAGE, _MESSAGE.c.id == _LINK.c.message_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _LINK.c.customer_id)
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .where(
            _CUSTOMER.c.locale == locale,
            _LINK.c.purpose == "pay",
            _LINK.c.revoked_at.is_(None),
            _MESSAGE.c.state == "accepted",
            open_invoices > 0,
            ~disputed,
            ~held,
        )
        .group_by(_CUSTOMER.c.id, _CUSTOMER.c.external_id, _CREDITOR.c.name)
        .order_by(open_invoices.desc(), func.max(_MESSAGE.c.accepted_at).desc(),
                  _CUSTOMER.c.external_id)
        .limit(1)
    )  # fmt: skip


def _shown(row: Row[Any], locale: str, language: str) -> Shown:
    return Shown(f"{language}, {row.creditor}", row.id, locale, row.link)
