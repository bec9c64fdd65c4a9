"""No cell of a file that we write runs when a spreadsheet program opens it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.book.formulas import neutral, restored
from app.book.rejects import rejects_path
from app.store.engines import Database
from tests.app.book.feeds import run, write

DANGEROUS = ["=1+1", "+972", "-5", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''=1"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_formula_is_written_behind_an_apostrophe(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@given(st.one_of(st.text(), st.sampled_from(DANGEROUS)))
def test_what_was_made_harmless_comes_back_as_it_was(cell: str) -> None:
    assert restored(neutral(cell)) == cell
    assert neutral(cell)[:1] not in tuple("=+-@\t\r")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_rejects_hold_no_formula_and_mend_to_the_very_text(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, '-C1,=HYPERLINK("x"),I1,oops,2026-09-01', 'C2,"=1+1",I2,5,2026-09-01')

    report = run(database, feed)
    rejects = rejects_path(feed)
    told = rejects.read_text("utf-8-sig")
    rejects.write_text(told.replace("oops", "5"), "utf-8")
    mended = run(database, rejects)

    assert "'-C1" in told
    assert "'=HYPERLINK" in told
    assert (report.accepted, mended.accepted) == (1, 1)
    with database.read() as session:
        names = set(session.connection().exec_driver_sql("SELECT name FROM customer").scalars())
    assert names == {'=HYPERLINK("x")', "=1+1"}
