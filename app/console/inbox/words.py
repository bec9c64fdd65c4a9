"""How the inbox says what was read in a text, and how urgent that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.hearing.intents import Confidence, Intent
from app.intake.replies.handling import Unhandled
from app.intake.replies.waiting import Urgency
from app.web.catalogues import N_
from app.wording.staff_words import Answer

URGENCIES: Final[Mapping[Urgency, str]] = {
    Urgency.DANGER: N_("Danger"),
    Urgency.HARD_STOP: N_("Hard stop"),
    Urgency.DISPUTE: N_("Dispute or complaint"),
    Urgency.HARDSHIP: N_("Hard time"),
    Urgency.PROMISE: N_("Promise or plan"),
    Urgency.OTHER: N_("To read"),
}
KINDS: Final[Mapping[Urgency, str]] = {
    Urgency.DANGER: "bad",
    Urgency.HARD_STOP: "bad",
    Urgency.DISPUTE: "wait",
    Urgency.HARDSHIP: "wait",
    Urgency.PROMISE: "calm",
    Urgency.OTHER: "plain",
}

INTENTS: Final[Mapping[Intent, str]] = {
    Intent.SELF_HARM: N_("In danger"),
    Intent.OPT_OUT: N_("Wants no more messages"),
    Intent.WRONG_PERSON: N_("Is somebody else"),
    Intent.BEREAVEMENT: N_("A death"),
    Intent.MINOR: N_("A child reads there"),
    Intent.LAWYER: N_("Has a lawyer"),
    Intent.INSOLVENCY: N_("Insolvency"),
    Intent.BREATHING_SPACE: N_("Breathing space or debt advice"),
    Intent.ILLNESS: N_("Is ill"),
    Intent.HARDSHIP: N_("Cannot pay"),
    Intent.COMPLAINT: N_("Complains"),
    Intent.ABUSE: N_("Insults"),
    Intent.DISPUTE: N_("Contests an invoice"),
    Intent.PAID_ALREADY: N_("Has paid"),
    Intent.NOT_UNDERSTOOD: N_("Does not understand"),
    Intent.PART_PAYMENT: N_("Wants to pay a part"),
    Intent.PLAN_REQUEST: N_("Wants a plan"),
    Intent.PROMISE: N_("Promises to pay"),
    Intent.INVOICE_COPY: N_("Wants a copy of an invoice"),
    Intent.CALL_ME: N_("Wants a call"),
    Intent.LANGUAGE: N_("Wants another language"),
    Intent.CHANNEL: N_("Wants another channel"),
    Intent.HOUR: N_("Wants other hours"),
    Intent.HELP: N_("Asks who we are"),
    Intent.OPT_IN: N_("Wants messages again"),
    Intent.THANKS: N_("Says thank you"),
    Intent.UNCLEAR: N_("Unclear"),
}
CLASSED_BY: Final = tuple(
    intent for intent in Intent if intent not in {Intent.UNCLEAR, Intent.OPT_IN, Intent.HELP}
)
"""What a person may say that it means: the others are answered, or given another way."""

SURE: Final[Mapping[int, str]] = {
    int(Confidence.CERTAIN): N_("certain"),
    int(Confidence.LIKELY): N_("likely"),
    int(Confidence.POSSIBLE): N_("possible"),
}

WHY_NOT: Final[Mapping[Unhandled, str]] = {
    Unhandled.DEALT_WITH: N_("Somebody has dealt with it since."),
    Unhandled.OWED: N_("The customer was told that somebody answers: answer it."),
    Unhandled.PAST: N_("That is past. Choose a later time."),
    Unhandled.AFTER_PROMISED: N_(
        "The customer was told of an answer sooner than that. Choose that day, or an earlier one."
    ),
    Unhandled.NOT_A_STRANGERS: N_("It is matched already, or its words are gone."),
    Unhandled.NOTE_LENGTH: N_("Write the note, in at most 4,000 characters."),
}

SPECIAL: Final = N_("In confidence")

ANSWERS: Final[Mapping[Answer, str]] = {
    Answer.LOOKING: N_("We look into it"),
    Answer.RECEIVED: N_("It has arrived"),
    Answer.CHOOSE_DAY: N_("Ask for the day"),
    Answer.PLAN: N_("Paying in parts"),
    Answer.SEARCHING: N_("We look for the payment"),
    Answer.FOUND: N_("The payment is found"),
    Answer.CHECKING: N_("We check the invoice"),
    Answer.WHICH_INVOICE: N_("Ask for the invoice"),
    Answer.CARE: N_("A colleague gets in touch"),
    Answer.CONDOLENCE: N_("Condolences"),
    Answer.COPY: N_("Where the invoices are"),
    Answer.WILL_CALL: N_("We will call"),
    Answer.EXPLAIN: N_("Where it is explained"),
    Answer.COMPLAINT: N_("The complaint is registered"),
}
