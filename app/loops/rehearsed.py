"""What one virtual day of a rehearsal came to, read from the scratch database: who would have been
written to, on what, and who not and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.store.columns import NOTHING, word
from app.store.given import table_of
from app.store.rows import (
    Attempt,
    Campaign,
    Case,
    Creditor,
    Customer,
    Dispute,
    Event,
    Invoice,
    Message,
    Refused,
)
from campaigns.case import step_of
from campaigns.reasons import sentence
from campaigns.vocabulary import SubjectKind

_CASE, _CREDITOR, _CUSTOMER = table_of(Case), table_of(Creditor), table_of(Customer)
_EVENT, _MESSAGE, _ATTEMPT = table_of(Event), table_of(Message), table_of(Attempt)
_REFUSED, _INVOICE, _DISPUTE = table_of(Refused), table_of(Invoice), table_of(Dispute)
_CAMPAIGN = table_of(Campaign)

# A case that rests for one of these speaks to nobody, for as long as it lasts.
SILENCES = (
    "dispute_open", "hold", "promise_open", "plan_running", "reply_unread", "payment_arriving",
    "limitation_passed", "defect",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A message that would have gone out. Customers are named as the ERP names them."""

    creditor: str
    customer: str
    template: str
    medium: str
    locale: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NotWritten:
    """Something that would not have been said, with its reason in a code and a sentence.

    Step and medium: that medium was refused for the step; a later hour or another medium may have
    said it. Step alone: it was given up. Medium alone: an answer to something that happened.
    Neither: nobody writes to this customer from this day on.
    """

    creditor: str
    customer: str
    step: str | None
    medium: str | None
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RehearsedDay:
    """One virtual day."""

    day: date
    written: tuple[Written, ...]
    not_written: tuple[NotWritten, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "written": [{**asdict(one), "at": one.at.isoformat()} for one in self.written],
            "not_written": [asdict(one) for one in self.not_written],
        }


@dataclass(frozen=True, slots=True)
class _Untold:
    """What was not said, before it is put into words."""

    customer_id: int
    step: str | None
    medium: str | None
    reason: str
    params: Mapping[str, str]


_Owner = tuple[str, int]
"""Whose silence it is: a case's, or a customer's who has none."""


class Reader:
    """Reads what is new since it was last asked. Holds ids and what is silent, never a history."""

    def __init__(self, session: Session) -> None:
        self._names = _names(session)
        self._attempts = self._events = self._refusals = 0
        self._silent: Mapping[_Owner, str] = {}

    def read(self, session: Session, day: date, since: datetime) -> RehearsedDay:
        """The day that began at `since`."""
        return RehearsedDay(
            day, tuple(self._written(session)), tuple(self._not_written(session, day, since))
        )

    def _written(self, session: Session) -> Iterator[Written]:
        for row in session.connection().execute(_written(self._attempts)):
            self._attempts = row.id
            creditor, customer = self._names[row.customer_id]
            yield Written(creditor, customer, row.template, row.medium, row.locale, row.gated_at)

    def _not_written(self, session: Session, day: date, since: datetime) -> Iterator[NotWritten]:
        """Each step, medium and reason once a day."""
        told: dict[tuple[object, ...], NotWritten] = {}
        for untold in (
            *self._passed(session),
            *self._refused(session),
            *_given_up(session, since),
            *_ended(session, since),
            *self._silenced(session, day),
        ):
            key = (untold.customer_id, untold.step, untold.medium, untold.reason)
            if key not in told:
                told[key] = _in_words(untold, *self._names[untold.customer_id])
        yield from told.values()

    def _passed(self, session: Session) -> Iterator[_Untold]:
        for row in session.connection().execute(_steps_passed(self._events)):
            self._events = row.id
            payload = row.payload
            yield _Untold(
                row.customer_id,
                payload["step"],
                None,
                payload["reason"],
                payload.get("params", {}),
            )

    def _refused(self, session: Session) -> Iterator[_Untold]:
        for row in session.connection().execute(_refusals(self._refusals)):
            self._refusals = row.id
            step = row.step or _step(row.origin)
            yield _Untold(row.customer_id, step, row.medium, row.reason, row.params)

    def _silenced(self, session: Session, day: date) -> Iterator[_Untold]:
        """Whose silence began, or has another reason than yesterday."""
        now: dict[_Owner, str] = {}
        for owner, untold in (*_resting(session), *_disputing(session, day)):
            now[owner] = untold.reason
            if self._silent.get(owner) != untold.reason:
                yield untold
        self._silent = now


def _in_words(untold: _Untold, creditor: str, customer: str) -> NotWritten:
    known = {"step": untold.step, "medium": untold.medium}
    params = {**{name: value for name, value in known.items() if value}, **untold.params}
    said = sentence(untold.reason, params)
    return NotWritten(creditor, customer, untold.step, untold.medium, untold.reason, said)


