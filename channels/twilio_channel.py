"""What the media of one Twilio account have in common: opening, finding, closing.

What may be said on a medium, and how it is asked for, is the medium's own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from channels import twilio_messages
from channels.errors import ChannelClosed, SendError
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


class TwilioChannel(ABC):
    """One medium of one account. `prefix` stands before the addresses of what is not SMS."""

    provider: ClassVar[str] = PROVIDER
    medium: ClassVar[Medium]
    stands_for: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    prefix: ClassVar[str]

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
        problem = self.objection(envelope)
        if problem is not None:
            return outcome_of(problem)
        words = self.words(envelope)
        return await twilio_messages.create(self._api, envelope, prefix=self.prefix, **words)

    async def find(self, envelope: Envelope) -> Found | NotFound:
        self._ensure_usable(envelope)
        return await twilio_messages.look_for(self._api, envelope, prefix=self.prefix)

    async def close(self) -> None:
        self._is_closed = True
        await self._api.close()

    @abstractmethod
    def objection(self, envelope: Envelope) -> SendError | None:
        """Why the medium would not carry it, known before anybody is asked."""

    @abstractmethod
    def words(self, envelope: Envelope) -> Mapping[str, str]:
        """The fields of the request that say it, as Twilio's library calls them."""

    def _ensure_usable(self, envelope: Envelope) -> None:
        if self._is_closed:
            raise ChannelClosed(f"the {self.medium} channel of Twilio was closed: open a new one")
        ensure_supported(self, envelope)
