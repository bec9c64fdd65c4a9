"""Many rows at once, and one that spoils its batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.store.bulk import (
    UnknownColumn,
    insert_new,
    insert_returning_ids,
    insert_rows,
    survivors,
    update_rows,
)
from app.store.columns import word
from app.store.engines import Database
from app.store.given import chunks, ids_where
from app.store.rows import Person, Task
from tests.databases import on_both_stores, opened
from tests.factories import NOON


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    made = opened(migrated_url)
    yield made
    made.dispose()


def a_task(key: str) -> dict[str, object]:
    return {"key": key, "team": "service", "kind": "test", "title": key, "created_at": NOON}


@on_both_stores
def test_ids_come_back_in_the_order_of_the_rows(database: Database) -> None:
    with database.write() as session:
        keys = [f"p{(7 * number) % 2003}" for number in range(2003)]  # more than one page
        ids = insert_returning_ids(session, Person, [{"key": key} for key in keys])
        assert ids_where(session, Person, "key", keys) == dict(zip(keys, ids, strict=True))


@on_both_stores
def test_only_what_is_new_is_inserted_and_answered(database: Database) -> None:
    with database.write() as session:
        first = insert_new(session, Task, [a_task("a"), a_task("b")])
        again = insert_new(session, Task, [a_task("b"), a_task("c")])
        assert sorted(first) == ["a", "b"]
        assert sorted(again) == ["c"]
        assert insert_new(session, Task, []) == {}


@on_both_stores
def test_a_new_row_in_one_statement_twice_is_one_row(database: Database) -> None:
    with database.write() as session:
        assert sorted(insert_new(session, Task, [a_task("a"), a_task("a")])) == ["a"]


@on_both_stores
def test_rows_that_say_little_have_defaults_of_their_own(database: Database) -> None:
    with database.write() as session:
        insert_rows(session, Task, [a_task("a"), {**a_task("b"), "detail": {"n": 1}}])
        details = [session.get(Task, number) for number in (1, 2)]
        assert [task.detail for task in details if task] == [{}, {"n": 1}]


@on_both_stores
def test_a_column_that_does_not_exist_is_refused(database: Database) -> None:
    with database.write() as session, pytest.raises(UnknownColumn, match="colour"):
        insert_rows(session, Person, [{"key": "a", "colour": "red"}])


@on_both_stores
def test_each_row_is_updated_by_its_own_key(database: Database) -> None:
    with database.write() as session:
        insert_rows(session, Person, [{"key": "a"}, {"key": "b"}])
        update_rows(session, Person, [{"key": "b", "revision": 5}], by="key")
        update_rows(session, Person, [])
        found = [session.get(Person, number) for number in (1, 2)]
        assert [person.revision for person in found if person] == [0, 5]


AWKWARD = ("", "'", '"', "\\", "\\x41", "שלום", "\u200f1,240.50 ₪\u200f", "\t\n", "null", "🙂")


@on_both_stores
def test_many_rows_at_once_hold_just_what_a_single_one_would(database: Database) -> None:
    """Many go another way on PostgreSQL: words, instants, documents and nothing come out alike."""
    rows = [
        {
            **a_task(f"t{number}"),
            "title": word_,
            "detail": {"word": word_, "n": number, "none": None, "list": [1.5, True]},
            "due_at": NOON if number % 2 else None,
        }
        for number, word_ in enumerate(AWKWARD)
    ]
    with database.write() as session:
        insert_rows(session, Task, rows)
        assert sorted(insert_new(session, Task, [*rows, a_task("new")])) == ["new"]
        titles = [{"id": number, "title": f"<{word_}>"} for number, word_ in enumerate(AWKWARD, 1)]
        update_rows(session, Task, titles)
        for number, row in enumerate(rows, 1):
            task = session.get(Task, number)
            assert task is not None
            assert (task.title, task.detail) == (f"<{row['title']}>", row["detail"])
            assert (task.due_at, task.created_at) == (row["due_at"], NOON)


@on_both_stores
def test_the_last_word_on_a_row_holds_in_a_batch_too(database: Database) -> None:
    with database.write() as session:
        ids = insert_returning_ids(session, Person, [{"key": f"p{n}"} for n in range(12)])
        update_rows(session, Person, [{"id": id_, "revision": r} for r in (1, 2) for id_ in ids])
        assert {person.revision for id_ in ids if (person := session.get(Person, id_))} == {2}


def test_chunks_cover_everything_once() -> None:
    assert [list(part) for part in chunks([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
    assert list(chunks([], 2)) == []


@pytest.mark.parametrize("bad", [set(), {3}, {0, 6}, {0, 1, 2, 3, 4, 5, 6}])
def test_only_what_spoils_a_batch_is_left_behind(bad: set[int]) -> None:
    calls = 0

    def work(items: Sequence[int]) -> list[str]:
        nonlocal calls
        calls += 1
        if bad & set(items):
            raise ValueError("spoiled")
        return [f"good {item}" for item in items]

    found = survivors(list(range(7)), work, lambda item, problem: f"bad {item}")

    assert found == [f"{'bad' if n in bad else 'good'} {n}" for n in range(7)]
    assert calls == 1 if not bad else calls > 1


@on_both_stores
def test_a_database_that_fails_is_nobodys_row(database: Database) -> None:
    def work(items: Sequence[int]) -> list[int]:
        with database.read() as session:
            session.connection().exec_driver_sql("SELECT * FROM nowhere")
        return list(items)

    with pytest.raises(DBAPIError):
        survivors([1, 2], work, lambda item, problem: item)


def test_a_word_of_a_query_holds_no_quotes() -> None:
    assert str(word("waiting")) == "'waiting'"
    with pytest.raises(ValueError, match="no plain word"):
        word("x' OR '1'='1")


@on_both_stores
def test_what_is_written_is_rolled_back_with_its_transaction(database: Database) -> None:
    def fail(session: Session) -> None:
        insert_rows(session, Person, [{"key": "a"}])
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError), database.write() as session:
        fail(session)

    with database.read() as session:
        assert ids_where(session, Person, "key", ["a"]) == {}
