"""What came of a demo, read from Duly's own records once it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session

from app.engine.checks import PromiseCheck, check, check_ledger
from app.lab.law_at_work import LawAtWork, law_at_work
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Attempt, Case, Event, Invoice, Message, Refused
from campaigns.vocabulary import Signal

_ATTEMPT, _CASE, _EVENT = table_of(Attempt), table_of(Case), table_of(Event)
_INVOICE, _MESSAGE, _REFUSED = table_of(Invoice), table_of(Message), table_of(Refused)

_SENT = ("accepted", "assumed_sent")
_RESPONSES = tuple(sorted(set(Signal) - {Signal.HOLD_RELEASED, Signal.DISPUTE_RESOLVED}))

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The figures of one walk. Money is in minor units by currency, and simulated: `owed` is all
    that fell due up to the end, `collected` what was settled of it and not taken back.

    `cases` counts by outcome; those that run on are `open`. `sent` counts messages that a provider
    took. `not_sent` counts, by reason, messages that were intended and never left, and cases of
    the control group; `moved` counts the times that a message had to wait or to take another
    medium. All reasons are codes of `campaigns.reasons`.
    """

    customers: int
    days: int
    cases: Counts
    sent: int
    by_medium: Counts
    by_locale: Counts
    not_sent: Counts
    moved: Counts
    responses: Counts
    owed: Counts
    collected: Counts
    promises: tuple[PromiseCheck, ...]
    ledger: PromiseCheck
    seconds: float
    law: LawAtWork

    @property
    def broken(self) -> bool:
        """Whether a promise is, or the money does not add up: a defect of ours."""
        return any(each.violations for each in (*self.promises, self.ledger))

    def as_json(self) -> dict[str, Any]:
        """Plain values. Two walks with the same seed and dates differ in `seconds` alone."""
        return {
            "customers": self.customers,
            "days": self.days,
            "cases": dict(self.cases),
            "messages": {
                "sent": self.sent,
                "by_medium": dict(self.by_medium),
                "by_locale": dict(self.by_locale),
                "not_sent": dict(self.not_sent),
                "moved": dict(self.moved),
            },
            "responses": dict(self.responses),
            "money": {
                currency: {"owed": owed, "collected": self.collected.get(currency, 0)}
                for currency, owed in self.owed.items()
            },
            "law": self.law.as_json(),
            "promises": {promise.name: _found(promise) for promise in self.promises},
            "ledger": _found(self.ledger),
            "seconds": round(self.seconds, 1),
        }


def read_result(
    database: Database, now: datetime, customers: int, days: int, seconds: float
) -> DemoResult:
    """Reads the figures as they stand. `now` is the end of the walk."""
    with database.read() as session:
        by_medium = _count(session, _sent_by(_MESSAGE.c.medium))
        return DemoResult(
            customers=customers,
            days=days,
            cases=_count(session, _by(func.coalesce(_CASE.c.outcome, "open"), _CASE.c.id)),
            sent=sum(by_medium.values()),
            by_medium=by_medium,
            by_locale=_by_locale(session),
            not_sent=_not_sent(session),
            moved=_count(session, _by(_REFUSED.c.reason, _REFUSED.c.id)),
            responses=_count(
                session, _by(_EVENT.c.kind, _EVENT.c.id).where(_EVENT.c.kind.in_(_RESPONSES))
            ),
            owed=_due(session, _INVOICE.c.amount_minor, now.date()),
            collected=_due(session, _INVOICE.c.amount_minor - _INVOICE.c.open_minor, now.date()),
            promises=tuple(check(database, now)),
            ledger=check_ledger(database),
            seconds=seconds,
            law=law_at_work(session, now),
        )


def _found(asked: PromiseCheck) -> dict[str, int | None]:
    return {"violations": asked.violations, "examined": asked.examined}


def _by(column: Any, counted: Any) -> Select[Any]:
    return select(column.label("name"), func.count(counted).label("n")).group_by(column)


def _count(session: Session, query: Select[Any]) -> Counts:
    """By falling count, then by name."""
    rows = [(row.name, int(row.n)) for row in session.connection().execute(query)]
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


def _sent_by(column: Any) -> Select[Any]:
    return _by(column, _MESSAGE.c.id).where(_MESSAGE.c.state.in_(_SENT))


def _by_locale(session: Session) -> Counts:
    query = (
        _by(_ATTEMPT.c.locale, _ATTEMPT.c.id)
        .join_from(_ATTEMPT, _MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .where(_MESSAGE.c.state.in_(_SENT), _ATTEMPT.c.number == _MESSAGE.c.attempts)
    )
    return _count(session, query)


def _not_sent(session: Session) -> Counts:
    """Messages that were given up, by reason; and who is never written to."""
    messages = _count(
        session,
        _by(_MESSAGE.c.reason, _MESSAGE.c.id).where(
            _MESSAGE.c.state.in_(("stopped", "expired", "refused"))
        ),
    )
    control = select(func.count()).where(_CASE.c.arm == "control")
    silent = session.connection().execute(control).scalar_one()
    return {**messages, **({"control_arm": silent} if silent else {})}


def _due(session: Session, minor: Any, until: date) -> Counts:
    query = (
        select(_INVOICE.c.currency, func.sum(minor))
        .where(_INVOICE.c.due_on <= until)
        .group_by(_INVOICE.c.currency)
        .order_by(_INVOICE.c.currency)
    )
    return {row[0]: int(row[1]) for row in session.connection().execute(query)}
