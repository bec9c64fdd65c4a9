"""A notice that was given on paper or by hand is put on record by staff."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from app.intake.concerned import stop_customer
from app.intake.tasks import finish_task
from app.store.bulk import insert_new
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import wake
from app.store.rows import Case, Creditor, Notice
from campaigns.calendar import at_local
from campaigns.duties import Act

_CASE, _CREDITOR = table_of(Case), table_of(Creditor)

RECORDED = (Act.VALIDATION_NOTICE, Act.WRITTEN_DEBT_NOTICE, Act.PRE_TRANSFER_NOTICE)
"""The notices that something waits for, or that must be given in time."""


def record_notice(session: Session, customer_id: int, act: Act, on: date, now: datetime) -> bool:
    """Puts it on record, ends its task and wakes the customer's cases. Answers whether it was
    new."""
    concerned = stop_customer(session, customer_id)
    query = select(_CREDITOR.c.zone).where(_CREDITOR.c.id == concerned.creditor_id)
    zone = ZoneInfo(session.connection().execute(query).scalar_one())
    row = {
        "key": f"{act}:{customer_id}:{on.isoformat()}",
        "customer_id": customer_id,
        "act": str(act),
        "at": at_local(on, time(), zone),
        "made_by": "staff",
    }
    is_new = bool(insert_new(session, Notice, [row]))
    finish_task(session, f"notice:{act}:{customer_id}", now)
    cases = select(_CASE.c.id).where(
        _CASE.c.customer_id == customer_id, _CASE.c.phase != word("closed")
    )
    wake(session, list(session.connection().execute(cases).scalars()), now=now)
    return is_new
