"""Questions between teams: "may we give them longer?", "tell sales". The answer comes back.

The asked team has a task with the deadline. The asker's own task stays, and shows the answer once
it is there. Both are lines of the customer's timeline: who asked whom, and when; the words stand on
the question's row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Session

from app.book.ledger import UnknownCustomer
from app.intake.tasks import Team, change_task, finish_task, give_task
from app.intake.teamwork import task_of
from app.store.bulk import insert_returning_ids, lock_rows
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.journal import Happened, record
from app.store.rows import Customer, Task, TaskQuestion

LONGEST: Final = 4_000
KIND: Final = "question"
WAITS: Final = "asked"
"""The kind of the asker's own task, where they had none."""

_CUSTOMER, _QUESTION, _TASK = table_of(Customer), table_of(TaskQuestion), table_of(Task)


class NotAsked(ValueError):
    """It cannot be asked or answered so; it says why."""


class UnknownQuestion(LookupError):
    """There is no such question."""


class AnsweredAlready(Exception):
    """Somebody has answered it, or its asker has taken it back."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks whom, and by when it is to be answered."""

    by: str
    of_team: Team
    to_team: Team
    answer_by: datetime


def ask_team(
    session: Session,
    asking: Asking,
    words: str,
    *,
    now: datetime,
    task_id: int | None = None,
    customer_id: int | None = None,
) -> int:
    """Puts the question to the other team as a task with its deadline, and answers its id.

    It is about the task, whose customer it concerns, or about the customer alone. Raises `NotAsked`
    and `UnknownTask`, `UnknownCustomer`.
    """
    told = _told(words, asking.by)
    if asking.answer_by <= now:
        raise NotAsked("the answer is to come later than now: choose a later time")
    if task_id is not None:
        customer_id = task_of(session, task_id).customer_id
    elif customer_id is not None:
        _ensure_customer(session, customer_id)
    row = {
        "customer_id": customer_id,
        "task_id": task_id,
        "from_team": str(asking.of_team),
        "to_team": str(asking.to_team),
        "words": told,
        "asked_by": asking.by,
        "asked_at": now,
        "answer_by": asking.answer_by,
    }
    (question_id,) = insert_returning_ids(session, TaskQuestion, [row])
    give_task(
        session,
        key=_key(question_id),
        team=asking.to_team,
        kind=KIND,
        title=f"A question of {asking.of_team}: read it, and answer",
        now=now,
        due_in=asking.answer_by - now,
        customer_id=customer_id,
        detail={"question_id": question_id, "task_id": task_id},
    )
    ends = {"from_team": str(asking.of_team), "to_team": str(asking.to_team)}
    _record(session, "task_question_asked", question_id, row, {**ends, "by": asking.by}, now)
    return question_id


def ask_about(
    session: Session, asking: Asking, words: str, *, customer_id: int, now: datetime
) -> tuple[int, int]:
    """The same about a customer whom the asker has no task for: they get one, which is theirs and
    to which the answer comes back. Answers the numbers of the question and of that task."""
    key = f"{WAITS}:{customer_id}:{now.isoformat()}:{asking.by}"
    give_task(
        session,
        key=key,
        team=asking.of_team,
        kind=WAITS,
        title=f"Asked of {asking.to_team}: read the answer",
        now=now,
        due_in=asking.answer_by - now,
        customer_id=customer_id,
    )
    task_id = int(session.connection().execute(_BY_KEY, {"key": key}).scalar_one())
    change_task(session, task_id, {"owner": asking.by}, now)
    return ask_team(session, asking, words, now=now, task_id=task_id), task_id


def answer_question(
    session: Session, question_id: int, words: str, *, by: str, now: datetime
) -> None:
    """Answers the asker. Raises `NotAsked`, `UnknownQuestion` and `AnsweredAlready`."""
    told = _told(words, by)
    row = _open(session, question_id)
    _end(session, row, {"state": "answered", "answer": told, "answered_by": by}, now)
    _record(session, "task_question_answered", question_id, row._mapping, {"by": by}, now)


def withdraw_question(session: Session, question_id: int, *, by: str, now: datetime) -> None:
    """Takes a question back that nobody has answered. Raises as above."""
    row = _open(session, question_id)
    _end(session, row, {"state": "withdrawn", "answered_by": by}, now)
    _record(session, "task_question_withdrawn", question_id, row._mapping, {"by": by}, now)


def question_of(session: Session, question_id: int) -> Row[Any]:
    """The question with its words. Raises `UnknownQuestion`."""
    query = select(_QUESTION).where(_QUESTION.c.id == question_id)
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise UnknownQuestion(f"there is no question {question_id}")
    return found


def thread_of(session: Session, task_id: int) -> Sequence[Row[Any]]:
    """What was asked for this task, the oldest first."""
    return session.connection().execute(_THREAD, {"task_id": task_id}).all()


def questions_about(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    """All that the teams asked each other about a customer, the oldest first."""
    return session.connection().execute(_ABOUT, {"customer_id": customer_id}).all()


def asked_for(session: Session, task_ids: Sequence[int]) -> dict[int, str]:
    """Of these tasks, those for which something was asked: the state of the newest question."""
    rows = rows_given(session, _STATES, sorted(task_ids))
    return {row.task_id: row.state for row in rows}


_BY_KEY = select(_TASK.c.id).where(_TASK.c.key == bindparam("key"))
_THREAD = (
    select(_QUESTION).where(_QUESTION.c.task_id == bindparam("task_id")).order_by(_QUESTION.c.id)
)
_ABOUT = (
    select(_QUESTION)
    .where(_QUESTION.c.customer_id == bindparam("customer_id"))
    .order_by(_QUESTION.c.id)
)
_STATES = (
    select(_QUESTION.c.task_id, _QUESTION.c.state)
    .where(_QUESTION.c.task_id.in_(GIVEN))
    .order_by(_QUESTION.c.id)
)


def _told(words: str, by: str) -> str:
    told = words.strip()
    if not told or not by.strip():
        raise NotAsked("write what you want to say; it stands under your name")
    if len(told) > LONGEST:
        raise NotAsked(f"at most {LONGEST} characters; this has {len(told)}")
    return told


def _ensure_customer(session: Session, customer_id: int) -> None:
    known = select(_CUSTOMER.c.id).where(_CUSTOMER.c.id == customer_id)
    if session.connection().scalar(known) is None:
        raise UnknownCustomer(customer_id)


def _open(session: Session, question_id: int) -> Row[Any]:
    lock_rows(session, TaskQuestion, [question_id])
    row = question_of(session, question_id)
    if row.state != "open":
        raise AnsweredAlready(f"question {question_id} is {row.state} already; read it again")
    return row


def _end(session: Session, row: Row[Any], facts: dict[str, Any], now: datetime) -> None:
    session.connection().execute(
        update(_QUESTION)
        .where(_QUESTION.c.id == row.id, _QUESTION.c.state == word("open"))
        .values(answered_at=now, **facts)
    )
    finish_task(session, _key(row.id), now)


def _key(question_id: int) -> str:
    return f"{KIND}:{question_id}"


def _record(
    session: Session, kind: str, question_id: int, row: Any, told: dict[str, Any], now: datetime
) -> None:
    payload = {"question_id": question_id, "task_id": row["task_id"], **told}
    fact = Happened(kind, at=now, customer_id=row["customer_id"], payload=payload)
    record(session, [fact], now=now)
