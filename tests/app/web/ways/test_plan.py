"""What a page offers beside paying: another card, another day for a part, one's own details."""

from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from app.book.subscriptions import SubscriptionIn, decline_charge, upsert_subscription
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from campaigns.money import Money
from tests.app.web.people import NOW, Payer, Stand, add_link, change, one_value
from tests.app.web.test_acting import count, form_of, hidden
from tests.databases import on_both_stores

HALF = Money(62_025, "ILS")


@pytest.fixture
def planned(stand: Stand, dana: Payer) -> Payer:
    days = (NOW.date() + timedelta(days=3), NOW.date() + timedelta(days=33))
    with stand.database.write() as session:
        agree_plan(
            session,
            customer_id=dana.customer_id,
            parts=[Part(HALF, day) for day in days],
            agreed_by=MadeBy.PAGE,
            now=NOW,
        )
    return dana


def send(client: TestClient, payer: Payer, action: str, **fields: str) -> str:
    data = {**form_of(client, payer, action), **fields}
    answer = client.post(f"{payer.path}/{action}", data=data)
    if answer.status_code == 303:
        return client.get(answer.headers["location"]).text
    assert answer.status_code in (409, 422)
    return answer.text


def test_the_next_part_of_a_plan_gets_another_day(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    page = send(client, planned, "plan", kind="move", other_day="2026-12-06")

    assert "Your plan has been changed." in page
    assert count(stand, "instalment", "state = 'moved'") == 1
    assert str(one_value(stand, "SELECT due_on FROM instalment WHERE number = 3")) == "2026-12-06"


def test_the_next_part_of_a_plan_is_added_to_the_later_ones(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    send(client, planned, "plan", kind="spread")

    query = "SELECT amount_minor FROM instalment WHERE state = 'due'"
    assert one_value(stand, query) == 124_050


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Please choose one of the options."),
        ({"kind": "move"}, "Please choose a day within the next weeks."),
        ({"kind": "move", "other_day": "2027-11-01"}, "Please choose a day within the next weeks."),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(
    stand: Stand, client: TestClient, planned: Payer, fields: dict[str, str], said: str
) -> None:
    assert said in send(client, planned, "plan", **fields)
    assert count(stand, "instalment", "state = 'moved'") == 0


def test_who_has_no_plan_is_offered_no_change_of_it(client: TestClient, dana: Payer) -> None:
    assert "/plan" not in client.get(dana.path).text


@on_both_stores
def test_the_yearly_question_is_answered_on_the_page(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    assert "Are your details still right?" not in client.get(dana.path).text
    change(stand, "UPDATE dunning_case SET anchor = 'anniversary'")
    change(stand, "UPDATE customer SET pay_day = 28")
    assert '<option value="28" selected>' in client.get(f"{dana.path}/details").text

    page = send(client, dana, "details", pay_day="10", words="I have moved to 3 Elm Street")

    assert "Thank you, we have noted it." in page
    assert one_value(stand, "SELECT pay_day FROM customer") == 10
    assert count(stand, "task", "kind = 'details_changed' AND team = 'service'") == 1
    assert count(stand, "event", "kind = 'details_confirmed'") == 1
    assert count(stand, "event", "CAST(payload AS TEXT) LIKE '%Elm%'") == 0


def test_a_pay_day_that_no_month_has_is_refused(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE dunning_case SET anchor = 'anniversary'")

    assert "Please choose one of the options." in send(client, dana, "details", pay_day="32")
    assert count(stand, "event", "kind = 'details_confirmed'") == 0


@on_both_stores
def test_another_card_pays_the_charge_alone_and_is_kept_for_the_next(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    with stand.database.write() as session:
        told = SubscriptionIn(dana.customer_id, "S-1", "Premium", Money(100_000, "ILS"))
        subscription = upsert_subscription(session, told, now=NOW)
        decline_charge(session, subscription, invoice_id=1, at=NOW, declined_on=date(2026, 11, 24))
    _, made = add_link(stand, dana.customer_id, dana.message_id, purpose="card")
    payer = Payer(dana.customer_id, dana.address_id, dana.link_id, made, dana.message_id)
    page = client.get(payer.path).text
    assert "Pay with another card here." in page
    assert "Pay with another card here." not in client.get(dana.path).text

    assert "Premium" in page
    assert "Pay <bdi>₪1,240.50</bdi>" not in page
    assert hidden(page, "pay") | {"share": "charge", "shown": "100000"} == hidden(page, "pay")
    forged = {**hidden(page, "pay"), "share": "all", "shown": "124050"}
    assert client.post(f"{payer.path}/pay", data=forged).status_code == 409

    to = client.post(f"{payer.path}/pay", data=hidden(page, "pay")).headers["location"]
    client.post(to.removeprefix("http://testserver"), data={"act": "pay"})

    assert one_value(stand, "SELECT card_state FROM subscription") == "valid"
    assert one_value(stand, "SELECT sum(open_minor) FROM invoice") == 24_050
    assert "Pay <bdi>₪240.50</bdi>" in client.get(payer.path).text
