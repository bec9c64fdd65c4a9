"""When and where a customer can be called: their own numbers, the hours of the law and the team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import exists, or_, select
from sqlmodel import Session

from app.book.addresses import area_of
from app.book.envelope import team_hours
from app.intake.bound import bound_facts
from app.intake.concerned import Concerned
from app.store.given import rows_by_id, table_of
from app.store.rows import Address, ContactPoint, Creditor, Customer, Suppression
from campaigns.origins import OPTED_OUT
from campaigns.ruleset import RuleSet
from campaigns.teamhours import called_at
from campaigns.vocabulary import Category
from campaigns.windows import Opening

_ADDRESS, _POINT, _SUPPRESSION = table_of(Address), table_of(ContactPoint), table_of(Suppression)
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number; `address_id` is None for one that was typed."""

    address_id: int | None
    value: str = field(repr=False)
    zone: str | None = None

    @property
    def ending(self) -> str:
        """All that a page or a text shows of it."""
        return self.value[-_SHOWN:]


def own_numbers(session: Session, user: Concerned) -> tuple[Number, ...]:
    """The numbers on record that are in use for the customer and are nobody else's by their own
    word. A stop by text is no stop of a call that they ask for."""
    disowned = exists().where(
        _SUPPRESSION.c.address_id == _ADDRESS.c.id,
        _SUPPRESSION.c.reason != OPTED_OUT,
        _SUPPRESSION.c.medium.is_(None),
        or_(_SUPPRESSION.c.creditor_id.is_(None), _SUPPRESSION.c.creditor_id == user.creditor_id),
        _SUPPRESSION.c.lifted_at.is_(None),
    )
    query = (
        select(_ADDRESS.c.id, _ADDRESS.c.value, _ADDRESS.c.zone, _ADDRESS.c.kind)
        .where(
            _ADDRESS.c.id.in_(
                select(_POINT.c.address_id).where(
                    _POINT.c.customer_id == user.customer_id, _POINT.c.active
                )
            ),
            ~disowned,
        )
        .order_by(_ADDRESS.c.id)
    )
    found = session.connection().execute(query)
    # The kind is asked here: SQLite would go through the numbers of the whole book.
    return tuple(Number(row.id, row.value, row.zone) for row in found if row.kind == "phone")


def call_slots(
    session: Session, user: Concerned, rules: RuleSet, numbers: Sequence[Number], now: datetime
) -> tuple[Opening, ...]:
    """The times at which any of these numbers may be called, soonest first. Raises
    `EnvelopeError`."""
    customer = rows_by_id(session, Customer, [user.customer_id])[user.customer_id]
    creditor = rows_by_id(session, Creditor, [user.creditor_id])[user.creditor_id]
    team = team_hours(creditor)
    facts = bound_facts(customer, creditor)
    found: tuple[Opening, ...] | None = None
    for number in numbers:
        line = called_at(number.address_id or 0, number.zone, area_of(number.value))
        slots = team.slots(rules.timeline(facts, line, Category.REMINDER), now)
        found = slots if found is None else tuple(each for each in found if each in slots)
    return found or ()
