"""A local Stripe behind the adapter, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from app.lab.faults import Fate, Faults
from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET, LocalStripe
from app.payments.line import Line
from app.payments.stripe_gateway import StripeGateway
from tests.app.payments.contract import NOON


@dataclass(frozen=True)
class Pair:
    """Both sides."""

    local: LocalStripe
    gateway: StripeGateway
    address: str


@contextmanager
def stripe_pair(
    *mishaps: Fate, key: str = LOCAL_KEY, webhook: str | None = None, **local: object
) -> Iterator[Pair]:
    """`mishaps` befall the first requests, in this order; all later ones go well."""
    theirs = LocalStripe(
        clock=lambda: NOON,
        faults=_Planned(planned=mishaps, silence=timedelta(seconds=5)),
        webhook=webhook,
        **local,  # type: ignore[arg-type]  # names are the tests' own
    )
    with theirs.running() as address:
        line = Line(connect_seconds=1, total_seconds=1)
        gateway = StripeGateway(key, secret=LOCAL_SECRET, address=address, line=line)
        try:
            yield Pair(theirs, gateway, address)
        finally:
            gateway.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned(Faults):
    planned: tuple[Fate, ...] = ()

    def fate(self, *of: object) -> Fate:
        nth = of[0]
        assert isinstance(nth, int)
        return self.planned[nth - 1] if nth <= len(self.planned) else Fate.TAKEN
