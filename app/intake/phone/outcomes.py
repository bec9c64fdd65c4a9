"""How a call ended, and what that does: each by the act that a reply or a page would do it by.

A call that was made is a row and an event, and rules that count calls count it. What was said of
health, death or means stands on a note alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlmodel import Session

from app.intake.calls import Called, NoSuchCall, arrange_call, call_was_made, end_silence
from app.intake.concerned import Concerned, stop_customer
from app.intake.danger import report_danger
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.opt_outs import StopSaid, opt_out_person
from app.intake.paid_already import look_for_payment
from app.intake.phone.call_list import Call
from app.intake.promises import MadeBy, make_promise
from app.intake.tasks import finish_task
from app.intake.wrong_persons import report_wrong_person
from app.store.bulk import insert_returning_ids
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import PhoneCall
from campaigns.money import Money
from campaigns.reach import StopAct
from campaigns.windows import Opening

TRIES: Final = 3
"""How often somebody is tried before the call is given up, and the journey alone goes on."""

_PHONE = table_of(PhoneCall)


class CallOutcome(StrEnum):
    """How a call ended. Stored, and told in the events."""

    PROMISE = "promise"
    PAID = "paid"
    REFUSES = "refuses"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    BEREAVEMENT = "bereavement"
    DANGER = "danger"
    STOP = "stop"
    CALL_BACK = "call_back"
    WRONG_NUMBER = "wrong_number"
    BYSTANDER = "bystander"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"


UNREACHED: Final = frozenset({CallOutcome.BYSTANDER, CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL})
"""Nobody was spoken with who may hear of it: it is tried again."""


class NotNoted(ValueError):
    """The outcome cannot be noted so; `field` is what lacks, the words say what to do."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.field = name


