"""The bad days of the local Twilio: a share of each fault, drawn by seed and attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from campaigns.keys import draw


class Fate(StrEnum):
    """What happens to one request for a message."""

    TAKEN = "taken"
    REFUSED = "refused"
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
        """Whether Twilio has the message, whatever its caller hears of that."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Shares in [0, 1], by fate; the rest is taken and answered. Raises ValueError above 1.

    `latency` goes before every answer, and `silence` before a caller that waits is let go.
    """

    shares: Mapping[Fate, float] = field(default_factory=dict)
    seed: str = "twilio"
    latency: timedelta = timedelta(0)
    silence: timedelta = timedelta(seconds=60)
    retry_after: timedelta = timedelta(seconds=2)

    def __post_init__(self) -> None:
        if sum(self.shares.values()) > 1:
            raise ValueError("the shares of all faults together are above 1")

    def fate(self, attempt_key: str) -> Fate:
        """The same attempt meets the same fate."""
        left = draw(self.seed, attempt_key)
        for fate, share in self.shares.items():
            if left < share:
                return fate
            left -= share
        return Fate.TAKEN
