"""Who joins a campaign now: the subjects of its audience that have no case yet, with their anchors.

Reads only. What was due when a journey ended without being settled stays ended: nobody who was
handed over is reminded again. A settled case that a reversal reopens, and newer invoices, begin
anew. One customer has one open case about what is overdue, whatever the number of campaigns.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.book.snapshot_subjects import CHARGES
from app.engine.audience import Audience
from app.store.columns import NOTHING, word
from app.store.given import table_of
from app.store.rows import (
    Campaign,
    Case,
    Customer,
    Dispute,
    Instalment,
    Invoice,
    Plan,
    Subscription,
)
from campaigns.calendar import at_local, local_date
from campaigns.journey import Day, Journey
from campaigns.vocabulary import AnchorKind, SubjectKind

LATE = timedelta(days=7)
"""How long after an anniversary a machine that was off still asks."""

_MOST_YEARS = 40

_CASE, _CAMPAIGN, _CUSTOMER = table_of(Case), table_of(Campaign), table_of(Customer)
_INVOICE, _DISPUTE = table_of(Invoice), table_of(Dispute)
_PLAN, _INSTALMENT, _SUBSCRIPTION = table_of(Plan), table_of(Instalment), table_of(Subscription)


@dataclass(frozen=True, slots=True)
class Opening:
    """One case to open: its subject by id and by the ERP's own name, and its anchor."""

    customer_id: int
    person_id: int
    subject_id: int
    subject_name: str
    anchor_on: date
    invoice_id: int | None = None


def candidates(
    session: Session, campaign: Row[Any], journey: Journey, today: date, *, since: datetime | None
) -> array[int]:
    """The ids of the customers who may join on `today`, as far as it costs little to say; with
    `since` only of those whose ledger has changed from then on."""
    query = _query(campaign, journey, today).with_only_columns(_CUSTOMER.c.id).order_by(None)
    if since is not None:
        query = select(_CUSTOMER.c.id).where(
            _CUSTOMER.c.creditor_id == campaign.creditor_id, _CUSTOMER.c.ledger_changed_at >= since
        )
    found = session.connection().execute(query.distinct(), execution_options={"yield_per": 10_000})
    return array("q", found.scalars())  # of a million customers, eight megabytes


def concerned(
    session: Session, campaign: Row[Any], journey: Journey, today: date, *, most: int | None = None
) -> array[int]:
    """The same, with those who have a case already: whom the campaign would be about. At most
    `most` of them, in no order."""
    query = _query(campaign, journey, today, turn=()).with_only_columns(_CUSTOMER.c.id)
    found = session.connection().execute(
        query.order_by(None).distinct().limit(most), execution_options={"yield_per": 10_000}
    )
    return array("q", found.scalars())


def concerning(
    session: Session, campaign: Row[Any], journey: Journey, today: date, customers: Sequence[int]
) -> Sequence[Row[Any]]:
    """What of these customers it would be about: a row each."""
    query = _query(campaign, journey, today, customers, turn=())
    return session.connection().execute(query).all()


def openings(
    session: Session,
    campaign: Row[Any],
    journey: Journey,
    audience: Audience,
    today: date,
    customers: Sequence[int],
) -> list[Opening]:
    """The cases of these customers to open on `today`, each subject once."""
    rows = session.connection().execute(_query(campaign, journey, today, customers)).all()
    belong = audience.among(rows, today)
    chosen = (_opening(campaign, journey, row, today) for row in rows if row.id in belong)
    return list(_first_of_each(chosen))


def _query(
    campaign: Row[Any],
    journey: Journey,
    today: date,
    customers: Sequence[int] | None = None,
    *,
    turn: Sequence[ColumnElement[bool]] | None = None,
) -> Select[Any]:
    """Of these customers of the campaign's creditor, or of all. `turn` stands in for the question
    whether it is this campaign's turn."""
    horizon = _horizon(journey, today)

    def theirs(creditor: ColumnElement[Any], customer: ColumnElement[Any]) -> ColumnElement[bool]:
        # Never both: SQLite would look for a few customers among all that is open.
        return creditor == campaign.creditor_id if customers is None else customer.in_(customers)

    match SubjectKind(campaign.subject):
        case SubjectKind.CUSTOMER if journey.anchor is AnchorKind.ANNIVERSARY:
            query = _anniversaries(campaign, today)
            return query.where(theirs(_CUSTOMER.c.creditor_id, _CUSTOMER.c.id))
        case SubjectKind.CUSTOMER:
            query = _owed(horizon, *(_customers_turn(campaign) if turn is None else turn))
            return query.where(theirs(_INVOICE.c.creditor_id, _INVOICE.c.customer_id))
        case SubjectKind.INVOICE:
            taken = exists().where(_ours(campaign), _CASE.c.subject_id == _INVOICE.c.id)
            query = _owed(horizon, ~taken, _INVOICE.c.due_on > today)
            return query.where(theirs(_INVOICE.c.creditor_id, _INVOICE.c.customer_id))
        case SubjectKind.PLAN:
            query = _instalments(campaign, horizon)
            return query.where(theirs(_CUSTOMER.c.creditor_id, _PLAN.c.customer_id))
        case SubjectKind.SUBSCRIPTION:
            query = _charges(campaign, horizon)
            return query.where(theirs(_SUBSCRIPTION.c.creditor_id, _SUBSCRIPTION.c.customer_id))


