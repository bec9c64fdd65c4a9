"""Envelopes for the tests, complete and dull; a test names what it is about."""

import asyncio
import atexit
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from channels.seam import Envelope, Medium

T = TypeVar("T")

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RECIPIENTS = {
    Medium.SMS: "+972500000100",
    Medium.EMAIL: "dana@example.com",
    Medium.WHATSAPP: "+972500000100",
}


def envelope(medium: Medium = Medium.SMS, **changes: Any) -> Envelope:
    is_mail = medium is Medium.EMAIL
    made = Envelope(
        attempt_key="case-1/day-3/0",
        medium=medium,
        sender="billing@acme.example" if is_mail else "+972500000001",
        sender_name="Acme",
        recipient=RECIPIENTS[medium],
        subject="Your invoice" if is_mail else None,
        text="Invoice 1042 is due. Pay: https://pay.example.com/p/token-1",
        html="<p>Invoice 1042 is due.</p>" if is_mail else None,
        locale="en",
        template="friendly_reminder",
        sent_at=NOON,
        link_token="token-1",
        two_way=True,
        heard_at=NOON - timedelta(hours=1) if medium is Medium.WHATSAPP else None,
    )
    return replace(made, **changes)


def run(awaited: Coroutine[Any, Any, T]) -> T:
    """The answer of a coroutine, on the one loop that all channels of the tests live on."""
    return _runner().run(awaited)


@cache
def _runner() -> asyncio.Runner:
    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner
