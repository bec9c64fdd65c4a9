"""The bad days of the local Stripe: a share of each fault, drawn by seed and request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from campaigns.keys import draw


class Mishap(StrEnum):
    """What happens to one request. `*_after` has done what was asked before it goes wrong."""

    NONE = "none"
    BUSY = "busy"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SILENT_AFTER = "silent_after"
    DRIP = "drip"
    MALFORMED = "malformed"
    HTML = "html"
    REDIRECT = "redirect"

    @property
    def is_done(self) -> bool:
        """Whether Stripe did what it was asked, whatever its caller hears of that."""
        return self in _DONE


_DONE = frozenset(
    {
        Mishap.NONE,
        Mishap.ERROR_AFTER,
        Mishap.RESET_AFTER,
        Mishap.SILENT_AFTER,
        Mishap.DRIP,
        Mishap.MALFORMED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeFaults:
    """Shares in [0, 1] by mishap; the rest goes well. `silence` before a caller is let go."""

    shares: Mapping[Mishap, float] = field(default_factory=dict)
    seed: str = "stripe"
    silence: timedelta = timedelta(seconds=30)

    def of(self, nth: int) -> Mishap:
        """What the nth request meets; the same seed has the same bad days."""
        left = draw(self.seed, nth)
        for mishap, share in self.shares.items():
            if left < share:
                return mishap
            left -= share
        return Mishap.NONE