def _horizon(journey: Journey, today: date) -> date:
    """The latest anchor whose journey has begun: a first step on day -5 looks five days ahead."""
    first = journey.steps[0].anchor if journey.steps else Day(0)
    return today - timedelta(days=first.offset if isinstance(first, Day) else 0)


def _opening(campaign: Row[Any], journey: Journey, row: Row[Any], today: date) -> Opening:
    owner: str = row.external_id
    match SubjectKind(campaign.subject):
        case SubjectKind.CUSTOMER if journey.anchor is AnchorKind.ANNIVERSARY:
            anchor = _anniversary(local_date(row.created_at, ZoneInfo(campaign.zone)), today)
            return Opening(row.id, row.person_id, row.id, owner, anchor)
        case SubjectKind.CUSTOMER:
            return Opening(row.id, row.person_id, row.id, owner, row.due_on, row.invoice_id)
        case SubjectKind.INVOICE:
            name = f"{owner}:invoice:{row.invoice_name}"
            return Opening(row.id, row.person_id, row.invoice_id, name, row.due_on, row.invoice_id)
        case SubjectKind.PLAN:
            name = f"{owner}:plan:{row.plan_id}"
            return Opening(row.id, row.person_id, row.plan_id, name, row.due_on)
        case SubjectKind.SUBSCRIPTION:
            name = f"{owner}:subscription:{row.subscription_name}"
            return Opening(
                row.id, row.person_id, row.subscription_id, name, row.declined_on, row.invoice_id
            )


def _first_of_each(found: Iterable[Opening]) -> Iterable[Opening]:
    seen: dict[int, Opening] = {}
    for opening in found:
        seen.setdefault(opening.subject_id, opening)
    return seen.values()


_PEOPLE = (
    _CUSTOMER.c.id,
    _CUSTOMER.c.person_id,
    _CUSTOMER.c.external_id,
    *(_CUSTOMER.c[name] for name in ("kind", "locale", "country", "preferred_medium", "custom")),
)
_OWED = (
    _INVOICE.c.id.label("invoice_id"),
    _INVOICE.c.external_id.label("invoice_name"),
    _INVOICE.c.due_on,
    _INVOICE.c.open_minor,
    _INVOICE.c.currency,
)


def _owed(horizon: date, *where: Any) -> Select[Any]:
    """Open, undisputed invoices, the oldest first."""
    disputed = exists().where(
        _DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state.in_(CARVED_OUT)
    )
    charged = CHARGES.where(
        _SUBSCRIPTION.c.customer_id == _INVOICE.c.customer_id,
        _SUBSCRIPTION.c.open_invoice_id == _INVOICE.c.id,
    )
    return (
        select(*_OWED, *_PEOPLE)
        .select_from(_INVOICE)
        .join(_CUSTOMER, _CUSTOMER.c.id == _INVOICE.c.customer_id)
        .where(
            _INVOICE.c.open_minor > NOTHING,
            _INVOICE.c.due_on <= horizon,
            _CUSTOMER.c.erased_at.is_(None),
            ~disputed,
            ~charged.correlate(_INVOICE).exists(),
            *where,
        )
        .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
    )


