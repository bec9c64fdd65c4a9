"""The loop that looks after what time alone changes: unclear attempts, promises, holds, checkouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlmodel import Session

from app.delivery.reconcile import Reconciliation
from app.engine.priors import count_priors
from app.intake.tidy import break_promises, end_holds, miss_instalments
from app.payments.gateway import Gateway
from app.payments.stale import expire_stale, signal_abandoned, tell_gateways
from app.store.engines import Database

_CHORES: tuple[Callable[[Session, datetime], int], ...] = (
    break_promises,
    miss_instalments,
    end_holds,
    signal_abandoned,
    expire_stale,
)


class Tidy:
    """Each chore is a transaction of its own, so that one that fails costs no other."""

    def __init__(
        self,
        database: Database,
        reconciliation: Reconciliation,
        gateways: Mapping[str, Gateway],
    ) -> None:
        self._database = database
        self._reconciliation = reconciliation
        self._gateways = gateways
        self._counted_on: date | None = None

    def tick(self, now: datetime) -> int:
        """Does every chore that is due and answers how many things changed."""
        done = self._reconciliation.tick(now)
        for chore in _CHORES:
            with self._database.write() as session:
                done += chore(session, now)
        done += tell_gateways(self._database, self._gateways, now)
        self._count_priors(now)
        return done

    def _count_priors(self, now: datetime) -> None:
        if self._counted_on == now.date():
            return
        with self._database.write() as session:
            count_priors(session, now)
        self._counted_on = now.date()
