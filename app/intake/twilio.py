"""Twilio's callbacks as what they say: statuses of messages, and what customers write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from app.hearing.reading import Verdict
from app.intake.errors import Forged, Unreadable
from app.intake.replies import Written
from app.intake.sources import TARGET, Heard
from campaigns.vocabulary import Medium
from channels import twilio_callbacks
from channels.delivery import Receipt
from channels.twilio_callbacks import Keyword, Text

_HANDLED: Final = {
    Keyword.STOP: Verdict.OPT_OUT,
    Keyword.START: Verdict.OPT_IN,
    Keyword.HELP: Verdict.HELP,
}


class TwilioSource:
    """Calls to `/webhooks/twilio`. `base_url` is how Twilio sees us: its signature covers it."""

    name = "twilio"

    def __init__(self, token: str, base_url: str) -> None:
        self._token = token
        self._base_url = base_url

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        lower = {name.lower(): value for name, value in headers.items()}
        url = self._base_url + lower.get(TARGET, "")
        if not twilio_callbacks.is_genuine(self._token, url, body, lower):
            raise Forged("the signature of Twilio does not fit")
        try:
            said = twilio_callbacks.read(url, body, now)
        except twilio_callbacks.Unreadable as problem:
            raise Unreadable(str(problem)) from problem
        match said:
            case None:
                return []
            case Receipt():
                return [said]
            case Text():
                return [_written(said, now)]


def _written(text: Text, now: datetime) -> Written:
    return Written(
        key=f"twilio:{text.id}",
        medium=Medium(text.medium),
        from_address=text.writer,
        to_address=text.sender,
        text=text.words,
        at=now,
        handled=_HANDLED[text.handled] if text.handled else None,
    )
