"""Holds a person's chain against what it tells of, and names each line that does not fit.

A line without a salt is one that was erased: an event of the same chain must say so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.returning import ERASED
from app.records.sources import SOURCES, content_of
from app.records.trail import next_digest, salted, unlinked
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Customer, Event, Person, TrailHead, TrailLine, TrailSalt

LATE: Final = timedelta(hours=1)
PAGE: Final = 200

_LINE, _SALT, _HEAD = table_of(TrailLine), table_of(TrailSalt), table_of(TrailHead)
_EVENT, _CUSTOMER, _PERSON = table_of(Event), table_of(Customer), table_of(Person)


class Fault(StrEnum):
    """What is wrong with a line, as it is told."""

    CHANGED = "was changed after it was linked"
    REMOVED = "was removed"
    LINE_MISSING = "is missing from the chain"
    LINE_CHANGED = "does not follow from the line before it"
    HEAD = "is not where the chain ends"
    UNSALTED = "lost its salt without an erasure on record"
    PASSED_OVER = "is older than the chain's mark and not in it"
    LATE = "waits to be linked for too long"


@dataclass(frozen=True, slots=True)
class Broken:
    """One line, or one row that should have a line. `person_id` 0: only the row is known."""

    person_id: int
    number: int
    kind: str
    row_id: int
    fault: Fault

    def __str__(self) -> str:
        place = f"person {self.person_id}, line {self.number}" if self.person_id else "no line"
        row = f" ({self.kind} {self.row_id})" if self.kind else ""
        return f"{place}{row}: {self.fault}"


@dataclass(frozen=True, slots=True)
class Verified:
    persons: int
    lines: int
    broken: tuple[Broken, ...]


def verify_all(session: Session, now: datetime) -> Verified:
    """Every chain, and every row that should be in one."""
    broken: list[Broken] = []
    persons = lines = 0
    for ids in _pages(session):
        found = verify_persons(session, ids)
        persons, lines = persons + found.persons, lines + found.lines
        broken += found.broken
    return Verified(persons, lines, (*broken, *left_out(session, now)))


def verify_persons(session: Session, person_ids: Sequence[int]) -> Verified:
    """The chains of these persons. Facts that are not linked yet are left to the next tick."""
    ids = sorted(set(person_ids))
    lines: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows_given(session, _LINES, ids):
        lines[row.person_id].append(row)
    contents = _contents(session, [line for own in lines.values() for line in own])
    heads = {row.person_id: row for row in rows_given(session, _HEADS, ids)}
    erased = _erased(session, ids)
    broken = [
        fault
        for person_id in ids
        for fault in _faults(
            person_id, lines[person_id], contents, erased[person_id], heads.get(person_id)
        )
    ]
    return Verified(len(ids), sum(map(len, lines.values())), tuple(broken))


def left_out(session: Session, now: datetime) -> Iterator[Broken]:
    """Rows that no line tells of though the linking was past them, or has stood still.

    Where no loop ever ran, nothing is late.
    """
    for source, mark, rows in unlinked(session):
        low = mark.low_id if mark else 0
        stands = mark is not None and mark.linked_at < now - LATE
        for row_id, at in rows:
            if row_id <= low:
                yield Broken(0, 0, source.kind, row_id, Fault.PASSED_OVER)
            elif stands and at < now - LATE:
                yield Broken(0, 0, source.kind, row_id, Fault.LATE)


def _pages(session: Session) -> Iterator[Sequence[int]]:
    last = 0
    query = select(_PERSON.c.id).order_by(_PERSON.c.id).limit(PAGE)
    while ids := session.connection().execute(query.where(_PERSON.c.id > last)).scalars().all():
        yield ids
        last = ids[-1]


def _contents(session: Session, lines: Sequence[Row[Any]]) -> Mapping[tuple[str, int], str]:
    """What the rows of these lines say now; nothing for a row that is gone."""
    found = {}
    for source in SOURCES:
        ids = [line.row_id for line in lines if line.kind == source.kind]
        for row in rows_given(session, source.with_id, ids):
            found[source.kind, row.id] = content_of(source, row)
    return found


def _erased(session: Session, person_ids: Sequence[int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows_given(session, _ERASURES, person_ids):
        found[row.person_id].update(row.payload.get("lines", ()))
    return found


def _faults(
    person_id: int,
    lines: Sequence[Row[Any]],
    contents: Mapping[tuple[str, int], str],
    erased: set[int],
    head: Row[Any] | None,
) -> Iterator[Broken]:
    expected, digest = 1, ""
    for line in lines:
        for number in range(expected, line.number):
            yield Broken(person_id, number, "", 0, Fault.LINE_MISSING)
        follows = line.number == expected and line.digest == next_digest(digest, line.content)
        if line.number == expected and not follows:
            yield Broken(person_id, line.number, line.kind, line.row_id, Fault.LINE_CHANGED)
        fault = _of_content(line, contents.get((line.kind, line.row_id)), erased)
        if fault is not None:
            yield Broken(person_id, line.number, line.kind, line.row_id, fault)
        expected, digest = line.number + 1, line.digest
    ends = (expected - 1, digest)
    if head is not None and head.number >= expected:
        for number in range(expected, head.number + 1):
            yield Broken(person_id, number, "", 0, Fault.LINE_MISSING)
    elif (lines or head is not None) and (head is None or (head.number, head.digest) != ends):
        yield Broken(person_id, expected - 1, "", 0, Fault.HEAD)


def _of_content(line: Row[Any], content: str | None, erased: set[int]) -> Fault | None:
    if content is None:
        return Fault.REMOVED
    if line.salt is None:
        return None if line.number in erased else Fault.UNSALTED
    return None if salted(line.salt, content) == line.content else Fault.CHANGED


_LINES = (
    select(_LINE, _SALT.c.salt)
    .outerjoin(_SALT, _SALT.c.line_id == _LINE.c.id)
    .where(_LINE.c.person_id.in_(GIVEN))
    .order_by(_LINE.c.person_id, _LINE.c.number)
)
_HEADS = select(_HEAD).where(_HEAD.c.person_id.in_(GIVEN))
_ERASURES = (
    select(_CUSTOMER.c.person_id, _EVENT.c.payload)
    .join(_CUSTOMER, _CUSTOMER.c.id == _EVENT.c.customer_id)
    .where(_CUSTOMER.c.person_id.in_(GIVEN), _EVENT.c.kind == ERASED)
)
