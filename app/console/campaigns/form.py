"""The form of a campaign: what was typed, and what it says as an audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.console.creditors_known import creditor_row, number_in
from app.console.door import Visit
from app.engine.audience_terms import SIGNS, Term, askable, terms_of, text_of
from app.engine.campaigns import CampaignTold
from app.engine.reach import custom_types
from app.store.given import table_of
from app.store.publishing import current
from app.store.rows import Campaign
from app.web.catalogues import N_
from campaigns.fact_table import FactType

ROWS: Final = 4
_CAMPAIGN = table_of(Campaign)

FACT_WORDS: Final[Mapping[str, str]] = {
    "days_past_due": N_("Days past due"),
    "balance": N_("Open amount"),
    "currency": N_("Currency"),
    "open_invoices": N_("Number of open invoices"),
    "kind": N_("Consumer or business"),
    "locale": N_("Language"),
    "country": N_("Country"),
    "preferred_medium": N_("Preferred channel"),
}
SIGN_WORDS: Final[Mapping[str, str]] = {
    "==": N_("is"),
    "!=": N_("is not"),
    ">=": N_("is at least"),
    "<=": N_("is at most"),
    ">": N_("is more than"),
    "<": N_("is less than"),
}


class NoNumber(ValueError):
    """A fact that is a number is compared with something else."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


@dataclass(frozen=True, slots=True)
class Form:
    """A campaign as the form holds it. `terms` are None where the audience is a text. `unread` is
    the fact of them that is compared with no number and should be."""

    name: str
    creditor_id: int | None
    journey: str
    audience: str
    terms: Sequence[Term] | None
    share: str
    priority: str
    unread: str | None = None

    @property
    def rows(self) -> Sequence[Term]:
        """What the builder shows, with some empty rows."""
        told = list(self.terms or ())
        return [*told, *[Term("", "==", "")] * max(ROWS - len(told), 1)]

    def told(self) -> CampaignTold:
        """Raises `NoNumber`, and `ValueError` for a share or a priority that is none."""
        self.ensure_read()
        return CampaignTold(
            self.name,
            self.journey,
            self.audience or None,
            float(self.share or 0) / 100,
            int(self.priority or 0),
        )

    def ensure_read(self) -> None:
        """Raises `NoNumber`."""
        if self.unread is not None:
            raise NoNumber(self.unread)


def of_row(row: Row[Any]) -> Form:
    """A campaign that is there."""
    return Form(
        row.name,
        row.creditor_id,
        row.journey,
        row.audience or "",
        terms_of(row.audience),
        f"{row.control_share * 100:g}",
        str(row.priority),
    )


def of_typed(visit: Visit, before: Row[Any] | None, kinds: Mapping[str, FactType]) -> Form:
    """What was typed; what a campaign is (`before`) no form changes."""
    typed = visit.typed
    if typed.get("how") == "text":
        audience, terms = typed.get("audience", "").strip(), None
    else:
        terms = _terms(typed)
        audience = text_of(terms, kinds)
    return Form(
        before.name if before else typed.get("name", "").strip(),
        before.creditor_id if before else number_in(typed.get("creditor", "")),
        before.journey if before else typed.get("journey", ""),
        audience,
        terms,
        typed.get("share", "").strip(),
        typed.get("priority", "").strip(),
        next((term.fact for term in terms or () if not _is_read(term, kinds)), None),
    )


def kinds_of(session: Session, creditor_id: int | None) -> Mapping[str, FactType]:
    """What an audience of this creditor may ask about."""
    row = creditor_row(session, creditor_id)
    return askable(custom_types(row) if row else {})


def journeys(session: Session) -> Sequence[str]:
    return sorted(current(session, "journey"))


def campaign_row(session: Session, campaign_id: int) -> Row[Any] | None:
    query = select(_CAMPAIGN).where(_CAMPAIGN.c.id == campaign_id)
    return session.connection().execute(query).one_or_none()


def _is_read(term: Term, kinds: Mapping[str, FactType]) -> bool:
    if kinds.get(term.fact) is not FactType.NUMBER:
        return True
    try:
        return Decimal(term.value).is_finite()
    except InvalidOperation:
        return False


def _terms(typed: Mapping[str, str]) -> list[Term]:
    found, at = [], 0
    while f"fact-{at}" in typed:
        fact, sign = typed[f"fact-{at}"], typed.get(f"sign-{at}", "==")
        if fact and sign in SIGNS:
            found.append(Term(fact, sign, typed.get(f"value-{at}", "").strip()))
        at += 1
    return found
