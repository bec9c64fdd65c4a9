"""Paying: from the page to the gateway and back, and only a verified callback counts."""

import pytest
from starlette.testclient import TestClient

from app.book.ledger import PaymentIn, post_payment
from campaigns.money import Money
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value
from tests.app.web.test_acting import count, filled
from tests.databases import on_both_stores


def _start(client: TestClient, payer: Payer, **fields: str) -> str:
    answer = client.post(f"{payer.path}/pay", data=filled(client, payer, "pay", **fields))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("http://testserver")


def _all_of_it(client: TestClient, payer: Payer) -> str:
    return _start(client, payer, share="all", shown="124050")


def test_all_of_it_can_be_paid_in_three_steps(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _all_of_it(client, dana)
    assert "₪1,240.50" in client.get(to).text

    back = client.post(to, data={"act": "pay"}).headers["location"]

    receipt = client.get(back).text
    assert "Your payment has arrived" in receipt
    assert "Everything is settled" in receipt
    assert one_value(stand, "SELECT sum(open_minor) FROM invoice") == 0
    assert "There is nothing to pay" in client.get(dana.path).text


@on_both_stores
def test_a_part_can_be_paid_and_the_rest_stays_open(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _start(client, dana, amount="1,100.00")
    back = client.post(to, data={"act": "pay"}).headers["location"]

    assert "Still open: <bdi>₪140.50</bdi>" in client.get(back).text


def test_what_was_paid_twice_is_kept_as_credit_and_said(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _all_of_it(client, dana)
    with stand.database.write() as session:  # the bank's own money arrives while she is away
        amount = Money(24_050, "ILS")
        post_payment(session, PaymentIn("bank", dana.customer_id, amount, NOW.date(), NOW), now=NOW)

    receipt = client.get(client.post(to, data={"act": "pay"}).headers["location"]).text

    assert "<dt>Kept as credit</dt><dd><bdi>₪240.50</bdi></dd>" in receipt
    assert "Everything is settled" in receipt
    assert "₪240.50</bdi> more than your invoices come to" in client.get(dana.path).text


@pytest.mark.parametrize(
    ("locale", "amount"), [("lt", "100,50"), ("ar", "١٠٠٫٥٠"), ("he-IL", "100.5 ₪")]
)
def test_an_amount_is_read_in_the_customers_way(
    stand: Stand, client: TestClient, locale: str, amount: str
) -> None:
    payer = add_payer(stand, locale=locale)

    _start(client, payer, amount=amount)

    assert one_value(stand, "SELECT amount_minor FROM checkout") == 10050


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "Please write an amount"),
        ("-5", "above zero"),
        ("0", "above zero"),
        ("1240.51", "more than what is open"),
        ("9" * 30, "more than what is open"),
        ("lots", "in figures only"),
        ("€5", "in figures only"),
        ("1.234", "too many digits"),
    ],
)
def test_an_amount_that_cannot_be_paid_is_refused_kindly(
    stand: Stand, client: TestClient, dana: Payer, amount: str, said: str
) -> None:
    answer = client.post(f"{dana.path}/pay", data=filled(client, dana, "pay", amount=amount))

    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{amount}"' in answer.text
    assert count(stand, "checkout") == 0


def test_a_currency_that_is_not_owed_cannot_be_paid(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = filled(client, dana, "pay", currency="EUR")

    assert client.post(f"{dana.path}/pay", data=data).status_code == 409
    assert count(stand, "checkout") == 0


def test_a_total_that_has_changed_is_not_paid_unseen(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = filled(client, dana, "pay", share="all", shown="124050")
    change(stand, "UPDATE invoice SET open_minor = 20000 WHERE open_minor = 24050")

    assert client.post(f"{dana.path}/pay", data=data).status_code == 409


def test_pressing_pay_twice_opens_one_checkout(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = filled(client, dana, "pay")

    to = [client.post(f"{dana.path}/pay", data=data).headers["location"] for _ in range(2)]

    assert to[0] == to[1]
    assert count(stand, "checkout") == 1


def test_pressing_pay_twice_at_the_gateway_takes_the_money_once(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _all_of_it(client, dana)

    for _ in range(2):
        assert client.post(to, data={"act": "pay"}).status_code == 303

    assert count(stand, "payment") == 1


def test_the_receipt_waits_honestly_until_the_callback_has_come(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _all_of_it(client, dana)
    path = f"{dana.path}/receipt"

    waiting = client.get(path)
    callback = stand.gateway.pay(to.rpartition("/")[2], stand.clock.now())
    still = client.get(path)
    taken = client.post("/webhooks/sandbox", content=callback.body, headers=callback.headers)
    paid = client.get(path)

    assert "We are waiting for confirmation" in waiting.text
    assert waiting.headers["refresh"].startswith("4; url=")
    assert "We are waiting" in still.text
    assert taken.status_code == 200
    assert "Your payment has arrived" in paid.text
    assert "refresh" not in paid.headers


def test_the_receipt_stops_asking_by_itself(client: TestClient, dana: Payer) -> None:
    _all_of_it(client, dana)

    assert "refresh" not in client.get(f"{dana.path}/receipt?look=6").headers
    assert client.get(f"{dana.path}/receipt?look=x&c=y").status_code == 200


def test_a_declined_payment_is_said_and_may_be_tried_again(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _all_of_it(client, dana)
    back = client.post(to, data={"act": "decline"}).headers["location"]

    assert "The payment did not go through" in client.get(back).text
    assert count(stand, "payment") == 0
    again = _all_of_it(client, dana)
    client.post(again, data={"act": "pay"})
    assert count(stand, "payment") == 1


def test_a_receipt_without_a_payment_says_so(client: TestClient, dana: Payer) -> None:
    assert "There is no payment yet" in client.get(f"{dana.path}/receipt").text


def test_the_receipt_of_somebody_else_is_not_shown(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    client.post(_all_of_it(client, dana), data={"act": "pay"})
    other = add_payer(stand, "Somebody Else")

    assert "There is no payment yet" in client.get(f"{other.path}/receipt?c=1").text


def test_a_forged_callback_is_refused_and_not_stored(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _all_of_it(client, dana)
    callback = stand.gateway.pay(to.rpartition("/")[2], stand.clock.now())

    for body, headers in (
        (callback.body + b" ", dict(callback.headers)),
        (callback.body, {}),
        (b"", {"Sandbox-Signature": "t=1,v1=00"}),
    ):
        assert client.post("/webhooks/sandbox", content=body, headers=headers).status_code == 403

    assert count(stand, "inbound") == count(stand, "payment") == 0


def test_a_callback_that_is_repeated_lands_once(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    to = _all_of_it(client, dana)
    callback = stand.gateway.pay(to.rpartition("/")[2], stand.clock.now())

    for _ in range(3):
        answer = client.post("/webhooks/sandbox", content=callback.body, headers=callback.headers)
        assert answer.status_code == 200

    assert count(stand, "inbound") == count(stand, "payment") == 1


def test_a_webhook_of_nobody_is_not_there(client: TestClient) -> None:
    assert client.post("/webhooks/nobody", content=b"{}").status_code == 404
    assert client.get("/webhooks/sandbox").status_code == 405


def test_an_unknown_payment_page_is_not_there(client: TestClient) -> None:
    assert client.get("/sandbox/pay/none").status_code == 404
    assert client.post("/sandbox/pay/none", data={"act": "pay"}).status_code == 404
