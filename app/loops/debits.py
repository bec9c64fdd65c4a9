"""The loop that debits kept cards: what is due, at a decent hour, some days after its notice.

A debit is committed like a gate: under the person's guard, by facts that are read there. What came
of it is the callbacks' to say. Nobody is written to from here: journeys speak of what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.holders import hold
from app.book.mandates import end_with_plans, ends_with_plans
from app.intake.concerned import stop_customer
from app.intake.gateway_events import take_gateway_event
from app.intake.holds import place_hold
from app.intake.tasks import Team, give_task
from app.loops.debit_gate import HOURS, Due, due_now, instalments_due, refusal, wish_of
from app.payments.charge import (
    intend_charge,
    request_of,
    take_up,
    unanswered,
    unheard_of,
    write_down,
)
from app.payments.checkout_rows import BANKS_TAKE, CheckoutState, end
from app.payments.choice import Gateways
from app.payments.gateway import (
    CardGone,
    Charging,
    CheckoutDeclined,
    GatewayRefused,
    GatewayUnavailable,
)
from app.store.engines import Database
from app.store.given import GIVEN, rows_given, table_of
from app.store.journal import Happened, record
from app.store.rows import Event
from campaigns.debits import Declined
from campaigns.vocabulary import HoldKind

LOOK_WITHIN: Final = timedelta(days=1)

_EVENT = table_of(Event)
_TOLD = select(_EVENT.c.key).where(_EVENT.c.key.in_(GIVEN))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A charge that this process may ask for now; `again` says that it was asked for before."""

    charge: Row[Any]
    again: bool


class Debits:
    """A plain `tick`. `gateways` are those of this process; what it has none for waits."""

    def __init__(self, database: Database, gateways: Gateways) -> None:
        self._database = database
        self._gateways = gateways

    def tick(self, now: datetime) -> int:
        """Asks for every debit that is due, and answers for how many."""
        self._tidy(now)
        done = 0
        for due in self._due(now):
            self._database.ensure_going()
            done += self._ask(self._intended(due, now), now)
        for charge in self._unanswered(now):
            self._database.ensure_going()
            done += self._ask(self._taken_up(charge, now), now)
        return done

    def _tidy(self, now: datetime) -> None:
        """A transaction a person: guards are not taken one after another in one."""
        with self._database.read() as session:
            lost = list(unheard_of(session, now))
            is_over = ends_with_plans(session)
        for charge in lost:
            self._write(partial(_give_up, charge=charge, now=now))
        if is_over:
            self._write(partial(end_with_plans, now=now))

    def _due(self, now: datetime) -> list[Due]:
        """Looks without a lock, so that what is refused costs no writer."""
        with self._database.read() as session:
            found = list(instalments_due(session, now))
            refused = {due: refusal(session, self._gateways, due, now) for due in found}
            withheld = _untold(session, refused)
        self._note(withheld, now)
        return [due for due in found if refused[due] is None]

    def _note(self, withheld: Mapping[Due, str | None], now: datetime) -> None:
        """Why a debit was not made, once a day and reason."""
        if not withheld:
            return
        with self._database.write() as session:
            hold(session, {due.customer_id for due in withheld})  # another worker says the same
            record(session, [_withheld(due, why, now) for due, why in withheld.items()], now=now)

    def _intended(self, due: Due, now: datetime) -> _Asked | None:
        with self._database.write() as session:
            stop_customer(session, due.customer_id)
            still = due_now(session, due.instalment_id, due.plan_id, now)
            if still is None or refusal(session, self._gateways, still, now) is not None:
                return None
            charge = intend_charge(session, wish_of(session, still, now), now=now)
        return _Asked(charge, again=False) if charge is not None else None

    def _unanswered(self, now: datetime) -> list[Row[Any]]:
        with self._database.read() as session:
            return list(unanswered(session, now))

    def _taken_up(self, charge: Row[Any], now: datetime) -> _Asked | None:
        """Asked again only where it might be asked for the first time: if the gateway has heard of
        it, its callback tells; if not, what has come in between stops it like any other."""
        with self._database.write() as session:
            hold(session, [charge.customer_id])
            due = Due.of(session, charge, now)
            if due is None or refusal(session, self._gateways, due, now) is not None:
                return None
            found = take_up(session, charge.id, now=now)
        return _Asked(found, again=True) if found is not None else None

    def _ask(self, asked: _Asked | None, now: datetime) -> int:
        """Outside of a transaction. An answer that is lost leaves the row as it is."""
        if asked is None:
            return 0
        charge = asked.charge
        gateway = self._gateways.by_name[charge.gateway]
        assert isinstance(gateway, Charging)
        with self._database.read() as session:
            request = request_of(session, charge, now=now)
        try:
            session_id = gateway.charge(request)
        except GatewayUnavailable:
            return 1
        except CardGone:
            gone = CheckoutDeclined("", now, charge.key, Declined.HARD, "card_gone")
            self._write(partial(take_gateway_event, gateway=charge.gateway, event=gone, now=now))
        except GatewayRefused as refused:
            why = str(refused)
            self._write(partial(_refused, asked=asked, why=why, now=now))
        else:
            self._write(partial(write_down, charge_id=charge.id, session_id=session_id))
        return 1

    def _write(self, act: Callable[[Session], object]) -> None:
        with self._database.write() as session:
            act(session)


