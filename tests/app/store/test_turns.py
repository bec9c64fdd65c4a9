"""Whoever waits to write a SQLite file is the next to do so, whatever else writes."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.store.engines import Database
from app.store.turns import Line

HOLD = """
import sys, time
from pathlib import Path
from app.store.turns import Line
with Line(Path(sys.argv[1])).turn():
    print("mine", flush=True)
    time.sleep(60)
"""


def test_who_waits_comes_before_who_has_just_had_it(tmp_path: Path) -> None:
    greedy, patient = (Line(tmp_path / "a.sqlite3") for _ in range(2))
    order = []

    def wait() -> None:
        with patient.turn():
            order.append("patient")

    with greedy.turn():
        assert not greedy.is_wanted()
        waiting = Thread(target=wait)
        waiting.start()
        while not greedy.is_wanted():
            Event().wait(0.002)
    with greedy.turn():
        order.append("greedy")
    waiting.join()

    assert order == ["patient", "greedy"]


def test_one_within_another_is_refused_instead_of_waiting_for_ever(tmp_path: Path) -> None:
    line = Line(tmp_path / "a.sqlite3")

    with line.turn(), pytest.raises(RuntimeError, match="within another"), line.turn():
        pytest.fail("it has had two turns")

    with line.turn():
        pass


def test_a_process_that_is_killed_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        process.kill()

    with Line(path).turn():
        pass


def test_a_folder_that_is_missing_is_told_by_the_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/none/a.sqlite3")

    with pytest.raises(OperationalError, match="unable to open"), database.write() as session:
        session.connection().execute(text("SELECT 1"))


def test_a_turn_is_given_back_when_a_transaction_fails(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a.sqlite3")

    with pytest.raises(OperationalError), database.write() as session:
        session.connection().execute(text("SELECT * FROM nothing"))
    with database.write() as session:
        assert session.connection().execute(text("SELECT 1")).scalar_one() == 1
    database.dispose()
