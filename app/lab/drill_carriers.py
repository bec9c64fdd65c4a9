"""By whom the drill's messages go: the sandbox, or a Twilio on this machine with bad days by seed.

A carrier outlives every worker, and its own list of what it took is the other witness. `orders` are
what a worker needs to reach it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from app.clock import SystemClock
from app.delivery.calls import Run
from app.delivery.dispatch import Channels
from app.intake.sources import TARGET
from app.intake.twilio import TwilioSource
from app.lab.drill_compare import Acceptance
from app.lab.drill_field import BASE_URL
from app.lab.drill_worker import calling, channels
from app.lab.faults import Fate, Faults
from app.lab.served import served
from app.lab.twilio import TOKEN, LocalTwilio
from app.lab.twilio_book import Taken
from campaigns.keys import draw
from channels.delivery import Receipt
from channels.sandbox_ledger import Ledger

_DELIVERED, _FAILED = 0.8, 0.1  # of what is taken; the rest is never heard of again
_UNREACHABLE: Final = 30003


@dataclass(frozen=True, slots=True)
class Took:
    """One message of the local Twilio's list."""

    provider_id: str
    attempt_key: str


class Carrier(Protocol):
    """`provider` is what the drill's sender names; `orders` reach the workers as they are."""

    provider: str
    orders: Mapping[str, str]

    def taken(self) -> Sequence[Acceptance]:
        """All that it accepted, in order, by its own account."""
        ...

    def receipts(self, now: datetime) -> Sequence[Receipt]:
        """What it tells by now that it has not told before."""
        ...

    def told(self) -> None:
        """Those receipts are on record."""
        ...

    def open(self) -> tuple[Channels, Run]:
        """Channels of this process's own."""
        ...

    def close(self) -> None: ...


class Sandbox:
    """Its ledger is a file that all workers write."""

    provider = "sandbox"

    def __init__(self, folder: Path, seed: int) -> None:
        path = folder / "ledger.sqlite3"
        self.orders = {"ledger": str(path), "seed": str(seed)}
        self._ledger = Ledger(path)
        self._handed: tuple[list[int], datetime] | None = None
        self._own = ExitStack()

    def taken(self) -> Sequence[Acceptance]:
        return list(self._ledger.acceptances())

    def receipts(self, now: datetime) -> Sequence[Receipt]:
        due = self._ledger.receipts(until=now)
        self._handed = [each.sequence for each in due], now
        return [each.receipt for each in due]

    def told(self) -> None:
        if self._handed is not None:
            sequences, at = self._handed
            self._ledger.mark_handed(sequences, at=at)

    def open(self) -> tuple[Channels, Run]:
        return _opened(self.orders, self._own)

    def close(self) -> None:
        self._own.close()
        self._ledger.close()


class Twilio:
    """A local Twilio in a thread of this process; workers reach it over the wire."""

    provider = "twilio"

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._local = LocalTwilio(SystemClock().now, faults=_bad_days(seed))
        self._own = ExitStack()
        url = self._own.enter_context(served(self._local.app()))
        self.orders = {"twilio": url, "seed": str(seed)}
        self._source = TwilioSource(TOKEN, BASE_URL)
        self._told: set[str] = set()

    def taken(self) -> Sequence[Acceptance]:
        return [Took(one.sid, one.attempt_key) for one in list(self._local.taken)]

    def receipts(self, now: datetime) -> Sequence[Receipt]:
        heard: list[Receipt] = []
        for one in list(self._local.taken):
            if one.sid not in self._told:
                self._told.add(one.sid)
                heard += self._hear(one, now)
        return heard

    def _hear(self, one: Taken, now: datetime) -> list[Receipt]:
        """Most are delivered, some fail, and of some nothing is ever heard."""
        point = draw(self._seed, one.attempt_key, "fate")
        if point < _DELIVERED:
            call = self._local.tells(one, "delivered")
        elif point < _DELIVERED + _FAILED:
            call = self._local.tells(one, "undelivered", _UNREACHABLE)
        else:
            return []
        parts = urlsplit(call.url)
        headers = {**call.headers, TARGET: f"{parts.path}?{parts.query}"}
        heard = self._source.hear(call.body, headers, now)
        return [each for each in heard if isinstance(each, Receipt)]

    def told(self) -> None:
        """Nothing: a receipt is made once."""

    def open(self) -> tuple[Channels, Run]:
        return _opened(self.orders, self._own)

    def close(self) -> None:
        self._own.close()


def _opened(orders: Mapping[str, str], until: ExitStack) -> tuple[Channels, Run]:
    run, made = until.enter_context(calling(orders)), channels(orders)

    def close() -> None:
        for channel in made.values():
            run(channel.close())

    until.callback(close)
    return made, run


def _bad_days(seed: int) -> Faults:
    """Every way to fail that Twilio has, before and after it took the message."""
    shares: dict[Fate, float] = {
        Fate.REFUSED: 0.02, Fate.BUSY: 0.05, Fate.ERROR_BEFORE: 0.02, Fate.ERROR_AFTER: 0.04,
        Fate.RESET_BEFORE: 0.02, Fate.RESET_AFTER: 0.04, Fate.SILENT_BEFORE: 0.01,
        Fate.SILENT_AFTER: 0.03, Fate.DRIP: 0.02, Fate.MALFORMED: 0.02, Fate.HTML: 0.01,
    }  # fmt: skip
    second = timedelta(seconds=1)
    return Faults(
        shares, seed=f"drill-{seed}", latency=second / 30, silence=second, retry_after=second
    )


CARRIERS: Final[Mapping[str, Any]] = {
    "sandbox": Sandbox,
    "twilio": lambda _folder, seed: Twilio(seed),
}
