"""Work for a person where a provider's answer shows that something of ours is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.intake.tasks import Team
from channels.errors import SendError


def alert(error: SendError, now: datetime) -> dict[str, Any]:
    """The row of a task: one a day for each code of a provider, however many messages met it."""
    return {
        "key": f"alert:{error.provider}:{error.kind}:{error.code}:{now:%Y-%m-%d}",
        "team": Team.ENGINEERING,
        "kind": "provider_error",
        "title": error.sentence,
        "detail": error.as_record(),
        "created_at": now,
    }
