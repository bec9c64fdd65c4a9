"""What a message answers, as a word that is stored with it: written here, and read back here."""

from __future__ import annotations

from datetime import datetime

from campaigns.facts import SignalFact
from campaigns.vocabulary import Category, Medium, Signal

_SIGNAL = "signal"
_SERVICE = frozenset({Signal.OPTED_OUT, Signal.HELP_ASKED})


def origin_of(signal: SignalFact) -> str:
    """Names the event and holds what a later try needs: whose act it was, where, and when."""
    act = "own" if signal.own_act else "other"
    if signal.address_id is not None and signal.medium is not None:
        act = f"{act}@{signal.medium}@{signal.address_id}"
    return f"{_SIGNAL}:{signal.signal}:{signal.id}:{act}:{signal.at.isoformat()}"


def signal_of(origin: str) -> SignalFact:
    """The signal that the origin of an answer names."""
    _, name, number, act, at = origin.split(":", 4)
    who, *place = act.split("@")
    return SignalFact(
        int(number),
        Signal(name),
        datetime.fromisoformat(at),
        who == "own",
        medium=Medium(place[0]) if place else None,
        address_id=int(place[1]) if place else None,
    )


def stays_there(signal: SignalFact) -> bool:
    """Whether its answer goes to the address and the medium of the act, and to no other."""
    return signal.signal in _SERVICE and signal.address_id is not None


def at_any_hour(origin: str, category: Category) -> bool:
    """Whether a message of this origin is one of those that no hour holds back: the confirmation
    of an opt-out, and the answer to somebody who asked who we are. Nothing else is."""
    if category is not Category.RECEIPT or not origin.startswith(f"{_SIGNAL}:"):
        return False
    signal = signal_of(origin)
    return signal.own_act and signal.signal in _SERVICE
