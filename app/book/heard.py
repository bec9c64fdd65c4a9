"""When customers last wrote on WhatsApp: for a day after that, anything may be said there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session

from app.store.bulk import GIVEN, rows_given, table_of
from app.store.rows import Reply

OPEN_FOR: Final = timedelta(hours=24)

_REPLY = table_of(Reply)


def heard_on_whatsapp(session: Session, customers: Sequence[int]) -> Mapping[int, datetime]:
    """The latest text of each of these customers who ever wrote there."""
    return {row.customer_id: row.heard_at for row in rows_given(session, _HEARD, customers)}


_HEARD = (
    select(_REPLY.c.customer_id, func.max(_REPLY.c.received_at).label("heard_at"))
    .where(_REPLY.c.customer_id.in_(GIVEN), _REPLY.c.medium == "whatsapp")
    .group_by(_REPLY.c.customer_id)
)
