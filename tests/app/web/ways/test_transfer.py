"""Paying by transfer: the right account, the very amount, and a reference that brings it home."""

from __future__ import annotations

import pytest
import segno
from starlette.testclient import TestClient

from app.book.pay_accounts import PayAccount, read_account, set_account
from app.book.statements.matching import Certain, Debt, Debtor, Debts, Said, match
from app.web.ways.transfer import _drawn, reference_of
from campaigns.money import Money
from tests.app.web.people import Payer, Stand

IBAN = "DE89 3704 0044 0532 0130 00"
CARMEL = read_account(holder="Carmel Water GmbH", iban=IBAN, bic="COBADEFFXXX", bank="Commerzbank")


def test_the_page_offers_a_transfer_where_it_can_go(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    assert "Pay by bank transfer" not in client.get(dana.path).text
    into = read_account(holder="Carmel Water", number="12-345-678901", bank="Bank Leumi")
    with stand.database.write() as session:
        assert set_account(session, "carmel", "EUR", CARMEL)
        assert set_account(session, "carmel", "ILS", into)

    page = client.get(f"{dana.path}/transfer").text

    assert page.count("Pay by bank transfer") == 1
    assert '<dt>Account number</dt><dd><bdi dir="ltr">12-345-678901</bdi></dd>' in page
    assert "<dt>Amount</dt><dd><bdi>₪1,240.50</bdi></dd>" in page
    assert "IBAN" not in page
    assert "scan this code" not in page


@pytest.mark.parametrize("number", ["INV-1001", "7", "2026", "40-12", "חש-12"])
def test_whatever_number_is_asked_for_its_reference_is_matched_in_a_statement(number: str) -> None:
    debts = Debts(
        [Debt(1, 11, (number,), "EUR", 12_050), Debt(2, 12, ("INV-999",), "EUR", 12_050)],
        [Debtor(11, "C-11"), Debtor(12, "C-12")],
    )

    found = match(Said(Money(99, "EUR"), text=f"Zahlung {reference_of(number)} danke"), debts)

    assert found == Certain(11, (1,))


def test_a_code_says_just_what_the_page_says() -> None:
    assert CARMEL.iban
    total, reference = Money(124_050, "EUR"), "INV-1001 & Co"
    drawn = _drawn(CARMEL.holder, CARMEL.iban, CARMEL.bic, total, reference)
    said = "\n".join(
        ["BCD", "002", "1", "SCT", "COBADEFFXXX", "Carmel Water GmbH", "DE89370400440532013000",
         "EUR1240.5", "", "", "INV-1001 & Co"]
    )  # fmt: skip

    expected = segno.make(said.encode(), error="m", boost_error=False, micro=False)

    assert drawn == expected.svg_inline(omitsize=True, border=4, light="#fff", svgclass=None)
    assert "style=" not in drawn


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"holder": "", "iban": IBAN}, "holder"),
        ({"holder": "x" * 71, "iban": IBAN}, "holder"),
        ({"holder": "Carmel", "iban": "DE89 3704 0044 0532 0130 01"}, "no IBAN"),
        ({"holder": "Carmel", "iban": IBAN, "bic": "COBA"}, "no BIC"),
        ({"holder": "Carmel"}, "one of the two"),
        ({"holder": "Carmel", "iban": IBAN, "number": "12"}, "one of the two"),
    ],
)
def test_an_account_that_money_could_not_reach_is_refused(told: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_account(**told)


def test_an_account_is_written_in_groups_and_kept_bare() -> None:
    assert (
        PayAccount("Carmel Water GmbH", "DE89370400440532013000", "COBADEFFXXX", "Commerzbank")
        == CARMEL
    )
    assert CARMEL.written_iban == IBAN
