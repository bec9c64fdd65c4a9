"""What the drill came to, by route and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from app.lab.drill_compare import Finding

SHOWN: Final = 50  # findings, at most


@dataclass(frozen=True, slots=True)
class RouteResult:
    """`under_fire` were accepted before the last worker had died, and `unclear` attempts had no
    answer on record then. What stayed unclear to the end was assumed sent. `replies` came back by
    this route, and `approved` tries were of messages that somebody had to give their word on."""

    route: str
    customers: int
    acceptances: int
    under_fire: int
    unclear: int
    assumed_sent: int
    replies: int
    approved: int
    sent_twice: int
    lost: int
    after_stop: int
    without_word: int

    @property
    def proves_nothing(self) -> bool:
        """Whether people were to be written to, and nothing went out."""
        return self.customers > 0 and self.acceptances == 0


@dataclass(frozen=True, slots=True)
class MoneyResult:
    """`paid` by Stripe's own list, in `pages` of it."""

    pages: int
    paid: int
    paid_twice: int
    booked_twice: int
    not_booked: int
    never_paid: int


@dataclass(frozen=True, slots=True)
class CallsResult:
    """Calls of providers that were taken in, and what befell them on their way: `lost` tries, those
    that came `doubled`, a day `late`, or before what had happened earlier (`overtaken`). How many
    of the forged ones beside them were not refused, or left a trace; and of how many messages less
    is known than was told (`fell_back`)."""

    taken: int
    lost: int
    doubled: int
    late: int
    overtaken: int
    forged: int
    believed: int
    fell_back: int


@dataclass(frozen=True, slots=True)
class DrillResult:
    """`is_broken` must be false; where nobody was reached it is true. `stops` are those that were
    said while processes died; `money` is None where nobody paid by card. `promises` are violations
    by promise, None where only tests can prove it."""

    store: str
    kills: int
    workers: int
    stops: int
    routes: tuple[RouteResult, ...]
    money: MoneyResult | None
    calls: CallsResult
    promises: Mapping[str, int | None]
    seconds: float
    findings: tuple[Finding, ...] = ()

    @property
    def acceptances(self) -> int:
        return self._sum(lambda route: route.acceptances)

    @property
    def unclear(self) -> int:
        return self._sum(lambda route: route.unclear)

    @property
    def under_fire(self) -> int:
        return self._sum(lambda route: route.under_fire)

    @property
    def sent_twice(self) -> int:
        return self._sum(lambda route: route.sent_twice)

    @property
    def lost(self) -> int:
        return self._sum(lambda route: route.lost)

    @property
    def after_stop(self) -> int:
        return self._sum(lambda route: route.after_stop)

    @property
    def approved(self) -> int:
        return self._sum(lambda route: route.approved)

    @property
    def without_word(self) -> int:
        return self._sum(lambda route: route.without_word)

    @property
    def money_wrong(self) -> int:
        money = self.money
        if money is None:
            return 0
        return money.paid_twice + money.booked_twice + money.not_booked + money.never_paid

    @property
    def is_broken(self) -> bool:
        counted = (self.sent_twice, self.lost, self.after_stop, self.without_word)
        calls = (self.money_wrong, self.calls.believed, self.calls.fell_back)
        idle = any(route.proves_nothing for route in self.routes)
        return any((*counted, *calls, *self.promises.values())) or idle

    def as_json(self) -> dict[str, Any]:
        return {
            "store": self.store,
            "kills": self.kills,
            "workers": self.workers,
            "customers": self._sum(lambda route: route.customers),
            "stops": self.stops,
            "acceptances": self.acceptances,
            "sent_twice": self.sent_twice,
            "lost": self.lost,
            "after_stop": self.after_stop,
            "approved": self.approved,
            "without_word": self.without_word,
            "money_wrong": self.money_wrong,
            "seconds": round(self.seconds, 1),
            "routes": [asdict(route) for route in self.routes],
            "money": asdict(self.money) if self.money is not None else None,
            "calls": asdict(self.calls),
            "promises": dict(self.promises),
            "findings": [str(finding) for finding in self.findings[:SHOWN]],
        }

    def _sum(self, of: Callable[[RouteResult], int]) -> int:
        return sum(of(route) for route in self.routes)


def route_results(
    routes: Sequence[str],
    found: Mapping[str, Sequence[Finding]],
    counts: Mapping[str, Counter[str]],
) -> tuple[RouteResult, ...]:
    """`found` are the findings by their kind, `counts` all other figures, each by route."""
    broken = {kind: Counter(each.route for each in findings) for kind, findings in found.items()}
    figures = {**counts, **broken}
    return tuple(
        RouteResult(route, **{name: counter[route] for name, counter in figures.items()})
        for route in routes
    )
