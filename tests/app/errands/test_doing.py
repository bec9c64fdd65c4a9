"""An errand is done once, however workers die, race or are asked to stop."""

import os
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app.errands.asking import cancel
from app.errands.kinds import Kind, Lane
from app.errands.taking import LEASE, MOST_TRIES
from app.loops.errands import ErrandFiles, Errands
from app.store.engines import Ending
from app.store.given import table_of
from app.store.rows import Invoice, Payment
from tests.app.book.make import NOW
from tests.app.errands.house import House, all_of
from tests.databases import on_both_stores

PAYMENTS = """\
schema: duly-mapping/1
creditor: { external_id: north, name: N, country: IL, zone: Asia/Jerusalem, locale: he,
  currency: ILS }
customer: { external_id: cust }
payment: { amount: paid, paid_on: day }
"""


def rows(count: int) -> list[str]:
    return [f"C{n},Name,I{n},1{n},2026-09-01" for n in range(count)]


def counted(house: House, model: type = Invoice) -> int:
    with house.database.read() as session:
        query = select(func.count()).select_from(table_of(model))
        return int(session.connection().execute(query).scalar_one())


@on_both_stores
def test_an_import_is_done_batch_by_batch_and_tells_what_came_of_it(house: House) -> None:
    number = house.wants_import(*rows(5), "C9,Name,I9,wrong,2026-09-01")
    worker = house.worker()

    worker.tick(NOW)

    assert (house.errand(number)["state"], house.errand(number)["done"]) == ("running", 2)
    assert counted(house) == 2
    all_of(worker)
    errand = house.errand(number)
    assert (errand["state"], errand["done"], errand["error"]) == ("done", 6, None)
    assert errand["ended_at"] == house.now
    (report,) = errand["result"]["reports"]
    assert (report["rows"], report["accepted"], report["rejected"]) == (6, 5, 1)
    assert report["rejects_file"] is None
    (rejects,) = house.means.files.paths(errand["result_file"])
    assert "I9" in rejects.read_text("utf-8")


@on_both_stores
def test_a_worker_that_dies_is_followed_at_its_cursor(house: House) -> None:
    """Two equal payments are told apart by their count in the file: that survives the death."""
    house.wants_import("C1,Name,I1,100,2026-09-01")
    all_of(house.worker())
    told = ["C1,5,2026-09-03"] * 5
    number = house.wants_import(*told, mapping=PAYMENTS, header="cust,paid,day")
    dead = house.worker()
    dead.tick(NOW)
    dead.tick(NOW)
    assert (house.errand(number)["done"], counted(house, Payment)) == (4, 4)
    next_one = house.worker()
    assert not next_one.tick(NOW), "the lease is not over yet"

    house.now += LEASE
    all_of(next_one)

    errand = house.errand(number)
    assert (errand["state"], errand["fence"], counted(house, Payment)) == ("done", 2, 5)
    (report,) = errand["result"]["reports"]
    assert (report["rows"], report["payments_posted"], report["paid"]) == (5, 5, {"ILS": 2500})


@on_both_stores
def test_one_who_was_only_slow_undoes_what_it_had_begun(house: House) -> None:
    number = house.wants_import(*rows(4))
    slow = house.worker()
    slow.tick(NOW)
    house.now += LEASE
    quick = house.worker()
    quick.tick(NOW)

    slow.tick(NOW)

    assert house.errand(number)["fence"] == 2
    all_of(quick)
    all_of(slow)
    (report,) = house.errand(number)["result"]["reports"]
    assert (report["rows"], report["invoices_added"], counted(house)) == (4, 4, 4)


