"""What a simulated person is like. Hidden from Duly: it sees only what people do.

A handful of types, after the finding that a few of them cover most debtors (arXiv 2106.01952), and
that the best hour and medium differ by person. All is drawn from a seed and the person's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from campaigns.keys import draw

T = TypeVar("T")


class Type(StrEnum):
    ORGANISED = "organised"
    FORGETFUL = "forgetful"
    SQUEEZED = "squeezed"
    UNWILLING = "unwilling"
    IN_TROUBLE = "in_trouble"
    DISPUTER = "disputer"
    STRANGER = "stranger"  # somebody else has this number now


@dataclass(frozen=True, slots=True)
class Habits:
    """Chances, from 0 to 1, of one type."""

    owes_already: float  # a bill of before the walk is still open
    pays_unasked: float  # near the due date, without any message
    pays_when_asked: float  # once a message was read
    keeps_promises: float
    stops: float = 0.0  # answers a message with STOP
    writes: float = 0.02  # answers in words


HABITS: Mapping[Type, Habits] = {
    Type.ORGANISED: Habits(0.02, 0.93, 0.95, 0.98),
    Type.FORGETFUL: Habits(0.18, 0.32, 0.62, 0.85, stops=0.005),
    Type.SQUEEZED: Habits(0.45, 0.10, 0.10, 0.55, writes=0.06),
    Type.UNWILLING: Habits(0.60, 0.05, 0.05, 0.20, stops=0.05, writes=0.03),
    Type.IN_TROUBLE: Habits(0.60, 0.04, 0.03, 0.40, writes=0.08),
    Type.DISPUTER: Habits(0.30, 0.50, 0.45, 0.90, writes=0.05),
    Type.STRANGER: Habits(0.70, 0.0, 0.0, 0.0, stops=0.15, writes=0.10),
}
_SHARES = (
    (Type.ORGANISED, 0.40),
    (Type.FORGETFUL, 0.31),
    (Type.SQUEEZED, 0.13),
    (Type.UNWILLING, 0.07),
    (Type.IN_TROUBLE, 0.04),
    (Type.DISPUTER, 0.035),
    (Type.STRANGER, 0.015),
)
_HOURS = ((7, 9), (12, 14), (17, 20), (20, 23), (8, 22))


@dataclass(frozen=True, slots=True)
class Traits:
    """`reads_on` is the medium that this person looks at; others are seen less often.

    `reads_from` and `reads_until` are hours of their own wall clock. `patience` is how many
    messages it takes to annoy them.
    """

    type: Type
    reads_on: str
    reads_from: int
    reads_until: int
    patience: int
    card_fails: bool
    takes_back: bool

    @property
    def habits(self) -> Habits:
        return HABITS[self.type]


def traits_of(seed: int, who: str) -> Traits:
    """The same person for the same seed, always."""
    start, end = pick(_HOURS, seed, who, "hours")
    return Traits(
        type=_type(draw(seed, who, "type")),
        reads_on=pick(("sms", "whatsapp", "whatsapp", "email"), seed, who, "reads_on"),
        reads_from=start,
        reads_until=end,
        patience=2 + int(draw(seed, who, "patience") * 7),
        card_fails=draw(seed, who, "card") < 0.06,
        takes_back=draw(seed, who, "takes_back") < 0.02,
    )


def pick(among: Sequence[T], *parts: object) -> T:
    """One of `among`, fixed by `parts`."""
    return among[int(draw(*parts) * len(among))]


def _type(point: float) -> Type:
    for kind, share in _SHARES:
        if point < share:
            return kind
        point -= share
    return Type.FORGETFUL
