"""SMS by Twilio's Messages API.

The sender is a number, a short code or a name, or the SID of a Messaging Service. The text goes out
as it was written: no smart encoding, and no shortened links, which carriers filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from channels import twilio_messages
from channels.errors import ChannelClosed, ContentRejected
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


class TwilioSms:
    """One account's SMS."""

    medium: ClassVar[Medium] = Medium.SMS
    provider: ClassVar[str] = PROVIDER
    stands_for: ClassVar[str] = PROVIDER
    capabilities: ClassVar[Capabilities] = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=False,
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
        """Try once, as the seam promises."""
        self._ensure_usable(envelope)
        if not 0 < len(envelope.text) <= twilio_messages.LONGEST_TEXT:
            why = "too-long" if envelope.text else "empty"
            return outcome_of(ContentRejected(PROVIDER, why))
        return await twilio_messages.create(
            self._api, envelope, body=envelope.text, smart_encoded="false"
        )

    async def find(self, envelope: Envelope) -> Found | NotFound:
        self._ensure_usable(envelope)
        return await twilio_messages.look_for(self._api, envelope)

    async def close(self) -> None:
        self._is_closed = True
        await self._api.close()

    def _ensure_usable(self, envelope: Envelope) -> None:
        if self._is_closed:
            raise ChannelClosed("the SMS channel of Twilio was closed: open a new one")
        ensure_supported(self, envelope)
