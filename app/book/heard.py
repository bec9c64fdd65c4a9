"""When customers last wrote on WhatsApp: for a day after that, anything may be said there, from the
number that they wrote to, to the number that they wrote from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import func, select
from sqlmodel import Session

from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Reply

OPEN_FOR: Final = timedelta(hours=24)

Heard: TypeAlias = Mapping[tuple[int, int | None], datetime]
"""The latest text by the address that it came from and the sender that it went to."""

_REPLY = table_of(Reply)


def heard_on_whatsapp(session: Session, customers: Sequence[int]) -> Heard:
    """What these customers ever wrote there, as far as it is known from where to where."""
    rows = rows_given(session, _HEARD, customers)
    return {(row.address_id, row.sender_id): row.heard_at for row in rows}


_HEARD = (
    select(
        _REPLY.c.address_id, _REPLY.c.sender_id, func.max(_REPLY.c.received_at).label("heard_at")
    )
    .where(
        _REPLY.c.customer_id.in_(GIVEN),
        _REPLY.c.medium == "whatsapp",
        _REPLY.c.address_id.is_not(None),
        _REPLY.c.sender_id.is_not(None),
    )
    .group_by(_REPLY.c.address_id, _REPLY.c.sender_id)
)
