"""What a person has to answer: complaints, questions of data, anger, what was not understood.

By when stands in the packs (`deadline` rows after a complaint or a data request), each with its
source; the strictest that binds the customer counts, and the complaint's row names it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.envelope import local_day
from app.intake.answer_terms import answer_by
from app.intake.replies.said import ESCALATE_AFTER, ReplyTaken, Said, ask, hold, respond
from app.intake.tasks import Team
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import Complaint, Customer
from campaigns.duties import Act
from campaigns.vocabulary import Signal

DATA_REQUEST: Final = "data_request"

_CUSTOMER = table_of(Customer)


def complaint(session: Session, said: Said) -> ReplyTaken:
    """A row with a day and an owner, and a task. Until it is read nobody writes."""
    if said.meaning.rule.endswith(DATA_REQUEST):
        return data_request(session, said)
    within = _log(session, said, "complaint", Act.COMPLAINT)
    hold(session, said, ESCALATE_AFTER, "complaint")
    title = "A complaint: answer it by its day"
    ask(session, said, "complaint", title, team=Team.SERVICE, due_in=within)
    respond(session, said, Signal.REQUEST_MADE)
    return ReplyTaken.HELD


def data_request(session: Session, said: Said) -> ReplyTaken:
    """What we know of somebody: a copy in a month or less (`duly evidence copy`). Stops nothing."""
    within = _log(session, said, DATA_REQUEST, Act.DATA_REQUEST)
    title = "A customer asks what we know of them: make the copy (`duly evidence copy`) and send it"
    ask(session, said, DATA_REQUEST, title, team=Team.SERVICE, due_in=within)
    respond(session, said, Signal.REQUEST_MADE)
    return ReplyTaken.UNDERSTOOD


def abuse(session: Session, said: Said) -> ReplyTaken:
    """Somebody is angry: silence, no answer by a machine, and a person who reads."""
    hold(session, said, ESCALATE_AFTER, "abuse")
    title = "A customer is angry: read, and decide who speaks to them"
    ask(session, said, "reply", title, detail={"ask": "angry"})
    return ReplyTaken.HELD


def not_understood(session: Session, said: Said) -> ReplyTaken:
    """They do not understand us: plain words at once, and a person who explains."""
    hold(session, said, ESCALATE_AFTER, "not_understood")
    title = "A customer does not understand what we wrote: explain it"
    ask(session, said, "reply", title, detail={"ask": "explain"})
    respond(session, said, Signal.QUESTION_ASKED)
    return ReplyTaken.HELD


def _log(session: Session, said: Said, kind: str, asked: Act) -> timedelta:
    """Puts it on record with its day, the row that gave it and its owner; answers how long it is to
    that day."""
    received_on = _day(session, said)
    last = answer_by(session, said.customer_id, asked, received_on=received_on, now=said.now)
    row = {
        "customer_id": said.customer_id,
        "kind": kind,
        "words": said.words,
        "received_at": said.at,
        "answer_by": last.on,
        "rule": last.rule,
        "owner": _owner(session, said.customer_id),
    }
    insert_rows(session, Complaint, [row])
    return last.on - received_on


def _day(session: Session, said: Said) -> date:
    return local_day(session, said.user.creditor_id, said.at)


def _owner(session: Session, customer_id: int) -> str:
    """Whose customer it is; the team's where it is nobody's."""
    query = select(_CUSTOMER.c.account_owner).where(_CUSTOMER.c.id == customer_id)
    return session.connection().execute(query).scalar_one() or str(Team.SERVICE)
