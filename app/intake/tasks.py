"""Gives work to people, once: a task's key is derived from the fact that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session

from app.store.bulk import insert_new, update_rows
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Task

DATED_BY_LAW: Final = ("complaint", "data_request")
"""Tasks whose day the law sets: nobody moves it."""

_TASK = table_of(Task)

APPROVAL: Final = "message_approval"
"""The kind of a task that asks for somebody's word before a message goes."""


class Team(StrEnum):
    CARE = "care"  # trained to talk with people in trouble; reads what is special
    COLLECTIONS = "collections"
    ENGINEERING = "engineering"  # this software, senders, texts and providers
    FINANCE = "finance"
    OPERATIONS = "operations"
    SALES = "sales"
    SERVICE = "service"


_ALSO_CALLED: Final[Mapping[str, Team]] = {
    **dict.fromkeys(("hardship", "vulnerability", "welfare"), Team.CARE),
    **dict.fromkeys(("accounting", "accounts", "billing", "treasury"), Team.FINANCE),
    **dict.fromkeys(("account_management", "account_managers", "key_accounts"), Team.SALES),
    **dict.fromkeys(("customer_service", "helpdesk", "support"), Team.SERVICE),
    **dict.fromkeys(("it", "tech", "technology", "developers"), Team.ENGINEERING),
    **dict.fromkeys(("ops",), Team.OPERATIONS),
}


def team_named(name: str) -> Team:
    """The team that a journey means by this name. One that nobody has is collections: what they
    cannot do they pass on, and nothing waits with nobody."""
    plain = name.strip().casefold().replace(" ", "_").replace("-", "_")
    if plain in tuple(Team):
        return Team(plain)
    return _ALSO_CALLED.get(plain, Team.COLLECTIONS)


def asking_key(message_key: str) -> str:
    """The key of the task that asks for somebody's word on that message."""
    return f"{APPROVAL}:{message_key}"


def give_task(
    session: Session,
    *,
    key: str,
    team: Team,
    kind: str,
    title: str,
    now: datetime,
    due_in: timedelta,
    customer_id: int | None = None,
    case_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Gives the task unless its key was given before. `title` and `detail` hold no personal words:
    those stay on the row that they were said about."""
    task = {
        "key": key,
        "team": team,
        "kind": kind,
        "title": title,
        "customer_id": customer_id,
        "case_id": case_id,
        "detail": dict(detail or {}),
        "created_at": now,
        "due_at": now + due_in,
    }
    insert_new(session, Task, [task])


def finish_task(session: Session, key: str, now: datetime) -> None:
    """Marks the task as done, if it is open."""
    session.connection().execute(
        update(_TASK)
        .where(_TASK.c.key == key, _TASK.c.state == word("open"))
        .values(state="done", done_at=now)
    )


def change_task(session: Session, task_id: int, facts: Mapping[str, Any], now: datetime) -> None:
    """Sets its `owner` or `state`. A task that is opened again is not done any more."""
    told = dict(facts)
    if "state" in told:
        told["done_at"] = now if told["state"] == "done" else None
    if told:
        update_rows(session, Task, [{"id": task_id, **told}])
