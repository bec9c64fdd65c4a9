"""The figures that are kept, and what their columns mean."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

OUTCOME_WITHIN: Final = timedelta(days=14)
"""What comes of a message counts for it until so long after the end of the day it was sent on."""

PAID_AFTER: Final = timedelta(days=14)
"""A payment is put beside the last message of so many days before its own day."""


SETTLED_WITHIN: Final = timedelta(days=30)
"""The arms of a campaign are compared by the cases that were settled so soon after they opened."""


class Daily(StrEnum):
    """What is counted by day. In brackets: what `about` tells, and what else is told apart."""

    # Of the messages that a provider took on the day (medium, language, hour of the recipient)
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    VISITED = "visited"  # a person pressed something on the page
    ANSWERED = "answered"
    SEGMENTS = "segments"
    # The same by sender (its id), without language and hour
    SENDER_SENT = "sender_sent"
    SENDER_FAILED = "sender_failed"
    SENDER_SEGMENTS = "sender_segments"
    # What happened on the day
    UNSENT = "unsent"  # a message that ended unsaid (reason; medium)
    REFUSED = "refused"  # a medium or a moment that was refused (reason; medium)
    VISITS = "visits"  # first visits by a person (medium)
    REPLIES = "replies"  # (intent; medium)
    COLLECTED = "collected"  # payments (method; currency)
    COLLECTED_AFTER = "collected_after"  # the same (arm; medium of the last message; currency)
    SENT_BACK = "sent_back"  # payments that went back (kind; currency)
    PROMISES_MADE = "promises_made"  # (by what; currency)
    PROMISES_KEPT = "promises_kept"
    PROMISES_BROKEN = "promises_broken"
    PLANS_AGREED = "plans_agreed"
    PLANS_KEPT = "plans_kept"
    PLANS_BROKEN = "plans_broken"
    OPTED_OUT = "opted_out"  # (medium)
    COMPLAINTS = "complaints"  # (kind)
    DISPUTES = "disputes"  # (kind)
    HELP_ASKED = "help_asked"  # (hardship, call or plan)
    HELP_GIVEN = "help_given"  # (answer, plan, pause, talk, plan_talk, referral or write_off)


class Standing(StrEnum):
    """How many there are now."""

    # Each minute, from indexes over what is open
    HELD = "held"  # customers on hold (kind)
    PROMISED = "promised"  # open promises (day that they are due as cohort; currency)
    DISPUTED = "disputed"  # open disputes (kind; currency)
    TASKS = "tasks"  # what waits for a person (team)
    TASKS_LATE = "tasks_late"  # those whose day has passed (team)
    DUE_MESSAGES = "due_messages"  # that may leave in the next 24 hours (medium; hour as cohort)
    # Each some minutes, over all open cases
    CASES = "cases"  # open cases by the reason of their last look (reason)
    LOOKS = "looks"  # of them, those to be decided in the next 24 hours (hour as cohort)
    # Each some hours, over the whole book; months are YYYY-MM
    OPEN = "open"  # open invoices (the day that they were due as cohort; currency)
    BILLED = "billed"  # invoices (month of issue as cohort; currency)
    SETTLED = "settled"  # what left the book, in whichever way (month as cohort; currency)
    FELL_OVERDUE = "fell_overdue"  # what was open when it fell due (month as cohort; currency)
    RECOVERED = "recovered"  # paid of such a cohort (cohort, and months since as age; currency)
    CREDITED = "credited"  # of a cohort, without money: credit notes, discounts (as RECOVERED)
    PLANS = "plans"  # (state; instalments paid as age)
    ARMS = "arms"  # cases (campaign:arm; month of opening as cohort; 1 as age if soon settled)


class Family(StrEnum):
    """What is counted together, at one instant."""

    OPEN_ITEMS = "open_items"
    CASES = "cases"
    BOOK = "book"


NOBODY: Final = "none"
"""The arm of a payment before which nothing was sent."""
