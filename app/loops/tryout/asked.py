"""What is tried: a journey, on whom, from when, and what happens on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from campaigns.vocabulary import Medium

MOST_DAYS: Final = 120
MOST_HAPPENINGS: Final = 20


class What(StrEnum):
    """What the customer does, or what befalls an address."""

    PAYS = "pays"  # all that is open
    PAYS_PART = "pays_part"  # a third of it
    PROMISES = "promises"  # to pay all within a week
    PROMISES_PART = "promises_part"
    PLANS = "plans"  # agrees to three monthly parts
    DISPUTES = "disputes"
    IN_HARDSHIP = "in_hardship"
    REPLIES = "replies"  # with words of their own
    OPTS_OUT = "opts_out"
    BOUNCES = "bounces"  # the address of a medium takes nothing from here on
    NOT_APPROVED = "not_approved"  # nobody approves anything from here on


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens at noon of a day, counted from the first, which is 0. `medium` and
    `words` are of a reply, an opt-out or a bounce."""

    day: int
    what: What
    medium: Medium = Medium.SMS
    words: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A journey's text on a customer of the book by id, or on the sample of a language with a
    creditor of the book. `locale` None: the customer's own."""

    name: str
    text: str
    creditor_id: int
    customer_id: int | None
    sample: str
    starts_on: date | None
    days: int
    locale: str | None = None
    happenings: tuple[Happening, ...] = ()


class NotTried(Exception):
    """It cannot be tried; `reason` is a code that pages put into words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
