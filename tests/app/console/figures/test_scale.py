"""Today and the reports over a large book: only figures that are kept and indexes are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from app.figures.names import Family
from app.figures.standing import count_standing
from app.figures.ticking import Figures
from app.staff.roles import Role
from app.store.engines import Database
from tests.app.console.team import Team
from tests.app.figures.lives import Lives
from tests.app.web.people import NOW

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CASES = 200_000
TRIES = 20
P95 = int(TRIES * 0.95) - 1
LIMIT_MS = 200


def copy(database: Database, table: str, changed: dict[str, str], times: int = CASES) -> None:
    """Multiplies the first row of a table; `changed` columns are SQL of the running number `n`."""
    with database.write() as session:
        connection = session.connection()
        columns = [column.name for column in SQLModel.metadata.tables[table].c]
        columns.remove("id")
        values = ", ".join(changed.get(name, f"first.{name}") for name in columns)
        statement = (
            "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers"
            f" WHERE n < {times}) INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {values} FROM numbers, (SELECT * FROM {table} ORDER BY id LIMIT 1) AS first"
        )
        connection.execute(text(statement))


def later(database: Database, hours: str) -> str:
    """The instant so many hours after `NOW`, in SQL."""
    if database.dialect == "postgresql":
        return f"TIMESTAMPTZ '{NOW.isoformat()}' + ({hours}) * INTERVAL '1 hour'"
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{NOW:%Y-%m-%d %H:%M}', ({hours}) || ' hours')"


def _fill(team: Team) -> Lives:
    database = team.database
    lives = Lives(database, name="everest", created_at=NOW)
    customer_id = lives.customers[0]
    lives.send(customer_id, NOW)
    lives.pay(customer_id, NOW, 900)
    lives.promise(customer_id, NOW, 500)
    lives.invoice(customer_id, 5000)
    base = 1000
    copy(database, "person", {"key": "'many-' || n"}, CASES + base)
    own = {"customer_id": f"n + {base}", "person_id": f"n + {base}"}
    copy(
        database,
        "customer",
        {"external_id": "'many-' || n", "person_id": "n"},
        CASES + base,
    )
    reasons = "CASE n % 4 WHEN 0 THEN 'not_yet' WHEN 1 THEN 'hold' WHEN 2 THEN 'rest_day' END"
    due = later(database, "n % 60")
    copy(
        database,
        "dunning_case",
        {**own, "key": "'many-' || n", "subject_id": "n + 9", "reason": reasons, "look_at": due},
    )
    sent = later(database, "-(n % 8)")
    copy(database, "message", {**own, "key": "'m' || n", "accepted_at": sent}, 50_000)
    copy(database, "invoice", {"customer_id": f"n + {base}", "external_id": "'i' || n"})
    copy(database, "promise", {"customer_id": f"n + {base}"}, 20_000)
    copy(database, "payment", {"customer_id": f"n + {base}", "key": "'p' || n"}, 20_000)
    with database.write() as session:
        session.connection().exec_driver_sql("ANALYZE")
    return lives


def _took(clock: Callable[[], float], act: Callable[[], object]) -> list[float]:
    """Milliseconds on this clock, in order, the first time left out."""
    act()
    took = []
    for _ in range(TRIES):
        began = clock()
        act()
        took.append((clock() - began) * 1000)
    return [round(each, 1) for each in sorted(took)]


def test_every_page_answers_in_time_over_a_large_book(team: Team) -> None:
    _fill(team)
    began = perf_counter()
    assert count_standing(team.database, NOW) == len(Family)
    standing_s = perf_counter() - began
    began = perf_counter()
    while Figures(team.database).tick(NOW):
        continue
    days_s = perf_counter() - began
    seat = team.seat(Role.VIEWER)
    paths = ["/console/", "/console/messages", "/console/payments", "/console/invoices?creditor=2"]
    paths += [f"/console/reports/{slug}" for slug in ("dso", "ageing", "outcomes", "not-sent")]
    # Other work on the machine is no fault of a page. So of the wall clock the middle is held to
    # the limit, and 95 of 100 of the time that this process took for it.
    walls = {path: _took(perf_counter, partial(seat.opens, path)) for path in paths}
    own = {path: _took(process_time, partial(seat.opens, path))[P95] for path in paths}
    middle = {path: took[TRIES // 2] for path, took in walls.items()}
    told = {"cases": CASES, "standing_s": round(standing_s, 2), "days_s": round(days_s, 2)}
    p95 = {path: took[P95] for path, took in walls.items()}
    print(json.dumps({**told, "p95_ms": p95, "middle_ms": middle, "p95_own_ms": own}))
    assert {path: ms for path, ms in middle.items() if ms > LIMIT_MS} == {}
    assert {path: ms for path, ms in own.items() if ms > LIMIT_MS} == {}
