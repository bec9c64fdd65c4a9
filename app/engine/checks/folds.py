"""Whether every case is where its own history says, in a journey that is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.cases import CASE_EVENT_KINDS, event_of, state_of
from app.engine.checks.finding import PromiseCheck, Tally
from app.engine.checks.pages import pages
from app.store.given import table_of
from app.store.publishing import current
from app.store.rows import Campaign, Case, Event
from campaigns.case import fold_all

_CASE, _EVENT, _CAMPAIGN = table_of(Case), table_of(Event), table_of(Campaign)


def nobody_is_stranded(session: Session) -> PromiseCheck:
    tally = Tally()
    for page in pages(session, _CASE, [c.name for c in _CASE.c if c.name != "id"]):
        tally.examined += len(page)
        histories = _histories(session, [row.id for row in page])
        for row in page:
            if not _agrees(row, histories[row.id]):
                tally.wrong("case", row.id)
    published = current(session, "journey")
    query = select(_CAMPAIGN.c.id, _CAMPAIGN.c.journey).where(_CAMPAIGN.c.active)
    for campaign in session.connection().execute(query):
        tally.examined += 1
        if campaign.journey not in published:
            tally.wrong("campaign", campaign.id)
    return tally.finding(9, "Nobody is stranded", "cases against the fold of their events")


def _histories(session: Session, case_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    query = (
        select(_EVENT.c.case_id, _EVENT.c.kind, _EVENT.c.at, _EVENT.c.payload)
        .where(_EVENT.c.case_id.in_(case_ids), _EVENT.c.kind.in_(CASE_EVENT_KINDS))
        .order_by(_EVENT.c.id)
    )
    for row in session.connection().execute(query):
        found[row.case_id].append(row)
    return found


def _agrees(row: Row[Any], history: Sequence[Any]) -> bool:
    try:
        events = [(event_of(each.kind, each.payload), each.at) for each in history]
        return fold_all(events) == state_of(dict(row._mapping))
    except (ValueError, LookupError, StopIteration):
        return False
