"""Opens cases: the audience of each active campaign that has no open case yet.

Looks at everybody once a day of the creditor's calendar, and in between only at customers whose
ledger changed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Row, Select, and_, exists, func, select
from sqlmodel import Session

from app.book.cases import columns_of, event_row
from app.book.disputes import CARVED_OUT
from app.engine.catalogue import Catalogue, NotPublished
from app.store.bulk import chunks, insert_new, insert_rows, table_of, update_rows
from app.store.columns import NOTHING, word
from app.store.engines import Database
from app.store.rows import Attempt, Campaign, Case, Creditor, Customer, Dispute, Event, Invoice
from campaigns.calendar import local_date
from campaigns.case import Arm, CaseOpened, opened
from campaigns.journey import Day, Journey
from campaigns.keys import case_key, draw
from campaigns.position import entry
from campaigns.vocabulary import SubjectKind

log = logging.getLogger(__name__)

SPOKEN_LATELY = timedelta(days=7)

_CASE, _CAMPAIGN, _CREDITOR = table_of(Case), table_of(Campaign), table_of(Creditor)
_INVOICE, _CUSTOMER, _DISPUTE = table_of(Invoice), table_of(Customer), table_of(Dispute)
_ATTEMPT = table_of(Attempt)


@dataclass(frozen=True, slots=True)
class _Opening:
    """One case to open: its subject by id and by the ERP's own name, and its anchor."""

    customer_id: int
    person_id: int
    subject_id: int
    subject_name: str
    anchor_on: date
    invoice_id: int


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
        try:
            today = local_date(now, ZoneInfo(campaign.zone))
            digest, journey = self._catalogue.journey(campaign.journey)
            self._catalogue.policy(campaign.creditor_id)
        except (NotPublished, ValueError, ZoneInfoNotFoundError) as problem:
            log.error("campaign %s cannot enrol: %s", campaign.id, type(problem).__name__)
            return 0
        with self._database.write() as session:
            openings = _openings(session, campaign, journey, today)
            count = self._open(session, campaign, journey, digest, openings, today, now)
            update_rows(
                session,
                Campaign,
                [{"id": campaign.id, "enrolled_on": today, "enrolled_at": now}],
            )
        return count

    def _open(
        self,
        session: Session,
        campaign: Row[Any],
        journey: Journey,
        digest: str,
        openings: Sequence[_Opening],
        today: date,
        now: datetime,
    ) -> int:
        episodes = _episodes(session, campaign.id, [o.subject_id for o in openings])
        lately = _spoken_lately(session, [o.person_id for o in openings], now)
        calendar = self._catalogue.policy(campaign.creditor_id).calendar
        rows, events = [], {}
        for opening in openings:
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
            rows.append(_case_row(campaign, opening, event, episode, digest, now))
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
        _CHANGED.label("has_changed"),
    )
    .join_from(_CAMPAIGN, _CREDITOR, _CREDITOR.c.id == _CAMPAIGN.c.creditor_id)
    .where(_CAMPAIGN.c.active)
    .order_by(_CAMPAIGN.c.id)
)


def _is_stale(campaign: Row[Any], now: datetime) -> bool:
    """Whether anybody may have joined the audience since the last look."""
    try:
        today = local_date(now, ZoneInfo(campaign.zone))
    except (ValueError, ZoneInfoNotFoundError):
        return True  # `_enrol` says so
    return campaign.enrolled_on != today or bool(campaign.has_changed)


def _openings(
    session: Session, campaign: Row[Any], journey: Journey, today: date
) -> list[_Opening]:
    by_invoice = campaign.subject == SubjectKind.INVOICE
    rows = session.connection().execute(_candidates(campaign, _horizon(journey, today), by_invoice))
    found: dict[int, _Opening] = {}
    for row in rows:
        subject = row.invoice_id if by_invoice else row.customer_id
        name = row.invoice_name if by_invoice else row.customer_name
        found.setdefault(
            subject,
            _Opening(row.customer_id, row.person_id, subject, name, row.due_on, row.invoice_id),
        )
    if by_invoice:
        return [o for o in found.values() if o.anchor_on > today]
    return list(found.values())


def _horizon(journey: Journey, today: date) -> date:
    """The latest due date whose journey has begun: a first step on day -5 looks five days ahead."""
    first = journey.steps[0].anchor if journey.steps else Day(0)
    return today - timedelta(days=first.offset if isinstance(first, Day) else 0)


def _candidates(campaign: Row[Any], horizon: date, by_invoice: bool) -> Any:
    """Open, undisputed invoices whose subject has no open case (invoices: no case at all yet).

    What was due when a journey ended without being settled stays ended: nobody who was handed over
    is reminded again. A settled case that a reversal reopens, and newer invoices, begin anew.
    """
    subject = _INVOICE.c.id if by_invoice else _INVOICE.c.customer_id
    taken = exists().where(
        _CASE.c.campaign_id == campaign.id,
        _CASE.c.subject_id == subject,
        *(() if by_invoice else (_CASE.c.phase != word("closed"),)),
    )
    ended = exists().where(
        _CASE.c.campaign_id == campaign.id,
        _CASE.c.subject_id == subject,
        _CASE.c.phase == "closed",
        _CASE.c.outcome != "settled",
        _CASE.c.closed_on >= _INVOICE.c.due_on,
    )
    disputed = exists().where(
        _DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state.in_(CARVED_OUT)
    )
    return (
        select(
            _INVOICE.c.id.label("invoice_id"),
            _INVOICE.c.external_id.label("invoice_name"),
            _INVOICE.c.due_on,
            _CUSTOMER.c.id.label("customer_id"),
            _CUSTOMER.c.person_id,
            _CUSTOMER.c.external_id.label("customer_name"),
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _INVOICE.c.customer_id)
        .where(
            _INVOICE.c.creditor_id == campaign.creditor_id,
            _INVOICE.c.open_minor > NOTHING,
            _INVOICE.c.due_on <= horizon,
            ~taken,
            ~ended,
            ~disputed,
        )
        .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
    )


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
    opening: _Opening,
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
