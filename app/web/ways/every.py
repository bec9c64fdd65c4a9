"""Every way, in the order in which the front page names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.ways import (
    call,
    card,
    details,
    dispute,
    feedback,
    help,
    invoices,
    leave,
    paid,
    parts,
    plan,
    preferences,
    promise,
    thread,
    timeline,
    transfer,
)
from app.web.ways.way import Way

WAYS: Final = (
    thread.ANSWER,
    details.WAY,
    invoices.WAY,
    transfer.WAY,
    timeline.WAY,
    plan.WAY,
    promise.WAY,
    parts.WAY,
    parts.WISH,
    dispute.WAY,
    help.WAY,
    paid.WAY,
    thread.WAY,
    call.WAY,
    call.CANCEL,
    preferences.WAY,
    feedback.WAY,
    card.WAY,
    card.STOP,
    leave.WRONG_PERSON,
    leave.STOP,
)
BY_PURPOSE: Final[Mapping[str, Way]] = {
    way.purpose.value: way for way in WAYS if way.purpose is not None
}
