"""What became of an accepted message: one vocabulary for every provider.

    accepted ── sent ── delivered ── read ── unsubscribed ── complained
                  └─ failed ┘└─ bounced ┘

Receipts come late, doubled and out of order, so a status is not a state machine that an
arrival order could derail. It is the strongest evidence so far: each status has a rank, and
`advance` keeps the higher one. Any order of the same receipts ends in the same status.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from channels.errors import SendError


class DeliveryStatus(StrEnum):
    """The strongest thing known about an accepted message."""

    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    READ = "read"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"

    @property
    def rank(self) -> int:
        """The weight of the evidence; no two statuses share one."""
        return _RANK[self]

    @property
    def is_end(self) -> bool:
        """Nothing more is waited for, though stronger evidence is still taken in."""
        return self in _ENDS

    @property
    def is_failure(self) -> bool:
        """The provider reports that it did not arrive, and nothing stronger says it did."""
        return self in _FAILURES

    @property
    def is_arrival(self) -> bool:
        """The message reached the recipient's device or mailbox."""
        return self in _ARRIVALS


# Where receipts contradict each other the safe reading wins, the one that sends nothing twice:
# - delivered beats failed: somebody saw it arrive, and failed would allow a second message;
# - bounced beats delivered: a mail server may take a mail and return it afterwards (RFC 3464);
# - read beats bounced, and a withdrawal beats everything: only a person can do these.
_RANK: Final = {
    DeliveryStatus.ACCEPTED: 0,
    DeliveryStatus.SENT: 1,
    DeliveryStatus.FAILED: 2,
    DeliveryStatus.DELIVERED: 3,
    DeliveryStatus.BOUNCED: 4,
    DeliveryStatus.READ: 5,
    DeliveryStatus.UNSUBSCRIBED: 6,
    DeliveryStatus.COMPLAINED: 7,
}
_FAILURES: Final = frozenset({DeliveryStatus.FAILED, DeliveryStatus.BOUNCED})
_WITHDRAWALS: Final = frozenset({DeliveryStatus.UNSUBSCRIBED, DeliveryStatus.COMPLAINED})
_ENDS: Final = _FAILURES | _WITHDRAWALS
_ARRIVALS: Final = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.READ}) | _WITHDRAWALS


def advance(old: DeliveryStatus, new: DeliveryStatus) -> DeliveryStatus:
    """The status after one more receipt: never lower than before, total, order-free."""
    return new if _RANK[new] > _RANK[old] else old


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One report of a provider on one accepted message.

    `receipt_id` is unique at its provider: the same id twice is the same report told twice,
    and lands once. `attempt_key` is there where the provider carries it back. `at` is when it
    happened, aware UTC, and may be long before it is heard of.
    """

    receipt_id: str
    provider: str
    provider_id: str
    attempt_key: str | None
    status: DeliveryStatus
    at: datetime
    error: SendError | None = None
