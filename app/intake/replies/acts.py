"""What each intent does: one line an intent, to be read aloud. Complete: a test says so.

`docs/answers.md` tells the same to people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from sqlmodel import Session

from app.hearing.intents import Confidence, Intent, Meaning
from app.intake.replies import money, requests, stops, wishes
from app.intake.replies.said import ReplyTaken, Said

Act = Callable[[Session, Said], ReplyTaken]

ACTS: Final[Mapping[Intent, Act]] = MappingProxyType(
    {
        Intent.SELF_HARM: stops.self_harm,
        Intent.OPT_OUT: stops.suspected,  # a certain one takes effect on the address, before these
        Intent.WRONG_PERSON: stops.wrong_person,
        Intent.BEREAVEMENT: stops.bereavement,
        Intent.MINOR: stops.minor,
        Intent.LAWYER: stops.lawful,
        Intent.INSOLVENCY: stops.lawful,
        Intent.BREATHING_SPACE: stops.lawful,
        Intent.ILLNESS: stops.hard_time,
        Intent.HARDSHIP: stops.hard_time,
        Intent.COMPLAINT: requests.complaint,
        Intent.ABUSE: requests.abuse,
        Intent.DISPUTE: money.dispute,
        Intent.PAID_ALREADY: money.paid_already,
        Intent.NOT_UNDERSTOOD: requests.not_understood,
        Intent.PART_PAYMENT: money.parts,
        Intent.PLAN_REQUEST: money.parts,
        Intent.PROMISE: money.promise,
        Intent.INVOICE_COPY: wishes.invoice_copy,
        Intent.CALL_ME: wishes.call_me,
        Intent.LANGUAGE: wishes.language,
        Intent.CHANNEL: wishes.channel,
        Intent.HOUR: wishes.hour,
        Intent.HELP: wishes.who_are_you,
        Intent.OPT_IN: wishes.for_a_person,  # one that opens something was taken before these
        Intent.THANKS: wishes.thanks,
        Intent.UNCLEAR: wishes.for_a_person,
    }
)

HARD: Final = frozenset(
    {
        *(Intent.SELF_HARM, Intent.OPT_OUT, Intent.WRONG_PERSON, Intent.BEREAVEMENT, Intent.MINOR),
        *(Intent.LAWYER, Intent.INSOLVENCY, Intent.BREATHING_SPACE),
        *(Intent.ILLNESS, Intent.HARDSHIP),
    }
)
"""Hard stops: acted on even in doubt, and for everybody who shares the address."""

SILENT: Final = HARD | {Intent.COMPLAINT, Intent.ABUSE, Intent.DISPUTE, Intent.PAID_ALREADY}
"""What only makes us more silent, and so is done beside a hard stop. All else a person reads."""

SPECIAL: Final = frozenset({Intent.SELF_HARM, Intent.BEREAVEMENT, Intent.ILLNESS, Intent.HARDSHIP})
"""What is told of health, death and means: the words stand on a note, not on the reply."""

_ANYBODYS: Final = frozenset({Intent.THANKS, Intent.UNCLEAR, Intent.ABUSE, Intent.COMPLAINT})
"""What somebody else writes as well."""

_OF_THE_SUM: Final = (
    *(Intent.DISPUTE, Intent.PAID_ALREADY, Intent.PART_PAYMENT, Intent.PLAN_REQUEST),
    Intent.PROMISE,
)
"""Of what is said of the same sum the gravest counts: "I paid half, the rest on Friday" promises
less than all."""


def act(session: Session, said: Said, done: Sequence[Meaning]) -> ReplyTaken:
    """Does all of it, the gravest first, and answers what became of that. After a hard stop nothing
    else is answered; where nothing is to be done a person has to read."""
    if not done:
        return wishes.for_a_person(session, said)
    taken = []
    for meaning in done:
        taken.append(ACTS[meaning.intent](session, replace(said, meaning=meaning)))
        if meaning.intent in HARD:
            said = replace(said, place=None)
    return taken[0]


def acted_on(meanings: Sequence[Meaning]) -> list[Meaning]:
    """What is done without a person, the gravest first; empty: nothing is."""
    sure = [
        meaning
        for meaning in map(_doubting(meanings), meanings)
        if meaning.confidence >= Confidence.LIKELY or meaning.intent in HARD
    ]
    if any(meaning.intent in HARD for meaning in sure):
        sure = [meaning for meaning in sure if meaning.intent in SILENT]
    of_the_sum = [meaning for meaning in sure if meaning.intent in _OF_THE_SUM]
    return [meaning for meaning in sure if meaning not in of_the_sum[1:]]


def _doubting(meanings: Sequence[Meaning]) -> Callable[[Meaning], Meaning]:
    """A stranger promises nothing and asks for no call: beside such words a wrong number that is
    only likely is a suspicion, and closes no address."""
    theirs = {m.intent for m in meanings if m.confidence >= Confidence.LIKELY} - HARD - _ANYBODYS

    def doubt(meaning: Meaning) -> Meaning:
        is_sure = meaning.confidence is Confidence.CERTAIN
        if meaning.intent is not Intent.WRONG_PERSON or is_sure or not theirs:
            return meaning
        return replace(meaning, confidence=Confidence.POSSIBLE)

    return doubt


def is_left(meanings: Sequence[Meaning], done: Sequence[Meaning]) -> bool:
    """Whether the text says more than was done, so that a person has to read it all the same."""
    courtesy = {Intent.THANKS, Intent.UNCLEAR}
    acted = {meaning.intent for meaning in done}
    return any(m.intent not in acted | courtesy for m in meanings)
