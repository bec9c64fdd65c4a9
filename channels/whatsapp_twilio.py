"""WhatsApp by Twilio's Messages API.

Within 24 hours of the recipient's last text anything may be said; at any other time only content
that WhatsApp has approved, by its SID and what fills its blanks. Which content that is comes with
the envelope.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final, Self

from channels import twilio_messages
from channels.errors import (
    ChannelClosed,
    ContentRejected,
    SendError,
    TemplateNotApproved,
    WindowClosed,
)
from channels.seam import (
    Capabilities,
    Envelope,
    Found,
    Medium,
    NotFound,
    Outcome,
    ensure_supported,
    outcome_of,
)
from channels.twilio_api import TwilioApi
from channels.twilio_codes import PROVIDER

WINDOW: Final = timedelta(hours=24)
_PREFIX: Final = "whatsapp:"
_LATENCY: Final = timedelta(minutes=1)  # the window must still be open when WhatsApp asks


class TwilioWhatsapp:
    """One account's WhatsApp."""

    medium: ClassVar[Medium] = Medium.WHATSAPP
    provider: ClassVar[str] = PROVIDER
    stands_for: ClassVar[str] = "whatsapp"
    capabilities: ClassVar[Capabilities] = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=True,
        lookup=True,
        html=False,
        subject=False,
        max_length=twilio_messages.LONGEST_TEXT,
    )

    def __init__(self, api: TwilioApi) -> None:
        self._api = api
        self._is_closed = False

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """From plain strings: `account`, `token`, `base_url`, `callback`."""
        return cls(TwilioApi.from_settings(settings))

    async def send(self, envelope: Envelope) -> Outcome:
        """Try once, as the seam promises. Free text while the window is open, for that needs no
        approval; approved content otherwise."""
        self._ensure_usable(envelope)
        problem = _objection(envelope)
        if problem is not None:
            return outcome_of(problem)
        return await twilio_messages.create(self._api, envelope, prefix=_PREFIX, **_words(envelope))

    async def find(self, envelope: Envelope) -> Found | NotFound:
        self._ensure_usable(envelope)
        return await twilio_messages.look_for(self._api, envelope, prefix=_PREFIX)

    async def close(self) -> None:
        self._is_closed = True
        await self._api.close()

    def _ensure_usable(self, envelope: Envelope) -> None:
        if self._is_closed:
            raise ChannelClosed("the WhatsApp channel of Twilio was closed: open a new one")
        ensure_supported(self, envelope)


def is_open(envelope: Envelope) -> bool:
    """Whether free text is welcome."""
    heard_at = envelope.heard_at
    return heard_at is not None and envelope.sent_at < heard_at + WINDOW - _LATENCY


def _objection(envelope: Envelope) -> SendError | None:
    if not 0 < len(envelope.text) <= twilio_messages.LONGEST_TEXT:
        return ContentRejected(PROVIDER, "too-long" if envelope.text else "empty")
    if is_open(envelope) or envelope.content is not None:
        return None
    if envelope.template:
        return TemplateNotApproved(PROVIDER, "no-content")
    return WindowClosed(PROVIDER, "free-text")


def _words(envelope: Envelope) -> Mapping[str, str]:
    if is_open(envelope) or envelope.content is None:
        return {"body": envelope.text}
    content = envelope.content
    words = {"content_sid": content.id}
    if content.variables:
        words["content_variables"] = json.dumps(dict(content.variables), ensure_ascii=False)
    return words
