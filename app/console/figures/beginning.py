"""What a new house has yet to do before its first message can leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, exists, select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Campaign, Customer, Sender, SignOff
from app.web.catalogues import N_
from channels.registry import is_real
from channels.seam import Medium

_CAMPAIGN, _CUSTOMER = table_of(Campaign), table_of(Customer)
_SENDER, _SIGN_OFF = table_of(Sender), table_of(SignOff)

BOOK: Final = N_("Bring in a book: customers, and what they owe")
SENDER: Final = N_("Set up a sender: the number or mailbox that messages leave from")
RULES: Final = N_("Sign the rules: somebody answers for the law of each country")
CAMPAIGN: Final = N_("Start a campaign: who is written to, by which journey")


@dataclass(frozen=True, slots=True)
class Step:
    """`words` are a marked text, `href` is the room where it is done."""

    words: str
    href: str
    is_done: bool


def first_steps(session: Session) -> Sequence[Step]:
    """In the order in which they are taken; none once all are done."""
    carried = _carried(session)
    steps = (
        Step(BOOK, "/console/book/imports", _some(session, _CUSTOMER.c.id > 0)),
        Step(SENDER, "/console/senders", bool(carried)),
        Step(RULES, "/console/rules", bool(carried) and _are_signed(session, carried)),
        Step(CAMPAIGN, "/console/campaigns", _some(session, _CAMPAIGN.c.active.is_(True))),
    )
    return () if all(step.is_done for step in steps) else steps


def _carried(session: Session) -> dict[int, bool]:
    """The creditors that have an active sender, and whether a real provider carries for them."""
    query = select(_SENDER.c.creditor_id, _SENDER.c.medium, _SENDER.c.provider).where(
        _SENDER.c.active.is_(True)
    )
    found: dict[int, bool] = {}
    for row in session.connection().execute(query):
        real = is_real(Medium(row.medium), row.provider)
        found[row.creditor_id] = found.get(row.creditor_id, False) or real
    return found


def _are_signed(session: Session, carried: dict[int, bool]) -> bool:
    """Whether somebody has signed for each creditor that real providers carry for. Which packs lack
    it is told where they are signed."""
    query = select(_SIGN_OFF.c.creditor_id).where(_SIGN_OFF.c.withdrawn_at.is_(None)).distinct()
    signed = set(session.connection().execute(query).scalars())
    return all(creditor in signed for creditor, real in carried.items() if real)


def _some(session: Session, condition: ColumnElement[bool]) -> bool:
    return bool(session.connection().execute(select(exists().where(condition))).scalar_one())
