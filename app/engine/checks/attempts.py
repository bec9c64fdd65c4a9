"""The attempts that left, as the checks of promises 3 and 4 read them back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Table, select
from sqlmodel import Session

from app.store.columns import word
from app.store.given import chunks, table_of
from app.store.rows import Attempt, Campaign, Case, Message

_ATTEMPT, _MESSAGE, _CASE = table_of(Attempt), table_of(Message), table_of(Case)
_CAMPAIGN = table_of(Campaign)
COLUMNS = (
    "message_id", "person_id", "creditor_id", "address_id", "medium", "category", "slot", "exempt",
    "failed", "invoice_ids", "gated_at", "evidence",
)  # fmt: skip
LEFT = (_ATTEMPT.c.state != word("void"),)

AT_ONCE = timedelta(seconds=2)
"""How far the clocks of two workers may be apart: closer together, nothing is known of the order.
The guard decided that; a fact may carry an earlier time than the gate that it had to wait for.
So a stop counts only where it stood in every order: placed well before, not lifted until well after
the gate."""

Grouped = Mapping[int, Sequence[Row[Any]]]


def grouped(session: Session, table: Table, column: str, values: Iterable[int]) -> Grouped:
    """The rows whose `column` holds one of `values`, by that value."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for part in chunks(sorted(set(values))):
        for row in session.connection().execute(select(table).where(table.c[column].in_(part))):
            found[row._mapping[column]].append(row)
    return found


def messages_of(session: Session, ids: Sequence[int]) -> Mapping[int, Row[Any]]:
    """The case, the customer, the way and the cause of each message, by its id."""
    found: dict[int, Row[Any]] = {}
    for part in chunks(ids):
        query = (
            select(
                _MESSAGE.c.id,
                _MESSAGE.c.case_id,
                _MESSAGE.c.customer_id,
                _MESSAGE.c.contact_point_id,
                _MESSAGE.c.answers_event_at,
                _MESSAGE.c.origin,
                _MESSAGE.c.approval,
                _CAMPAIGN.c.subject,
            )
            .outerjoin_from(_MESSAGE, _CASE, _CASE.c.id == _MESSAGE.c.case_id)
            .outerjoin(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
            .where(_MESSAGE.c.id.in_(part))
        )
        found.update({row.id: row for row in session.connection().execute(query)})
    return found
