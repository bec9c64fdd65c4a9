"""What most are within: percentiles, without a guess between two figures."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil


def at_share(ordered: Sequence[float], share: float) -> float:
    """The smallest figure that this share of all does not exceed."""
    return ordered[ceil(share * len(ordered)) - 1]
