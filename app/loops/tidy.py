"""The loop that looks after what time alone changes: unclear attempts, promises, instalments,
holds, checkouts; the chain of what happened to each person, and what is past its time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session

from app.api import calls
from app.api.webhooks import endpoints
from app.book.finding.kept_words import fill_words
from app.book.kept_rejects import forget_rows, forgettable_rows
from app.delivery.reconcile import Reconciliation
from app.engine.catalogue import Catalogue
from app.engine.priors import count_priors
from app.intake.calls import forget_numbers, forgettable_numbers
from app.intake.due_notices import give_due_notices
from app.intake.instalments import late
from app.intake.overdue import escalate_tasks, overdue_tasks
from app.intake.replies.waiting import forget_strangers
from app.intake.special import SPECIAL_FOR, forget_special, forget_special_calls
from app.intake.tidy import break_promises, end_holds, miss_instalments
from app.payments.gateway import Gateway
from app.payments.stale import expire_stale, signal_abandoned, tell_gateways
from app.records.retention import Kept, apply_retention
from app.records.trail import has_news, link
from app.store.columns import word
from app.store.documents import Documents
from app.store.engines import Database, Ending
from app.store.given import table_of
from app.store.rows import Checkout, Hold, Instalment, Plan, Promise

_PROMISE, _PLAN, _INSTALMENT = table_of(Promise), table_of(Plan), table_of(Instalment)
_HOLD, _CHECKOUT = table_of(Hold), table_of(Checkout)


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Chore:
    """`due` finds a row if there may be anything to do, by a cheap look that locks nothing."""

    due: Callable[[datetime], Select[Any]]
    do: Callable[[Session, datetime], int]


def _promises(now: datetime) -> Select[Any]:
    return select(_PROMISE.c.id).where(
        _PROMISE.c.state == word("open"), _PROMISE.c.grace_until <= now
    )


def _instalments(now: datetime) -> Select[Any]:
    """Of running plans: one that broke leaves its later instalments as they were."""
    return (
        select(_INSTALMENT.c.id)
        .join(_PLAN, _PLAN.c.id == _INSTALMENT.c.plan_id)
        .where(_PLAN.c.state == "running", late(now))
    )


def _holds(now: datetime) -> Select[Any]:
    return select(_HOLD.c.id).where(_HOLD.c.released_at.is_(None), _HOLD.c.until <= now)


def _checkouts(_now: datetime) -> Select[Any]:
    """Any that is open: a ledger that moved makes it stale at any time."""
    return select(_CHECKOUT.c.id).where(_CHECKOUT.c.state == word("open"))


_CHORES = (
    _Chore(_promises, break_promises),
    _Chore(_instalments, miss_instalments),
    _Chore(_holds, end_holds),
    _Chore(overdue_tasks, escalate_tasks),
    _Chore(_checkouts, signal_abandoned),  # before they expire: those are not looked at again
    _Chore(_checkouts, expire_stale),
    _Chore(forgettable_numbers, forget_numbers),
    _Chore(forgettable_rows, forget_rows),
    _Chore(calls.forgettable, calls.forget_calls),
    _Chore(endpoints.forgettable_calls, endpoints.forget_calls),
)


class Tidy:
    """Each chore is a transaction of its own, so that one that fails costs no other.

    `documents` are the files of invoices; without them none is ever deleted. What is told in
    confidence goes after `special_for`.
    """

    def __init__(
        self,
        database: Database,
        reconciliation: Reconciliation,
        gateways: Mapping[str, Gateway],
        *,
        secret: bytes,
        documents: Documents | None = None,
        special_for: timedelta = SPECIAL_FOR,
    ) -> None:
        self._database = database
        self._reconciliation = reconciliation
        self._gateways = gateways
        self._secret = secret
        self._documents = documents
        self._special_for = special_for
        self._counted_on: date | None = None
        self._let_go_on: date | None = None
        self._noticed_on: date | None = None
        self._catalogue = Catalogue()

    def tick(self, now: datetime) -> int:
        """Does every chore that is due and answers how many things changed.

        Raises the first failure, when all others have had their turn.
        """
        work: list[Callable[[datetime], int]] = [
            self._reconciliation.tick,
            *(self._doing(chore) for chore in _CHORES),
            self._tell_gateways,
            self._count_priors,
            self._fill_words,
            self._link_trail,
            self._let_go,
            self._give_notices,
        ]
        done, failed = 0, None
        for one in work:
            self._database.ensure_going()
            try:
                done += one(now)
            except Ending:
                raise
            except Exception as problem:  # noqa: BLE001  # raised below
                failed = failed or problem
        if failed is not None:
            raise failed
        return done

    def _doing(self, chore: _Chore) -> Callable[[datetime], int]:
        return lambda now: self._do(chore, now)

    def _do(self, chore: _Chore, now: datetime) -> int:
        """Batch after batch, until nothing is due or nothing more can be done."""
        done = 0
        while self._is_due(chore, now):
            self._database.ensure_going()
            with self._database.write() as session:
                changed = chore.do(session, now)
            if not changed:
                break
            done += changed
        return done

    def _is_due(self, chore: _Chore, now: datetime) -> bool:
        with self._database.read() as session:
            return session.connection().execute(chore.due(now).limit(1)).first() is not None

    def _tell_gateways(self, now: datetime) -> int:
        return tell_gateways(self._database, self._gateways, now)

    def _count_priors(self, now: datetime) -> int:
        """Once a day. What was counted is no change of anything."""
        if self._counted_on != now.date():
            with self._database.write() as session:
                count_priors(session, now)
            self._counted_on = now.date()
        return 0

    def _fill_words(self, _now: datetime) -> int:
        """Customers of an older book: what they are found by changes nothing that is told."""
        fill_words(self._database)
        return 0

    def _let_go(self, now: datetime) -> int:
        """Once a day: what is past its time. It was at rest, so nothing else is due by that."""
        if self._let_go_on != now.date():
            gone = apply_retention(
                self._database,
                self._catalogue,
                documents=self._documents,
                secret=self._secret,
                now=now,
            )
            gone = {**gone, Kept.SPECIAL: self._forget_special(now)}
            for kept, count in gone.items():
                if count:
                    log.info("retention: %d of %s let go", count, kept)
            self._let_go_on = now.date()
        return 0

    def _forget_special(self, now: datetime) -> int:
        """The notes past their time, and the calls that brought them."""
        before, total = now - self._special_for, 0
        while True:
            self._database.ensure_going()
            with self._database.write() as session:
                gone = forget_special(session, before)
                gone += forget_special_calls(session, now, unnoted_before=before)
                gone += forget_strangers(session, before)
            if not gone:
                return total
            total += gone

    def _link_trail(self, now: datetime) -> int:
        """Batch after batch, so that no head is held for long. It changes nothing that is told."""
        while self._has_news(now):
            self._database.ensure_going()
            with self._database.write() as session:
                if not link(session, now):
                    break
        return 0

    def _has_news(self, now: datetime) -> bool:
        with self._database.read() as session:
            return has_news(session, now)

    def _give_notices(self, now: datetime) -> int:
        """Once a day: what the law wants given before a term runs out."""
        if self._noticed_on == now.date():
            return 0
        with self._database.write() as session:
            self._catalogue.refresh(session)
            given = give_due_notices(session, self._catalogue, now)
        self._noticed_on = now.date()
        return given
