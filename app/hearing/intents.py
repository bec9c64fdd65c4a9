"""What a text can mean. Values are stable: they are stored, documented and labelled by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Protocol


class Intent(StrEnum):
    """One thing that somebody says to a creditor, the gravest first."""

    SELF_HARM = "self_harm"  # danger to themselves: a person at once, day and night
    OPT_OUT = "opt_out"
    WRONG_PERSON = "wrong_person"
    BEREAVEMENT = "bereavement"  # who owes has died, or somebody close
    MINOR = "minor"  # who reads this is a child
    LAWYER = "lawyer"
    INSOLVENCY = "insolvency"
    BREATHING_SPACE = "breathing_space"  # a moratorium, or advice on debts
    ILLNESS = "illness"
    HARDSHIP = "hardship"
    COMPLAINT = "complaint"  # about us; also a regulator, or "what do you know about me"
    ABUSE = "abuse"
    DISPUTE = "dispute"
    PAID_ALREADY = "paid_already"
    NOT_UNDERSTOOD = "not_understood"
    PART_PAYMENT = "part_payment"
    PLAN_REQUEST = "plan_request"
    PROMISE = "promise"
    INVOICE_COPY = "invoice_copy"
    CALL_ME = "call_me"
    LANGUAGE = "language"
    CHANNEL = "channel"
    HOUR = "hour"
    HELP = "help"
    OPT_IN = "opt_in"
    THANKS = "thanks"
    UNCLEAR = "unclear"


class Confidence(IntEnum):
    """How sure a reading is. Only what is `CERTAIN` or `LIKELY` is acted on without a person;
    anything that makes us more silent is acted on at `POSSIBLE`."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


class DisputeAbout(StrEnum):
    """What is contested."""

    AMOUNT = "amount"
    NOT_RECEIVED = "not_received"
    QUALITY = "quality"
    NOT_ORDERED = "not_ordered"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Details:
    """What a text says beside its intent, as far as it says it. The repr shows nothing of it.

    `on` is the day of a promise or of a payment made; `amount` is a number of the text in whole
    units, with `currency` (ISO) if it names one; `method` is how it was paid. `not_before` and
    `not_after` are wall-clock times of the writer between which they want to hear from us.
    `locale` is the language, and `medium` the channel, that they ask for; `phone` is theirs.
    """

    on: date | None = field(default=None, repr=False)
    amount: Decimal | None = field(default=None, repr=False)
    currency: str | None = field(default=None, repr=False)
    method: str | None = field(default=None, repr=False)
    about: DisputeAbout | None = field(default=None, repr=False)
    locale: str | None = field(default=None, repr=False)
    medium: str | None = field(default=None, repr=False)
    not_before: time | None = field(default=None, repr=False)
    not_after: time | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One intent that a text has. `rule` is a code for the records, without a word of the text."""

    intent: Intent
    confidence: Confidence
    rule: str
    details: Details = field(default_factory=Details)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reading depends on beside the text: the day on the writer's calendar on which they
    wrote, and the languages to try first."""

    on: date
    locales: Sequence[str] = ()


class Reader(Protocol):
    """Reads a text. Total: any text has a reading, at worst `UNCLEAR`."""

    def understand(self, text: str, asked: Asked) -> Sequence[Meaning]:
        """All that the text means, the gravest first, each intent once; never empty."""
        ...
