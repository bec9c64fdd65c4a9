"""F1, the floor of the walk: the very rows that the engine writes, by the drivers' bulk forms.

It claims as the engine does, and all that it writes but keys and ids is a constant: nothing is
loaded, nothing decided. No engine can be faster on the same store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from app.engine.walk import BATCH
from app.store.engines import Database

_DUE: Final = "phase <> 'closed' ORDER BY look_at, id LIMIT 1"
_CLAIM: Final = """
SELECT c.id, c.key, c.customer_id, c.person_id, p.id, p.address_id, c.revision, c.reached,
       u.kind, u.locale, u.country
FROM dunning_case c
JOIN customer u ON u.id = c.customer_id
JOIN contact_point p ON p.customer_id = u.id
WHERE c.phase <> 'closed' AND c.look_at <= {now} ORDER BY c.look_at, c.id
"""

Claimed = Sequence[Any]


def _key(claimed: Claimed) -> str:
    return f"{claimed[1]}:m"


_OWN: Final[Mapping[str, Callable[[Claimed], Any]]] = {
    "id": lambda claimed: claimed[0],
    "case_id": lambda claimed: claimed[0],
    "key": _key,
    "message_key": _key,
    "customer_id": lambda claimed: claimed[2],
    "person_id": lambda claimed: claimed[3],
    "contact_point_id": lambda claimed: claimed[4],
    "address_id": lambda claimed: claimed[5],
}
"""What each case has of its own, by the column that takes it. All else is a constant."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the engine writes for one case, as the store has it: `changes` are the columns of the
    case that are others afterwards."""

    message: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    changes: Mapping[str, Any]

    @classmethod
    def by(cls, walk_one: Callable[[], object], database: Database) -> Written:
        """By `walk_one`, which walks the first case that is due."""
        (before,) = _rows(database, "dunning_case", _DUE)
        walk_one()
        (message,) = _rows(database, "message")
        mine = message["case_id"]
        (after,) = _rows(database, "dunning_case", f"id = {mine}")
        events = _rows(database, "event", f"case_id = {mine} AND kind <> 'CaseOpened'")
        changes = {name: value for name, value in after.items() if value != before[name]}
        return cls(message, events, changes)

    @property
    def inserted(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        yield "message", self.message
        for event in self.events:
            yield "event", event


def _rows(database: Database, table: str, where: str = "1 = 1") -> list[dict[str, Any]]:
    """Without ids. As text on PostgreSQL, which takes that for any type."""
    form = "{0}" if database.dialect == "sqlite" else "CAST({0} AS text) AS {0}"
    with database.read() as session:
        connection = session.connection()
        names = connection.exec_driver_sql(f"SELECT * FROM {table} LIMIT 0").keys()
        columns = ", ".join(form.format(name) for name in names if name != "id")
        rows = connection.exec_driver_sql(f"SELECT {columns} FROM {table} WHERE {where}")
        return [dict(row._mapping) for row in rows]


def run_floor(database: Database, written: Written, cases: int, now: datetime) -> int:
    """Writes for so many that are due, to a whole batch. Answers how many that were."""
    connection = database.engine.raw_connection()
    try:
        driver = cast("Any", connection.driver_connection)
        if database.dialect == "sqlite":
            return _on_sqlite(driver, written, cases, now)
        return _on_postgresql(driver, written, cases, now)
    finally:
        connection.close()


def _on_sqlite(driver: Any, written: Written, cases: int, now: datetime) -> int:
    claim = f"{_CLAIM.format(now='?')} LIMIT {BATCH}"
    marks = ", ".join(f"{name} = ?" for name in written.changes)
    update = f"UPDATE dunning_case SET {marks} WHERE id = ?"
    until, count = now.strftime("%Y-%m-%d %H:%M:%S.%f"), 0
    while count < cases and (claimed := driver.execute(claim, [until]).fetchall()):
        driver.execute("BEGIN IMMEDIATE")
        for table, row in written.inserted:
            marks = ", ".join("?" * len(row))
            statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
            driver.executemany(statement, _filled(row, claimed))
        driver.executemany(update, _filled({**written.changes, "id": 0}, claimed))
        driver.execute("COMMIT")
        count += len(claimed)
    return count


def _on_postgresql(driver: Any, written: Written, cases: int, now: datetime) -> int:
    claim = f"{_CLAIM.format(now='%s')} LIMIT {BATCH} FOR UPDATE OF c SKIP LOCKED"
    names = [name for name in written.changes if name != "message_key"]
    marks = ", ".join(f"{name} = %s" for name in names)
    update = (
        f"UPDATE dunning_case SET {marks}, message_key = new.key"
        " FROM unnest(%s::int[], %s::text[]) AS new (id, key) WHERE dunning_case.id = new.id"
    )
    constants, count = [written.changes[name] for name in names], 0
    with driver.cursor() as cursor:
        while count < cases and (claimed := cursor.execute(claim, [now]).fetchall()):
            for table, row in written.inserted:
                with cursor.copy(f"COPY {table} ({', '.join(row)}) FROM STDIN") as copy:
                    for each in _filled(row, claimed):
                        copy.write_row(each)
            ids, keys = [row[0] for row in claimed], [_key(row) for row in claimed]
            cursor.execute(update, [*constants, ids, keys])
            driver.commit()
            count += len(claimed)
    return count


def _filled(row: Mapping[str, Any], claimed: Sequence[Claimed]) -> Iterator[list[Any]]:
    """The values of the row for each case: its own keys and ids, all else as it is."""
    own = [
        (at, _OWN[name]) for at, name in enumerate(row) if name in _OWN and row[name] is not None
    ]
    constants = list(row.values())
    for each in claimed:
        values = constants.copy()
        for at, value_of in own:
            values[at] = value_of(each)
        yield values
