"""How the call desk says what keeps a call from being made, and what can come of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.intake.disputes import DisputeKind
from app.intake.phone.numbers import Bar, Held, NoNumber, TriedLately
from app.intake.phone.outcomes import CallOutcome
from app.intake.promises import PromiseProblem
from app.web.catalogues import N_
from app.wording.staff_words import Line
from campaigns.calling import CallBar

OUTCOMES: Final[Mapping[CallOutcome, str]] = {
    CallOutcome.PROMISE: N_("Promises to pay"),
    CallOutcome.PAID: N_("Has paid"),
    CallOutcome.REFUSES: N_("Refuses to pay"),
    CallOutcome.DISPUTE: N_("Contests an invoice"),
    CallOutcome.HARDSHIP: N_("Cannot pay"),
    CallOutcome.BEREAVEMENT: N_("A death"),
    CallOutcome.DANGER: N_("In danger"),
    CallOutcome.STOP: N_("Wants no contact at all"),
    CallOutcome.CALL_BACK: N_("Call back later"),
    CallOutcome.WRONG_NUMBER: N_("Wrong number"),
    CallOutcome.BYSTANDER: N_("Somebody else answered"),
    CallOutcome.NO_ANSWER: N_("No answer"),
    CallOutcome.VOICEMAIL: N_("Voicemail"),
}
FOLLOWS: Final[Mapping[CallOutcome, str]] = {
    CallOutcome.PROMISE: N_(
        "The promise is taken inside the creditor's limits, and reminders wait for it."
    ),
    CallOutcome.PAID: N_("Finance looks for the payment, and nobody asks for it for seven days."),
    CallOutcome.REFUSES: N_("It stands on record, and the journey goes on."),
    CallOutcome.DISPUTE: N_("The invoice is left out until somebody has decided."),
    CallOutcome.HARDSHIP: N_(
        "Nobody writes or calls for a month, and the care team gets in touch."
    ),
    CallOutcome.BEREAVEMENT: N_("Nobody writes or calls until the care team says that it is time."),
    CallOutcome.DANGER: N_(
        "Whoever is on call is called now, and nothing speaks to them by itself."
    ),
    CallOutcome.STOP: N_(
        "Every address of theirs is closed, for calls as well, until they agree anew."
    ),
    CallOutcome.CALL_BACK: N_("They are called at that time, and nobody writes until then."),
    CallOutcome.WRONG_NUMBER: N_(
        "The number is closed, and so are the pages that were sent there."
    ),
    CallOutcome.BYSTANDER: N_("Nothing of a debt was said. It is tried again, three times in all."),
    CallOutcome.NO_ANSWER: N_("It is tried again, three times in all."),
    CallOutcome.VOICEMAIL: N_("Nothing of a debt was said. It is tried again, three times in all."),
}
ABOUT: Final[Mapping[DisputeKind, str]] = {
    DisputeKind.WRONG_AMOUNT: N_("The amount is wrong"),
    DisputeKind.NOT_RECEIVED: N_("It was not received"),
    DisputeKind.NOT_MINE: N_("It is not theirs"),
    DisputeKind.ALREADY_PAID: N_("It is paid already"),
    DisputeKind.OTHER: N_("Something else"),
}
LINES: Final[Mapping[Line, str]] = {
    Line.OPEN: N_("How to begin"),
    Line.VERIFY: N_("Make sure who it is"),
    Line.PURPOSE: N_("Only then: why you call"),
    Line.OPTIONS: N_("What is possible"),
    Line.AGREE: N_("Repeat what is agreed"),
    Line.CLOSE: N_("Thank them"),
    Line.VOICEMAIL: N_("To a machine"),
    Line.BYSTANDER: N_("To somebody else"),
}
REFUSED: Final[Mapping[PromiseProblem, str]] = {
    PromiseProblem.NOT_OFFERED: N_("This creditor takes no promises."),
    PromiseProblem.AMOUNT_NOT_POSITIVE: N_("Write an amount above zero."),
    PromiseProblem.NOTHING_OPEN: N_("Nothing that can be promised is open in this currency."),
    PromiseProblem.LIMITATION_PASSED: N_(
        "The debt is past its limitation day: take no promise for it."
    ),
    PromiseProblem.MORE_THAN_OPEN: N_("That is more than is open. Write less."),
    PromiseProblem.TOO_LITTLE: N_(
        "That is less than the creditor's limits allow. Agree on more, or on a plan."
    ),
    PromiseProblem.IN_THE_PAST: N_("That day is past. Choose a later one."),
    PromiseProblem.TOO_FAR: N_(
        "That day is later than the creditor's limits allow. Choose an earlier one."
    ),
    PromiseProblem.PROMISE_OPEN: N_("They have a promise open already."),
    PromiseProblem.TOO_MANY_BROKEN: N_("They broke too many promises lately. Look for a plan."),
    PromiseProblem.PLAN_RUNNING: N_("They have a plan running."),
}
OF_AMOUNT: Final = frozenset(
    {
        *(PromiseProblem.AMOUNT_NOT_POSITIVE, PromiseProblem.NOTHING_OPEN),
        *(PromiseProblem.MORE_THAN_OPEN, PromiseProblem.TOO_LITTLE),
    }
)
LACKING: Final[Mapping[str, str]] = {
    "amount": N_("Write how much they promise to pay."),
    "on": N_("Choose the day by which they pay."),
    "invoices": N_("Choose which invoice they contest."),
    "slot": N_("Choose when to call back."),
}

_HELD: Final = N_("The person is held")
_NO_NUMBER: Final = N_("No number in use")
_TRIED: Final = N_("Tried a short while ago")
_BARS: Final[Mapping[CallBar, str]] = {
    CallBar.HOURS: N_("Outside of the hours of their place"),
    CallBar.CAP: N_("Contacted too often lately"),
    CallBar.PLACE_UNKNOWN: N_("It is not known where they live"),
}


def why_not(bar: Bar) -> str:
    """Why nobody calls now, as a text marked by `N_`."""
    match bar:
        case Held():
            return _HELD
        case NoNumber():
            return _NO_NUMBER
        case TriedLately():
            return _TRIED
        case _:
            return _BARS[bar.why]


@dataclass(frozen=True, slots=True)
class Hard:
    """A hard talk: what it is, and what helps."""

    title: str
    advice: Sequence[str]


HARD: Final = (
    Hard(
        N_("Anger"),
        (
            N_("Let them finish. Do not answer a reproach with one."),
            N_("Say what you have understood, and ask what would help."),
            N_("If it does not calm down, offer to call back or to write, and end kindly."),
        ),
    ),
    Hard(
        N_("Hardship"),
        (
            N_("Thank them for telling you. Ask for no proof and no detail of health."),
            N_("Ask what they can pay without lacking food, rent or medicine. It may be nothing."),
            N_("Say that nobody writes for now, and that a colleague gets in touch."),
        ),
    ),
    Hard(
        N_("Bereavement"),
        (
            N_("Say that you are sorry. Do not speak of the debt."),
            N_("Never say that a relative has to pay."),
            N_("Ask whether somebody else takes care of it, and when to get in touch."),
        ),
    ),
    Hard(
        N_("A child or a relative answers"),
        (
            N_("Say your name and that it is personal; nothing more."),
            N_("Ask when the person can be reached. Leave no message about money."),
        ),
    ),
    Hard(
        N_("Somebody is in danger"),
        (
            N_("Stay on the line. Ask directly whether they are safe."),
            N_("Do not speak of money. Have a colleague call the emergency number meanwhile."),
            N_("Give them the line that listens, and note it here at once."),
        ),
    ),
)
