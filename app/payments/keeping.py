"""Pages at a gateway on which a customer enters the card of a mandate. Nothing is taken there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, update

from app.payments.charging import KeepRequest
from app.payments.gateway import Charging
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Mandate
from campaigns.keys import derive

LIFETIME: Final = timedelta(hours=2)

_MANDATE = table_of(Mandate)


def open_card_page(
    database: Database,
    gateway: Charging,
    mandate: Row[Any],
    *,
    return_url: str,
    cancel_url: str,
    language: str,
) -> str:
    """The address of the page of this mandate: the same however often it is asked for.

    Call it outside of a transaction. Raises `GatewayUnavailable`, after which the same may be asked
    again, and `GatewayRefused`.
    """
    request = KeepRequest(
        key=mandate.key,
        currency=mandate.currency,
        return_url=return_url,
        cancel_url=cancel_url,
        customer_ref=derive("customer", mandate.customer_id),
        expires_at=mandate.given_at + LIFETIME,
        language=language,
        ids={"mandate": mandate.id, "customer": mandate.customer_id},
    )
    opened = gateway.keep_card(request)
    written = update(_MANDATE).where(_MANDATE.c.id == mandate.id)
    with database.write() as session:
        session.connection().execute(written.values(session_id=opened.session_id))
    return opened.url
