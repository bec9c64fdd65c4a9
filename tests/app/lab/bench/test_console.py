"""The bench of the console opens each of its pages over people who were walked and copied."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.lab.bench.console import run
from app.lab.bench.console_book import TABLES, fill
from app.lab.bench.stores import Postgresql, Sqlite, Store
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Address, Case, ContactPoint, Customer, Message
from campaigns.vocabulary import Medium
from tests.databases import opened
from tests.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # the demo walks people first

WALKED, DAYS, CUSTOMERS = 10, 4, 30


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return Sqlite(tmp_path)
    server: Postgres = request.getfixturevalue("postgres_server")
    return Postgresql(server.url("postgres"))


def silent(done: int, total: int) -> None:
    """Nobody looks on."""


def test_every_page_is_opened_and_none_is_missing(store: Store, tmp_path: Path) -> None:
    report = run(
        store,
        folder=tmp_path,
        large=False,
        progress=silent,
        customers=CUSTOMERS,
        walked=WALKED,
        days=DAYS,
        tries=1,
    )

    assert report.wrong == []
    told = {figure.name for figure in report.figures}
    assert {f"{page}: 95 of 100 within" for page in ("calls", "one customer", "today")} <= told
    assert all(figure.verdict for figure in report.figures if "95 of 100" in figure.name)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_copies_are_whole_and_belong_together(migrated_url: str) -> None:
    database: Database = opened(migrated_url)
    fill(database, CUSTOMERS, walked=WALKED, days=DAYS, tell=silent)

    case, customer, message = table_of(Case), table_of(Customer), table_of(Message)
    astray = (
        select(func.count())
        .select_from(message)
        .join(case, case.c.id == message.c.case_id)
        .where(case.c.customer_id != message.c.customer_id)
    )
    with database.read() as session:
        connection = session.connection()
        assert connection.execute(select(func.count()).select_from(customer)).scalar() == CUSTOMERS
        assert connection.execute(astray).scalar() == 0
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        for table in (table_of(Address), table_of(ContactPoint)):
            kinds = select(table.c.kind if "kind" in table.c else table.c.medium).distinct()
            assert {*connection.execute(kinds).scalars()} <= {"phone", "email", *map(str, Medium)}
        for table in TABLES:
            number = connection.execute(select(func.count()).select_from(table)).scalar_one()
            assert number % (CUSTOMERS // WALKED) == 0, table.name
