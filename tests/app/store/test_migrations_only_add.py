"""Old code runs on a newer schema, because each migration after the first only adds to it.

So processes of the version before go on working while a database is upgraded, and after it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest

from app.store import migrate

BEFORE_THE_FIRST_RELEASE = """
attempt.copied_to attempt.head complaint.kind creditor.capabilities dunning_case.anchor hold.freezes
hold.renewed_at plan.last_allocation_id reply.meant sender.answers_keywords sender.cleared
sender.complaints sender.sent sender.sent_by_hour sender.stopped_templates
""".split()
EXCEPTIONS = {f"{column} must be given" for column in BEFORE_THE_FIRST_RELEASE}
"""What old code could not live with. These columns came before anything was released, so no code
that lacks them runs anywhere. After the first release there is no reason for another."""


@dataclass(frozen=True)
class Column:
    type: str
    is_needed: bool
    has_default: bool


@dataclass(frozen=True)
class Shape:
    """The columns of each table, and the sets of columns that may stand there once."""

    tables: Mapping[str, Mapping[str, Column]]
    uniques: frozenset[tuple[str, tuple[str, ...]]]


def shape_of(path: Path) -> Shape:
    connection = sqlite3.connect(path)
    columns = connection.execute(
        'SELECT m.name, c.name, c.type, c."notnull" AND NOT c.pk, c.dflt_value IS NOT NULL'
        " FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    ).fetchall()
    keys = connection.execute(
        "SELECT m.name, i.name, c.name FROM sqlite_master m, pragma_index_list(m.name) i,"
        " pragma_index_info(i.name) c WHERE m.type = 'table' AND i.\"unique\""
    ).fetchall()
    connection.close()
    tables: dict[str, dict[str, Column]] = {}
    for table, name, type_, is_needed, has_default in columns:
        tables.setdefault(table, {})[name] = Column(type_, bool(is_needed), bool(has_default))
    uniques: dict[tuple[str, str], list[str]] = {}
    for table, key, name in keys:
        uniques.setdefault((table, key), []).append(name)
    return Shape(
        tables, frozenset((table, tuple(sorted(names))) for (table, _), names in uniques.items())
    )


def broken(before: Shape, after: Shape) -> set[str]:
    """What code that was written for `before` cannot live with in `after`."""
    found = {f"{table} is gone" for table in before.tables.keys() - after.tables.keys()}
    for table in before.tables.keys() & after.tables.keys():
        old, new = before.tables[table], after.tables[table]
        found |= {f"{table}.{name} is gone" for name in old.keys() - new.keys()}
        found |= {
            f"{table}.{name} has another type"
            for name in old.keys() & new.keys()
            if old[name].type != new[name].type
        }
        found |= {
            f"{table}.{name} must be given"
            for name, column in new.items()
            if _must_be_given(column) and not (name in old and _must_be_given(old[name]))
        }
    found |= {
        f"{table} may hold {', '.join(names)} once"
        for table, names in after.uniques - before.uniques
        if set(names) <= before.tables.get(table, {}).keys()
    }
    return found


def _must_be_given(column: Column) -> bool:
    return column.is_needed and not column.has_default


@pytest.mark.slow
def test_old_code_runs_on_the_schema_of_new_code(tmp_path: Path) -> None:
    path = tmp_path / "grown.sqlite3"
    shapes = []
    for revision in migrate.revisions():
        migrate.upgrade(f"sqlite:///{path}", to=revision)
        shapes.append(shape_of(path))

    assert set().union(*(broken(*pair) for pair in pairwise(shapes))) == EXCEPTIONS


_TEXT = Column("VARCHAR", is_needed=True, has_default=False)
_BEFORE = Shape({"sender": {"name": _TEXT}}, frozenset())


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (Shape({}, frozenset()), "sender is gone"),
        (Shape({"sender": {}}, frozenset()), "sender.name is gone"),
        (
            Shape({"sender": {"name": replace(_TEXT, type="JSON")}}, frozenset()),
            "sender.name has another type",
        ),
        (
            Shape({"sender": {"name": _TEXT, "pace": _TEXT}}, frozenset()),
            "sender.pace must be given",
        ),
        (Shape(_BEFORE.tables, frozenset({("sender", ("name",))})), "sender may hold name once"),
    ],
    ids=["a table", "a column", "a type", "a new need", "a new key"],
)
def test_what_takes_away_is_told(after: Shape, told: str) -> None:
    assert broken(_BEFORE, after) == {told}


def test_what_only_adds_is_not_told() -> None:
    spare = [replace(_TEXT, is_needed=False), replace(_TEXT, has_default=True)]
    grown = {"name": _TEXT, **{f"new_{number}": column for number, column in enumerate(spare)}}
    tables = {"sender": grown, "halt": {"note": _TEXT}}

    assert not broken(_BEFORE, Shape(tables, frozenset({("sender", ("new_0",))})))
