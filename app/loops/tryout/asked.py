"""What is tried: a journey, on whom, from when, and what happens on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.hearing.intents import Intent
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
    OPENS = "opens"  # their page, by the latest link
    HELD = "held"  # by the team, for a week
    BOUNCES = "bounces"  # the address of a medium takes nothing from here on
    NOT_APPROVED = "not_approved"  # nobody approves anything from here on


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens at noon of a day, counted from the first, which is 0. `medium` and
    `words` are of a reply, an opt-out or a bounce. `intent` is what somebody of the team reads in
    a reply that was not understood by itself; None: nobody has read it."""

    day: int
    what: What
    medium: Medium = Medium.SMS
    words: str = ""
    intent: Intent | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A journey's text on a customer of the book by id, or on the sample of a language with a
    creditor of the book. `now` is when it is tried: a customer who is tried from that day on, or
    later, stands where they stand. `starts_on` None: from today, whoever is on the journey or has
    something arranged; else so that the whole journey is seen. `locale` None: the customer's own.
    `words` are drafts of templates, by name, in place of what is published.
    """

    name: str
    text: str
    creditor_id: int
    customer_id: int | None
    sample: str
    starts_on: date | None
    days: int
    now: datetime
    locale: str | None = None
    happenings: tuple[Happening, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


class NotTried(Exception):
    """It cannot be tried; `reason` is a code that pages put into words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