@dataclass(frozen=True, slots=True)
class Noted:
    """What whoever called has typed beside the outcome."""

    outcome: CallOutcome
    amount: Money | None = None
    on: date | None = None
    invoice_ids: Sequence[int] = ()
    about: DisputeKind = DisputeKind.OTHER
    words: str | None = field(default=None, repr=False)
    slot: Opening | None = None


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A call that ended, and the row that it is."""

    call: Call
    call_id: int
    user: Concerned
    address_id: int | None
    noted: Noted
    by: str
    now: datetime


def note_call(session: Session, call: Call, noted: Noted, *, by: str, now: datetime) -> int:
    """Puts the call on record and does what its outcome does. Answers the call's number.

    Raises `NotNoted`, `PromiseRefused`, `EnvelopeError` and `UnknownInvoice`; then nothing of it
    is kept.
    """
    task = call.task
    user = stop_customer(session, task.customer_id)
    address_id = call.line.number.address_id if call.line is not None else None
    row = {
        "customer_id": user.customer_id,
        "person_id": user.person_id,
        "creditor_id": user.creditor_id,
        "address_id": address_id,
        "task_id": task.id,
        "called_at": now,
        "called_by": by,
        "outcome": noted.outcome,
        "asked_for": call.asked_for,
    }
    (call_id,) = insert_returning_ids(session, PhoneCall, [row])
    told = {"phone_call": call_id, "outcome": str(noted.outcome), "by": by}
    made = Happened(
        "phone_called", at=now, customer_id=user.customer_id, case_id=task.case_id, payload=told
    )
    record(session, [made], now=now)
    _finish(session, call, noted, by, now)
    _ACTS[noted.outcome](session, _Spoken(call, call_id, user, address_id, noted, by, now))
    return call_id


def _finish(session: Session, call: Call, noted: Noted, by: str, now: datetime) -> None:
    """A call that reached nobody is tried again, so often; any other is done."""
    task = call.task
    if noted.outcome in UNREACHED and _tries(session, task) < TRIES:
        return
    if task.wish_id is not None and noted.outcome not in UNREACHED:
        with suppress(NoSuchCall):  # the customer may just have taken the wish back
            call_was_made(session, task.wish_id, by=by, now=now)
    finish_task(session, task.key, now)
    if call.asked_for and noted.outcome not in UNREACHED:
        end_silence(session, task.customer_id, now)


def _tries(session: Session, task: Row[Any]) -> int:
    query = select(func.count()).where(
        _PHONE.c.customer_id == task.customer_id,
        _PHONE.c.task_id == task.id,
        _PHONE.c.outcome.in_(sorted(UNREACHED)),
    )
    return int(session.connection().execute(query).scalar_one())


def _promise(session: Session, spoken: _Spoken) -> None:
    noted = spoken.noted
    if noted.amount is None:
        raise NotNoted("amount", "Write how much they promise to pay.")
    if noted.on is None:
        raise NotNoted("on", "Choose the day by which they pay.")
    make_promise(
        session,
        customer_id=spoken.user.customer_id,
        amount=noted.amount,
        due_on=noted.on,
        made_by=MadeBy.STAFF,
        now=spoken.now,
    )


def _paid(session: Session, spoken: _Spoken) -> None:
    look_for_payment(
        session,
        spoken.user,
        None,
        now=spoken.now,
        paid_on=spoken.noted.on,
        call_id=spoken.call_id,
    )


def _dispute(session: Session, spoken: _Spoken) -> None:
    if not spoken.noted.invoice_ids:
        raise NotNoted("invoices", "Choose which invoice they contest.")
    for invoice_id in spoken.noted.invoice_ids:
        dispute_invoice(
            session,
            customer_id=spoken.user.customer_id,
            invoice_id=invoice_id,
            kind=spoken.noted.about,
            words=spoken.noted.words,
            now=spoken.now,
        )


def _hardship(session: Session, spoken: _Spoken) -> None:
    report_hardship(
        session,
        customer_id=spoken.user.customer_id,
        kind="hardship",
        words=spoken.noted.words,
        now=spoken.now,
    )


def _bereavement(session: Session, spoken: _Spoken) -> None:
    """Nobody writes or calls until somebody of the care team says that it is time."""
    report_hardship(
        session,
        customer_id=spoken.user.customer_id,
        kind="bereavement",
        words=spoken.noted.words,
        now=spoken.now,
        hold_for=None,
    )


def _danger(session: Session, spoken: _Spoken) -> None:
    report_danger(
        session,
        spoken.user,
        key=f"danger:call:{spoken.call_id}",
        words=spoken.noted.words or "",
        now=spoken.now,
        detail={"phone_call": spoken.call_id},
    )


def _stop(session: Session, spoken: _Spoken) -> None:
    said = StopSaid(StopAct.CEASE, None, f"phone_call:{spoken.call_id}", by=spoken.by)
    opt_out_person(session, said, customer_id=spoken.user.customer_id, now=spoken.now)


def _call_back(session: Session, spoken: _Spoken) -> None:
    if spoken.noted.slot is None:
        raise NotNoted("slot", "Choose when to call back.")
    called = Called(spoken.address_id)
    if spoken.address_id is None and spoken.call.line is not None:
        called = Called(number=spoken.call.line.number.value)
    arrange_call(session, spoken.user, spoken.noted.slot, called, message_id=None, now=spoken.now)


def _wrong_number(session: Session, spoken: _Spoken) -> None:
    """The number is closed to this creditor. One that was typed for the call goes with the wish."""
    if spoken.address_id is not None:
        report_wrong_person(
            session,
            customer_id=spoken.user.customer_id,
            address_id=spoken.address_id,
            now=spoken.now,
        )


def _nothing_more(_session: Session, _spoken: _Spoken) -> None:
    """The call stands on record; the journey goes on."""


_ACTS: Final[Mapping[CallOutcome, Callable[[Session, _Spoken], None]]] = MappingProxyType(
    {
        CallOutcome.PROMISE: _promise,
        CallOutcome.PAID: _paid,
        CallOutcome.REFUSES: _nothing_more,
        CallOutcome.DISPUTE: _dispute,
        CallOutcome.HARDSHIP: _hardship,
        CallOutcome.BEREAVEMENT: _bereavement,
        CallOutcome.DANGER: _danger,
        CallOutcome.STOP: _stop,
        CallOutcome.CALL_BACK: _call_back,
        CallOutcome.WRONG_NUMBER: _wrong_number,
        CallOutcome.BYSTANDER: _nothing_more,
        CallOutcome.NO_ANSWER: _nothing_more,
        CallOutcome.VOICEMAIL: _nothing_more,
    }
)


def calls_made(session: Session, customer_id: int) -> list[Any]:
    """The latest calls to a customer, the newest first."""
    query = select(_PHONE).where(_PHONE.c.customer_id == customer_id)
    return list(session.connection().execute(query.order_by(_PHONE.c.id.desc()).limit(10)))
