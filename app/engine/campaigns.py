"""Campaigns as staff and programs make them: who is written to, about what, by which journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlmodel import Session

from app.engine.catalogue import Catalogue, NotPublished
from app.store.bulk import insert_new, update_rows
from app.store.columns import word
from app.store.given import rows_by_id, table_of
from app.store.publishing import current
from app.store.rows import Campaign, Case, Creditor
from campaigns.expressions import ConditionError, compile_condition
from campaigns.fact_table import FactType
from campaigns.vocabulary import SubjectKind
from campaigns.worded import worded

_CAMPAIGN, _CASE, _CREDITOR = table_of(Campaign), table_of(Case), table_of(Creditor)
CHANGEABLE: Final = frozenset({"audience", "control_share", "priority", "active"})
"""The rest is what a campaign is: another journey or subject is another campaign."""


class CampaignRefused(ValueError):
    """A campaign that cannot be as it was told. `field` names what is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class CampaignTold:
    """A campaign that is to be. `audience` is a condition of the journey language; None: everybody
    of the subject. `control_share` of the cases is written to by nobody."""

    name: str
    journey: str
    audience: str | None = None
    control_share: float = 0.0
    priority: int = 0
    active: bool = True


def add_campaign(
    session: Session, catalogue: Catalogue, creditor_id: int, told: CampaignTold
) -> int:
    """Adds it and answers its id; its cases open with the next enrolment. Its subject is that of
    the journey. Raises `CampaignRefused`."""
    subject = _subject(session, catalogue, told.journey)
    _ensure_readable(session, creditor_id, told.audience)
    _ensure_share(told.control_share)
    row = {
        "creditor_id": creditor_id,
        "name": told.name,
        "subject": str(subject),
        "journey": told.journey,
        "audience": told.audience,
        "control_share": told.control_share,
        "priority": told.priority,
        "active": told.active,
    }
    made = insert_new(session, Campaign, [row], unique="name", within=("creditor_id",))
    if not made:
        raise CampaignRefused("name", worded("There is a campaign of this name already."))
    return made[told.name]


def change_campaign(session: Session, campaign_id: int, facts: Mapping[str, Any]) -> None:
    """Changes some of `CHANGEABLE`. One that is switched off opens no more cases; those that run go
    on to their end. Raises `CampaignRefused`, and `LookupError` for one that does not exist."""
    row = rows_by_id(session, Campaign, [campaign_id]).get(campaign_id)
    if row is None:
        raise LookupError(f"there is no campaign {campaign_id}")
    for field in sorted(facts.keys() - CHANGEABLE):
        raise CampaignRefused(field, worded("This cannot change: make another campaign."))
    if "audience" in facts:
        _ensure_readable(session, row.creditor_id, facts["audience"])
    _ensure_share(facts.get("control_share", 0.0))
    if facts:
        # Forgetting the day on which everybody was looked at has everybody looked at again.
        update_rows(session, Campaign, [{"id": campaign_id, "enrolled_on": None, **facts}])


def all_campaigns(session: Session) -> Sequence[Row[Any]]:
    """Every campaign, with its creditor's external id and how many of its cases are open."""
    counted = (
        select(func.count())
        .where(_CASE.c.campaign_id == _CAMPAIGN.c.id, _CASE.c.phase != word("closed"))
        .scalar_subquery()
    )
    query = (
        select(_CAMPAIGN, _CREDITOR.c.external_id.label("creditor"), counted.label("open_cases"))
        .join(_CREDITOR, _CREDITOR.c.id == _CAMPAIGN.c.creditor_id)
        .order_by(_CAMPAIGN.c.id)
    )
    return session.connection().execute(query).all()


def _subject(session: Session, catalogue: Catalogue, journey: str) -> SubjectKind:
    catalogue.refresh(session)
    try:
        _, found = catalogue.journey(journey)
    except NotPublished:
        names = ", ".join(sorted(current(session, "journey")))
        sentence = worded(
            "No journey `%(journey)s` is published; there is: %(names)s.",
            journey=journey,
            names=names,
        )
        raise CampaignRefused("journey", sentence) from None
    return found.subject


def _ensure_readable(session: Session, creditor_id: int, audience: str | None) -> None:
    if not audience:
        return
    creditor = rows_by_id(session, Creditor, [creditor_id])[creditor_id]
    custom = {name: FactType(kind) for name, kind in creditor.custom_types.items()}
    try:
        compile_condition(audience, custom=custom)
    except ConditionError as problem:
        raise CampaignRefused(
            "audience", worded("The audience cannot be read: %(problem)s", problem=problem)
        ) from None


def _ensure_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise CampaignRefused("control_share", worded("A share is a number from 0 to 1."))