@on_both_stores
def test_two_workers_never_do_one_twice(house: House) -> None:
    numbers = [house.wants_import(*rows(3)), house.wants_import(*rows(6))]
    barrier = Barrier(2)

    def work() -> None:
        barrier.wait()
        all_of(house.worker())

    threads = [Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [house.errand(number)["fence"] for number in numbers] == [1, 1]
    assert {house.errand(number)["state"] for number in numbers} == {"done"}
    added = [house.errand(n)["result"]["reports"][0]["invoices_added"] for n in numbers]
    assert (sum(added), counted(house)) == (6, 6)


@on_both_stores
def test_it_stops_between_two_batches_when_asked_and_what_is_done_stays(house: House) -> None:
    number = house.wants_import(*rows(6))
    worker = house.worker()
    worker.tick(NOW)

    with house.database.write() as session:
        assert cancel(session, number, "omar", house.now)
    all_of(worker)

    errand = house.errand(number)
    assert (errand["state"], errand["done"], counted(house)) == ("cancelled", 2, 2)
    assert errand["cancel_asked_by"] == "omar"
    with house.database.write() as session:
        assert not cancel(session, number, "omar", house.now)


def test_one_that_nobody_has_begun_is_cancelled_at_once(house: House) -> None:
    number = house.wants_import(*rows(2))

    with house.database.write() as session:
        assert cancel(session, number, "omar", house.now)

    assert house.errand(number)["state"] == "cancelled"
    all_of(house.worker())
    assert counted(house) == 0


def test_a_process_that_ends_gives_it_back_at_once(house: House) -> None:
    number = house.wants_import(*rows(4))
    worker = house.worker()
    worker.tick(NOW)

    house.database.end()
    with pytest.raises(Ending):
        worker.tick(NOW)

    house.database._ending.clear()  # as the next process has it
    all_of(house.worker())
    assert (house.errand(number)["state"], counted(house)) == ("done", 4)


def test_one_that_ends_its_worker_each_time_is_given_up(house: House) -> None:
    number = house.wants_import(*rows(4))
    for _ in range(MOST_TRIES):
        dead = house.worker()
        assert dead._take() is not None
        house.now += LEASE

    all_of(house.worker())

    errand = house.errand(number)
    assert errand["state"] == "failed"
    assert "got no further" in errand["error"]


def test_a_file_that_is_none_fails_with_a_sentence(house: House) -> None:
    number = house.wants_import(header="cust,name,inv,due")

    all_of(house.worker())

    errand = house.errand(number)
    assert (errand["state"], counted(house)) == ("failed", 0)
    assert "no column `amount`" in errand["error"]


def test_a_trial_counts_and_changes_nothing(house: House) -> None:
    number = house.wants_import(*rows(5), kind=Kind.TRY_IMPORT)
    worker = house.worker()
    worker.tick(NOW)
    assert house.errand(number)["done"] == 2

    all_of(worker)

    (report,) = house.errand(number)["result"]["reports"]
    assert (report["invoices_added"], report["dry_run"], counted(house)) == (5, True, 0)


def test_a_long_import_holds_up_no_export(house: House) -> None:
    number = house.wants_import(*rows(4))
    export = house.wants(Kind.EXPORT, parameters={"export": "open-invoices", "type": "csv"})
    house.worker().tick(NOW)

    all_of(house.worker(Lane.QUICK))

    assert house.errand(export)["state"] == "done"
    assert house.errand(number)["state"] == "running"


@on_both_stores
def test_files_go_after_their_days_and_the_record_stays(house: House, tmp_path: Path) -> None:
    number = house.wants_import(*rows(2))
    all_of(house.worker())
    file = house.errand(number)["file"]
    files = ErrandFiles(house.means, kept_for=timedelta(days=14))

    assert not files.tick(house.now + timedelta(days=14))
    assert house.means.files.paths(file)
    assert files.tick(house.now + timedelta(days=14, seconds=1))

    assert not house.means.files.paths(file)
    assert house.errand(number)["files_gone_at"] is not None
    assert house.errand(number)["result"]["reports"]
    assert not [*(tmp_path / "documents" / "errands").iterdir()]


def test_a_file_that_another_errand_needs_stays(house: House) -> None:
    first = house.wants_import(*rows(2), kind=Kind.TRY_IMPORT)
    all_of(house.worker())
    file = house.errand(first)["file"]
    house.now += timedelta(days=20)
    house.wants(Kind.IMPORT, parameters=house.errand(first)["parameters"], file=file)

    ErrandFiles(house.means, kept_for=timedelta(days=14)).tick(house.now)

    assert house.means.files.paths(file)


def test_a_file_that_no_errand_ever_had_goes_too(house: House) -> None:
    lost, waiting = house.upload("C1,N,I1,1,2026-09-01"), house.wants_import(*rows(1))
    past = (house.now - timedelta(days=20)).timestamp()
    for reference in (lost, house.errand(waiting)["file"]):
        (path,) = house.means.files.paths(reference)
        os.utime(path.parent, (past, past))

    ErrandFiles(house.means, kept_for=timedelta(days=14)).tick(house.now)

    assert not house.means.files.paths(lost)
    assert house.means.files.paths(house.errand(waiting)["file"])


def test_ticks_are_short_however_long_the_errand_is(house: House) -> None:
    house.wants_import(*rows(6))
    worker: Errands = house.worker(patience=timedelta(0))

    assert worker.tick(NOW) is True
    assert counted(house) == 2
