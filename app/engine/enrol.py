"""Opens cases: the audience of each active campaign that has no open case yet.

Looks at everybody once a day of the creditor's calendar, and in between only at customers whose
ledger changed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Row, Select, and_, exists, func, select
from sqlmodel import Session

from app.book.cases import columns_of, event_row
from app.engine.audience import Audience
from app.engine.catalogue import Catalogue, NotPublished
from app.engine.openings import Opening, candidates, openings
from app.store.bulk import insert_new, insert_rows, lock_rows, update_rows
from app.store.columns import word
from app.store.engines import Database
from app.store.given import chunks, table_of
from app.store.rows import Attempt, Campaign, Case, Creditor, Customer, Dispute, Event, Invoice
from campaigns.calendar import local_date
from campaigns.case import Arm, CaseOpened, opened
from campaigns.fact_table import FactType
from campaigns.journey import Journey
from campaigns.keys import case_key, draw
from campaigns.position import entry

log = logging.getLogger(__name__)

SPOKEN_LATELY = timedelta(days=7)
AT_ONCE = 1000
"""Customers who are enrolled in one transaction: what a first book of a million takes, nobody waits
for."""

_CASE, _CAMPAIGN, _CREDITOR = table_of(Case), table_of(Campaign), table_of(Creditor)
_INVOICE, _CUSTOMER, _DISPUTE = table_of(Invoice), table_of(Customer), table_of(Dispute)
_ATTEMPT = table_of(Attempt)


class Enrolment:
    """The loop that opens cases."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    def tick(self, now: datetime) -> int:
        """Opens what is to be opened now and answers how many cases that were.

        Raises the first failure, when all other campaigns have had their turn.
        """
        with self._database.read() as session:
            campaigns = session.connection().execute(_CAMPAIGNS).all()
            stale = [row for row in campaigns if _is_stale(row, now)]
            if stale:
                self._catalogue.refresh(session)
        opened_now, failed = 0, None
        for campaign in stale:
            try:
                opened_now += self._enrol(campaign, now)
            except Exception as problem:  # noqa: BLE001  # raised below
                failed = failed or problem
        if failed is not None:
            raise failed
        return opened_now

    def _enrol(self, campaign: Row[Any], now: datetime) -> int:
        """A campaign that cannot be read costs no other; `duly check` and the console name it."""
        self._database.ensure_going()
        try:
            today = local_date(now, ZoneInfo(campaign.zone))
            digest, journey = self._catalogue.journey(campaign.journey)
            self._catalogue.policy(campaign.creditor_id)
            audience = Audience.of(campaign, _custom_types(campaign))
        except (NotPublished, ValueError, ZoneInfoNotFoundError) as problem:
            log.error("campaign %s cannot enrol: %s", campaign.id, type(problem).__name__)
            return 0
        since = campaign.enrolled_at if campaign.enrolled_on == today else None
        with self._database.read() as session:
            waiting = candidates(session, campaign, journey, today, since=since)
        count = 0
        for part in chunks(waiting, AT_ONCE):  # each its own transaction: others write in between
            self._database.ensure_going()
            with self._database.write() as session:
                lock_rows(session, Campaign, [campaign.id])  # two workers would open the same cases
                joining = openings(session, campaign, journey, audience, today, list(part))
                count += self._open(session, campaign, journey, digest, joining, today, now)
        with self._database.write() as session:
            done = {"id": campaign.id, "enrolled_on": today, "enrolled_at": now}
            update_rows(session, Campaign, [done])
        return count

    def _open(
        self,
        session: Session,
        campaign: Row[Any],
        journey: Journey,
        digest: str,
        joining: Sequence[Opening],
        today: date,
        now: datetime,
    ) -> int:
        episodes = _episodes(session, campaign.id, [o.subject_id for o in joining])
        lately = _spoken_lately(session, [o.person_id for o in joining], now)
        calendar = self._catalogue.policy(campaign.creditor_id).calendar
        rows, events = [], {}
        for opening in joining:
            episode = episodes.get(opening.subject_id, 0) + 1
            done, reached = entry(
                journey,
                opening.anchor_on,
                today,
                spoken_lately=opening.person_id in lately,
                calendar=calendar,
            )
            key = case_key(campaign.creditor_name, campaign.name, opening.subject_name, episode)
            arm, _ = _arm(key, campaign.control_share)
            event = CaseOpened(key, opening.anchor_on, arm, done, reached)
            row = _case_row(campaign, opening, event, episode, digest, now)
            rows.append({**row, "anchor": journey.anchor.value})
            events[key] = (event, opening.customer_id)
        ids = insert_new(session, Case, rows)
        insert_rows(
            session,
            Event,
            [
                event_row(events[key][0], case_id=case_id, customer_id=events[key][1], at=now)
                for key, case_id in sorted(ids.items(), key=lambda item: item[1])
            ],
        )
        return len(ids)


