"""What can be read: each noun's shape, its filters, and whose it is."""

from __future__ import annotations

from typing import Any, Final

from app.api.listing import Noun
from app.api.nouns.approvals import APPROVALS
from app.api.nouns.arrangements import DISPUTES, HOLDS, INSTALMENTS, PLANS, PROMISES, TASKS
from app.api.nouns.book import (
    CONSENTS,
    CONTACT_POINTS,
    CONTACTS,
    CREDITORS,
    CUSTOMERS,
    INVOICES,
    OFFERS,
    PAYMENTS,
    REVERSALS,
)
from app.api.nouns.outreach import ATTEMPTS, CAMPAIGNS, CASES, EVENTS, MESSAGES, REFUSALS
from app.api.nouns.told import CALL_WISHES, FEEDBACK, PLAN_WISHES, PROOFS

NOUNS: Final[tuple[Noun[Any], ...]] = (
    CREDITORS,
    CUSTOMERS,
    CONTACTS,
    CONTACT_POINTS,
    CONSENTS,
    INVOICES,
    PAYMENTS,
    REVERSALS,
    OFFERS,
    CAMPAIGNS,
    CASES,
    EVENTS,
    REFUSALS,
    MESSAGES,
    ATTEMPTS,
    APPROVALS,
    PROMISES,
    PLANS,
    INSTALMENTS,
    DISPUTES,
    HOLDS,
    PLAN_WISHES,
    CALL_WISHES,
    PROOFS,
    FEEDBACK,
    TASKS,
)
