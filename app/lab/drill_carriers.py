"""By whom the drill's messages go: the sandbox, or all providers on this machine together.

A carrier outlives every worker, and its own list of what it took is the other witness.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from app.lab.drill_compare import Acceptance
from app.lab.drill_field import SANDBOX, Fighter, Route
from app.lab.drill_post import Make, Post
from app.lab.drill_providers import Relay, SendGrid, Twilio
from app.loops.sandbox import hand_receipts
from app.store.engines import Database
from channels.sandbox_ledger import Ledger


class Carrier(Protocol):
    """`routes` are the ways out that it carries; `orders` reach the workers as they are."""

    @property
    def routes(self) -> Sequence[Route]: ...

    @property
    def orders(self) -> Mapping[str, str]: ...

    def prepare(self, database: Database, now: datetime) -> None:
        """Whatever has to be settled with it before the first message."""
        ...

    def taken(self, keys: Iterable[str]) -> Sequence[Acceptance]:
        """All that it accepted, each message's in order, by its own account. `keys` are those of
        all attempts, for a provider that has no field for them."""
        ...

    def report(self, post: Post, now: datetime) -> None:
        """Puts down what it has not told before."""
        ...

    @property
    def delivered(self) -> Collection[str]:
        """The attempts that it has put down as delivered."""
        ...

    def reply(self, writer: Fighter, text: str, now: datetime) -> Make | None:
        """How it calls us when somebody writes back; None where they have nothing to answer."""
        ...

    def close(self) -> None: ...


class Sandbox:
    """Its ledger is a file that all workers write. It has no calls, and nobody writes back."""

    delivered: Collection[str] = ()

    def __init__(self, folder: Path) -> None:
        path = folder / "ledger.sqlite3"
        self.routes = (SANDBOX,)
        self.orders = {"ledger": str(path)}
        self._ledger = Ledger(path)
        self._database: Database | None = None

    def prepare(self, database: Database, now: datetime) -> None:  # noqa: ARG002
        self._database = database

    def taken(self, keys: Iterable[str]) -> Sequence[Acceptance]:  # noqa: ARG002  # it has a field
        return [
            Acceptance(SANDBOX.name, one.provider_id, one.attempt_key)
            for one in self._ledger.acceptances()
        ]

    def report(self, post: Post, now: datetime) -> None:  # noqa: ARG002  # it has no calls
        if self._database is not None:
            hand_receipts(self._database, self._ledger, now)

    def reply(self, writer: Fighter, text: str, now: datetime) -> Make | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        self._ledger.close()


class Together:
    """Several carriers as one."""

    def __init__(self, carriers: Sequence[Carrier]) -> None:
        self._carriers = carriers
        self.routes = [route for each in carriers for route in each.routes]
        self.orders = {name: told for each in carriers for name, told in each.orders.items()}

    def prepare(self, database: Database, now: datetime) -> None:
        for each in self._carriers:
            each.prepare(database, now)

    def taken(self, keys: Iterable[str]) -> Sequence[Acceptance]:
        known = list(keys)
        return [one for each in self._carriers for one in each.taken(known)]

    def report(self, post: Post, now: datetime) -> None:
        for each in self._carriers:
            each.report(post, now)

    @property
    def delivered(self) -> Collection[str]:
        return {key for each in self._carriers for key in each.delivered}

    def reply(self, writer: Fighter, text: str, now: datetime) -> Make | None:
        (carrier,) = (each for each in self._carriers if writer.route in each.routes)
        return carrier.reply(writer, text, now)

    def close(self) -> None:
        for each in self._carriers:
            each.close()


CARRIERS: Final[Mapping[str, Callable[[Path, int], Carrier]]] = {
    "sandbox": lambda folder, _seed: Sandbox(folder),
    "providers": lambda _folder, seed: Together([Twilio(seed), SendGrid(seed), Relay(seed)]),
}
