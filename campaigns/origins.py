"""What a message answers, as a word that is stored with it: written here, and read back here."""

from __future__ import annotations

from datetime import datetime

from campaigns.facts import SignalFact
from campaigns.vocabulary import Category, Medium, Signal

_SIGNAL = "signal"
OPTED_OUT = "opted_out"
WRONG_PERSON = "wrong_person"
"""Reasons of a closed address."""

_AT_ONCE = {
    Signal.OPTED_OUT: OPTED_OUT,
    Signal.HELP_ASKED: OPTED_OUT,
    Signal.DANGER_REPORTED: OPTED_OUT,
    Signal.ADDRESS_DISOWNED: WRONG_PERSON,
}
"""What is answered at any hour, and the closing that this answer passes for a few minutes."""


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
    """Whether its answer goes to the address and the medium of the act, and to no other: the
    customer wrote to us from there."""
    return signal.own_act and signal.address_id is not None and signal.medium is not None


def closes(signal: SignalFact) -> bool:
    """Whether it closed an address: that is confirmed where it was written, or by no message."""
    return signal.signal in (Signal.OPTED_OUT, Signal.ADDRESS_DISOWNED)


def at_any_hour(origin: str, category: Category) -> bool:
    """Whether a message of this origin is one of those that no hour holds back: the confirmation
    of an opt-out or of an address that is somebody else's, and the answer to somebody who asked who
    we are or who may be in danger. Nothing else is."""
    return passes(origin, category) is not None


def passes(origin: str, category: Category) -> str | None:
    """The reason of a closed address that such a message passes: what it confirms has closed it.
    None for all other messages, which pass nothing."""
    if category is not Category.RECEIPT or not origin.startswith(f"{_SIGNAL}:"):
        return None
    signal = signal_of(origin)
    return _AT_ONCE.get(signal.signal) if signal.own_act else None
