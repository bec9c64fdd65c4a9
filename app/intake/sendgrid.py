"""SendGrid's calls: events of the mails that it took, signed over the raw body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.intake.errors import Forged, Unreadable
from app.intake.sources import Heard
from channels.sendgrid_events import PROVIDER, UnreadableEvents, is_genuine, receipts_in


class SendGridSource:
    """`key` is the public key that SendGrid shows for signed events."""

    name = PROVIDER

    def __init__(self, key: str) -> None:
        self._key = key

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        named = {name.lower(): value for name, value in headers.items()}
        if not is_genuine(body, named, self._key, now):
            raise Forged("the signature is missing, wrong or stale")
        try:
            return receipts_in(body)
        except UnreadableEvents as unreadable:
            raise Unreadable(str(unreadable)) from unreadable
