"""What is asked each second, and what a page asks, goes by an index of the errands."""

from datetime import timedelta

import pytest

from app.errands.asking import newest
from app.errands.kinds import Kind
from app.lab.bench.plans import explained, taken_down
from app.loops.errands import ErrandFiles
from app.store.bulk import insert_rows
from app.store.rows import Errand
from tests.app.book.make import NOW
from tests.app.errands.house import House


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_errands_are_found_by_an_index(house: House) -> None:
    told = {"kind": "export", "lane": "quick", "asked_by": "dana", "created_at": NOW}
    with house.database.write() as session:
        insert_rows(session, Errand, [{**told, "ended_at": NOW} for _ in range(500)])
        session.connection().exec_driver_sql("ANALYZE")

    with taken_down(house.database) as statements:
        house.worker().tick(NOW)
        ErrandFiles(house.means, kept_for=timedelta(days=1)).tick(NOW)
        with house.database.read() as session:
            newest(session, [Kind.EXPORT], before=400)

    plans = " ".join(line for each in statements for line in explained(house.database, each))
    for index in ("ix_errand_live", "ix_errand_files", "ix_errand_kind"):
        assert index in plans
