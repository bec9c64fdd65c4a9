"""Who calls us back. A source turns one raw call into what it says, if the call is genuine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from app.intake.errors import Forged, Unreadable
from app.intake.mails import MailNote, NoteKind
from app.intake.receipts import is_stop
from app.intake.replies import Written
from app.payments.gateway import (
    CardKept,
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    CheckoutPending,
    ForgedCallback,
    Gateway,
    GatewayEvent,
    OtherEvent,
    PaymentContested,
    PaymentReversed,
    ReversalUndone,
    UnreadableCallback,
)
from channels.delivery import Receipt

TARGET: Final = ":target"
"""Where the path and the query that were called stand among the headers: no header has this name,
and some signatures cover them."""

Heard: TypeAlias = GatewayEvent | Receipt | Written | MailNote
"""One thing that a call says. A call may say several."""


class Source(Protocol):
    """One provider's way of calling back."""

    @property
    def name(self) -> str:
        """Stable: it is stored beside every call, and is the gateway's name for a gateway."""
        ...

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        """What the call says. `now` is when it was received; `headers` hold its `TARGET` too.

        The same call read again, with the same `now`, says the same: what could not be handled at
        once is read again from the store. Raises `Forged`, and `Unreadable` for a genuine call
        that cannot be read. An empty answer is fine: genuine, and of no concern.
        """
        ...


class GatewaySource:
    """The callbacks of a payment gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.name = gateway.name

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        try:
            return [self._gateway.verify(body, headers, now)]
        except ForgedCallback as forged:
            raise Forged(str(forged)) from forged
        except UnreadableCallback as unreadable:
            raise Unreadable(str(unreadable)) from unreadable


def is_urgent(heard: Heard) -> bool:
    """Whether it must take effect before the caller is answered: money, and anything that stops."""
    match heard:
        case CheckoutPaid() | CheckoutPending() | CheckoutDeclined() | CheckoutExpired():
            return True
        case PaymentReversed() | ReversalUndone() | PaymentContested() | CardKept():
            return True
        case Written():
            return True  # it may be an opt-out
        case MailNote():
            return heard.kind is NoteKind.COMPLAINED
        case Receipt():
            return is_stop(heard)
        case OtherEvent():
            return False
