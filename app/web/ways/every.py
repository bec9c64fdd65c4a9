"""Every way, in the order in which the front page names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.ways import (
    card,
    details,
    dispute,
    help,
    leave,
    paid,
    parts,
    plan,
    promise,
    timeline,
    transfer,
)
from app.web.ways.way import Way

WAYS: Final = (
    details.WAY,
    transfer.WAY,
    timeline.WAY,
    plan.WAY,
    promise.WAY,
    parts.WAY,
    parts.WISH,
    dispute.WAY,
    help.WAY,
    paid.WAY,
    card.WAY,
    card.STOP,
    leave.WRONG_PERSON,
    leave.STOP,
)
BY_PURPOSE: Final[Mapping[str, Way]] = {
    way.purpose.value: way for way in WAYS if way.purpose is not None
}
