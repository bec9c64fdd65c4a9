"""Delivery receipts: each lands once, in any order, and what is known only grows.

An attempt whose outcome was unclear is cleared up by any receipt for it: the provider has it. What
a failure means for the address is read off the class of its error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import Session

from app.intake.alarms import without_alarms
from app.intake.alerts import alert
from app.intake.attempts import Tried, find_attempts, key_of
from app.intake.concerned import stop_persons, users_of
from app.intake.opt_outs import StopSaid, close_address, opt_out
from app.intake.senders import Mark, leaves_mark, mark_senders
from app.store.bulk import insert_new, lock_rows, update_rows, writes_alone
from app.store.given import GIVEN, rows_given, table_of
from app.store.guard import lock_persons
from app.store.journal import Happened, record, wake
from app.store.rows import Address, Attempt, Event, Message, Task
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium, Signal
from channels.delivery import DeliveryStatus, Receipt, advance
from channels.errors import AddressOptedOut, Fault, Remedy

_ADDRESS, _EVENT = table_of(Address), table_of(Event)
_KNOWN: Final = select(_EVENT.c.key).where(_EVENT.c.key.in_(GIVEN))
_WITHDRAWALS: Final = {
    DeliveryStatus.UNSUBSCRIBED: StopAct.PROVIDER,
    DeliveryStatus.COMPLAINED: StopAct.COMPLAINT,
}
_UNSETTLED: Final = ("sending", "unclear", "assumed_sent")


@dataclass(frozen=True, slots=True)
class ReceiptsTaken:
    """`unmatched` name no attempt that is on record: told again later they may still land."""

    landed: int
    repeated: int
    unmatched: tuple[Receipt, ...]


@dataclass(slots=True)
class _Progress:
    """What some receipts say of one attempt together."""

    tried: Tried
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def status(self) -> DeliveryStatus:
        """Of the attempt. The latest one's is the message's; of an earlier one only failure is
        on record."""
        earlier = DeliveryStatus.FAILED if self.tried.failed else DeliveryStatus.ACCEPTED
        return self.after(self.tried.delivery if self.tried.is_latest else earlier)

    def after(self, status: DeliveryStatus) -> DeliveryStatus:
        for receipt in self.receipts:
            status = advance(status, receipt.status)
        return status

    def arrived_at(self, before: datetime | None) -> datetime | None:
        arrivals = [receipt.at for receipt in self.receipts if receipt.status.is_arrival]
        return min([*arrivals, *filter(None, [before])], default=None)


def is_stop(receipt: Receipt) -> bool:
    """Whether it says that the person withdrew: that takes effect before we answer."""
    return receipt.status in _WITHDRAWALS or isinstance(receipt.error, AddressOptedOut)


def take_receipts(session: Session, receipts: Sequence[Receipt], *, now: datetime) -> ReceiptsTaken:
    """Takes what providers report. The status of a message only moves forward.

    The message's case is woken when something about it changed; an address that failed for good
    gives `address_bounced`. A receipt that names no attempt changes nothing and is handed back.
    """
    attempts = find_attempts(session, receipts)
    _lock(session, receipts, attempts)
    if not writes_alone(session):
        # Read again under the guards: another transaction may have taken some of them meanwhile.
        attempts = find_attempts(session, receipts)
    matched = [receipt for receipt in receipts if key_of(receipt) in attempts]
    fresh = _fresh(session, matched)
    progresses = _by_attempt(fresh, attempts)
    wake(session, sorted({progress.tried.case_id for progress in progresses}), now=now)
    update_rows(session, Attempt, [_attempt(progress, now) for progress in progresses])
    _write_messages(session, progresses, now)
    record(session, [_fact(receipt, attempts[key_of(receipt)]) for receipt in fresh], now=now)
    for progress in progresses:
        _answer_failure(session, progress, now)
    marks = [mark for progress in progresses for mark in _marks(progress)]
    if marks:
        mark_senders(session, marks, now)
    strange = [receipt for receipt in receipts if key_of(receipt) not in attempts]
    unmatched = without_alarms(session, strange, now=now) if strange else ()
    return ReceiptsTaken(len(fresh), len(matched) - len(fresh), unmatched)


def _lock(session: Session, receipts: Sequence[Receipt], attempts: Mapping[str, Tried]) -> None:
    """All guards at once: of those who were written to, and of all who use an address that now
    stops. Only the latter are raised, so that a plain receipt voids no gate. Then the attempts, as
    an outcome takes them: before its cases and messages."""
    stopped = [
        attempts[key_of(receipt)].address_id
        for receipt in receipts
        if key_of(receipt) in attempts and _stops_address(receipt)
    ]
    users = {user.person_id for user in users_of(session, stopped)} if stopped else set()
    lock_persons(session, users | {tried.person_id for tried in attempts.values()})
    stop_persons(session, users)
    lock_rows(session, Attempt, [tried.attempt_id for tried in attempts.values()])


def _stops_address(receipt: Receipt) -> bool:
    error = receipt.error
    return is_stop(receipt) or (error is not None and error.remedy is Remedy.SUPPRESS_ADDRESS)


def _fresh(session: Session, receipts: Sequence[Receipt]) -> list[Receipt]:
    by_key = {key_of(receipt): receipt for receipt in receipts}
    known = {key for (key,) in rows_given(session, _KNOWN, list(by_key))}
    return [receipt for key, receipt in by_key.items() if key not in known]


def _by_attempt(receipts: Sequence[Receipt], attempts: Mapping[str, Tried]) -> list[_Progress]:
    found: dict[int, _Progress] = {}
    for receipt in receipts:
        tried = attempts[key_of(receipt)]
        found.setdefault(tried.attempt_id, _Progress(tried)).receipts.append(receipt)
    return [found[attempt_id] for attempt_id in sorted(found)]


def _attempt(progress: _Progress, now: datetime) -> dict[str, Any]:
    tried = progress.tried
    attempt: dict[str, Any] = {"id": tried.attempt_id, "failed": progress.status.is_failure}
    errors = [receipt.error for receipt in progress.receipts if receipt.error is not None]
    if progress.status.is_arrival:
        attempt["error"] = {}  # a delay that is over; the events keep it
    elif errors:
        attempt["error"] = errors[-1].as_record()
    if tried.state in _UNSETTLED:
        heard = progress.receipts[0]
        attempt |= {"state": "accepted", "provider_id": heard.provider_id, "finished_at": now}
    return attempt


def _write_messages(session: Session, progresses: Sequence[_Progress], now: datetime) -> None:
    messages: dict[int, dict[str, Any]] = {}
    for progress in progresses:
        tried = progress.tried
        if not tried.is_latest and not progress.status.is_arrival:
            continue  # an earlier try that failed says nothing about the one that followed it
        so_far = messages.setdefault(
            tried.message_id,
            {"id": tried.message_id, "delivery": tried.delivery, "updated_at": now}
            | {"delivered_at": tried.delivered_at},
        )
        so_far["delivery"] = progress.after(so_far["delivery"])
        so_far["delivered_at"] = progress.arrived_at(so_far["delivered_at"])
        if tried.message_state in _UNSETTLED:
            accepted_at = progress.receipts[0].at
            so_far |= {"state": "accepted", "accepted_at": accepted_at, "reason": None}
    update_rows(session, Message, list(messages.values()))


def _fact(receipt: Receipt, tried: Tried) -> Happened:
    error = receipt.error.as_record() if receipt.error is not None else {}
    return Happened(
        f"message_{receipt.status}",
        at=receipt.at,
        customer_id=tried.customer_id,
        case_id=tried.case_id,
        message_id=tried.message_id,
        key=key_of(receipt),
        payload={"attempt_id": tried.attempt_id, "told_in": tried.state, **error},
    )


def _answer_failure(session: Session, progress: _Progress, now: datetime) -> None:
    """What the address has to suffer, and the signal of a message that bounced for good."""
    tried, is_failure = progress.tried, progress.status.is_failure
    for receipt in progress.receipts:
        if is_stop(receipt):
            # The stronger word: who withdrew is not also told of as a bounce.
            _suppress(session, receipt, tried, now)
            continue
        if receipt.error is not None and receipt.error.alert and not leaves_mark(receipt.error):
            insert_new(session, Task, [alert(receipt.error, now)])
        if is_failure and _stops_address(receipt):
            _close_address(session, receipt, tried, now)
        if is_failure and _bounced(receipt):
            record(session, [_bounce(receipt, tried)], now=now)


def _marks(progress: _Progress) -> Iterator[Mark]:
    """What its sender has to answer for."""
    tried = progress.tried
    for receipt in progress.receipts:
        if receipt.status is DeliveryStatus.COMPLAINED:
            yield Mark(tried.sender_id, tried.template)
        elif receipt.error is not None and leaves_mark(receipt.error):
            yield Mark(tried.sender_id, tried.template, receipt.error)


def _bounced(receipt: Receipt) -> bool:
    if not receipt.status.is_failure:
        return False
    error = receipt.error
    if error is None:
        return receipt.status is DeliveryStatus.BOUNCED
    return error.permanent and error.fault is Fault.ADDRESS


def _bounce(receipt: Receipt, tried: Tried) -> Happened:
    return Happened(
        Signal.ADDRESS_BOUNCED,
        at=receipt.at,
        customer_id=tried.customer_id,
        case_id=tried.case_id,
        message_id=tried.message_id,
        key=f"address_bounced:{tried.attempt_id}",
        payload={"address_id": tried.address_id, "medium": tried.medium},
    )


def _suppress(session: Session, receipt: Receipt, tried: Tried, now: datetime) -> None:
    act = _WITHDRAWALS.get(receipt.status, StopAct.PROVIDER)
    stop = StopSaid(act, Medium(tried.medium), key_of(receipt))
    opt_out(session, stop, address_id=tried.address_id, now=now)


def _close_address(session: Session, receipt: Receipt, tried: Tried, now: datetime) -> None:
    """A mailbox that does not exist is invalid. A number may only lack this medium (a landline), so
    it is closed for this medium alone."""
    if tried.medium == Medium.EMAIL:
        why = receipt.error.kind if receipt.error is not None else "bounced"
        session.connection().execute(
            update(_ADDRESS)
            .where(_ADDRESS.c.id == tried.address_id)
            .values(valid=False, invalid_reason=why)
        )
    else:
        bounce = StopSaid(StopAct.BOUNCE, Medium(tried.medium), key_of(receipt))
        close_address(session, tried.address_id, bounce, now)
