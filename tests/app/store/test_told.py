"""Rows that were read are asked for again and compared."""

from __future__ import annotations

from sqlalchemy import bindparam, select, text
from sqlmodel import Session

from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Person
from app.store.told import Told, noted
from tests.databases import on_both_stores, opened

_PERSON = table_of(Person)
_KEYS = select(_PERSON.c.id, _PERSON.c.revision).where(
    _PERSON.c.id.in_(GIVEN), _PERSON.c.revision < bindparam("below")
)


def _noted(session: Session) -> tuple[Told, list[object]]:
    with noted(session) as told:
        rows = rows_given(session, _KEYS, [1, 2, 3], below=9)
        assert rows_given(session, _KEYS, [7], below=9) == []
    rows_given(session, _KEYS, [1], below=0)  # after it: nobody's business
    return told, rows


@on_both_stores
def test_it_is_told_the_same_until_a_row_comes_changes_or_goes(migrated_url: str) -> None:
    migrated = opened(migrated_url)
    run = "INSERT INTO person (id, key, revision) VALUES (:id, :key, 0)"
    with migrated.write() as session:
        for id_ in (1, 2):
            session.connection().execute(text(run), {"id": id_, "key": f"p{id_}"})
    with migrated.read() as session:
        told, rows = _noted(session)
        assert rows == [(1, 0), (2, 0)], "who asks gets the rows all the same"
        assert told.still(session)

    for change in (
        "UPDATE person SET revision = 1 WHERE id = 2",
        "DELETE FROM person WHERE id = 1",
        "INSERT INTO person (id, key, revision) VALUES (3, 'p3', 0)",
        "INSERT INTO person (id, key, revision) VALUES (7, 'p7', 0)",
    ):
        with migrated.write() as session:
            session.connection().execute(text(change))
            assert not told.still(session), change
            session.rollback()
    with migrated.write() as session:
        assert told.still(session)
    migrated.dispose()
