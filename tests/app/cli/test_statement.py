"""`duly statement`: a statement in, what waits, and its assignment."""

from pathlib import Path

import pytest

from tests.app.book.statements.files import camt, details, entry
from tests.app.cli.conftest import Duly

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

DAY = (
    entry("80.00", details(text="A-2"), bank_id="1"),
    entry("15.00", details(text="thank you", payer="Secret Payer"), bank_id="2"),
)


def write(home: Path, closing: str = "1095.00") -> Path:
    path = home / "bank.xml"
    path.write_text(camt(*DAY, closing=closing), "utf-8")
    return path


def test_a_statement_is_taken_in_shown_and_assigned(with_book: Duly, home: Path) -> None:
    file = write(home)

    taken = with_book("statement", "import", file, "--creditor", "alder", "--json")

    assert (taken.code, taken.json["unmatched"]) == (0, 2)
    assert "Secret Payer" not in taken.out + taken.err
    waiting = with_book("statement", "open", "--creditor", "alder", "--json").json["entries"]
    assert [each["amount_minor"] for each in waiting] == [8000, 1500]
    assert "Secret Payer" in with_book("statement", "open", "--creditor", "alder").out
    number = waiting[0]["id"]
    done = with_book("statement", "assign", number, "--creditor", "alder", "--customer", "dana")
    assert (done.code, done.err) == (0, f"Entry {number} is booked.\n")
    again = with_book("statement", "assign", number, "--creditor", "alder", "--customer", "dana")
    assert (again.code, "is booked already" in again.err) == (2, True)
    assert with_book("check").code == 0


def test_a_statement_that_does_not_agree_has_failed(with_book: Duly, home: Path) -> None:
    ended = with_book("statement", "import", write(home, "1000.00"), "--creditor", "alder")

    assert ended.code == 1
    assert "-95.00 EUR off" in ended.err
    assert "--despite-balance" in ended.err


def test_an_assignment_names_a_customer_or_a_payment(with_book: Duly, home: Path) -> None:
    ended = with_book("statement", "assign", "1", "--creditor", "alder")

    assert (ended.code, "Name --customer" in ended.err) == (2, True)
