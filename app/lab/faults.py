"""The bad days of the providers on this machine: a share of each fault, drawn by seed.

What befalls a request is a hash of the seed and of what the request is about, so a bad day replays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from campaigns.keys import draw

F = TypeVar("F", bound=StrEnum)


class Fate(StrEnum):
    """What happens to one request over HTTP. `*_after` was done before it goes wrong."""

    TAKEN = "taken"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    BUSY = "busy"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SILENT_BEFORE = "silent_before"
    SILENT_AFTER = "silent_after"
    DRIP = "drip"
    MALFORMED = "malformed"
    HTML = "html"
    REDIRECT = "redirect"

    @property
    def is_accepted(self) -> bool:
        """Whether the provider did what it was asked, whatever its caller hears of that."""
        return self in _ACCEPTED


_ACCEPTED = frozenset(
    {
        Fate.TAKEN,
        Fate.ERROR_AFTER,
        Fate.RESET_AFTER,
        Fate.SILENT_AFTER,
        Fate.DRIP,
        Fate.MALFORMED,
    }
)


class MailFate(StrEnum):
    """What happens to one mail over SMTP. Before and after are of the relay's having taken it.

    `GREYLISTED` and `BUSY` are temporary refusals, `REFUSED` is of the mailbox, `REJECTED` of the
    text; a `RESET` hangs up (`EARLY`: before the text).
    """

    TAKEN = "taken"
    GREYLISTED = "greylisted"
    REFUSED = "refused"
    REJECTED = "rejected"
    BUSY = "busy"
    RESET_EARLY = "reset_early"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SILENT_BEFORE = "silent_before"
    SILENT_AFTER = "silent_after"
    DRIP = "drip"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class _Days(Generic[F]):
    """Shares in [0, 1], by fate; the rest is taken and answered. Raises ValueError above 1.

    `latency` goes half before a request is taken and half before it is answered.
    """

    shares: Mapping[F, float] = field(default_factory=dict)
    seed: str = field(default="provider", kw_only=True)
    latency: timedelta = field(default=timedelta(0), kw_only=True)

    def __post_init__(self) -> None:
        shares = self.shares.values()
        if min(shares, default=0) < 0 or sum(shares) > 1 + 1e-9:
            raise ValueError("the shares of faults are from 0 to 1 and add up to at most 1")

    async def linger(self) -> None:
        """Half of the latency."""
        await asyncio.sleep(self.latency.total_seconds() / 2)

    def _drawn(self, *of: object) -> F | None:
        left = draw(self.seed, *of)
        for fate, share in self.shares.items():
            if left < share:
                return fate
            left -= share
        return None


@dataclass(frozen=True, slots=True)
class Faults(_Days[Fate]):
    """Of a provider over HTTP. `silence` goes before a caller that waits is let go; `retry_after`
    is how long one that is too fast is told to wait."""

    silence: timedelta = field(default=timedelta(seconds=60), kw_only=True)
    retry_after: timedelta = field(default=timedelta(seconds=2), kw_only=True)

    def fate(self, *of: object) -> Fate:
        """The same request meets the same fate."""
        return self._drawn(*of) or Fate.TAKEN


@dataclass(frozen=True, slots=True)
class MailFaults(_Days[MailFate]):
    """Of a relay."""

    def fate(self, mailbox: str, nth: int) -> MailFate:
        """What happens to the nth mail to this mailbox."""
        return self._drawn(mailbox, nth) or MailFate.TAKEN
