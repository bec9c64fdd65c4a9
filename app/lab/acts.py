"""What a simulated person may receive and do. Values only; `hands` does them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it lies before its reader: whose account it is about, and where it came in."""

    who: str
    medium: str
    sender: str
    recipient: str
    token: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """Follows the link and presses something there that changes nothing of the debt."""

    letter: Letter


@dataclass(frozen=True, slots=True)
class PayByCard:
    """Pays on the page: `percent` of what it asks for. Or is declined there, or just leaves."""

    letter: Letter
    percent: int = 100
    declined: bool = False
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class PayByTransfer:
    """Tells the bank. `minor` may be more than is owed."""

    who: str
    minor: int


@dataclass(frozen=True, slots=True)
class Promise:
    letter: Letter
    in_days: int


@dataclass(frozen=True, slots=True)
class AgreePlan:
    """Agrees on the page to pay all that is asked for in parts, the first today."""

    letter: Letter
    parts: int
    rhythm: str


@dataclass(frozen=True, slots=True)
class PayNextPart:
    """Pays the next part of a plan by card."""

    letter: Letter


@dataclass(frozen=True, slots=True)
class Contest:
    """Disputes the invoice on top of the page."""

    letter: Letter
    kind: str


@dataclass(frozen=True, slots=True)
class AskForHelp:
    letter: Letter
    kind: str


@dataclass(frozen=True, slots=True)
class SayWrongPerson:
    letter: Letter


@dataclass(frozen=True, slots=True)
class PressStop:
    letter: Letter


@dataclass(frozen=True, slots=True)
class Write:
    """Answers in words, where the message came in."""

    letter: Letter
    text: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Has the bank take the latest payment back."""

    who: str


Act: TypeAlias = (
    Open
    | PayByCard
    | PayByTransfer
    | Promise
    | AgreePlan
    | PayNextPart
    | Contest
    | AskForHelp
    | SayWrongPerson
    | PressStop
    | Write
    | TakeBack
)
