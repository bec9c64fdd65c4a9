"""One thing that one customer said, as the acts see it, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session

from app.hearing.intents import Meaning
from app.intake.concerned import Concerned
from app.intake.holds import place_hold
from app.intake.places import Place
from app.intake.service_answers import answer, expect_answer
from app.intake.tasks import Team, give_task
from campaigns.vocabulary import HoldKind, Signal

READ_WITHIN: Final = timedelta(days=1)
ESCALATE_AFTER: Final = timedelta(hours=72)
"""How long nobody writes to a customer whose words a person has not read."""


class ReplyTaken(StrEnum):
    """What became of a text."""

    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    HELPED = "helped"
    HELPED_OFTEN = "helped_often"
    UNDERSTOOD = "understood"
    HELD = "held"
    FROM_NOBODY_KNOWN = "from_nobody_known"
    KNOWN_ALREADY = "known_already"


@dataclass(frozen=True, slots=True)
class Said:
    """A meaning, whose it is, and the row that its words stand on. The person's guard is held.

    `place` is where an answer may go; None: nothing is answered. `words` are the text where it may
    stand on other rows; None: something in it is special data.
    """

    user: Concerned
    reply_id: int
    meaning: Meaning
    text: str = field(repr=False)
    words: str | None = field(repr=False)
    at: datetime
    now: datetime
    place: Place | None
    address_id: int | None

    @property
    def customer_id(self) -> int:
        return self.user.customer_id

    @property
    def ids(self) -> Mapping[str, Any]:
        """For the detail of a task: no words, only where they stand."""
        return {"reply_id": self.reply_id}


def hold(session: Session, said: Said, span: timedelta | None, why: str) -> None:
    """Nobody writes to the person for so long (None: until somebody ends it). As of the writing:
    what answers this very text is not held by it."""
    until = said.now + span if span is not None else None
    since = min(said.at, said.now)
    place_hold(session, said.user, HoldKind.REPLY, until=until, why=why, now=since)


def ask(
    session: Session,
    said: Said,
    kind: str,
    title: str,
    *,
    team: Team = Team.COLLECTIONS,
    due_in: timedelta = READ_WITHIN,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Gives a person the work that this text makes, once."""
    give_task(
        session,
        key=f"{kind}:{said.reply_id}",
        team=team,
        kind=kind,
        title=title,
        now=said.now,
        due_in=due_in,
        customer_id=said.customer_id,
        detail={**said.ids, **(detail or {})},
    )


def respond(session: Session, said: Said, signal: Signal) -> None:
    """Answers where it was written, if an answer may go there."""
    if said.place is not None:
        answer(session, said.user, said.place, signal, now=said.now)


def awaited(session: Session, said: Said, signal: Signal) -> Place | None:
    """Where the answer to this signal goes, which the caller records next; None for nowhere."""
    if said.place is None:
        return None
    expected = expect_answer(session, said.user, said.place, signal, now=said.now)
    return said.place if expected else None