def _names(session: Session) -> Mapping[int, tuple[str, str]]:
    """Creditor and customer, by the ERP's own names. Nobody joins a rehearsal later."""
    query = select(
        _CUSTOMER.c.id, _CREDITOR.c.external_id.label("creditor"), _CUSTOMER.c.external_id
    ).join_from(_CUSTOMER, _CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    rows = session.connection().execute(query)
    return {row.id: (row.creditor, row.external_id) for row in rows}


def _written(after: int) -> Select[Any]:
    return (
        select(
            _ATTEMPT.c.id,
            _MESSAGE.c.customer_id,
            _MESSAGE.c.template,
            _ATTEMPT.c.medium,
            _ATTEMPT.c.locale,
            _ATTEMPT.c.gated_at,
        )
        .join_from(_ATTEMPT, _MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .where(_ATTEMPT.c.id > after, _ATTEMPT.c.state == "accepted")
        .order_by(_ATTEMPT.c.id)
    )


def _steps_passed(after: int) -> Select[Any]:
    return (
        select(_EVENT.c.id, _EVENT.c.customer_id, _EVENT.c.payload)
        .where(_EVENT.c.id > after, _EVENT.c.kind == "StepPassed")
        .order_by(_EVENT.c.id)
    )


def _refusals(after: int) -> Select[Any]:
    return (
        select(
            _REFUSED.c.id,
            _CASE.c.customer_id,
            _REFUSED.c.step,
            _MESSAGE.c.origin,
            _REFUSED.c.medium,
            _REFUSED.c.reason,
            _REFUSED.c.params,
        )
        .join_from(_REFUSED, _CASE, _CASE.c.id == _REFUSED.c.case_id)
        .outerjoin(_MESSAGE, _MESSAGE.c.id == _REFUSED.c.message_id)
        .where(_REFUSED.c.id > after)
        .order_by(_REFUSED.c.id)
    )


def _given_up(session: Session, since: datetime) -> Iterator[_Untold]:
    """Messages that were intended and then given up."""
    query = (
        select(
            _MESSAGE.c.customer_id,
            _MESSAGE.c.origin,
            _MESSAGE.c.medium,
            _MESSAGE.c.reason,
            _MESSAGE.c.reason_params,
        )
        .where(
            _MESSAGE.c.state.in_(("stopped", "expired", "refused")),
            _MESSAGE.c.updated_at >= since,
            _MESSAGE.c.reason.is_not(None),
        )
        .order_by(_MESSAGE.c.id)
    )
    for row in session.connection().execute(query):
        step = _step(row.origin)
        yield _Untold(row.customer_id, step, row.medium, row.reason, row.reason_params)


def _ended(session: Session, since: datetime) -> Iterator[_Untold]:
    """Journeys that ended without being settled: nobody is reminded of these debts again."""
    query = (
        select(_CASE.c.customer_id, _CASE.c.reason, _CASE.c.reason_params)
        .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
        .where(
            _CASE.c.closed_at >= since,
            _CASE.c.outcome != "settled",
            _CAMPAIGN.c.subject == SubjectKind.CUSTOMER,
        )
        .order_by(_CASE.c.id)
    )
    for row in session.connection().execute(query):
        yield _Untold(row.customer_id, None, None, row.reason, row.reason_params)


def _resting(session: Session) -> Iterator[tuple[_Owner, _Untold]]:
    """Open cases that speak to nobody for now."""
    query = (
        select(_CASE.c.id, _CASE.c.customer_id, _CASE.c.reason, _CASE.c.reason_params)
        .where(_CASE.c.phase != word("closed"), _CASE.c.reason.in_(SILENCES))
        .order_by(_CASE.c.id)
    )
    for row in session.connection().execute(query):
        untold = _Untold(row.customer_id, None, None, row.reason, row.reason_params)
        yield ("case", row.id), untold


def _disputing(session: Session, day: date) -> Iterator[tuple[_Owner, _Untold]]:
    """Customers without a case, because all that is due is disputed."""
    has_case = exists().where(
        _CASE.c.customer_id == _INVOICE.c.customer_id, _CASE.c.phase != word("closed")
    )
    contested = (_DISPUTE.c.invoice_id == _INVOICE.c.id) & _DISPUTE.c.state.in_(CARVED_OUT)
    query = (
        select(_INVOICE.c.customer_id)
        .outerjoin(_DISPUTE, contested)
        .where(_INVOICE.c.open_minor > NOTHING, _INVOICE.c.due_on <= day, ~has_case)
        .group_by(_INVOICE.c.customer_id)
        .having(func.count(_INVOICE.c.id) == func.count(_DISPUTE.c.id))
        .order_by(_INVOICE.c.customer_id)
    )
    for customer_id in session.connection().execute(query).scalars():
        yield ("customer", customer_id), _Untold(customer_id, None, None, "dispute_open", {})


def _step(origin: str | None) -> str | None:
    """The step that a message speaks for; None for an answer to something that happened."""
    return step_of(origin) or None if origin and origin.startswith("step:") else None
