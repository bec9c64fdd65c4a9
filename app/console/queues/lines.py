"""A task as a line of a list, and the people and teams that it may be given to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Path
from sqlalchemy import Row, select
from sqlmodel import Session

from app.api.shape import LARGEST_ID
from app.console.queues.about import About, about_of
from app.console.queues.words import TEAMS, WHY, tags_of
from app.console.task_titles import own_title, words_of
from app.intake.questions import asked_for
from app.intake.tasks import APPROVAL
from app.intake.teamwork import Seen
from app.store.given import table_of
from app.store.rows import Creditor

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]

MOST_CREDITORS: Final = 200

_CREDITOR = table_of(Creditor)
_NOTHING: Final = About()


@dataclass(frozen=True, slots=True)
class Line:
    """`title`, `why` and the words of `tags` are marked texts. Without a `title` its author's own
    one stands. `about` is told in lists."""

    row: Row[Any]
    title: str
    own: str
    why: str
    tags: Sequence[tuple[str, str]]
    seen: str
    href: str
    about: About

    @property
    def customer(self) -> str:
        """The name, or the number of somebody who has none or is erased."""
        return self.row.name or self.row.number or ""


def lines_of(session: Session, rows: Sequence[Row[Any]], now: datetime) -> list[Line]:
    asked = asked_for(session, [row.id for row in rows])
    abouts = about_of(session, rows)
    return [line_of(row, asked.get(row.id), now, abouts.get(row.id, _NOTHING)) for row in rows]


def line_of(
    row: Row[Any],
    asked: str | None,
    now: datetime,
    about: About = _NOTHING,
) -> Line:
    return Line(
        row,
        words_of(row),
        own_title(row),
        WHY.get(row.kind, ""),
        tags_of(row, asked, now),
        Seen.of(row).word,
        href_of(row),
        about,
    )


def href_of(row: Row[Any]) -> str:
    """Where it is worked on."""
    detail = row.detail
    if row.kind == "import_rejects" and row.state == "open":
        return f"/console/queues/rejects/{detail['feed_id']}"
    if row.kind == APPROVAL:
        return f"/console/queues/approvals/{row.id}"
    if row.kind in ("bank_match", "bank_return") and row.state == "open":
        return f"/console/queues/bank/{detail['bank_entry_id']}"
    return f"/console/queues/tasks/{row.id}"


def creditors(session: Session) -> list[tuple[str, str]]:
    """The creditors to choose from: id and name."""
    query = select(_CREDITOR.c.id, _CREDITOR.c.name).order_by(_CREDITOR.c.name)
    rows = session.connection().execute(query.limit(MOST_CREDITORS))
    return [(str(row.id), row.name) for row in rows]


def creditor_id(typed: str) -> int:
    """The id that a filter names; 0, which is nobody's, for what is none."""
    is_id = typed.isascii() and typed.isdecimal() and len(typed) < 10
    return int(typed) if is_id else 0


def teams() -> list[tuple[str, str]]:
    return [(str(team), words) for team, words in TEAMS.items()]
