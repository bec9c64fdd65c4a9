"""Shares, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z: Final = 1.959963984540054
"""Of a 95 % interval: the quantile 0.975 of the normal distribution."""

TOO_FEW: Final = 30
"""Below this many, a share moves by several points for each one more: it is marked."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def is_small(self) -> bool:
        return self.whole < TOO_FEW

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson ("Probable inference, the law of succession, and statistical
        inference", Journal of the American Statistical Association 22, 1927)."""
        if not self.whole:
            return 0.0, 1.0
        share, n = self.part / self.whole, self.whole
        middle = share + Z * Z / (2 * n)
        spread = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        low, high = (middle - spread) / scale, (middle + spread) / scale
        return max(0.0, min(low, share)), min(1.0, max(high, share))


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more of the treated than of the control arm, and between what with 95 %."""

    more: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether it is not likely to be chance alone."""
        return self.low > 0 or self.high < 0


def difference(treated: Rate, control: Rate) -> Difference | None:
    """The difference of two shares with the interval of Newcombe's method 10 ("Interval estimation
    for the difference between independent proportions", Statistics in Medicine 17, 1998), which is
    made of the intervals of Wilson. None where an arm is empty."""
    if treated.share is None or control.share is None:
        return None
    more = treated.share - control.share
    (low_1, high_1), (low_2, high_2) = treated.interval, control.interval
    down = sqrt((treated.share - low_1) ** 2 + (high_2 - control.share) ** 2)
    up = sqrt((high_1 - treated.share) ** 2 + (control.share - low_2) ** 2)
    return Difference(more, more - down, more + up)
