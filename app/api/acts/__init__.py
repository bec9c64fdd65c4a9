"""What a program may do beside booking, each as staff and the customer's page have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter

from app.api.acts import (
    approvals,
    arrangements,
    campaigns,
    consents,
    creditors,
    events,
    holds,
    page_codes,
    tasks,
    wishes,
)
from app.api.desk import Desk

ROUTERS: Final[tuple[Callable[[Desk], APIRouter], ...]] = (
    creditors.router,
    campaigns.router,
    arrangements.router,
    wishes.router,
    holds.router,
    consents.router,
    events.router,
    tasks.router,
    approvals.router,
    page_codes.router,
)
