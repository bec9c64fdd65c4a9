"""Hard stops: what silences everything that speaks to the person, at once and in all campaigns."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from app.hearing.intents import Confidence, Intent
from app.intake.danger import report_danger
from app.intake.hardship import HOLD_FOR, report_hardship
from app.intake.holds import place_hold
from app.intake.replies.said import ReplyTaken, Said, ask, awaited, hold, respond
from app.intake.tasks import Team
from app.intake.wrong_persons import disown_address, report_wrong_person
from campaigns.vocabulary import HoldKind, Signal

SUSPECTED: Final = "opt_out_suspected"

_LAWFUL: Final = {
    Intent.LAWYER: HoldKind.ATTORNEY,
    Intent.INSOLVENCY: HoldKind.LEGAL,
    Intent.BREATHING_SPACE: HoldKind.BREATHING_SPACE,
}


def self_harm(session: Session, said: Said) -> ReplyTaken:
    """A person within minutes, at any hour, however doubtful the reading; nothing speaks by itself
    until they say so. The number of those who listen is said by itself where danger is likely: a
    mere "I am on the train" is for that person to read."""
    report_danger(
        session,
        said.user,
        key=f"danger:{said.reply_id}",
        words=said.text,
        now=said.now,
        detail=said.ids,
    )
    if _is_sure(said):
        respond(session, said, Signal.DANGER_REPORTED)
    return ReplyTaken.HELD


def suspected(session: Session, said: Said) -> ReplyTaken:
    """Probably an opt-out: without an end, for after a deadline nobody may write to one who said
    "remove me"."""
    hold(session, said, None, SUSPECTED)
    ask(session, said, SUSPECTED, "Probably an opt-out: read and decide")
    return ReplyTaken.HELD


def wrong_person(session: Session, said: Said) -> ReplyTaken:
    """The address is closed for that customer; whoever has it is thanked, and told of no debt."""
    if said.address_id is None or not _is_sure(said):
        return _doubted(session, said, "Perhaps somebody else's address: read and decide")
    report_wrong_person(
        session, customer_id=said.customer_id, address_id=said.address_id, now=said.now
    )
    respond(session, said, Signal.ADDRESS_DISOWNED)
    return ReplyTaken.UNDERSTOOD


def minor(session: Session, said: Said) -> ReplyTaken:
    """A child reads there: the address is closed and its pages with it, and nobody writes elsewhere
    until a person has found out who is who. Where it is merely possible, nothing is closed."""
    hold(session, said, None, "minor")
    closed = {}
    if said.address_id is not None and _is_sure(said):
        disown_address(session, said.user, said.address_id, said.now)
        closed = {"closed_address_id": said.address_id}
    title = "A child may be reading: find out who, before anybody writes"
    ask(session, said, "minor", title, team=Team.CARE, detail=closed)
    respond(session, said, Signal.ADDRESS_DISOWNED)
    return ReplyTaken.HELD


def hard_time(session: Session, said: Said) -> ReplyTaken:
    """Illness, means: nobody writes for a month, and somebody of the care team gets in touch."""
    return _report(session, said, HOLD_FOR)


def bereavement(session: Session, said: Said) -> ReplyTaken:
    """A death: nobody writes until a person says that it is time."""
    return _report(session, said, None)


def lawful(session: Session, said: Said) -> ReplyTaken:
    """A lawyer, an insolvency, a breathing space: the law wants silence, so nothing is answered.

    The hold has no end: a person enters the day from which the law counts (`duly hold place`).
    """
    kind = _LAWFUL[said.meaning.intent]
    place_hold(session, said.user, kind, until=None, why=str(said.meaning.intent), now=said.now)
    said_so = str(kind).replace("_", " ")
    ask(session, said, "legal", f"A hold ({said_so}) by the customer's word: read, and enter it")
    return ReplyTaken.HELD


def _report(session: Session, said: Said, hold_for: timedelta | None) -> ReplyTaken:
    place = awaited(session, said, Signal.HARDSHIP_REPORTED) if _is_sure(said) else None
    report_hardship(
        session,
        customer_id=said.customer_id,
        kind=str(said.meaning.intent),
        words=said.text,
        now=said.now,
        hold_for=hold_for,
        said_from=place,
    )
    return ReplyTaken.HELD


def _doubted(session: Session, said: Said, title: str) -> ReplyTaken:
    hold(session, said, None, str(said.meaning.intent))
    ask(session, said, "reply", title, detail={"ask": "whose"})
    return ReplyTaken.HELD


def _is_sure(said: Said) -> bool:
    return said.meaning.confidence >= Confidence.LIKELY
