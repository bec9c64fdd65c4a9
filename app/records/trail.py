"""Links what happened to a person into a chain of salted digests, after the fact and in bulk.

Nothing that decides or sends waits for it: whoever writes a fact does not know of the chain. A
tick finds the rows that are not in it yet and appends them under the person's own head, which
nobody else locks. See docs/decisions/0009.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Table, bindparam, func, select
from sqlmodel import Session

from app.records.sources import SOURCES, Source, content_of
from app.store.bulk import insert_new, insert_returning_ids, insert_rows, update_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import TrailHead, TrailLine, TrailMark, TrailSalt

BATCH: Final = 500
LOOKED_THROUGH: Final = 5000
SETTLED: Final = timedelta(minutes=10)
"""No transaction that writes facts lasts as long: an id that was given before is committed."""

_LINE, _MARK, _HEAD = table_of(TrailLine), table_of(TrailMark), table_of(TrailHead)


@dataclass(frozen=True, slots=True)
class Fact:
    """A row that belongs into the chain."""

    kind: str
    row_id: int
    person_id: int
    content: str


def link(session: Session, now: datetime, *, most: int = BATCH) -> int:
    """Appends up to `most` facts of each kind to their persons' chains and answers how many."""
    marks = _marks(session, now)
    found = {
        source.kind: _facts(
            source,
            session.connection().execute(
                source.new, {"low": marks[source.kind].low_id, "most": most}
            ),
        )
        for source in SOURCES
    }
    linked = _append(session, [fact for facts in found.values() for fact in facts])
    if session.get_bind().dialect.name == "sqlite":
        _follow(session, marks, found, now)
    else:
        done = [marks[kind] for kind, facts in found.items() if len(facts) < most]
        _move_marks(session, done, now)
    return linked


def link_persons(session: Session, person_ids: Sequence[int]) -> int:
    """Appends all that is new of these persons. Answers how many facts."""
    return _append(
        session,
        [
            fact
            for source in SOURCES
            for fact in _facts(source, rows_given(session, source.new_of, sorted(set(person_ids))))
        ],
    )


def next_digest(before: str, content: str) -> str:
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def salted(salt: str, content: str) -> str:
    """The hash of a fact. Without the salt, not even a guess of its content can be confirmed."""
    return hashlib.sha256(f"{salt}\n{content}".encode()).hexdigest()


def _facts(source: Source, rows: Any) -> list[Fact]:
    return [Fact(source.kind, row.id, row.person_id, content_of(source, row)) for row in rows]


def _append(session: Session, facts: Sequence[Fact]) -> int:
    """Under the heads of their persons; what another worker linked while we waited is left out."""
    heads = _lock_heads(session, sorted({fact.person_id for fact in facts}))
    known = _linked(session, facts)
    fresh = [fact for fact in facts if (fact.kind, fact.row_id) not in known]
    lines, salts = [], []
    for fact in fresh:
        before = heads[fact.person_id]
        salt = secrets.token_hex(16)
        content = salted(salt, fact.content)
        line = {
            "person_id": fact.person_id,
            "number": before["number"] + 1,
            "kind": fact.kind,
            "row_id": fact.row_id,
            "content": content,
            "digest": next_digest(before["digest"], content),
        }
        before.update(number=line["number"], digest=line["digest"])
        lines.append(line)
        salts.append(salt)
    ids = insert_returning_ids(session, TrailLine, lines)
    drawn = zip(ids, salts, strict=True)
    insert_rows(session, TrailSalt, [{"line_id": id_, "salt": salt} for id_, salt in drawn])
    moved = {fact.person_id for fact in fresh}
    update_rows(session, TrailHead, [heads[person_id] for person_id in sorted(moved)])
    return len(fresh)


