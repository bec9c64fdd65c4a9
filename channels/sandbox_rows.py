"""The rows of the sandbox's ledger, and how values become columns and come back."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from channels.delivery import DeliveryStatus, Receipt
from channels.errors import from_record
from channels.sandbox_course import PlannedReceipt
from channels.sandbox_faults import PROVIDER
from channels.seam import Envelope, Medium


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One message that the sandbox took."""

    sequence: int
    provider_id: str
    attempt_key: str
    medium: Medium
    sender: str
    recipient: str
    link_token: str | None
    text_sha256: str
    text: str
    subject: str | None
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class DueReceipt:
    """A receipt to hand over, and the sequence by which it is marked as handed."""

    sequence: int
    due_at: datetime
    receipt: Receipt


def envelope_values(envelope: Envelope) -> tuple[str | None, ...]:
    return (
        envelope.medium,
        envelope.sender,
        envelope.recipient,
        envelope.link_token,
        sha256(envelope.text.encode()).hexdigest(),
        envelope.text,
        envelope.subject,
        instant(envelope.sent_at),
    )


def receipt_values(
    provider_id: str, attempt_key: str, plan: PlannedReceipt
) -> tuple[str | None, ...]:
    happening = plan.happening
    return (
        derived("receipt", provider_id, happening.status),
        provider_id,
        attempt_key,
        happening.status,
        instant(happening.at),
        instant(plan.due_at),
        json.dumps(happening.error.as_record()) if happening.error else None,
    )


def acceptance_of(row: tuple[Any, ...]) -> Acceptance:
    acceptance = Acceptance(*row)
    return replace(
        acceptance,
        medium=Medium(acceptance.medium),
        accepted_at=datetime.fromisoformat(row[-1]),
    )


def due_receipt_of(row: tuple[Any, ...]) -> DueReceipt:
    sequence, due_at, receipt_id, provider_id, attempt_key, status, at, error = row
    receipt = Receipt(
        receipt_id=receipt_id,
        provider=PROVIDER,
        provider_id=provider_id,
        attempt_key=attempt_key,
        status=DeliveryStatus(status),
        at=datetime.fromisoformat(at),
        error=from_record(json.loads(error)) if error else None,
    )
    return DueReceipt(sequence, datetime.fromisoformat(due_at), receipt)


def derived(*parts: str) -> str:
    """An id that replays: the same parts give the same one, in every process."""
    return "SB" + sha256("\0".join(parts).encode()).hexdigest()[:32]


def instant(moment: datetime) -> str:
    # One fixed width, so that the order of the texts is the order of the instants.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
