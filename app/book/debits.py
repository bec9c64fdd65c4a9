"""How the debit of each unpaid instalment stands: by its plan's mandate and what was tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, or_, select
from sqlmodel import Session

from app.book.envelope import House, house_in
from app.book.mandates import live_of_plans
from app.store.given import GIVEN, rows_by_id, rows_given, table_of
from app.store.rows import Campaign, Case, Checkout, Creditor, Message
from campaigns.debits import NO_DEBIT, Debit, Declined, Tried, debit
from campaigns.vocabulary import SubjectKind

NOTICE: Final = "debit_soon"
"""The template that announces a debit: nothing is debited that it has not announced."""

_CHECKOUT, _MESSAGE = table_of(Checkout), table_of(Message)
_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)
_UNPAID = ("due", "missed")
_SAID = {
    "paid": Declined.HARD,  # and went back since, for the instalment is unpaid: never again
    "expired": Declined.SOFT,  # it was not asked for after all
}


def debits_of(
    session: Session, plans: Mapping[int, Sequence[Row[Any]]], now: datetime
) -> dict[int, Debit]:
    """By instalment, of plans and their instalments; those that are missing have no debit."""
    mandates = live_of_plans(session, plans)
    if not mandates:
        return {}
    creditors = rows_by_id(session, Creditor, {row.creditor_id for row in mandates.values()})
    houses = {id_: house_in(row) for id_, row in creditors.items()}
    unpaid = [
        (one, mandate)
        for plan_id, mandate in mandates.items()
        for one in plans[plan_id]
        if one.state in _UNPAID
    ]
    tried, announced = _tried(session, [one.id for one, _ in unpaid]), announcements(session, plans)
    return {
        one.id: _debit(
            houses[mandate.creditor_id],
            one,
            mandate,
            tried[one.id],
            announced.get((one.plan_id, one.due_on)),
            now,
        )
        for one, mandate in unpaid
    }


def announcements(session: Session, plan_ids: Iterable[int]) -> Mapping[tuple[int, date], datetime]:
    """When the debit of each instalment was announced first, by plan and due date: by a message
    that was accepted and has not failed since."""
    found: dict[tuple[int, date], datetime] = {}
    for row in rows_given(session, _NOTICES, sorted(set(plan_ids))):
        found.setdefault((row.subject_id, row.anchor_on), row.accepted_at)
    return found


def _debit(
    house: House,
    instalment: Row[Any],
    mandate: Row[Any],
    tried: Sequence[Row[Any]],
    announced_at: datetime | None,
    now: datetime,
) -> Debit:
    """One that was missed before anything was tried is asked for like any other."""
    found = debit(
        house.debit_on(instalment.due_on),
        [Tried(house.today(row.created_at), row.mandate_id, _declined(row)) for row in tried],
        mandate.id,
        house.debits,
        today=house.today(now),
        announced_on=house.today(announced_at) if announced_at else None,
    )
    if not tried and instalment.state != "due":
        return NO_DEBIT
    on = house.debit_on(found.on) if found.on else None
    return replace(found, on=on, card_ending=mandate.last_four)


def _declined(row: Row[Any]) -> Declined | None:
    if row.state == "declined":
        return Declined(row.declined or Declined.HARD)
    return _SAID.get(row.state)


def _tried(session: Session, instalment_ids: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows_given(session, _TRIES, sorted(instalment_ids)):
        found[row.instalment_id].append(row)
    return found


_TRIES = (
    select(_CHECKOUT)
    .where(_CHECKOUT.c.instalment_id.in_(GIVEN), _CHECKOUT.c.mandate_id.is_not(None))
    .order_by(_CHECKOUT.c.id)
)
_NOTICES = (
    select(_CASE.c.subject_id, _CASE.c.anchor_on, _MESSAGE.c.accepted_at)
    .join(_CASE, _CASE.c.id == _MESSAGE.c.case_id)
    .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
    .where(
        _CASE.c.subject_id.in_(GIVEN),
        _CAMPAIGN.c.subject == SubjectKind.PLAN.value,
        _MESSAGE.c.template == NOTICE,
        _MESSAGE.c.state.in_(("accepted", "assumed_sent")),
        _MESSAGE.c.accepted_at.is_not(None),
        or_(_MESSAGE.c.delivery.is_(None), _MESSAGE.c.delivery.not_in(("failed", "bounced"))),
    )
    .order_by(_MESSAGE.c.accepted_at)
)
