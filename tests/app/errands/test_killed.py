"""A worker that is killed by SIGKILL, within a batch and between two."""

import os
import signal
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import event

from app.errands.taking import LEASE
from app.store.engines import Database
from tests.app.book.make import NOW
from tests.app.errands.house import House, all_of
from tests.app.errands.test_doing import counted, rows


def _killed_within_the_second_batch(url: str, folder: str) -> None:
    house, batches = House.at(Database(url), Path(folder)), count(1)

    @event.listens_for(house.database.engine, "after_cursor_execute")
    def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "INTO invoice " in statement and next(batches) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    all_of(house.worker())


@pytest.mark.slow
def test_killed_within_a_batch_it_is_taken_up_again(house: House, tmp_path: Path) -> None:
    number = house.wants_import(*rows(5))
    url = house.database.url.render_as_string(hide_password=False)
    process = get_context("spawn").Process(
        target=_killed_within_the_second_batch, args=(url, str(tmp_path))
    )
    process.start()
    process.join(60)

    assert process.exitcode == -signal.SIGKILL
    assert (house.errand(number)["done"], counted(house)) == (2, 2)
    assert not house.worker().tick(NOW)
    house.now += LEASE
    all_of(house.worker())
    (report,) = house.errand(number)["result"]["reports"]
    assert (report["rows"], report["invoices_added"], counted(house)) == (5, 5, 5)
