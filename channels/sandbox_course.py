"""What becomes of a message that the sandbox accepted: the receipts to come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from channels.delivery import DeliveryStatus
from channels.errors import AddressOptedOut, Expired, SendError
from channels.sandbox_faults import PROVIDER, Aftermath, Chance, Faults, drawn_error
from channels.seam import Envelope, Medium

_WITHDRAWALS: Final = {
    Aftermath.COMPLAIN: DeliveryStatus.COMPLAINED,
    Aftermath.UNSUBSCRIBE: DeliveryStatus.UNSUBSCRIBED,
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a message."""

    status: DeliveryStatus
    at: datetime
    error: SendError | None = None


@dataclass(frozen=True, slots=True)
class PlannedReceipt:
    """A happening that is heard of from `due_at` on."""

    happening: Happening
    due_at: datetime


def course_of(
    faults: Faults, chance: Chance, envelope: Envelope, *, tells_read: bool
) -> list[PlannedReceipt]:
    """The receipts of an accepted envelope, in the order of happening, not of hearing."""
    aftermath = faults.aftermath(chance.course)
    if aftermath is Aftermath.LOST:
        return []
    pace = 0.5 + chance.pace
    sent_at = envelope.sent_at + faults.sent_after * pace
    delivered_at = sent_at + faults.delivered_after * pace
    read_at = delivered_at + faults.read_after * pace
    course = [Happening(DeliveryStatus.SENT, sent_at)]
    failure = _failure(faults, chance, envelope, aftermath, delivered_at)
    if failure:
        course.append(failure)
    else:
        course.append(Happening(DeliveryStatus.DELIVERED, delivered_at))
        if tells_read and chance.read < faults.read:
            course.append(Happening(DeliveryStatus.READ, read_at))
        if envelope.medium is Medium.EMAIL and aftermath in _WITHDRAWALS:
            opted_out = AddressOptedOut(PROVIDER, aftermath)
            course.append(Happening(_WITHDRAWALS[aftermath], read_at, opted_out))
    return _told(course, faults, chance)


def _failure(
    faults: Faults,
    chance: Chance,
    envelope: Envelope,
    aftermath: Aftermath,
    delivered_at: datetime,
) -> Happening | None:
    if aftermath is Aftermath.FAIL:
        is_mail = envelope.medium is Medium.EMAIL
        status = DeliveryStatus.BOUNCED if is_mail else DeliveryStatus.FAILED
        return Happening(status, delivered_at, drawn_error(faults.fail_kinds, chance.kind))
    expired_at = envelope.deliver_before
    if expired_at is None or delivered_at <= expired_at:
        return None
    return Happening(DeliveryStatus.FAILED, expired_at, Expired(PROVIDER, "validity"))


def _told(course: list[Happening], faults: Faults, chance: Chance) -> list[PlannedReceipt]:
    is_late = chance.late < faults.late
    told = []
    for place, happening in enumerate(course, start=1):
        # The first to happen is the last to be heard of, so a late course is out of order too.
        delay = faults.late_by / place if is_late else timedelta(0)
        due_at = happening.at + delay
        told.append(PlannedReceipt(happening, due_at))
        if chance.doubled < faults.doubled:
            told.append(PlannedReceipt(happening, due_at + faults.delivered_after))
    return told
