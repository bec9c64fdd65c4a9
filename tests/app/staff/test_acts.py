"""The house's audit trail: whatever happens to a line, verifying names it."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.staff.acts import ActFault, BrokenAct, TellsTooMuch, note_act, verify_acts
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import ActHead, ActLine
from tests.app.staff.make import add_user, visitor
from tests.databases import on_both_stores
from tests.factories import NOON

_LINE, _HEAD = table_of(ActLine), table_of(ActHead)


def note(database: Database, *acts: str) -> None:
    for act in acts:
        with database.write() as session:
            note_act(session, "op", act, about=("case", 7), detail={"days": 3}, now=NOON)


def broken(database: Database) -> tuple[BrokenAct, ...]:
    with database.read() as session:
        return verify_acts(session).broken


def change(database: Database, statement: Any) -> None:
    with database.write() as session:
        session.connection().execute(statement)


@on_both_stores
def test_a_line_says_who_did_what_about_what(database: Database) -> None:
    who = visitor(add_user(database))
    with database.write() as session:
        detail = {"reason": "hardship", "ids": (4, 5), "until": None}
        number = note_act(session, who, "hold", about=("case", 7), detail=detail, now=NOON)

    with database.read() as session:
        row = session.connection().execute(select(_LINE)).one()
        found = verify_acts(session)
    assert (number, row.number, row.at, row.user_id, row.by) == (1, 1, NOON, who.user_id, who.by)
    assert (row.act, row.about_kind, row.about_id) == ("hold", "case", 7)
    assert row.detail == {"reason": "hardship", "ids": [4, 5], "until": None}
    assert (found.lines, found.digest, found.broken) == (1, row.digest, ())


def test_nothing_done_is_nothing_wrong(database: Database) -> None:
    assert broken(database) == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("by", "eve"), ("act", "other"), ("detail", {"days": 4}), ("about_id", 8),
        ("about_kind", "plan"), ("digest", "0" * 64),
    ],
)  # fmt: skip
def test_a_changed_line_is_named(database: Database, column: str, value: object) -> None:
    note(database, "a", "b", "c")

    change(database, update(_LINE).where(_LINE.c.number == 2).values({column: value}))

    assert broken(database)[0] == BrokenAct(2, 2, ActFault.CHANGED)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_removed_line_is_named(database: Database, number: int) -> None:
    note(database, "a", "b", "c")

    change(database, delete(_LINE).where(_LINE.c.number == number))

    assert broken(database) == (BrokenAct(number, number, ActFault.MISSING),)


def test_all_lines_removed_are_missed(database: Database) -> None:
    note(database, "a", "b", "c")

    change(database, delete(_LINE))

    assert [str(one) for one in broken(database)] == ["1-3: missing"]


def test_a_head_that_was_set_back_is_found(database: Database) -> None:
    note(database, "a", "b")

    change(database, update(_HEAD).values(number=1))

    assert broken(database) == (BrokenAct(2, 2, ActFault.HEAD),)


def test_a_cut_that_is_renumbered_still_breaks_the_chain(database: Database) -> None:
    note(database, "a", "b", "c")

    change(database, delete(_LINE).where(_LINE.c.number == 2))
    change(database, update(_LINE).where(_LINE.c.number == 3).values(number=2))

    assert broken(database)[0] == BrokenAct(2, 2, ActFault.CHANGED)


def test_an_act_that_is_undone_leaves_no_line_and_no_gap(database: Database) -> None:
    note(database, "a")
    with database.write() as session:
        note_act(session, "op", "b", now=NOON)
        session.rollback()
    note(database, "c")

    assert broken(database) == ()


def test_a_lost_head_cannot_begin_a_second_chain(database: Database) -> None:
    note(database, "a")
    change(database, delete(_HEAD))

    with pytest.raises(IntegrityError):
        note(database, "b")
    assert broken(database) == (BrokenAct(1, 1, ActFault.HEAD),)


@given(st.text().filter(lambda text: "@" in text or any(map(str.isspace, text))))
def test_a_detail_that_could_be_about_a_person_is_refused(words: str) -> None:
    for value in (words, [words]):
        with pytest.raises(TellsTooMuch, match="note of an act is no id and no code"):
            _detail_of({"note": value})


@pytest.mark.parametrize("value", [1.5, {"a": 1}, "x" * 101, b"x"])
def test_a_detail_is_an_id_or_a_code(value: object) -> None:
    with pytest.raises(TellsTooMuch):
        _detail_of({"note": value})


def _detail_of(detail: dict[str, object]) -> dict[str, Any]:
    from app.staff.acts import _codes

    return _codes(detail)


def _write_many(url: str, by: str, count: int) -> None:
    database = Database(url)
    for _ in range(count):
        with database.write() as session:
            note_act(session, by, "counted", now=NOON)
    database.dispose()


@pytest.mark.slow
@on_both_stores
def test_two_processes_write_one_chain(database: Database, migrated_url: str) -> None:
    spawned = get_context("spawn")
    start: Callable[..., Any] = spawned.Process
    writers = [start(target=_write_many, args=(migrated_url, by, 40)) for by in ("left", "right")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert [writer.exitcode for writer in writers] == [0, 0]
    with database.read() as session:
        found = verify_acts(session)
        names = session.connection().execute(select(_LINE.c.by)).scalars().all()
    assert (found.lines, found.broken) == (80, ())
    assert {by: names.count(by) for by in names} == {"left": 40, "right": 40}