_CHANGED = exists().where(
    _CUSTOMER.c.creditor_id == _CAMPAIGN.c.creditor_id,
    _CUSTOMER.c.ledger_changed_at >= _CAMPAIGN.c.enrolled_at,
)
_CAMPAIGNS: Select[Any] = (
    select(
        *_CAMPAIGN.c,
        _CREDITOR.c.zone,
        _CREDITOR.c.external_id.label("creditor_name"),
        *(_CREDITOR.c[name] for name in ("role", "sector", "locale", "custom_types")),
        _CHANGED.label("has_changed"),
    )
    .join_from(_CAMPAIGN, _CREDITOR, _CREDITOR.c.id == _CAMPAIGN.c.creditor_id)
    .where(_CAMPAIGN.c.active)
    .order_by(_CAMPAIGN.c.priority.desc(), _CAMPAIGN.c.id)
)
"""The first of several that want a customer opens the case."""


def _custom_types(campaign: Row[Any]) -> Mapping[str, FactType]:
    return {name: FactType(kind) for name, kind in campaign.custom_types.items()}


def _is_stale(campaign: Row[Any], now: datetime) -> bool:
    """Whether anybody may have joined the audience since the last look."""
    try:
        today = local_date(now, ZoneInfo(campaign.zone))
    except (ValueError, ZoneInfoNotFoundError):
        return True  # `_enrol` says so
    return campaign.enrolled_on != today or bool(campaign.has_changed)


def _episodes(session: Session, campaign_id: int, subjects: Sequence[int]) -> Mapping[int, int]:
    found: dict[int, int] = {}
    for part in chunks(subjects):
        query = (
            select(_CASE.c.subject_id, func.max(_CASE.c.episode).label("episode"))
            .where(_CASE.c.campaign_id == campaign_id, _CASE.c.subject_id.in_(part))
            .group_by(_CASE.c.subject_id)
        )
        rows = session.connection().execute(query)
        found.update({row.subject_id: row.episode for row in rows})
    return found


def _spoken_lately(session: Session, persons: Sequence[int], now: datetime) -> frozenset[int]:
    found: set[int] = set()
    for part in chunks(persons):
        query = select(_ATTEMPT.c.person_id).where(
            and_(
                _ATTEMPT.c.person_id.in_(part),
                _ATTEMPT.c.gated_at > now - SPOKEN_LATELY,
                _ATTEMPT.c.state != word("void"),
                ~_ATTEMPT.c.failed,
            )
        )
        found.update(session.connection().execute(query).scalars())
    return frozenset(found)


def _arm(key: str, control_share: float) -> tuple[Arm, float]:
    """The arm, and how probable it was. Fixed by the case's key, so it replays."""
    if draw(key, "arm") < control_share:
        return Arm.CONTROL, control_share
    return Arm.TREATMENT, 1.0 - control_share


def _case_row(
    campaign: Row[Any],
    opening: Opening,
    event: CaseOpened,
    episode: int,
    digest: str,
    now: datetime,
) -> dict[str, Any]:
    return {
        **columns_of(opened(event, now)),
        "campaign_id": campaign.id,
        "creditor_id": campaign.creditor_id,
        "customer_id": opening.customer_id,
        "person_id": opening.person_id,
        "subject_id": opening.subject_id,
        "episode": episode,
        "anchor_invoice_id": opening.invoice_id,
        "journey_hash": digest,
        "arm_probability": _arm(event.key, campaign.control_share)[1],
        "look_at": now,
        "opened_at": now,
    }
