"""What a person has to answer: complaints, questions of data, anger, what was not understood.

The days are the shortest of the terms that we know, so that they hold everywhere. A complaint: the
ERP's countries give from 15 days (the portal of the CFPB, United States) to eight weeks (FCA DISP
1.6.2R, United Kingdom). A request for one's data: one month of its receipt (GDPR Art. 12(3)); the
30 days of Israel and of Saudi Arabia are no longer than that month but for February.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.envelope import local_day
from app.intake.replies.said import ESCALATE_AFTER, ReplyTaken, Said, ask, hold, respond
from app.intake.tasks import Team
from app.store.bulk import insert_rows, table_of
from app.store.rows import Complaint, Customer
from campaigns.vocabulary import Signal

COMPLAINT_WITHIN: Final = timedelta(days=15)
DATA_WITHIN: Final = timedelta(days=28)
"""A month is at least so long."""

DATA_REQUEST: Final = "data_request"

_CUSTOMER = table_of(Customer)


def complaint(session: Session, said: Said) -> ReplyTaken:
    """A row with a day and an owner, and a task. Until it is read nobody writes."""
    if said.meaning.rule.endswith(DATA_REQUEST):
        return data_request(session, said)
    _log(session, said, "complaint", COMPLAINT_WITHIN)
    hold(session, said, ESCALATE_AFTER, "complaint")
    title = "A complaint: answer it by its day"
    ask(session, said, "complaint", title, team=Team.SERVICE, due_in=COMPLAINT_WITHIN)
    respond(session, said, Signal.REQUEST_MADE)
    return ReplyTaken.HELD


def data_request(session: Session, said: Said) -> ReplyTaken:
    """What we know of somebody: a month to answer (`duly evidence copy`). It stops nothing."""
    _log(session, said, DATA_REQUEST, DATA_WITHIN)
    title = "A customer asks what we know of them: make the copy (`duly evidence copy`) and send it"
    ask(session, said, DATA_REQUEST, title, team=Team.SERVICE, due_in=DATA_WITHIN)
    respond(session, said, Signal.REQUEST_MADE)
    return ReplyTaken.UNDERSTOOD


def abuse(session: Session, said: Said) -> ReplyTaken:
    """Somebody is angry: silence, no answer by a machine, and a person who reads."""
    hold(session, said, ESCALATE_AFTER, "abuse")
    ask(session, said, "reply", "A customer is angry: read, and decide who speaks to them")
    return ReplyTaken.HELD


def not_understood(session: Session, said: Said) -> ReplyTaken:
    """They do not understand us: plain words at once, and a person who explains."""
    hold(session, said, ESCALATE_AFTER, "not_understood")
    ask(session, said, "reply", "A customer does not understand what we wrote: explain it")
    respond(session, said, Signal.QUESTION_ASKED)
    return ReplyTaken.HELD


def _log(session: Session, said: Said, kind: str, within: timedelta) -> None:
    row = {
        "customer_id": said.customer_id,
        "kind": kind,
        "words": said.words,
        "received_at": said.at,
        "answer_by": _day(session, said) + within,
        "owner": _owner(session, said.customer_id),
    }
    insert_rows(session, Complaint, [row])


def _day(session: Session, said: Said) -> date:
    return local_day(session, said.user.creditor_id, said.at)


def _owner(session: Session, customer_id: int) -> str:
    """Whose customer it is; the team's where it is nobody's."""
    query = select(_CUSTOMER.c.account_owner).where(_CUSTOMER.c.id == customer_id)
    return session.connection().execute(query).scalar_one() or str(Team.SERVICE)
