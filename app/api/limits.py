"""How many calls a name may make: a bucket for each, in this process, that fills at a fixed rate.

Several web processes each have their own buckets, so a key's limit is that of a process.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import Final

_MOST_KEYS: Final = 10_000
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """`left` calls may follow at once; the bucket is full again in `full_in_s`. Refused: come again
    in `wait_s`."""

    granted: bool
    limit: int
    left: int
    full_in_s: int
    wait_s: int
    window_s: int = _MINUTE_S

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF's draft "RateLimit header fields for HTTP" writes them."""
        told = {
            "ratelimit-policy": f'"calls";q={self.limit};w={self.window_s}',
            "ratelimit": f'"calls";r={self.left};t={self.full_in_s}',
        }
        return told if self.granted else {**told, "retry-after": str(self.wait_s)}


class Limits:
    """Counts calls: `limit` at once, and as many again in each `window_s`. Times are seconds of any
    clock that only moves forward."""

    def __init__(self, limit: int, *, window_s: int = _MINUTE_S) -> None:
        self._limit = limit
        self._window_s = window_s
        self._rate = limit / window_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # left, as of
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def has_room(self, name: str, now: float) -> bool:
        """Whether a call of this name would be granted. Counts none."""
        with self._lock:
            left, as_of = self._buckets.get(name, (float(self._limit), now))
        return left + (now - as_of) * self._rate >= 1

    def take(self, name: str, now: float) -> Verdict:
        """One call of this name."""
        with self._lock:
            left, as_of = self._buckets.pop(name, (float(self._limit), now))
            left = min(self._limit, left + (now - as_of) * self._rate)
            granted = left >= 1
            left -= granted
            self._buckets[name] = (left, now)
            if len(self._buckets) > _MOST_KEYS:
                self._buckets.popitem(last=False)
        full_in = ceil((self._limit - left) / self._rate)
        wait = ceil((1 - left) / self._rate)
        return Verdict(granted, self._limit, int(left), full_in, wait, self._window_s)
