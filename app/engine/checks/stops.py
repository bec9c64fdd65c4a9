"""Whether every attempt was right to leave: no stop was committed before its gate.

Written without the gate's own code: stops are compared by the instants at which the facts were
committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.engine.checks.approvals import unapproved
from app.engine.checks.attempts import AT_ONCE, COLUMNS, LEFT, grouped, messages_of
from app.engine.checks.finding import PromiseCheck, Tally
from app.engine.checks.pages import pages
from app.store.given import table_of
from app.store.rows import Allocation, Attempt, Dispute, Hold, Invoice, Plan, Promise, Suppression
from campaigns.origins import at_any_hour, passes
from campaigns.policy import CONFIRM_WITHIN
from campaigns.vocabulary import Category, SubjectKind

_ATTEMPT, _HOLD, _SUPPRESSION = table_of(Attempt), table_of(Hold), table_of(Suppression)
_DISPUTE, _PROMISE, _INVOICE = table_of(Dispute), table_of(Promise), table_of(Invoice)
_ALLOCATION, _PLAN = table_of(Allocation), table_of(Plan)


def nothing_after_a_stop(session: Session) -> PromiseCheck:
    tally = Tally()
    for page in pages(session, _ATTEMPT, COLUMNS, *LEFT):
        tally.examined += len(page)
        stops = _Stops(session, page)
        tally.all_wrong("attempt", (row.id for row in page if stops.forbade(row)))
        tally.all_wrong("attempt that nobody approved", unapproved(session, page))
    return tally.finding(
        3,
        "Nothing after a stop",
        "payments, opt-outs, disputes, holds, promises, plans; approvals where they are wanted",
    )


class _Stops:
    """The stop facts that concern a page of attempts."""

    def __init__(self, session: Session, page: Sequence[Row[Any]]) -> None:
        invoices = sorted({i for row in page for i in row.invoice_ids})
        messages = messages_of(session, [row.message_id for row in page])
        customers = {id_: message.customer_id for id_, message in messages.items()}
        self._customer = customers
        self._subject = {id_: message.subject for id_, message in messages.items()}
        self._acted_at = {id_: message.answers_event_at for id_, message in messages.items()}
        self._origin = {id_: message.origin for id_, message in messages.items()}
        self._holds = grouped(session, _HOLD, "person_id", {row.person_id for row in page})
        self._promises = grouped(session, _PROMISE, "customer_id", customers.values())
        self._plans = grouped(session, _PLAN, "customer_id", customers.values())
        self._closed = grouped(
            session, _SUPPRESSION, "address_id", {row.address_id for row in page}
        )
        self._disputes = grouped(session, _DISPUTE, "invoice_id", invoices)
        self._paid = grouped(session, _ALLOCATION, "invoice_id", invoices)
        self._invoices = grouped(session, _INVOICE, "id", invoices)

    def forbade(self, row: Row[Any]) -> bool:
        """Whether a stop that was committed before the gate should have held this attempt."""
        since = row.gated_at - AT_ONCE
        if self._was_closed(row, since):
            return True
        if row.category == Category.RECEIPT:
            return False
        return (
            self._was_held(row, since)
            or self._was_promised(row, since)
            or self._was_planned(row, since)
            or self._was_moot(row, since)
        )

    def _binds(self, row: Row[Any], began_at: datetime, since: datetime) -> bool:
        """Whether what began then is a stop for this attempt. An answer to the customer's own act
        passes what was there before the act."""
        acted_at = self._acted_at[row.message_id]
        return began_at < since and (acted_at is None or began_at > acted_at)

    def _was_closed(self, row: Row[Any], since: datetime) -> bool:
        return any(
            stop.at < since
            and _stood(stop.lifted_at, row)
            and stop.medium in (None, row.medium)
            and stop.creditor_id in (None, row.creditor_id)
            and not (stop.reason == self._passes(row) and self._confirms(row))
            for stop in self._closed.get(row.address_id, ())
        )

    def _passes(self, row: Row[Any]) -> str | None:
        return passes(self._origin[row.message_id], Category(row.category))

    def _confirms(self, row: Row[Any]) -> bool:
        """Whether it confirmed an opt-out in time, or answered who asked who we are."""
        acted_at = self._acted_at[row.message_id]
        return (
            at_any_hour(self._origin[row.message_id], Category(row.category))
            and acted_at is not None
            and row.gated_at < acted_at + CONFIRM_WITHIN
        )

    def _was_held(self, row: Row[Any], since: datetime) -> bool:
        return any(
            (self._binds(row, hold.placed_at, since) or self._binds(row, hold.renewed_at, since))
            and _stood(hold.released_at, row)
            and (hold.until is None or hold.until > row.gated_at)
            for hold in self._holds.get(row.person_id, ())
        )

    def _was_promised(self, row: Row[Any], since: datetime) -> bool:
        """Until it is judged, as at the gate: the end of its grace alone ends no promise."""
        return any(
            self._binds(row, promise.made_at, since) and _stood(promise.ended_at, row)
            for promise in self._promises.get(self._customer[row.message_id], ())
        )

    def _was_planned(self, row: Row[Any], since: datetime) -> bool:
        """A plan stops no word of its own."""
        return self._subject[row.message_id] != SubjectKind.PLAN and any(
            self._binds(row, plan.resumed_at or plan.agreed_at, since)
            and (plan.state == "running" or (plan.ended_at and _stood(plan.ended_at, row)))
            for plan in self._plans.get(self._customer[row.message_id], ())
        )

    def _was_moot(self, row: Row[Any], since: datetime) -> bool:
        """It named an invoice that was settled, or disputed, when the gate was passed. An answer
        may be about just that."""
        return self._acted_at[row.message_id] is None and any(
            self._settled(i, row, since) or self._disputed(i, row, since) for i in row.invoice_ids
        )

    def _settled(self, invoice_id: int, row: Row[Any], since: datetime) -> bool:
        """What was taken back about then may have been missing already."""
        (invoice,) = self._invoices[invoice_id]
        paid = sum(
            allocation.amount_minor
            for allocation in self._paid.get(invoice_id, ())
            if allocation.at < since
            or (allocation.amount_minor < 0 and not _stood(allocation.at, row))
        )
        return bool(paid >= invoice.amount_minor > 0)

    def _disputed(self, invoice_id: int, row: Row[Any], since: datetime) -> bool:
        return any(
            dispute.opened_at < since
            and (dispute.state in CARVED_OUT or _stood(dispute.resolved_at, row))
            for dispute in self._disputes.get(invoice_id, ())
        )


def _stood(ended_at: datetime | None, row: Row[Any]) -> bool:
    """Whether what ended then still stood at the gate, whatever the order of the two."""
    return ended_at is None or ended_at > row.gated_at + AT_ONCE
