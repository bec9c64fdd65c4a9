"""`duly proof` and `duly means`: what customers told of money, read by a person, under a name; and
the same in the evidence and in the customer's own copy."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from app.cli.means import _lines
from app.intake.means import About, Told, tell_means
from app.intake.proofs.telling import Method, PaymentTold, tell_payment
from app.store.documents import Documents
from campaigns.money import Money
from tests.app.cli.conftest import Duly
from tests.factories import NOON
from tests.promises.stage import staging

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
WORDS = "from the account of my aunt"
FILE = b"\xff\xd8\xff a photo"


@pytest.fixture
def told(migrated_url: str, home: Path) -> None:
    """C1 told of a payment with a file, and of what comes in."""
    with staging(migrated_url) as stage:
        customer = stage.owe("C1")
        paid = PaymentTold(
            date(2026, 5, 28), Method.BANK, Money(24050, "ILS"), words=WORDS, file=FILE
        )
        means = Told("ILS", Money(800_000, "ILS"), Money(740_000, "ILS"), Money(50_000, "ILS"))
        with stage.database.write() as session:
            tell_payment(
                session,
                Documents(home / "documents"),
                customer_id=customer,
                told=paid,
                message_id=None,
                now=NOON,
            )
            tell_means(session, customer_id=customer, about=About.HARDSHIP, told=means, now=NOON)


@pytest.mark.usefixtures("told")
def test_finance_lists_reads_and_takes_a_proof_and_that_is_on_record(
    with_database: Duly, home: Path
) -> None:
    listed = with_database("proof", "list").out
    assert "customer C1  paid 2026-05-28 by bank: 240.50 ILS  proof-1.jpg  open" in listed
    assert WORDS not in listed
    assert WORDS in with_database("proof", "show", 1).out
    assert with_database("proof", "list", "--json").json["proofs"][0]["amount_minor"] == 24050

    taken = with_database("proof", "export", 1, "--output", home / "out", "--by", "Noa")
    assert taken.code == 0
    assert (home / "out" / "proof-1.jpg").read_bytes() == FILE
    assert with_database("proof", "show", 9).code == 2
    for path in (home / "documents").rglob("*"):
        if path.is_file():
            path.unlink()
    gone = with_database("proof", "export", 1, "--output", home / "out")
    assert (gone.code, "has no file" in gone.err) == (2, True)

    evidence = home / "evidence.zip"
    assert with_database("evidence", "C1", "--output", evidence).code == 0
    with zipfile.ZipFile(evidence) as archive:
        facts = json.loads(archive.read("evidence.json"))
    assert "Noa" in str([each for each in facts["events"] if each["kind"] == "proof_read"])
    assert "means" not in facts


@pytest.mark.usefixtures("told")
def test_means_are_read_by_name_with_what_they_would_allow(with_database: Duly) -> None:
    assert with_database("means", "list").out.startswith("customer C1  hardship  told 2026-06-01")
    shown = with_database("means", "show", "C1", "--by", "Noa").out
    assert "income a month: 8000.00 ILS" in shown
    assert "This would allow 300.00 ILS a month. Nobody was told so" in shown
    assert with_database("means", "show", "C1", "--json").json["affordable"] == "300.00 ILS"
    assert with_database("means", "show", "C2").code == 2
    assert "Too little was told to calculate an amount." in list(_lines(Told("ILS")))


@pytest.mark.usefixtures("told")
def test_the_customers_copy_has_the_file_and_the_means(with_database: Duly, home: Path) -> None:
    copy = home / "copy.zip"
    assert with_database("evidence", "copy", "C1", "--output", copy, "--locale", "en").code == 0
    with zipfile.ZipFile(copy) as archive:
        assert archive.read("proof-1.jpg") == FILE
        page = archive.read("data.html").decode()
        own = json.loads(archive.read("data.json"))
    assert own["means"][0]["income_minor"] == 800_000
    assert own["proofs"][0]["paid_on"] == "2026-05-28"
    for said in ("Your income and costs", "8,000.00", "proof-1.jpg", "Payments that were told of"):
        assert said in page, said
