"""Checkouts: the same form gives the same page, and no customer has two pages to pay in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.payments.checkout import LIFETIME, Checkout, CheckoutProblem, CheckoutRefused
from app.payments.checkout_rows import CheckoutState
from app.payments.gateway import GatewayUnavailable, SessionOver
from app.store.engines import Database
from campaigns.money import Money
from tests.app.payments.make import Debtor
from tests.databases import on_both_stores
from tests.factories import NOON, add_customer, add_invoice


@pytest.fixture
def debtor(database: Database) -> Debtor:
    return Debtor.of(database)


def test_a_checkout_opens_a_page_for_the_amount(debtor: Debtor) -> None:
    started = debtor.start()

    (row,) = debtor.checkouts()
    assert started.state is CheckoutState.OPEN
    assert started.url == row["url"]
    assert (row["amount_minor"], row["currency"], row["state"]) == (124_050, "ILS", "open")
    assert debtor.gateway.sandbox.pay(row["session_id"], NOON).body


def test_the_same_post_twice_gives_the_same_checkout(debtor: Debtor) -> None:
    assert debtor.start() == debtor.start()
    assert [call for call, _ in debtor.gateway.calls] == ["open"]


@on_both_stores
def test_the_same_post_from_two_threads_gives_one_checkout(debtor: Debtor) -> None:
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: debtor.start(), range(8)))

    assert len({checkout.url for checkout in started}) == 1
    assert len(debtor.checkouts()) == 1


def test_another_amount_expires_the_older_page_before_it_opens_a_new_one(debtor: Debtor) -> None:
    debtor.start()
    (old,) = debtor.checkouts()

    debtor.start(50_000, nonce="form-2")

    assert debtor.states() == ["expired", "open"]
    assert [call for call, _ in debtor.gateway.calls] == ["open", "expire", "open"]
    with pytest.raises(SessionOver):
        debtor.gateway.sandbox.pay(old["session_id"], NOON)


def test_a_changed_ledger_makes_the_same_form_open_a_new_page(debtor: Debtor) -> None:
    debtor.start(50_000)
    debtor.run("UPDATE customer SET ledger_revision = ledger_revision + 1")

    debtor.start(50_000)

    assert debtor.states() == ["expired", "open"]


def test_another_currency_has_a_page_of_its_own(debtor: Debtor) -> None:
    add_invoice(debtor.database, debtor.customer_id, "INV-3", currency="EUR", amount=900)

    debtor.start()
    debtor.start(amount=Money(900, "EUR"))

    assert debtor.states() == ["open", "open"]


@on_both_stores
def test_many_forms_at_once_leave_one_given_page_that_can_be_paid(debtor: Debtor) -> None:
    refusals = []

    def start(number: int) -> str | None:
        try:
            return debtor.start(1000 + number, nonce=f"form-{number}").url
        except CheckoutRefused as refused:
            refusals.append(refused.code)
            return None

    with ThreadPoolExecutor(6) as pool:
        given = {url for url in pool.map(start, range(12)) if url is not None}

    assert set(refusals) <= {CheckoutProblem.FORM_USED}
    assert debtor.states().count("open") == 1
    payable = [row for row in debtor.checkouts() if row["url"] in given and _pays(debtor, row)]
    assert [row["state"] for row in payable] == ["open"]


def _pays(debtor: Debtor, row: dict[str, Any]) -> bool:
    try:
        debtor.gateway.sandbox.pay(row["session_id"], NOON)
    except SessionOver:
        return False
    return True


def test_a_page_that_was_just_paid_lets_no_other_open(debtor: Debtor) -> None:
    debtor.start()
    debtor.gateway.sandbox.pay(debtor.checkouts()[0]["session_id"], NOON)

    for nonce in ("form-2", "form-3"):
        with pytest.raises(CheckoutRefused) as refused:
            debtor.start(50_000, nonce=nonce)
        assert refused.value.code is CheckoutProblem.PAYMENT_ARRIVING
    assert [call for call, _ in debtor.gateway.calls] == ["open", "expire", "expire"]


def test_a_page_that_gave_way_while_it_was_opened_is_not_given_away(debtor: Debtor) -> None:
    debtor.gateway.before_open = lambda: _quietly(debtor)

    with pytest.raises(CheckoutRefused) as refused:
        debtor.start()

    assert refused.value.code is CheckoutProblem.FORM_USED
    old, new = debtor.checkouts()
    assert (old["state"], new["state"]) == ("expiring", "open")
    assert old["session_id"] is not None


def _quietly(debtor: Debtor) -> None:
    debtor.start(50_000, nonce="form-2")


def test_a_dead_line_leaves_a_row_and_the_same_post_finds_it(debtor: Debtor) -> None:
    debtor.gateway.is_down = True
    with pytest.raises(GatewayUnavailable):
        debtor.start()
    (row,) = debtor.checkouts()
    assert (row["state"], row["session_id"]) == ("open", None)

    debtor.gateway.is_down = False
    started = debtor.start()

    assert started.checkout_id == row["id"]
    assert len(debtor.checkouts()) == 1


def test_a_crash_before_the_session_was_written_down_finds_it_again(debtor: Debtor) -> None:
    first = debtor.start()
    debtor.run("UPDATE checkout SET session_id = NULL, url = NULL")

    assert debtor.start() == first
    assert [call for call, _ in debtor.gateway.calls] == ["open", "open"]


def test_a_paid_form_says_so_and_opens_nothing(debtor: Debtor) -> None:
    started = debtor.start()
    debtor.run("UPDATE checkout SET state = 'paid'")

    again = debtor.start()

    assert again == Checkout(started.checkout_id, CheckoutState.PAID, None)


@pytest.mark.parametrize("state", ["expired", "expiring", "declined"])
def test_a_form_whose_checkout_is_over_has_to_be_loaded_again(debtor: Debtor, state: str) -> None:
    debtor.start()
    debtor.run(f"UPDATE checkout SET state = '{state}'")

    with pytest.raises(CheckoutRefused, match="load the page again") as refused:
        debtor.start()
    assert refused.value.code is CheckoutProblem.FORM_USED


def test_a_form_older_than_its_page_has_to_be_loaded_again(debtor: Debtor) -> None:
    debtor.start()

    with pytest.raises(CheckoutRefused):
        debtor.start(now=NOON + LIFETIME)
    debtor.start(nonce="form-2", now=NOON + LIFETIME + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("minor", "code"),
    [
        (0, CheckoutProblem.AMOUNT_NOT_POSITIVE),
        (-1, CheckoutProblem.AMOUNT_NOT_POSITIVE),
        (124_051, CheckoutProblem.MORE_THAN_OPEN),
    ],
)
def test_only_what_is_open_can_be_paid(debtor: Debtor, minor: int, code: CheckoutProblem) -> None:
    with pytest.raises(CheckoutRefused) as refused:
        debtor.start(minor)

    assert refused.value.code is code
    assert debtor.gateway.calls == []
    assert debtor.checkouts() == []


def test_nothing_open_in_a_currency_is_said(debtor: Debtor) -> None:
    with pytest.raises(CheckoutRefused) as refused:
        debtor.start(amount=Money(1, "EUR"))
    assert refused.value.code is CheckoutProblem.NOTHING_OPEN


@pytest.mark.parametrize("state", ["open", "upheld"])
def test_a_disputed_invoice_is_not_part_of_what_can_be_paid(debtor: Debtor, state: str) -> None:
    with debtor.database.write() as session:
        session.connection().execute(
            text(
                "INSERT INTO dispute (customer_id, invoice_id, kind, state, opened_at)"
                f" VALUES ({debtor.customer_id}, {debtor.large}, 'other', '{state}', :now)"
            ),
            {"now": NOON},
        )

    with pytest.raises(CheckoutRefused):
        debtor.start(24_051)
    with pytest.raises(CheckoutRefused) as refused:
        debtor.start(1, invoice_ids=[debtor.large])
    assert refused.value.code is CheckoutProblem.INVOICE_NOT_OPEN
    debtor.start(24_050)
    assert debtor.checkouts()[0]["invoice_ids"] in ([debtor.small], f"[{debtor.small}]")


def test_chosen_invoices_bound_the_amount(debtor: Debtor) -> None:
    with pytest.raises(CheckoutRefused) as refused:
        debtor.start(24_051, invoice_ids=[debtor.small])

    assert refused.value.code is CheckoutProblem.MORE_THAN_OPEN
    debtor.start(24_050, invoice_ids=[debtor.small, debtor.small])


def test_the_invoice_of_somebody_else_is_refused(debtor: Debtor) -> None:
    other = add_customer(debtor.database, debtor.creditor_id, "C2")
    theirs = add_invoice(debtor.database, other, "INV-9")

    with pytest.raises(CheckoutRefused) as refused:
        debtor.start(1, invoice_ids=[theirs])
    assert refused.value.code is CheckoutProblem.INVOICE_NOT_OPEN