def _customers_turn(campaign: Row[Any]) -> tuple[Any, Any]:
    """No case of what is overdue is open, ours did not end without being settled, and none was
    handed over."""
    campaigns = select(_CAMPAIGN.c.id).where(
        _CAMPAIGN.c.creditor_id == campaign.creditor_id,
        _CAMPAIGN.c.subject == SubjectKind.CUSTOMER.value,
    )
    about = (
        _CASE.c.customer_id == _INVOICE.c.customer_id,
        _CASE.c.campaign_id.in_(campaigns),
        _CASE.c.anchor == AnchorKind.DUE_DATE.value,
    )
    taken = exists().where(*about, _CASE.c.phase != word("closed"))
    ended = exists().where(
        *about,
        _CASE.c.phase == "closed",
        or_(
            and_(_ours(campaign), _CASE.c.outcome != "settled"),
            _CASE.c.outcome == "handed_over",
        ),
        _CASE.c.closed_on >= _INVOICE.c.due_on,
    )
    return ~taken, ~ended


def _instalments(campaign: Row[Any], horizon: date) -> Select[Any]:
    """The first unpaid instalment of each running plan, unless its date had its case already."""
    unpaid = _INSTALMENT.c.state.in_(("due", "missed"))
    taken = exists().where(
        _ours(campaign),
        _CASE.c.subject_id == _PLAN.c.id,
        or_(
            and_(_CASE.c.anchor_on == _INSTALMENT.c.due_on, _CASE.c.outcome != "settled"),
            _CASE.c.phase != word("closed"),
        ),
    )
    return (
        select(_PLAN.c.id.label("plan_id"), _INSTALMENT.c.due_on, *_PEOPLE)
        .select_from(_PLAN)
        .join(_INSTALMENT, and_(_INSTALMENT.c.plan_id == _PLAN.c.id, unpaid))
        .join(_CUSTOMER, _CUSTOMER.c.id == _PLAN.c.customer_id)
        .where(
            _CUSTOMER.c.erased_at.is_(None),
            _PLAN.c.state == "running",
            _INSTALMENT.c.due_on <= horizon,
            ~taken,
        )
        .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
    )


def _charges(campaign: Row[Any], horizon: date) -> Select[Any]:
    """The subscriptions whose last charge failed and is still open."""
    taken = exists().where(
        _ours(campaign),
        _CASE.c.subject_id == _SUBSCRIPTION.c.id,
        or_(
            and_(
                _CASE.c.anchor_invoice_id == _SUBSCRIPTION.c.open_invoice_id,
                _CASE.c.outcome != "settled",
            ),
            _CASE.c.phase != word("closed"),
        ),
    )
    return (
        select(
            _SUBSCRIPTION.c.id.label("subscription_id"),
            _SUBSCRIPTION.c.external_id.label("subscription_name"),
            _SUBSCRIPTION.c.declined_on,
            *_OWED,
            *_PEOPLE,
        )
        .select_from(_SUBSCRIPTION)
        .join(_INVOICE, _INVOICE.c.id == _SUBSCRIPTION.c.open_invoice_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _SUBSCRIPTION.c.customer_id)
        .where(
            _SUBSCRIPTION.c.declined_on <= horizon,
            _INVOICE.c.open_minor > NOTHING,
            _CUSTOMER.c.erased_at.is_(None),
            ~taken,
        )
        .order_by(_SUBSCRIPTION.c.id)
    )


def _anniversaries(campaign: Row[Any], today: date) -> Select[Any]:
    """Those whose anniversary was within the last days, and who were not asked for it."""
    zone = ZoneInfo(campaign.zone)
    spans = [_span(today, years, zone) for years in range(1, min(_MOST_YEARS, today.year) + 1)]
    asked = exists().where(
        _ours(campaign),
        _CASE.c.subject_id == _CUSTOMER.c.id,
        or_(_CASE.c.anchor_on > today - timedelta(days=300), _CASE.c.phase != word("closed")),
    )
    created = _CUSTOMER.c.created_at
    return (
        select(*_PEOPLE, created)
        .where(
            _CUSTOMER.c.erased_at.is_(None),
            or_(*(and_(created >= since, created < until) for since, until in spans)),
            ~asked,
        )
        .order_by(_CUSTOMER.c.id)
    )


def _span(today: date, years: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The days, so many years ago, whose anniversary is within the last days."""
    after, last = (_moved(day, -years) for day in (today - LATE, today))
    day = timedelta(days=1)
    return at_local(after + day, time(0), zone), at_local(last + day, time(0), zone)


def _anniversary(created_on: date, today: date) -> date:
    """The latest one that is not later than `today`."""
    this_year = _moved(created_on, today.year - created_on.year)
    return this_year if this_year <= today else _moved(created_on, today.year - created_on.year - 1)


def _moved(day: date, years: int) -> date:
    """The same day in another year; a 29 February is a 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _ours(campaign: Row[Any]) -> Any:
    return _CASE.c.campaign_id == campaign.id