def _lock_heads(session: Session, person_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    known = {row.person_id for row in rows_given(session, _WITH_HEAD, person_ids)}
    new = [{"person_id": id_} for id_ in person_ids if id_ not in known]
    insert_new(session, TrailHead, new, unique="person_id")
    locked = rows_given(session, _HEADS, person_ids)
    return {
        row.person_id: {"id": row.id, "number": row.number, "digest": row.digest} for row in locked
    }


def _linked(session: Session, facts: Sequence[Fact]) -> set[tuple[str, int]]:
    ids = defaultdict(list)
    for fact in facts:
        ids[fact.kind].append(fact.row_id)
    return {
        (kind, row.row_id)
        for kind, given in ids.items()
        for row in rows_given(session, _LINED, given, kind=kind)
    }


def _marks(session: Session, now: datetime) -> dict[str, Row[Any]]:
    blank = {"marked_at": now, "linked_at": now}
    insert_new(session, TrailMark, [{"kind": s.kind, **blank} for s in SOURCES], unique="kind")
    return {row.kind: row for row in session.connection().execute(select(_MARK))}


def _move_marks(session: Session, done: Sequence[Row[Any]], now: datetime) -> None:
    """`done` are the kinds of which everything that can be seen is linked now."""
    tables = {source.kind: source.table for source in SOURCES}
    update_rows(
        session,
        TrailMark,
        [
            {**moved, "id": mark.id, "linked_at": now}
            for mark in done
            for moved in [_moved(mark, _highest(session, tables[mark.kind]), now)]
        ],
    )


def _follow(
    session: Session,
    marks: Mapping[str, Row[Any]],
    found: Mapping[str, Sequence[Fact]],
    now: datetime,
) -> None:
    """SQLite's writer is alone: no lower id can come after the last that was linked."""
    update_rows(
        session,
        TrailMark,
        [
            {"id": marks[kind].id, "low_id": facts[-1].row_id, "linked_at": now}
            for kind, facts in found.items()
            if facts
        ],
    )


def _highest(session: Session, table: Table) -> int:
    return session.connection().execute(select(func.max(table.c.id))).scalar_one() or 0


def _moved(mark: Row[Any], highest: int, now: datetime) -> Mapping[str, Any]:
    """The old high mark is safe once every transaction that it could have met is over."""
    if mark.marked_at > now - SETTLED:
        return {"low_id": mark.low_id, "high_id": mark.high_id, "marked_at": mark.marked_at}
    return {"low_id": mark.high_id, "high_id": highest, "marked_at": now}


def has_news(session: Session, now: datetime) -> bool:
    """Whether there is something to link, or much to look through that is settled."""
    marks = {row.kind: row for row in session.connection().execute(select(_MARK))}
    return any(_is_new(session, source, marks.get(source.kind), now) for source in SOURCES)


def _is_new(session: Session, source: Source, mark: Row[Any] | None, now: datetime) -> bool:
    low = mark.low_id if mark else 0
    above = _highest(session, source.table) - low
    if above <= 0:
        return False
    if mark is not None and above > LOOKED_THROUGH and mark.marked_at <= now - SETTLED:
        return True
    look = session.connection().execute(source.new, {"low": low, "most": 1})
    return look.first() is not None


def unlinked(
    session: Session,
) -> Iterator[tuple[Source, Row[Any] | None, list[tuple[int, datetime]]]]:
    """For each source, its mark, and the id and time of the rows that no line tells of."""
    marks = {row.kind: row for row in session.connection().execute(select(_MARK))}
    for source in SOURCES:
        told = (source.table.c.id, source.at)
        query = source.rows.with_only_columns(*told).where(source.is_unlinked)
        rows = session.connection().execute(query.order_by(source.table.c.id))
        yield source, marks.get(source.kind), [(row[0], row[1]) for row in rows]


_HEADS = (
    select(_HEAD)
    .where(_HEAD.c.person_id.in_(GIVEN))
    .order_by(_HEAD.c.person_id)
    .with_for_update(key_share=True)
)
_WITH_HEAD = select(_HEAD.c.person_id).where(_HEAD.c.person_id.in_(GIVEN))
_LINED = select(_LINE.c.row_id).where(_LINE.c.kind == bindparam("kind"), _LINE.c.row_id.in_(GIVEN))
