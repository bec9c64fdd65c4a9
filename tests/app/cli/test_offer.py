"""`duly offer`: a discount begins, is listed, and ends."""

import pytest

from tests.app.cli.conftest import Duly

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_an_offer_is_added_listed_and_ended(with_book: Duly) -> None:
    told = ("alder", "--kind", "early_payment", "--percent", "2", "--within-days", "10")
    added = with_book("offer", "add", *told, "--also", "dispute", "--by", "ada")
    again = with_book("offer", "add", *told, "--by", "ada")
    wrong = with_book("offer", "add", "alder", "--kind", "gift", "--percent", "2", "--by", "ada")

    listed = with_book("offer", "list", "alder", "--json").json["offers"]
    ended = with_book("offer", "end", "alder", "--kind", "early_payment", "--by", "ada")
    twice = with_book("offer", "end", "alder", "--kind", "early_payment", "--by", "ada")

    assert (added.code, "2 % (early_payment)" in added.err) == (0, True)
    assert (again.code, "end it first" in again.err) == (2, True)
    assert (wrong.code, "gift" in wrong.err) == (2, True)
    assert [(row["percent"], row["within_days"], row["allows"]) for row in listed] == [
        ("2", 10, ["dispute"])
    ]
    assert (ended.code, twice.code) == (0, 2)
    assert "early_payment" in with_book("offer", "list", "alder").out