def _untold(session: Session, refused: Mapping[Due, str | None]) -> dict[Due, str | None]:
    """Those that are not on record yet; the hour alone is no reason that anybody asks for."""
    named = {_key(due, why): due for due, why in refused.items() if why not in (None, HOURS)}
    known = {row.key for row in rows_given(session, _TOLD, list(named))}
    return {due: refused[due] for key, due in named.items() if key not in known}


def _key(due: Due, why: str | None) -> str:
    return f"debit_withheld:{due.instalment_id}:{due.today}:{why}"


def _withheld(due: Due, why: str | None, now: datetime) -> Happened:
    return Happened(
        "debit_withheld",
        at=now,
        customer_id=due.customer_id,
        case_id=due.case_id,
        key=_key(due, why),
        payload={"instalment_id": due.instalment_id, "reason": why},
    )


def _refused(session: Session, asked: _Asked, why: str, now: datetime) -> None:
    """The gateway took nothing by this request. One that was asked before may have been taken then:
    that one waits for its callback."""
    charge = asked.charge
    if not asked.again:
        hold(session, [charge.customer_id])
        end(session, charge.id, CheckoutState.EXPIRED, now)
    give_task(
        session,
        key=f"debit_refused:{charge.key}",
        team=Team.OPERATIONS,
        kind="debit_refused",
        title="A gateway does not take a debit as it is: look at its keys and currencies",
        now=now,
        due_in=LOOK_WITHIN,
        customer_id=charge.customer_id,
        case_id=charge.case_id,
        detail={"checkout_id": charge.id, "why": why},
    )


def _give_up(session: Session, charge: Row[Any], now: datetime) -> None:
    """Nobody knows whether the money was taken: it is not asked for again, and a person looks."""
    concerned = stop_customer(session, charge.customer_id)
    if not end(session, charge.id, CheckoutState.PENDING, now):
        return
    until, why = now + BANKS_TAKE, f"checkout:{charge.id}"
    place_hold(session, concerned, HoldKind.PAYMENT, until=until, why=why, now=now)
    give_task(
        session,
        key=f"debit_unclear:{charge.key}",
        team=Team.FINANCE,
        kind="debit_unclear",
        title="Nobody knows whether a card was debited: look for it at the gateway",
        now=now,
        due_in=LOOK_WITHIN,
        customer_id=charge.customer_id,
        case_id=charge.case_id,
        detail={"checkout_id": charge.id},
    )
