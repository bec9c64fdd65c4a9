"""Some invoices are chosen and paid: what they come to is counted from the books, and the rest
stays open."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from starlette.testclient import TestClient

from app.book.offers import add_offer
from campaigns.offers import OfferKind
from tests.app.web.people import NOW, Payer, Stand, add_payer, add_plan, change, one_value
from tests.app.web.test_acting import count, hidden
from tests.databases import on_both_stores
from tests.factories import add_invoice


def fields(page: str) -> list[str]:
    return re.findall(r'type="checkbox" name="(invoice-\d+)"', page)


def choose(client: TestClient, payer: Payer, *names: str) -> tuple[int, str]:
    """Answers the status, and where it leads or the page that is shown again."""
    page = client.get(f"{payer.path}/invoices").text
    answer = client.post(
        f"{payer.path}/pay", data={**hidden(page, "pay"), **dict.fromkeys(names, "yes")}
    )
    return answer.status_code, answer.headers.get("location", answer.text)


@on_both_stores
def test_one_invoice_is_paid_and_the_other_stays_open(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    page = client.get(dana.path).text
    assert f'href="{dana.path}/invoices?lang=en">Pay only some of the invoices' in page
    first, second = fields(client.get(f"{dana.path}/invoices").text)

    status, to = choose(client, dana, second)
    assert status == 303
    back = client.post(to.removeprefix("http://testserver"), data={"act": "pay"})

    receipt = client.get(back.headers["location"]).text
    assert "Still open: <bdi>₪1,000.00</bdi>" in receipt
    still_open = "SELECT open_minor FROM invoice WHERE id = %s"
    assert one_value(stand, still_open % first.rpartition("-")[2]) == 100_000
    assert one_value(stand, still_open % second.rpartition("-")[2]) == 0
    # One is left: nothing to choose from.
    assert "/invoices?" not in client.get(dana.path).text
    assert client.get(f"{dana.path}/invoices").status_code == 303


def test_all_of_them_may_be_chosen(stand: Stand, client: TestClient, dana: Payer) -> None:
    assert choose(client, dana, *fields(client.get(f"{dana.path}/invoices").text))[0] == 303

    assert one_value(stand, "SELECT amount_minor FROM checkout") == 124_050


def test_no_choice_is_asked_for_once_more(stand: Stand, client: TestClient, dana: Payer) -> None:
    status, page = choose(client, dana)

    assert status == 422
    assert 'id="fault-invoices">Please choose at least one invoice.' in page
    assert 'aria-describedby="fault-invoices"' in page
    assert count(stand, "checkout") == 0


def test_an_invoice_of_somebody_else_is_not_taken(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    rina = add_payer(stand, "Rina Katz", given_name="Rina")
    (other, *_) = fields(client.get(f"{rina.path}/invoices").text)
    first, _ = fields(client.get(f"{dana.path}/invoices").text)

    assert choose(client, dana, other)[0] == 422
    assert choose(client, dana, other, first)[0] == 303
    assert one_value(stand, "SELECT amount_minor FROM checkout") == 100_000


def test_what_has_changed_meanwhile_is_shown_again(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    page = client.get(f"{dana.path}/invoices").text
    change(stand, "UPDATE customer SET ledger_revision = ledger_revision + 1")
    told = {**hidden(page, "pay"), fields(page)[0]: "yes"}

    assert client.post(f"{dana.path}/pay", data=told).status_code == 409
    assert count(stand, "checkout") == 0


def test_what_is_disputed_cannot_be_chosen(stand: Stand, client: TestClient, dana: Payer) -> None:
    page = client.get(f"{dana.path}/dispute").text
    told = {**hidden(page, "dispute"), "invoice": "1", "kind": "other"}
    assert client.post(f"{dana.path}/dispute", data=told).status_code == 303

    assert "/invoices?" not in client.get(dana.path).text


@on_both_stores
def test_an_invoice_has_its_own_discount(stand: Stand, client: TestClient, dana: Payer) -> None:
    with stand.database.write() as session:
        kind, ends_on = OfferKind.THANK_YOU, date(2026, 12, 5)
        add_offer(session, stand.creditor_id, kind, "10", ends_on=ends_on, by="ada", now=NOW)
    page = client.get(f"{dana.path}/invoices").text
    reduced = re.findall(r"<bdi>(₪[\d.,]+)</bdi> instead of <bdi>(₪[\d.,]+)</bdi>", page)
    assert reduced == [("₪900.00", "₪1,000.00")]  # the other is not due yet

    first, _ = fields(page)
    _, to = choose(client, dana, first)
    assert one_value(stand, "SELECT amount_minor FROM checkout") == 90_000
    client.post(to.removeprefix("http://testserver"), data={"act": "pay"})

    assert one_value(stand, "SELECT open_minor FROM invoice WHERE id = 1") == 0


def test_while_a_plan_runs_there_is_no_choice(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    add_plan(stand, dana)

    assert "/invoices?" not in client.get(dana.path).text
    page = client.get(f"{dana.path}/invoices?currency=ILS").text
    assert fields(page) == []
    assert "There is nothing to choose between at the moment." in page


def test_a_price_that_has_ended_since_is_shown_again(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    with stand.database.write() as session:
        kind, ends_on = OfferKind.THANK_YOU, date(2026, 12, 5)
        add_offer(session, stand.creditor_id, kind, "10", ends_on=ends_on, by="ada", now=NOW)
    page = client.get(f"{dana.path}/invoices").text
    stand.clock.move_to(datetime(2026, 12, 7, 9, tzinfo=UTC))

    told = {**hidden(page, "pay"), fields(page)[0]: "yes"}
    assert client.post(f"{dana.path}/pay", data=told).status_code == 409
    assert count(stand, "checkout") == 0


def test_somebody_may_choose_among_hundreds(stand: Stand, client: TestClient, dana: Payer) -> None:
    for number in range(120):
        due_on = date(2026, 11, 1)
        add_invoice(stand.database, dana.customer_id, f"M-{number}", amount=100, due_on=due_on)
    names = fields(client.get(f"{dana.path}/invoices").text)

    assert len(names) == 122
    assert choose(client, dana, *names)[0] == 303
    assert one_value(stand, "SELECT amount_minor FROM checkout") == 124_050 + 12_000
