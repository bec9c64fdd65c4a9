"""A message to the team, typed on a customer's own page: read like any reply; a person answers.

Whose page it is says who wrote. What the text asks for is done at once, as for a text by SMS; the
team has it by the day that the page told, whatever else was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from app.hearing.intents import Confidence, Intent, Meaning, Reader
from app.intake.concerned import Concerned
from app.intake.confirming import confirming_at
from app.intake.opt_outs import StopSaid, opt_out_person
from app.intake.places import Place
from app.intake.replies.acts import act, acted_on
from app.intake.replies.addressing import Writers, calendar_of
from app.intake.replies.rows import is_special, told_by
from app.intake.replies.said import ESCALATE_AFTER, Said, ask, hold, respond
from app.intake.replies.taking import READER
from app.intake.replies.waiting import await_reader
from app.intake.replies.written import LONGEST
from app.intake.tasks import Team
from app.store.bulk import insert_returning_ids
from app.store.journal import Happened, record
from app.store.rows import Reply
from campaigns.reach import StopAct
from campaigns.teamhours import AnswerBy
from campaigns.vocabulary import Signal

PAGE: Final = "page"
MESSAGE: Final = "message"
"""Of which kind the task is, and how its key begins."""

_NOTHING_TO_DO: Final = frozenset({Intent.UNCLEAR, Intent.OPT_IN, Intent.THANKS})


@dataclass(frozen=True, slots=True)
class _Heard:
    user: Concerned
    words: str
    meanings: Sequence[Meaning]
    done: Sequence[Meaning]
    place: Place | None
    now: datetime


def write_to_team(
    session: Session,
    user: Concerned,
    words: str,
    *,
    message_id: int | None,
    answer: AnswerBy,
    now: datetime,
    reader: Reader = READER,
) -> int:
    """Takes the message, does what it says, and gives the team the task. Answers the reply's id.

    `message_id` is the message whose link was followed, `answer` by when the page said that a
    person answers. The guard is held by the caller.
    """
    asked = calendar_of(session, Writers(None, [user], [user], user), now)
    meanings = reader.understand(words[:LONGEST], asked)
    done = [each for each in acted_on(meanings) if each.intent not in _NOTHING_TO_DO]
    place = confirming_at(session, user, message_id, now=now)
    heard = _Heard(user, words[:LONGEST], meanings, done, place, now)
    reply_id = _store(session, heard, message_id, answer)
    _do(session, heard, reply_id)
    _give_to_team(session, heard, reply_id, answer)
    await_reader(session, user, reply_id, meanings, medium=PAGE, at=now, now=now, due_at=answer.at)
    fact = Happened(
        Signal.REPLY_RECEIVED,
        at=now,
        customer_id=user.customer_id,
        message_id=message_id,
        own_act=True,
        payload={"reply_id": reply_id, "medium": PAGE},
    )
    record(session, [fact], now=now)
    return reply_id


def _store(session: Session, heard: _Heard, message_id: int | None, answer: AnswerBy) -> int:
    row: dict[str, Any] = {
        "customer_id": heard.user.customer_id,
        "message_id": message_id,
        "medium": PAGE,
        "received_at": heard.now,
        "answer_by": answer.on,
        **told_by(heard.words, heard.meanings, heard.done, heard.now),
    }
    return insert_returning_ids(session, Reply, [row])[0]


def _do(session: Session, heard: _Heard, reply_id: int) -> None:
    said = _said(heard, reply_id)
    stop = next((m for m in heard.done if m.intent is Intent.OPT_OUT), None)
    done = heard.done
    if stop is not None and stop.confidence >= Confidence.LIKELY:
        medium = heard.place.medium if heard.place is not None else None
        written = StopSaid(StopAct.WRITTEN, medium, f"reply:{reply_id}")
        opt_out_person(session, written, customer_id=heard.user.customer_id, now=heard.now)
        done = [meaning for meaning in done if meaning is not stop]
        said = replace(said, place=None)
    if done:
        act(session, said, done)
    elif stop is None:
        hold(session, said, ESCALATE_AFTER, said.meaning.rule)
        respond(session, said, Signal.REQUEST_MADE)


def _said(heard: _Heard, reply_id: int) -> Said:
    return Said(
        user=heard.user,
        reply_id=reply_id,
        meaning=heard.meanings[0],
        text=heard.words,
        words=None if is_special(heard.meanings) else heard.words,
        at=heard.now,
        now=heard.now,
        place=heard.place,
        address_id=heard.place.address_id if heard.place is not None else None,
    )


def _give_to_team(session: Session, heard: _Heard, reply_id: int, answer: AnswerBy) -> None:
    """Special words are for those who read notes: the act itself has told them which."""
    ask(
        session,
        _said(heard, reply_id),
        MESSAGE,
        "A customer wrote to the team: answer (`duly reply answer`) by the day that they were told",
        team=Team.CARE if is_special(heard.meanings) else Team.SERVICE,
        due_in=answer.at - heard.now,
    )
