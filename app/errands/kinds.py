"""What errands there are, and the lane that each goes in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    TRY_IMPORT = "try_import"  # a dry run: what an import would change
    IMPORT = "import"
    EXPORT = "export"
    TRY_JOURNEY = "try_journey"  # the days pass for one customer, on a scratch database
    AUDIENCE = "audience"  # who a campaign would be for, and how many
    HOLD = "hold"
    RELEASE = "release"
    ASSIGN = "assign"


class Lane(StrEnum):
    """Each lane is a loop of its own, so that a long import holds up no small export."""

    QUICK = "quick"
    LONG = "long"


LANES: Final[Mapping[Kind, Lane]] = {
    Kind.TRY_IMPORT: Lane.LONG,
    Kind.IMPORT: Lane.LONG,
    Kind.EXPORT: Lane.QUICK,
    Kind.TRY_JOURNEY: Lane.QUICK,
    Kind.AUDIENCE: Lane.QUICK,
    Kind.HOLD: Lane.QUICK,
    Kind.RELEASE: Lane.QUICK,
    Kind.ASSIGN: Lane.QUICK,
}


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ErrandFailed(ValueError):
    """An errand that cannot be done. Its sentence is shown to whoever asked for it."""
